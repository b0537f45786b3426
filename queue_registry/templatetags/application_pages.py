"""What pages of intakes and cases say in words; the words are the presenters'."""

from django import template

from queue_registry import application_presenters, presenters, trail_words
from queue_registry.presenters import FindingWords
from queue_registry.rules.need import Judgment

register = template.Library()

for _words in (
    application_presenters.application_status,
    application_presenters.application_tone,
    application_presenters.document_kind,
    application_presenters.consent_channel,
    application_presenters.refusal_ground,
    application_presenters.notice_kind,
    application_presenters.notice_facts,
    application_presenters.task_kind,
    presenters.category,
):
    register.filter(_words.__name__, _words)

register.filter("trail_act", trail_words.act)


@register.filter
def findings_words(judgment: Judgment) -> list[FindingWords]:
    """The findings of a judgment in words."""
    return [presenters.finding(found.as_json()) for found in judgment.findings]
