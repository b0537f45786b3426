"""What pages of consents say in words; the words are the presenters'."""

from django import template

from queue_registry import consent_presenters

register = template.Library()

for _words in (consent_presenters.contact_channel, consent_presenters.contact_result):
    register.filter(_words.__name__, _words)
