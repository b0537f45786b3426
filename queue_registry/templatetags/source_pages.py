"""Words and the picture of the page of state systems."""

from django import template

from queue_registry import source_presenters

register = template.Library()

for _words in (
    source_presenters.health,
    source_presenters.health_tone,
    source_presenters.share,
    source_presenters.dead_reason,
    source_presenters.lane,
    source_presenters.span,
    source_presenters.mix,
    source_presenters.share_counts,
    source_presenters.by_outcome,
):
    register.filter(_words.__name__, _words)
