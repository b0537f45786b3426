"""Who would move by how much if another table of local categories came into force: counted, never named."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from queue_registry.models import Akimat, ImportRow, QueueEntry
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.mapping import CategoryMapping, category_key
from queue_registry.rules.legacy.mapping_drafts import difference
from queue_registry.rules.legacy.outcomes import Ledger, LedgerApplicant
from queue_registry.selectors import ledgers, legacy

# An empty list: a person decides, there is no place.
Lists = tuple[str, ...]
_Key = tuple[datetime, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEffect:
    """One list: its length before and after, how many others go forward or back, and by how much at most."""

    number: str
    before: int
    after: int
    forward: int
    back: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingEffect:
    """How many applicants go from which lists to which, and what that does to each list concerned."""

    moves: list[tuple[Lists, Lists, int]]
    lists: list[ListEffect]


def effect_of(akimat: Akimat, mapping: CategoryMapping, *, on: date) -> MappingEffect:
    """Count what a table would do to the register of today; nothing is written."""
    rows = _rows_concerned(akimat, mapping)
    parsed = legacy.read(rows)
    applications = {row.position: stored.application for row, stored in zip(parsed, rows, strict=True)}
    before = ledgers.make(parsed, akimat=akimat, on=on)
    after = ledgers.make(parsed, akimat=akimat, on=on, mapping=mapping)
    moves: Counter[tuple[Lists, Lists]] = Counter()
    leaving: dict[str, set[str]] = {}
    coming: dict[str, set[_Key]] = {}
    was = _standings(before)
    for applicant in after.applicants:
        old, new = was.get(applicant.key, ()), _lists(applicant)
        if old == new:
            continue
        moves[old, new] += 1
        application = applications[applicant.rows[0].position]
        if application is None or applicant.registered_at is None:
            continue
        for number in set(old) - set(new):
            leaving.setdefault(number, set()).add(application.file_number)
        for number in set(new) - set(old):
            coming.setdefault(number, set()).add((applicant.registered_at, application.file_number))
    return MappingEffect(
        moves=[(old, new, count) for (old, new), count in sorted(moves.items())],
        lists=[
            _list_effect(akimat, number, leaving.get(number, set()), coming.get(number, set()))
            for number in sorted({*leaving, *coming})
        ],
    )


def _rows_concerned(akimat: Akimat, mapping: CategoryMapping) -> list[ImportRow]:
    """All rows of the applicants whose paper rows have a wording that the table reads otherwise."""
    changed = {category_key(one.wording) for one in difference(ledgers.mapping_in_force(akimat), mapping)}
    paper = ImportRow.objects.in_force(akimat).filter(batch__source=Source.PAPER)
    concerned = {
        application
        for application, category in paper.values_list("application", "cells__category")
        if application is not None and category_key(str(category or "")) in changed
    }
    rows = ImportRow.objects.in_force(akimat).filter(application__in=concerned)
    return list(rows.select_related("batch", "application").order_by("batch_id", "sheet_no", "row"))


def _standings(ledger: Ledger) -> Mapping[str, Lists]:
    return {applicant.key: _lists(applicant) for applicant in ledger.applicants}


def _lists(applicant: LedgerApplicant) -> Lists:
    places = applicant.stands and applicant.iin is not None and applicant.registered_at is not None
    return tuple(number.value for number in applicant.lists) if places else ()


def _list_effect(akimat: Akimat, number: str, leaving: set[str], coming: set[_Key]) -> ListEffect:
    entries = QueueEntry.objects.filter(akimat=akimat, waiting_list__number=number).active()
    now = sorted(entries.values_list("registered_at", "file_number"))
    then = sorted([key for key in now if key[1] not in leaving] + list(coming))
    steps = list(_steps(now, then))
    return ListEffect(
        number=number,
        before=len(now),
        after=len(then),
        forward=sum(step > 0 for step in steps),
        back=sum(step < 0 for step in steps),
        most=max((abs(step) for step in steps), default=0),
    )


def _steps(now: list[_Key], then: list[_Key]) -> Iterable[int]:
    """By how many places everybody who stays goes forward."""
    places = {key: place for place, key in enumerate(then)}
    return (place - places[key] for place, key in enumerate(now) if key in places)
