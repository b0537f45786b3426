"""Words of changed IINs, for templates."""

from django import template

from queue_registry import iin_change_presenters

register = template.Library()

for _words in (
    iin_change_presenters.iin_change_state_words,
    iin_change_presenters.iin_change_tone,
    iin_change_presenters.doubt,
):
    register.filter(_words.__name__, _words)
