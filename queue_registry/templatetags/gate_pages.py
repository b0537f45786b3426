"""Words of reconciliation, sample and gate for templates."""

from django import template

from queue_registry import gate_presenters
from queue_registry.views import seals

register = template.Library()

for _words in (
    gate_presenters.criterion,
    gate_presenters.to_do,
    gate_presenters.required,
    gate_presenters.actual,
    gate_presenters.percent,
    gate_presenters.light,
    gate_presenters.light_tone,
    gate_presenters.holds,
    gate_presenters.holds_tone,
    gate_presenters.line_name,
    gate_presenters.line_state,
    gate_presenters.line_tone,
    gate_presenters.parts,
    gate_presenters.signed,
    gate_presenters.differs,
):
    register.filter(_words.__name__, _words)
register.filter("receipt_note", seals.note_of)
