"""The stock of homes to be let: every dwelling has a state at all times, and every change leaves a record."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce

from allocation.models import Dwelling, DwellingEvent
from allocation.rules import home_programmes, programmes
from allocation.rules.refusals import Refusal, Refused
from queue_registry.models import Akimat, User
from queue_registry.rules.calendar import civil_day
from queue_registry.services import audit

_S = Dwelling.State
# It stands idle in these states: nobody lives there, and somebody could.
CAN_BE_GIVEN: Final = frozenset({_S.READY, _S.RESERVED, _S.OFFERED})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDwelling:
    """
    A home to be taken in: inventory number, address, useful area in m², floor (1 = ground).

    `state`: being built, or ready; `programme`: code of the one it is handed to, empty if any round may give
    it.
    """

    number: str
    address_kk: str
    address_ru: str
    rooms: int
    area: Decimal
    floor: int
    lift: bool
    accessible: bool
    finish: str = ""
    programme: str = ""
    budget_line: str = ""
    cadastral_number: str = ""
    rka: str = ""
    state: Dwelling.State = _S.READY


@transaction.atomic
def add_many(
    *, akimat: Akimat, dwellings: Sequence[NewDwelling], by: User, at: datetime, document: str
) -> list[Dwelling]:
    """
    Take dwellings, ready or being built, into the stock of an akimat.

    :raises django.db.IntegrityError: if a number is in the stock already, or a figure is impossible.
    """
    rows = Dwelling.objects.bulk_create(
        Dwelling(
            akimat=akimat,
            state_since=at,
            idle_since=at if item.state in CAN_BE_GIVEN else None,
            **asdict(item),
        )
        for item in dwellings
    )
    begin(rows, by=by, at=at, document=document)
    audit.record_many(
        akimat=akimat,
        by=by,
        at=at,
        acts=[
            audit.Act(
                event="dwelling.added",
                target=f"dwelling:{row.pk}",
                data={"number": row.number, "rooms": row.rooms, "area": str(row.area), "document": document},
            )
            for row in rows
        ],
    )
    return rows


@transaction.atomic
def take_in(*, akimat: Akimat, dwelling: NewDwelling, by: User, at: datetime, document: str) -> Dwelling:
    """
    Take one home into the stock.

    :raises Refused: REASON_MISSING (no document), DWELLING_NUMBER_TAKEN (also by one that is gone),
        LOAN_PROGRAMME, HOME_PROGRAMME_UNKNOWN.
    """
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    if not document.strip():
        raise Refused(Refusal.REASON_MISSING)
    if Dwelling.objects.filter(akimat=locked, number=dwelling.number).exists():
        raise Refused(Refusal.DWELLING_NUMBER_TAKEN, number=dwelling.number)
    check_programme(dwelling.programme, on=civil_day(at))
    (row,) = add_many(akimat=locked, dwellings=[dwelling], by=by, at=at, document=document.strip())
    return row


def check_programme(code: str, *, on: date) -> None:
    """
    Pass if homes can be handed to a programme; empty: to none.

    :raises Refused: LOAN_PROGRAMME, HOME_PROGRAMME_UNKNOWN.
    """
    if programmes.find(code, on=on) is not None:
        raise Refused(Refusal.LOAN_PROGRAMME, programme=code)
    if code and code not in home_programmes.in_force(on):
        raise Refused(Refusal.HOME_PROGRAMME_UNKNOWN, programme=code)


def begin(rows: Sequence[Dwelling], *, by: User, at: datetime, document: str) -> None:
    """Begin the history of rows just made; the caller's record tells of it."""
    DwellingEvent.objects.bulk_create(
        DwellingEvent(dwelling=row, moved_to=row.state, at=at, by=by, ground=document) for row in rows
    )


def lock(dwelling_ids: Sequence[int]) -> list[Dwelling]:
    """
    Lock dwellings in key order inside the caller's transaction (see `services.offers` for the order of
    locks).
    """
    return list(
        Dwelling.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=dwelling_ids)
        .order_by("pk")
    )


def move(
    dwellings: Sequence[Dwelling],
    state: Dwelling.State,
    *,
    at: datetime,
    by: User | None = None,
    ground: str = "",
) -> None:
    """
    Give locked dwellings a state, each with its event; the caller's record tells of it.

    :param ground: what moved them: number of a round, or a person's document.
    """
    events = []
    for dwelling in dwellings:
        events.append(
            DwellingEvent(
                dwelling=dwelling, moved_from=dwelling.state, moved_to=state, at=at, by=by, ground=ground
            )
        )
        dwelling.state, dwelling.state_since = state, at
        dwelling.idle_since = (dwelling.idle_since or at) if state in CAN_BE_GIVEN else None
    idle_since = Coalesce("idle_since", Value(at)) if state in CAN_BE_GIVEN else None
    Dwelling.objects.filter(pk__in=[row.pk for row in dwellings]).update(
        state=state, state_since=at, idle_since=idle_since
    )
    DwellingEvent.objects.bulk_create(events)
