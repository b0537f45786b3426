"""The invented town of an installation: who waits, who will apply, who works there, which system may ask."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import Error, connection

from housing_queue.benchmarks.endurance import town, world
from housing_queue.benchmarks.endurance.world import KATO, Household
from housing_queue.benchmarks.installation.machine import Machine
from housing_queue.worlds.people import Numbers
from queue_registry.models import Akimat, ApiPermission, Application, StaffMembership, User
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.roles import Role
from queue_registry.services import api_clients

# Each system may ask so often a minute; so many together ask as often as the machine can answer.
_TOKENS: Final = 8
_TOKEN_DAYS: Final = 30
_BORN_IN_A_YEAR: Final = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """
    Households that wait, with file number and IIN of each; those that will apply; sessions; tokens.
    """

    waiting: Sequence[Household]
    pairs: Sequence[tuple[str, str]]
    applicants: Sequence[Household]
    sessions: Sequence[str]
    tokens: Sequence[str]


def settle(
    machine: Machine,
    *,
    waiting: int,
    applying: int,
    clerks: int,
    at: datetime,
    numbers: Numbers,
    elsewhere: Sequence[Household] = (),
) -> Settled:
    """
    Let about so many people wait and so many be about to apply; the gateway knows all of them, and those
    elsewhere.
    """
    made = list(_households(waiting + applying, at=at, numbers=numbers))
    world.write(machine.world, [*made, *elsewhere])
    there = next(place for place, people in enumerate(_people_up_to(made), start=1) if people >= waiting)
    town.settle(made[:there], at=at)
    akimat = Akimat.objects.get(kato=KATO)
    return Settled(
        waiting=made[:there],
        pairs=list(Application.objects.order_by("pk").values_list("file_number", "applicant__iin")),
        applicants=made[there:],
        sessions=[_session(akimat, number, at) for number in range(clerks)],
        tokens=[_token(akimat, number, at) for number in range(_TOKENS)],
    )


def _households(people: int, *, at: datetime, numbers: Numbers) -> Iterator[Household]:
    """Households of so many people, born in several years: a day has some thousand numbers."""
    for place, start in enumerate(range(0, people, _BORN_IN_A_YEAR)):
        yield from world.households(
            min(_BORN_IN_A_YEAR, people - start),
            on=civil_day(at),
            born=world.BORN - place,
            numbers=numbers,
        )


def numbers_of_all() -> Numbers:
    """Who draws the numbers of everybody in a run, each once."""
    return Numbers(Random(world.SEED))  # noqa: S311 - invented people, no secret


def _people_up_to(made: Sequence[Household]) -> list[int]:
    counts, people = [], 0
    for household in made:
        people += len(household.people)
        counts.append(people)
    return counts


def _session(akimat: Akimat, number: int, at: datetime) -> str:
    """A clerk of his own who has signed in."""
    user = User.objects.create(username=f"clerk-{number:03d}", is_staff=True)
    user.set_unusable_password()
    user.save()
    StaffMembership.objects.create(user=user, akimat=akimat, role=Role.CLERK, from_on=civil_day(at))
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def _token(akimat: Akimat, number: int, at: datetime) -> str:
    issued = api_clients.issue(
        name=f"egov-{number:02d}",
        akimats=[akimat],
        permissions=[ApiPermission.APPLICATION_FILE],
        expires_at=at + timedelta(days=_TOKEN_DAYS),
        at=at,
    )
    return issued.token


def key_of(file_number: str) -> int | None:
    """Return the key of an application, or None while the database does not answer."""
    try:
        return Application.objects.filter(file_number=file_number).values_list("pk", flat=True).first()
    except Error:
        connection.close()
        return None
