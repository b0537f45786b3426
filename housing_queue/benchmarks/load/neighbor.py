"""The akimat next door, whose commission confirms a round on the same day."""

import time
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import transaction

from allocation.models import AllocationRun, Dwelling, Offer, Vote
from allocation.services import attendance, decisions, dwellings, rounds, runs, sittings
from housing_queue.benchmarks import synthetic_round
from housing_queue.benchmarks.endurance import town, world
from housing_queue.benchmarks.endurance.world import Household
from housing_queue.founding import BIN, STAFF
from housing_queue.worlds.people import Numbers
from queue_registry.models import Akimat, StaffMembership, User, WaitingList
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.roles import BY_AN_ACT
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.selectors import clock
from queue_registry.services import policies

KATO: Final = world.ELSEWHERE
# Older than anybody alive, and young enough for a round to believe it.
_BORN: Final = 1899
_PEOPLE: Final = 80
_HOMES: Final = 12
_SECONDS: Final = 300
_BEAT: Final = 0.5


class NoRound(Exception):
    """The round did not come to its decision."""


def households(*, at: datetime, numbers: Numbers) -> list[Household]:
    """The households that wait there and are registered there."""
    made = list(world.households(_PEOPLE, on=civil_day(at), born=_BORN, numbers=numbers))
    for line in (line for one in made for line in one.people):
        if line["registered"] and line["registered"]["kato"] == world.KATO:
            line["registered"]["kato"] = KATO
    return made


@transaction.atomic
def settle(made: Sequence[Household], *, at: datetime) -> Akimat:
    """Found the akimat with the same staff as next door, and put every household on its list."""
    akimat = Akimat.objects.create(kato=KATO, name_kk="Ойдан", name_ru="Вымышленный", bin=BIN)
    staff = {user.username: user for user in User.objects.all()}
    WaitingList.objects.bulk_create(WaitingList(akimat=akimat, number=number) for number in ListNumber)
    on = civil_day(at).replace(month=1, day=1)
    StaffMembership.objects.bulk_create(
        StaffMembership(
            user=staff[seat.username],
            akimat=akimat,
            role=seat.role,
            from_on=on,
            **({"document_number": "1", "document_on": on} if seat.role in BY_AN_ACT else {}),
        )
        for seat in STAFF
    )
    policies.put_in_force(
        akimat=akimat, code="akimat-2022", from_on=date(2022, 4, 15), by=staff["admin"], at=at
    )
    town.move_in(made, akimat=akimat, clerk=staff["clerk"], at=at)
    return akimat


def confirm_round(akimat: Akimat) -> tuple[float, int]:
    """
    Lead a round from its homes to the decision; a worker works it out. Return seconds and offers made.

    :raises NoRound: if the worker refuses the run or does not take it in time.
    """
    start = time.monotonic()
    staff = {
        user.username: user for user in User.objects.filter(username__in=[seat.username for seat in STAFF])
    }
    secretary = staff["secretary"]
    opened = rounds.open_round(
        akimat=akimat,
        dwelling_ids=[home.pk for home in _homes(akimat, staff["clerk"])],
        quotas={"3": {"dwellings": 0, "document": "Programme passport No 7"}},
        by=secretary,
        at=clock.now(),
    )
    rounds.freeze(round_id=opened.pk, by=secretary, at=clock.now())
    run = _executed(runs.request(round_id=opened.pk, by=secretary, at=clock.now()))
    sitting = sittings.convene(run_id=run.pk, by=secretary, at=clock.now())
    for member in sitting.members.filter(recusal_ground="").select_related("user"):
        attendance.attend(sitting_id=sitting.pk, user_id=member.user_id, by=member.user, at=clock.now())
        decisions.vote(
            sitting_id=sitting.pk,
            choice=Vote.Choice.FOR,
            result_sha256=run.result_sha256,
            by=member.user,
            at=clock.now(),
        )
    decisions.confirm(
        sitting_id=sitting.pk, result_sha256=run.result_sha256, by=staff["chair"], at=clock.now()
    )
    return time.monotonic() - start, Offer.objects.filter(run=run).count()


def _homes(akimat: Akimat, clerk: User) -> list[Dwelling]:
    rows = [
        dwellings.NewDwelling(
            number=record["id"],
            address_kk="Ойдан көшесі",
            address_ru="улица Вымышленная",
            rooms=record["rooms"],
            area=Decimal(record["area"]),
            floor=record["floor"],
            lift=record["lift"],
            accessible=record["accessible"],
        )
        for record in synthetic_round.dwellings(_HOMES)
    ]
    return dwellings.add_many(
        akimat=akimat, dwellings=rows, by=clerk, at=clock.now(), document="Acceptance act"
    )


def _executed(run: AllocationRun) -> AllocationRun:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        run.refresh_from_db()
        if run.executed_at is not None:
            return run
        if run.refusal:
            raise NoRound(f"the run was refused: {run.refusal.get('code')}")
        time.sleep(_BEAT)
    raise NoRound(f"no worker took the run within {_SECONDS} seconds")
