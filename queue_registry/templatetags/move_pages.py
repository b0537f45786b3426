"""Words of moves for templates."""

from django import template

from queue_registry import article_presenters, ground_presenters, move_presenters, presenters

register = template.Library()

for _words in (
    ground_presenters.removal_ground,
    article_presenters.doubt,
    ground_presenters.change_ground,
    move_presenters.contest_source,
    move_presenters.move_outcome,
    move_presenters.move_tone,
    move_presenters.case_state,
    move_presenters.case_state_words,
    move_presenters.change_state,
    move_presenters.change_state_words,
    move_presenters.review_state_words,
    presenters.category,
):
    register.filter(_words.__name__, _words)
