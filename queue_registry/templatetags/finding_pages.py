"""Words of what rechecks found, for templates."""

from django import template

from queue_registry import finding_presenters, sweep_presenters
from queue_registry.selectors import facts

register = template.Library()

for _words in (
    finding_presenters.why_held,
    finding_presenters.how_ended,
    finding_presenters.seen_words,
    finding_presenters.others,
    sweep_presenters.finding,
    sweep_presenters.finding_state,
    sweep_presenters.finding_tone,
):
    register.filter(_words.__name__, _words)

register.simple_tag(facts.held_sources, name="held_sources")
