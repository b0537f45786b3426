"""What pages of notices say in words; the words are the presenters'."""

from django import template

from queue_registry import notice_presenters

register = template.Library()

register.filter("notice_channel", notice_presenters.channel)
register.filter("notice_language", notice_presenters.language)
register.filter("hidden_contact", notice_presenters.hidden)
for _words in (
    notice_presenters.delivery_state,
    notice_presenters.delivery_tone,
    notice_presenters.delivery_when,
):
    register.filter(_words.__name__, _words)
