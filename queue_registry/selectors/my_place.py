"""
What a household is told of each of its entries: where it stands, in which state and why, by which categories,
and whom its list serves now (`served.py`). One query however many lists; others are counted and never named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from queue_registry.models import Application, MissingConsent, QueueEntry, QueueEntryEvent
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.citizen_states import CitizenStatus, OpenRemoval, citizen_status
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.selectors import my_place_columns as columns
from queue_registry.selectors.keepers import Elsewhere
from queue_registry.selectors.kept_queries import Given, KeptQuery
from queue_registry.selectors.list_seals import SealedLine, list_lines
from queue_registry.selectors.place_history import EventRow
from queue_registry.selectors.queue import Standing, entries_with_places, standing_of
from queue_registry.selectors.served import Served, served_lately
from queue_registry.selectors.waiting import Hint, hint_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPlace:
    """A category by which an entry stands on its list, and its place among those who stand by it."""

    category: str
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """The decision by which an entry was removed."""

    ground: str
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReview:
    """A contest of a decision about an entry that runs, and the last day for its decision."""

    opened_at: datetime
    decide_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Where the housing department of an akimat is found; the telephone is empty where nobody named one."""

    address_kk: str
    address_ru: str
    telephone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    What a household is told of one entry; `served` is None where its list got no home, `hint` where nothing
    can be foreseen of its place.
    """

    standing: Standing
    status: CitizenStatus
    since: datetime | None
    events: tuple[EventRow, ...]
    categories: tuple[CategoryPlace, ...]
    served: Served | None
    hint: Hint | None
    removed: Removed | None
    review: OpenReview | None

    @property
    def entry(self) -> QueueEntry:
        """The entry itself."""
        return self.standing.entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Besides:
    """
    The housing department, None where nobody recorded its address; who keeps the queue if that is another
    installation; and the household's lines under the newest seal of the lists.
    """

    office: Office | None
    keeper: Elsewhere | None
    sealed: tuple[SealedLine, ...]


def list_told(application: Application, *, at: datetime) -> tuple[list[Told], Besides]:
    """
    Return what is told of every entry that an application ever had, by number of the list, and what is told
    beside them.
    """
    on = civil_day(at)
    rows = _entries(application=application.pk, on=on)
    if rows:
        office, keeper, lines = (vars(rows[0])[name] for name in ("office", "keeper", "sealed_lines"))
        sealed = tuple(map(_sealed_line, lines))
    else:
        office = columns.offices(on).filter(akimat=application.akimat).first()
        keeper = columns.keepers(on).filter(akimat=application.akimat).first()
        sealed = list_lines(application)
    besides = Besides(office=Office(**office) if office else None, keeper=_elsewhere(keeper), sealed=sealed)
    return [_told(entry, at=at) for entry in rows], besides


def _sealed_line(row: Mapping[str, Any]) -> SealedLine:
    return SealedLine(
        key=row["key"],
        list_number=row["list_number"],
        sealed_at=datetime.fromisoformat(row["sealed_at"]),
    )


def _elsewhere(row: Mapping[str, Any] | None) -> Elsewhere | None:
    if row is None or row["taken"] is not None:
        return None
    return Elsewhere(
        name_kk=row["name_kk"],
        name_ru=row["name_ru"],
        address=row["address"],
        since=date.fromisoformat(row["since"]),
    )


@KeptQuery
def _entries() -> QuerySet[QueueEntry]:
    return entries_with_places(Given("application")).annotate(
        outlook=Cast("waiting_list__expected_waiting__outlook", TextField()),
        outlook_on=F("waiting_list__expected_waiting__on"),
        happened=columns.events(),
        sealed_lines=columns.sealed_lines(),
        open_removal=columns.open_removal(),
        removal=columns.removal(),
        open_review=columns.open_review(),
        consent_missing=Exists(MissingConsent.objects.filter(entry=OuterRef("pk"))),
        category_places=columns.category_places(),
        office=Subquery(columns.offices(Given("on")).filter(akimat=OuterRef("akimat"))[:1]),
        keeper=Subquery(columns.keepers(Given("on")).filter(akimat=OuterRef("akimat"))[:1]),
    )


def _told(entry: QueueEntry, *, at: datetime) -> Told:
    found = vars(entry)
    move = _newest_move(entry)
    standing = standing_of(entry)
    return Told(
        standing=standing,
        status=citizen_status(
            QueueEntryStatus(entry.status),
            ground=move.get("ground", ""),
            removal=_removal_told(found["open_removal"]),
            consent_missing=found["consent_missing"],
        ),
        since=_moment(move.get("recorded_at")),
        events=tuple(_event(entry.pk, row) for row in found["happened"]),
        categories=tuple(
            CategoryPlace(category=row["category"], place=row["ahead"] + 1)
            for row in found["category_places"]
        )
        if entry.is_active
        else (),
        served=served_lately(entry.waiting_list_id, at=at),
        hint=hint_of(found["outlook"], on=found["outlook_on"], place=standing.place)
        if standing.place
        else None,
        removed=_removed(found["removal"]),
        review=_review(found["open_review"]),
    )


def _newest_move(entry: QueueEntry) -> Mapping[str, Any]:
    """The newest move of an entry into its status."""
    moves = (row for row in reversed(vars(entry)["happened"]) if row["kind"] == QueueEntryEvent.Kind.MOVED)
    return next((row for row in moves if row["moved_to"] == entry.status), {})


def _event(entry: int, row: Mapping[str, Any]) -> EventRow:
    return EventRow(
        entry=entry,
        recorded_at=datetime.fromisoformat(row["recorded_at"]),
        ground=row["ground"],
        waiting_list=row["waiting_list"],
        moved_to=row["moved_to"],
        registered_at=datetime.fromisoformat(row["registered_at"]),
    )


def _removal_told(row: Mapping[str, Any] | None) -> OpenRemoval | None:
    if row is None:
        return None
    return OpenRemoval(ground=row["ground"], objections_until=date.fromisoformat(row["until"]))


def _removed(row: Mapping[str, Any] | None) -> Removed | None:
    if row is None:
        return None
    return Removed(ground=row["ground"], decided_at=datetime.fromisoformat(row["at"]))


def _review(row: Mapping[str, Any] | None) -> OpenReview | None:
    if row is None:
        return None
    return OpenReview(opened_at=datetime.fromisoformat(row["at"]), decide_by=date.fromisoformat(row["until"]))


def _moment(iso: str | None) -> datetime | None:
    return datetime.fromisoformat(iso) if iso else None
