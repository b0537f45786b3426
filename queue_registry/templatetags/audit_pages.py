"""Words of the auditor's pages; the words are the presenters'."""

from django import template

from queue_registry import flag_presenters, oversight_presenters, trail_words

register = template.Library()

register.filter("act_in_words", trail_words.act)
register.filter("thing_in_words", oversight_presenters.target)
register.filter("record_data", oversight_presenters.data_of)
register.filter("cause_in_words", oversight_presenters.cause)
register.filter("review_source_in_words", oversight_presenters.review_source)
register.filter("flag_kind", flag_presenters.kind)
register.filter("flag_state", flag_presenters.state)
register.filter("flag_tone", flag_presenters.tone)
register.filter("flag_blocks", flag_presenters.blocks)
register.filter("review_outcome_in_words", oversight_presenters.review_outcome)
