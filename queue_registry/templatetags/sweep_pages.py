"""Words of rechecks for templates."""

from django import template

from queue_registry import sweep_presenters

register = template.Library()

for _words in (
    sweep_presenters.sweep_purpose,
    sweep_presenters.sweep_period,
    sweep_presenters.sweep_state,
    sweep_presenters.sweep_tone,
    sweep_presenters.time_left,
    sweep_presenters.bar_width,
    sweep_presenters.at_work,
    sweep_presenters.at_work_tone,
    sweep_presenters.finding,
    sweep_presenters.finding_state,
    sweep_presenters.finding_tone,
):
    register.filter(_words.__name__, _words)
