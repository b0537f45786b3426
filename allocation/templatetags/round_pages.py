"""Words of a round's guided way, its announcement and its what-if for templates."""

from django import template

from allocation import round_presenters, seals

register = template.Library()

for _words in (
    round_presenters.guide_step,
    round_presenters.guide_state,
    round_presenters.run_stage,
    round_presenters.change_words,
    round_presenters.taken_back,
    seals.account_line,
):
    register.filter(_words.__name__, _words)


@register.filter
def in_chosen(key: int, chosen: set[str]) -> bool:
    """Whether a home is among the chosen ones."""
    return str(key) in chosen
