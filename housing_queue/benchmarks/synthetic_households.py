"""
One akimat's queue of any size with everything that the registers said of its households, invented, the same
for the same seed, put in by COPY: what a freeze of a real round has to read.

Of every adult twelve months of income are known, of everybody the population register; all answers are fresh.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, Final

from django.db import connection

from housing_queue.benchmarks import bulk_loading
from housing_queue.benchmarks.synthetic_round import LISTS, SEED
from queue_registry.models import Akimat, User, WaitingList
from queue_registry.rules.categories import STATUSES, sources_for
from queue_registry.rules.facts import Source
from queue_registry.rules.file_number import file_number
from queue_registry.rules.waiting_lists import ListNumber

AT: Final = datetime(2026, 9, 1, 4, tzinfo=UTC)
_ANSWERED: Final = AT - timedelta(days=20)
_FRESH_UNTIL: Final = AT + timedelta(days=70)
_FIRST_DAY: Final = datetime(1995, 1, 1, tzinfo=UTC)
_MINUTES: Final = 31 * 365 * 24 * 60
# How many of a thousand entries stand on each list.
_MIX: Final = (1, 95, 210, 390, 300, 4)
_MONTHS: Final = tuple(f"2025-{month:02d}" for month in range(9, 13)) + tuple(
    f"2026-{month:02d}" for month in range(1, 9)
)
# Keys of people begin above those of the staff.
_FIRST_PERSON: Final = 1_000
_ALL: Final = (Source.GBD_FL, Source.EMAKET)
_ADULTS: Final = (Source.ZAGS, Source.EGKN, Source.ENPF)

_PEOPLE: Final = "queue_registry_person"
_APPLICATIONS: Final = "queue_registry_application"
_ENTRIES: Final = "queue_registry_queueentry"
_EVENTS: Final = "queue_registry_queueentryevent"
_CONSENTS: Final = "queue_registry_consent"
_ANSWERS: Final = "queue_registry_sourceanswer"
_FACTS: Final = "queue_registry_fact"


@dataclass(frozen=True, slots=True)
class _Member:
    """One person: key, role in the household, sex, birth date."""

    key: int
    role: str
    sex: str
    born: date


@dataclass(frozen=True, slots=True)
class _Household:
    """One household: its number from 1, its list, its moment, its people, the monthly income of an adult."""

    number: int
    list_number: str
    registered_at: datetime
    members: tuple[_Member, ...]
    income: int
    owns_home: bool


def build(entries: int, *, akimat: Akimat, user: User) -> None:
    """Put in so many households of the akimat, one entry each."""
    lists = dict(WaitingList.objects.filter(akimat=akimat).values_list("number", "pk"))
    bulk_loading.copy(_PEOPLE, ("id", "iin", "last_name", "first_name", "middle_name"), _people(entries))
    with bulk_loading.unhindered(_APPLICATIONS, _ENTRIES):
        bulk_loading.copy(_APPLICATIONS, _APPLICATION_COLUMNS, _applications(entries, akimat, user))
        bulk_loading.copy(_ENTRIES, _ENTRY_COLUMNS, _entries(entries, akimat, lists))
        bulk_loading.count_entries()
    with bulk_loading.unhindered(_EVENTS):
        bulk_loading.copy(_EVENTS, _EVENT_COLUMNS, _events(entries, lists))
    bulk_loading.copy(_CONSENTS, _CONSENT_COLUMNS, _consents(entries))
    with bulk_loading.unhindered(_ANSWERS, _FACTS):
        bulk_loading.copy(_ANSWERS, _ANSWER_COLUMNS, _answers(entries))
        bulk_loading.copy(_FACTS, _FACT_COLUMNS, _facts(entries))
    _settle()


_APPLICATION_COLUMNS: Final = (
    "id", "akimat_id", "running_number", "file_number", "applicant_id", "applicant_name", "origin",
    "entered_by_id", "entered_at", "status", "refusal_ground", "decision", "claims",
)  # fmt: skip
_ENTRY_COLUMNS: Final = (
    "id", "akimat_id", "application_id", "applicant_id", "waiting_list_id", "file_number", "registered_at",
    "time_known", "provisional", "status",
)  # fmt: skip
_EVENT_COLUMNS: Final = (
    "entry_id", "kind", "moved_from", "moved_to", "registered_at", "list_number", "waiting_list_id",
    "holds_from", "recorded_at", "ground", "document",
)  # fmt: skip
_CONSENT_COLUMNS: Final = (
    "person_id", "text_version", "scope", "for_household", "channel", "evidence", "given_at",
)  # fmt: skip
_ANSWER_COLUMNS: Final = (
    "id", "person_id", "source", "outcome", "source_as_of", "answered_at", "fresh_until", "envelope_sha256",
)  # fmt: skip
_FACT_COLUMNS: Final = ("answer_id", "person_id", "kind", "value", "relative_id")


def _households(number: int) -> Iterator[_Household]:
    """The households in the order of their numbers; told anew, they are the same."""
    chance = random.Random(SEED + 2)  # noqa: S311 - invented households, no secret
    keys = count(_FIRST_PERSON)
    for index in range(1, number + 1):
        (list_number,) = chance.choices(LISTS, _MIX)
        yield _Household(
            number=index,
            list_number=list_number,
            registered_at=_FIRST_DAY + timedelta(minutes=chance.randrange(_MINUTES)),
            members=tuple(_members(chance, keys)),
            income=chance.randrange(20_000, 260_000),
            owns_home=chance.random() < 0.08,
        )


def _members(chance: random.Random, keys: Iterator[int]) -> Iterator[_Member]:
    is_couple, year = chance.random() < 0.6, chance.randint(1956, 2003)
    yield _Member(next(keys), "applicant", "f", date(year, 1 + year % 12, 5))
    if is_couple:
        yield _Member(next(keys), "spouse", "m", date(year - 2, 1 + year % 12, 6))
    (children,) = chance.choices(range(5), (30, 28, 22, 12, 8))
    for _ in range(children):
        yield _Member(next(keys), "child", chance.choice("fm"), date(chance.randint(2009, 2025), 3, 4))


def _iin(key: int) -> str:
    """Twelve digits of the century before the last: nobody alive has them."""
    day, serial = divmod(key, 100_000)
    return f"99{day // 28 % 12 + 1:02d}{day % 28 + 1:02d}1{serial:05d}"


def _people(number: int) -> Iterator[str]:
    for household in _households(number):
        for member in household.members:
            yield f"{member.key}\t{_iin(member.key)}\tОйдан\tАдам\t"


def _applications(number: int, akimat: Akimat, user: User) -> Iterator[str]:
    rest = f"\tIMPORT\t{user.pk}\t{_ANSWERED.isoformat()}\tACCEPTED\t\t\t[]"
    for one in _households(number):
        public = file_number(kato=akimat.kato, running_number=one.number)
        applicant = one.members[0].key
        yield f"{one.number}\t{akimat.pk}\t{one.number}\t{public}\t{applicant}\tОйдан Адам{rest}"


def _entries(number: int, akimat: Akimat, lists: dict[str, int]) -> Iterator[str]:
    for one in _households(number):
        public = file_number(kato=akimat.kato, running_number=one.number)
        yield (
            f"{one.number}\t{akimat.pk}\t{one.number}\t{one.members[0].key}\t{lists[one.list_number]}"
            f"\t{public}\t{one.registered_at.isoformat()}\tt\tf\tWAITING"
        )


def _events(number: int, lists: dict[str, int]) -> Iterator[str]:
    known = _ANSWERED.isoformat()
    for one in _households(number):
        stands = f"{one.registered_at.isoformat()}\t{one.list_number}\t{lists[one.list_number]}"
        yield f"{one.number}\tREGISTERED\t\tWAITING\t{stands}\t{known}\t{known}\tIMPORT\t"


def _consents(number: int) -> Iterator[str]:
    given = (_ANSWERED - timedelta(days=30)).isoformat()
    for one in _households(number):
        yield f"{one.members[0].key}\t2026-1\t[]\tt\tPAPER\tForm\t{given}"


def _sources(household: _Household, member: _Member) -> list[Source]:
    found = [*_ALL, *sources_for(ListNumber(household.list_number))]
    found += [Source.EGKN] if member.role == "child" else _ADULTS
    if member.role == "applicant":
        found.append(Source.ADDR_REG)
    return list(dict.fromkeys(found))


def _asked(number: int) -> Iterator[tuple[int, _Household, _Member, Source]]:
    """Every answer with its key, in their order."""
    keys = count(1)
    for household in _households(number):
        for member in household.members:
            for source in _sources(household, member):
                yield next(keys), household, member, source


def _answers(number: int) -> Iterator[str]:
    rest = f"\t{_ANSWERED.isoformat()}\t{_ANSWERED.isoformat()}\t{_FRESH_UNTIL.isoformat()}\t"
    for key, household, member, source in _asked(number):
        said = "FOUND" if any(_told(household, member, source)) else "NOT_FOUND_CONFIRMED"
        yield f"{key}\t{member.key}\t{source}\t{said}{rest}"


def _facts(number: int) -> Iterator[str]:
    for key, household, member, source in _asked(number):
        for kind, value, relative in _told(household, member, source):
            text = json.dumps(value, ensure_ascii=False)
            yield f"{key}\t{member.key}\t{kind}\t{text}\t{relative if relative else chr(92) + 'N'}"


def _told(household: _Household, member: _Member, source: Source) -> Iterator[tuple[str, Any, int | None]]:
    """What a source says of a member: kind, value, and whom it names."""
    if source is Source.GBD_FL:
        yield "PERSON", _person(member), None
        yield "REGISTRATION", {"kato": "271010000", "rka": "1" * 16, "since": "2010-01-01"}, None
    elif source is Source.ZAGS:
        yield from _kin(household, member)
    elif source is Source.ENPF:
        for month in _MONTHS:
            yield "INCOME_MONTH", {"month": month, "amount": f"{household.income}.50"}, None
    if member.role == "applicant":
        yield from _told_of_applicant(household, source)


def _told_of_applicant(household: _Household, source: Source) -> Iterator[tuple[str, Any, int | None]]:
    if source is Source.EGKN and household.owns_home:
        yield "PROPERTY_RIGHT", _home(), None
    codes = [
        code for code, said_by in STATUSES[ListNumber(household.list_number)].items() if said_by is source
    ]
    for code in codes[:1]:
        yield "STATUS", {"code": code, "from": "2012-01-01", "until": None}, None


def _person(member: _Member) -> dict[str, Any]:
    return {
        "last": "Ойдан", "first": "Адам", "middle": "", "birth_date": member.born.isoformat(),
        "death_date": None, "sex": member.sex, "citizenship": "KAZ",
    }  # fmt: skip


def _home() -> dict[str, Any]:
    return {
        "cadastral": "", "rka": "", "kind": "dwelling", "kato": "271010000", "area": "50", "share": "1",
        "acquired": "2019-03-11", "disposed": None,
    }  # fmt: skip


def _kin(household: _Household, member: _Member) -> Iterator[tuple[str, Any, int | None]]:
    for other in household.members:
        relation = "spouse" if {member.role, other.role} == {"applicant", "spouse"} else other.role
        if other is not member and relation in {"spouse", "child"}:
            value = {"iin": _iin(other.key), "relation": relation, "since": None, "until": None}
            yield "KINSHIP", value, other.key


def _settle() -> None:
    """Keys were given by us; statistics are what a day's work would leave."""
    with connection.cursor() as cursor:
        for table in (_PEOPLE, _APPLICATIONS, _ENTRIES, _ANSWERS):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608
            )
        cursor.execute("VACUUM ANALYZE")
