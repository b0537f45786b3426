"""The story's step at the open questions of the old lists: a clerk decides, a supervisor approves a day."""

from datetime import date
from typing import Final

from housing_queue.story import waiting
from housing_queue.story.expecting import expect
from housing_queue.story.story import Story
from queue_registry.models import ImportCase, ImportDecision, QueueEntry
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import queue

_DAYS: Final = ("NO_DATE", "BAD_DATE", "FUTURE_DATE")
_DAY: Final = date(2016, 3, 14)
_DOCUMENT: Final = "Journal of registrations of 2016, page 41"


def answer(story: "Story") -> None:
    """Read one note, find one day in the paper file; the ledger is made again from both decisions."""
    noted, undated = _only_open(story, "NOTE_TO_READ"), _only_open(story, *_DAYS)
    if noted is not None:
        _decide(story, noted, answer="accepted")
    if undated is not None:
        _decide(story, undated, day=_DAY.isoformat())
        decision = ImportDecision.objects.get(application=undated.application, dropped_at=None)
        supervisor = story.browser_of("supervisor")
        page = supervisor.get("/desk/imports/decisions/")
        supervisor.fill(page, to=f"/desk/imports/decisions/{decision.pk}/approve/", step="approve")
    waiting.until_checked(story.out)
    for case in filter(None, (noted, undated)):
        case.refresh_from_db()
        expect(case.closed_at, f"{case.code} of {case.application.file_number} was decided and is still open")
        story.say(f"{case.code} of {case.application.file_number}: decided")
    if undated is not None:
        _expect_placed(story, undated)


def _only_open(story: "Story", *codes: str) -> ImportCase | None:
    """The first case of one of the codes whose application has no other open question, if there is one."""
    cases = ImportCase.objects.filter(application__akimat=story.akimat, closed_at__isnull=True)
    for case in cases.filter(code__in=codes).select_related("application").order_by("pk"):
        if cases.filter(application=case.application).count() == 1:
            return case
    return None


def _decide(story: "Story", case: ImportCase, **given: str) -> None:
    address, prefix = f"/desk/imports/cases/{case.application_id}/", case.code.lower()
    typed = {**given, "reason": "Compared with the paper file", "document": _DOCUMENT}
    fields = {f"{prefix}-{name}": text for name, text in typed.items()}
    clerk = story.browser_of("clerk")
    clerk.fill(clerk.get(address), to=f"{address}{case.code}/", **fields)


def _expect_placed(story: "Story", case: ImportCase) -> None:
    """Who had no usable day stands on the list by the one that was found."""
    entries = QueueEntry.objects.filter(application=case.application).active().select_related("waiting_list")
    expect(entries, f"{case.application.file_number} has its day and stands on no list")
    for entry in entries:
        found = civil_day(entry.registered_at)
        expect(found == _DAY, f"{entry.file_number} was decided to stand from {_DAY} and stands from {found}")
        story.say(f"{entry.file_number} stands from {found}, place {queue.place_of(entry)}")
