"""What pages of intakes and cases say in words; the words are the presenters'."""

from typing import Final

from django import template
from django.urls import reverse

from queue_registry import (
    application_presenters,
    my_data_presenters,
    officer_presenters,
    presenters,
    trail_words,
    verdict_presenters,
)
from queue_registry.rules.need import Judgment
from queue_registry.selectors.work import Task
from queue_registry.verdict_presenters import FindingWords

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
    my_data_presenters.dispute_outcome,
    presenters.category,
):
    register.filter(_words.__name__, _words)

register.filter("trail_act", trail_words.act)
register.simple_tag(officer_presenters.by_whom)


_PAGES: Final = {
    "DISPUTE": "queue_registry:data_dispute",
    "REVIEW": "queue_registry:review",
    "REMOVAL": "queue_registry:removal",
    "REDATING": "queue_registry:registration_change",
    "IMPORT": "queue_registry:import_case",
    "RECHECK": "queue_registry:finding",
    "NOTICE": "queue_registry:case_notices",
}


@register.filter
def task_url(task: Task) -> str:
    """Where a task is done, if it has a page of its own."""
    page = _PAGES.get(task.kind)
    return reverse(page, args=[task.key]) if page and task.key else ""


@register.filter
def findings_words(judgment: Judgment) -> list[FindingWords]:
    """The findings of a judgment in words."""
    return [verdict_presenters.finding(found.as_json()) for found in judgment.findings]
