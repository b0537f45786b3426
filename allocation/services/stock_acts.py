"""
What happens to homes of the stock apart from rounds: each becomes ready, vacant, a program's, or leaves.

A home that stands in a round is moved by the round alone. Order of locks: `allocation.services.offers`.
"""

from collections.abc import Sequence
from datetime import date, datetime, time

from django.db import transaction

from allocation.models import Dwelling, Offer, RoundDwelling
from allocation.rules.refusals import Refusal, Refused
from allocation.rules.stock import GoneGround
from allocation.services import dwellings as stock
from queue_registry.models import Akimat, User
from queue_registry.rules.calendar import TIME_ZONE, civil_day
from queue_registry.services import audit

_S = Dwelling.State


@transaction.atomic
def become_ready(*, dwelling_id: int, document: str, by: User, at: datetime) -> Dwelling:
    """
    A home that was being built is handed over and can be given.

    :raises Refused: DWELLING_STATE, REASON_MISSING (no document).
    """
    dwelling = _lock(dwelling_id, _S.BUILDING)
    document = _told(document)
    stock.move([dwelling], _S.READY, at=at, by=by, ground=document)
    _record([dwelling], "dwelling.became_ready", by=by, at=at, document=document)
    return dwelling


@transaction.atomic
def vacate(*, dwelling_id: int, since: date, document: str, by: User, at: datetime) -> Dwelling:
    """
    Whoever lived there left: the home can be given again, and stands idle since that day.

    :raises Refused: DWELLING_STATE, NOT_A_HOME (a loan is given once), REASON_MISSING (no document),
        DAY_IMPOSSIBLE (before it was allotted, or not yet).
    """
    dwelling = _lock(dwelling_id, _S.ALLOTTED)
    if dwelling.kind != Dwelling.Kind.HOME:
        raise Refused(Refusal.NOT_A_HOME, dwellings=[dwelling.number])
    document = _told(document)
    earliest, latest = civil_day(dwelling.state_since), civil_day(at)
    if not earliest <= since <= latest:
        raise Refused(Refusal.DAY_IMPOSSIBLE, earliest=earliest, latest=latest)
    stock.move([dwelling], _S.READY, at=at, by=by, ground=document)
    dwelling.idle_since = datetime.combine(since, time(), tzinfo=TIME_ZONE)
    dwelling.save(update_fields=["idle_since"])
    _release(dwelling, at)
    _record([dwelling], "dwelling.vacated", by=by, at=at, since=since.isoformat(), document=document)
    return dwelling


@transaction.atomic
def take_out(*, dwelling_id: int, ground: GoneGround, document: str, by: User, at: datetime) -> Dwelling:
    """
    Take a home or a loan place out of the stock for ever; its row and its history stay.

    :raises Refused: DWELLING_STATE, DWELLING_IN_ROUND, REASON_MISSING (no document).
    """
    dwelling = _lock(dwelling_id, _S.BUILDING, _S.READY, _S.ALLOTTED)
    if dwelling.state != _S.ALLOTTED:
        _check_in_no_round([dwelling])
    document = _told(document)
    stock.move([dwelling], _S.GONE, at=at, by=by, ground=f"{ground} {document}")
    _release(dwelling, at)
    _record([dwelling], "dwelling.taken_out", by=by, at=at, ground=str(ground), document=document)
    return dwelling


@transaction.atomic
def hand_to_programme(
    *,
    akimat: Akimat,
    dwelling_ids: Sequence[int],
    programme: str,
    budget_line: str,
    document: str,
    by: User,
    at: datetime,
) -> list[Dwelling]:
    """
    Hand homes to a programme, with the line of the budget that paid for them: only its own rounds give them.

    :param programme: its code; empty: they are given back, and any round may give them.
    :raises Refused: DWELLING_STATE, NOT_A_HOME, DWELLING_IN_ROUND, LOAN_PROGRAMME,
        HOME_PROGRAMME_UNKNOWN, REASON_MISSING (no document).
    """
    homes = [row for row in stock.lock(dwelling_ids) if row.akimat_id == akimat.pk]
    if strangers := set(dwelling_ids) - {row.pk for row in homes}:
        raise Dwelling.DoesNotExist(f"No such dwellings in this akimat: {sorted(strangers)}")
    if places := [row.number for row in homes if row.kind != Dwelling.Kind.HOME]:
        raise Refused(Refusal.NOT_A_HOME, dwellings=places)
    _check_state(homes, _S.BUILDING, _S.READY)
    _check_in_no_round(homes)
    stock.check_programme(programme.strip(), on=civil_day(at))
    document = _told(document)
    for home in homes:
        home.programme, home.budget_line = programme.strip(), budget_line.strip()
    Dwelling.objects.bulk_update(homes, ["programme", "budget_line"])
    _record(
        homes,
        "dwelling.handed_to_programme",
        by=by,
        at=at,
        programme=programme.strip(),
        budget_line=budget_line.strip(),
        document=document,
    )
    return homes


def _lock(dwelling_id: int, *states: Dwelling.State) -> Dwelling:
    found = stock.lock([dwelling_id])
    if not found:
        raise Dwelling.DoesNotExist(f"No such dwelling: {dwelling_id}")
    _check_state(found, *states)
    return found[0]


def _check_state(dwellings: Sequence[Dwelling], *states: Dwelling.State) -> None:
    if others := [row.number for row in dwellings if row.state not in states]:
        raise Refused(Refusal.DWELLING_STATE, dwellings=sorted(others))


def _check_in_no_round(dwellings: Sequence[Dwelling]) -> None:
    held = RoundDwelling.objects.filter(dwelling__in=dwellings, released_at__isnull=True)
    if numbers := sorted(held.values_list("dwelling__number", flat=True)):
        raise Refused(Refusal.DWELLING_IN_ROUND, dwellings=numbers)


def _told(document: str) -> str:
    if not document.strip():
        raise Refused(Refusal.REASON_MISSING)
    return document.strip()


def _release(dwelling: Dwelling, at: datetime) -> None:
    """The round that gave it is over for it, and whoever accepted it lives there no more."""
    RoundDwelling.objects.filter(dwelling=dwelling, released_at__isnull=True).update(released_at=at)
    Offer.objects.filter(dwelling=dwelling, state=Offer.State.ACCEPTED, ended_at__isnull=True).update(
        ended_at=at
    )


def _record(dwellings: Sequence[Dwelling], event: str, *, by: User, at: datetime, **data: object) -> None:
    if not dwellings:
        return
    audit.record_many(
        akimat=dwellings[0].akimat,
        by=by,
        at=at,
        acts=[
            audit.Act(event=event, target=f"dwelling:{row.pk}", data={"number": row.number, **data})
            for row in dwellings
        ],
    )
