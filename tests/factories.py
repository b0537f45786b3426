"""
Lawful states by name: people whom every source knows, waiting entries, rounds, runs, sittings, decisions.

Everything that has a history is built by the services that make it, so that no test stands on a state that
could not arise. All people are invented: their IINs carry a birth century in which nobody lives.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4

import factory

from allocation.models import AllocationRound, AllocationRun, Decision, Dwelling, Sitting, Vote
from allocation.services import attendance, decisions, rounds, runs, sittings
from housing_queue.founding import Founded, found
from integrations.contract import Lane, Outcome
from integrations.models import CheckAttempt, CheckRequest, CheckState
from queue_registry.models import (
    Akimat,
    Application,
    Consent,
    Fact,
    HouseholdMember,
    Person,
    PolicyVersion,
    QueueEntry,
    SourceAnswer,
    WaitingList,
)
from queue_registry.rules.facts import Said, Source
from queue_registry.rules.iin import iin_check_digit
from queue_registry.services import applications, policies, registrations

KATO = "271010000"
# A Tuesday; the following five working days end on 8 September.
AT = datetime(2026, 9, 1, 4, tzinfo=UTC)
ON = date(2026, 9, 1)
# So long the answers of these sources may ground something adverse.
FRESH = timedelta(days=365)
# As many working days before it as the policy asks for where a register is silent.
ASKED_IN_VAIN = (date(2026, 8, 25), date(2026, 8, 26), date(2026, 8, 27))
QUOTAS = {"3": {"dwellings": 0, "document": "Programme passport No 7"}}
ONE_BY_PROGRAM = {"3": {"dwellings": 1, "document": "Programme passport No 8"}}

# What confirms the category of each list, and who says it.
GROUNDS = {
    "1": (Source.MOD, "wwii_veteran"),
    "2": (Source.NOBD, "orphan"),
    "3": (Source.EMAKET, "large_family_mother"),
    "4": (Source.EMAKET, "pensioner"),
    "5": (Source.ESUTD, "budget_worker"),
    "6": (Source.EMERGENCY_HOUSING, "emergency_dwelling"),
}


def invented_iin(number: int) -> str:
    """The IIN of the number-th invented woman, born in 1899 as nobody alive was."""
    month, serial = number // 3_000 % 12 + 1, number % 3_000 * 3
    for first in (f"99{month:02d}012{serial + step:04d}" for step in range(3)):
        digit = iin_check_digit(first)
        if digit is not None:
            return first + digit
    raise AssertionError("Three numbers in a row without a check digit are not expected.")


class PersonFactory(factory.django.DjangoModelFactory):
    """A citizen of whom only name and IIN are known."""

    class Meta:
        model = Person

    iin = factory.Sequence(invented_iin)
    last_name = factory.Sequence("Ойдан{}".format)
    first_name = "Адам"


class DwellingFactory(factory.django.DjangoModelFactory):
    """A two-room home of 52.8 m² that is ready."""

    class Meta:
        model = Dwelling

    number = factory.Sequence("D-{:04d}".format)
    address_kk = factory.LazyAttribute("Ойдан көшесі, {0.number}".format)
    address_ru = factory.LazyAttribute("улица Вымышленная, {0.number}".format)
    rooms = 2
    area = Decimal("52.80")
    floor = 1
    lift = False
    accessible = False
    state = Dwelling.State.READY
    state_since = AT
    idle_since = factory.LazyAttribute(
        lambda row: AT if row.state in ("READY", "RESERVED", "OFFERED") else None
    )


@dataclass(frozen=True, kw_only=True)
class Relative:
    """Somebody whom the civil acts tie to the applicant."""

    relation: str
    born: date
    sex: str = "f"


HUSBAND = Relative(relation="spouse", born=date(1990, 5, 6), sex="m")
DAUGHTER = Relative(relation="child", born=date(2017, 3, 4))
SON = Relative(relation="child", born=date(2016, 3, 4), sex="m")


@dataclass(kw_only=True)
class Town:
    """A founded akimat with everything that tests put into it."""

    akimat: Akimat
    staff: dict[str, object] = field(repr=False)
    passwords: dict[str, str] = field(repr=False)

    def __getattr__(self, name):
        """A member of staff by user name: town.clerk, town.chair."""
        try:
            return self.__dict__["staff"][name]
        except KeyError:
            raise AttributeError(name) from None


def town(*, kato: str = KATO, at: datetime = AT) -> Town:
    """An akimat with six lists, staff, and the policy akimat-2022 in force."""
    founded: Founded = found(kato=kato, at=at, on=at.date())
    return Town(akimat=founded.akimat, staff=dict(founded.staff), passwords=dict(founded.passwords))


def policy(code: str) -> PolicyVersion:
    """The version of a policy that is in force on the day of the tests."""
    return policies.versions_in_force(ON).get(code=code)


def answer_everything(
    person: Person,
    *,
    born: date = date(1991, 2, 3),
    sex: str = "f",
    facts: Sequence[tuple[Source, str, dict]] = (),
    kin: Sequence[tuple[Person, str]] = (),
    kato: str = KATO,
) -> None:
    """Every source has answered: alive, a citizen, registered here, and nothing else but `facts`."""
    told = [
        (
            Source.GBD_FL,
            "PERSON",
            {
                "last": person.last_name,
                "first": person.first_name,
                "middle": "",
                "birth_date": born.isoformat(),
                "death_date": None,
                "sex": sex,
                "citizenship": "KAZ",
            },
        ),
        (Source.GBD_FL, "REGISTRATION", {"kato": kato, "rka": "1" * 16, "since": "2010-01-01"}),
        *facts,
    ]
    relatives = {relative.iin: relative for relative, _ in kin}
    told += [
        (
            Source.ZAGS,
            "KINSHIP",
            {"iin": relative.iin, "relation": relation, "since": None, "until": None},
        )
        for relative, relation in kin
    ]
    speaking = {source for source, _, _ in told}
    answers = SourceAnswer.objects.bulk_create(
        SourceAnswer(
            person=person,
            source=source,
            outcome=Said.FOUND if source in speaking else Said.NOT_FOUND_CONFIRMED,
            source_as_of=AT,
            answered_at=AT,
            fresh_until=AT + FRESH,
        )
        for source in Source
    )
    by_source = {answer.source: answer for answer in answers}
    Fact.objects.bulk_create(
        Fact(
            answer=by_source[source],
            person=person,
            kind=kind,
            value=value,
            relative=relatives.get(value.get("iin", "")),
        )
        for source, kind, value in told
    )


def status(source: Source, code: str) -> tuple[Source, str, dict]:
    """A social status without an end."""
    return source, "STATUS", {"code": code, "from": "2012-01-01", "until": None}


def dwelling_owned(*, share: str = "1") -> tuple[Source, str, dict]:
    """A right to a dwelling that is held today."""
    value = {"cadastral": "", "rka": "", "kind": "dwelling", "kato": KATO, "area": "50", "share": share}
    return Source.EGKN, "PROPERTY_RIGHT", {**value, "acquired": "2019-03-11", "disposed": None}


def income(*, tenge_a_month: str, months: int = 12) -> list[tuple[Source, str, dict]]:
    """Equal earnings in each of the twelve months before September 2026."""
    names = [f"2025-{month:02d}" for month in range(9, 13)] + [f"2026-{month:02d}" for month in range(1, 9)]
    return [
        (Source.ENPF, "INCOME_MONTH", {"month": name, "amount": tenge_a_month}) for name in names[:months]
    ]


def waiting(
    where: Town,
    *,
    number: str = "5",
    day: int = 1,
    family: Sequence[Relative] = (),
    facts: Sequence[tuple[Source, str, dict]] = (),
    born: date = date(1991, 2, 3),
    application: Application | None = None,
    known: bool = True,
    consented: bool = True,
) -> QueueEntry:
    """
    An eligible household that waits on a list, registered on the day-th of March 2015 and onwards.

    With `application` the same household stands on one more list; with `known=False` no source has answered,
    with `consented=False` nobody has signed that one may be asked.
    """
    if application is None:
        application = _file(
            where, family=family, facts=[*facts, status(*GROUNDS[number])], born=born, known=known
        )
        if consented:
            consent(application.applicant, for_household=True, application=application)
    elif known:
        source, code = GROUNDS[number]
        answer = SourceAnswer.objects.get(
            person=application.applicant, source=source, superseded_at__isnull=True
        )
        Fact.objects.create(
            answer=answer, person=application.applicant, kind="STATUS", value=status(source, code)[2]
        )
    (entry,) = registrations.register_many(
        akimat=where.akimat,
        registrations=[
            registrations.Registration(
                application=application,
                waiting_list=WaitingList.objects.get(akimat=where.akimat, number=number),
                registered_at=datetime(2015, 3, 1, 5, tzinfo=UTC) + timedelta(days=day),
                document="Application",
            )
        ],
        by=where.clerk,
        at=AT,
        ground="APPLICATION",
    )
    return entry


def consent(person: Person, *, at: datetime = AT - timedelta(days=1), **changes: object) -> Consent:
    """A consent on paper, to all that a rule needs, without an end."""
    given = {"text_version": "2026-1", "channel": "PAPER", "evidence": "Form 1"} | changes
    return Consent.objects.create(person=person, given_at=at, **given)


def asked_in_vain(
    entry: QueueEntry, *, days: Sequence[date] = ASKED_IN_VAIN, sources: Sequence[Source] = tuple(Source)
) -> None:
    """Registers were asked about the applicant on these days, and none has ever said a word."""
    first, *_ = moments = [datetime.combine(day, time(6), tzinfo=UTC) for day in days] or [AT]
    for source in sources:
        request = CheckRequest.objects.create(
            key=f"in-vain:{entry.pk}:{source}:{first:%Y%m%d}",
            source=source,
            operation="query",
            contract_version="1",
            subject_iin=entry.applicant.iin,
            purpose="before-allocation",
            lane=Lane.BULK,
            requested_at=first,
            next_attempt_at=first,
            deadline_at=first + timedelta(days=14),
            attempts=len(days),
            failures=len(days),
            state=CheckState.DEAD,
            dead_reason="TOO_MANY_FAILURES",
            owner="the source's owner",
            closed_at=moments[-1],
        )
        CheckAttempt.objects.bulk_create(
            CheckAttempt(
                message_id=uuid4(),
                request=request,
                source=source,
                asked_at=moment,
                answered_at=moment,
                outcome=Outcome.TEMPORARY,
            )
            for moment in (moments if days else ())
        )


def _file(where: Town, *, family, facts, born, known) -> Application:
    applicant = PersonFactory()
    relatives = [(PersonFactory(), relative) for relative in family]
    (application,) = applications.number_many(
        akimat=where.akimat,
        applications=[
            Application(
                applicant=applicant,
                applicant_name=applicant.full_name,
                origin=Application.Origin.DESK,
                entered_by=where.clerk,
                entered_at=AT,
            )
        ],
    )
    HouseholdMember.objects.bulk_create(
        HouseholdMember(application=application, person=person, relation=relative.relation.upper())
        for person, relative in relatives
    )
    if known:
        answer_everything(
            applicant,
            born=born,
            facts=facts,
            kin=[(person, relative.relation) for person, relative in relatives],
        )
        for person, relative in relatives:
            # A marriage stands in the acts of both.
            back = [(applicant, "spouse")] if relative.relation == "spouse" else []
            answer_everything(person, born=relative.born, sex=relative.sex, kin=back)
    return application


def identify(where: Town, name: str, *, kin: Sequence[tuple[Person, str]] = ()) -> Person:
    """Tie a member of staff to a person whom the registers know."""
    person = PersonFactory()
    answer_everything(person, kin=kin)
    user = where.staff[name]
    user.person = person
    user.save()
    return person


def relate(person: Person, relative: Person, relation: str, *, until: str | None = None) -> None:
    """A fact of the civil acts about a person who has been asked about."""
    answer = SourceAnswer.objects.get(person=person, source=Source.ZAGS, superseded_at__isnull=True)
    Fact.objects.create(
        answer=answer,
        person=person,
        kind="KINSHIP",
        value={"iin": relative.iin, "relation": relation, "since": None, "until": until},
        relative=relative,
        valid_until=until,
    )


@dataclass(frozen=True, kw_only=True)
class Register:
    """A few households on five lists, and the homes that are ready for them."""

    homes: list[Dwelling]
    entries: dict[str, QueueEntry]


def register(where: Town) -> Register:
    """
    Six homes for fifteen households. In a round with `ONE_BY_PROGRAM` some are served, and each other kind of
    answer comes up.

    The first member of the commission is the brother of an applicant.
    """
    couple_with = {"daughter": (HUSBAND, DAUGHTER), "both": (HUSBAND, DAUGHTER, SON)}
    households: dict[str, dict[str, object]] = {
        "orphan": {"number": "2"},
        "second_orphan": {"number": "2"},
        "third_orphan": {"number": "2"},
        "family_too_large": {"number": "3", "family": (HUSBAND, DAUGHTER, DAUGHTER, SON, SON)},
        "large_family": {"number": "3", "family": (HUSBAND, DAUGHTER, SON, SON)},
        "well_paid": {"number": "4", "facts": income(tenge_a_month="400000")},
        "unanswered": {"number": "4", "known": False},
        "pensioner": {
            "number": "4",
            "family": couple_with["both"],
            "facts": income(tenge_a_month="90000"),
        },
        "second_pensioner": {"number": "4"},
        "owner": {"number": "5", "facts": [dwelling_owned(share="1/2")]},
        "worker": {"number": "5", "family": couple_with["daughter"]},
        "sister": {"number": "5", "family": couple_with["daughter"]},
        "late_worker": {"number": "5", "family": (SON,)},
        "last_worker": {"number": "5"},
        "evacuee": {"number": "6"},
    }
    entries = {
        name: waiting(where, day=day, **household)
        for day, (name, household) in enumerate(households.items(), start=1)
    }
    asked_in_vain(entries["unanswered"])
    mother = PersonFactory()
    identify(where, "member1", kin=[(mother, "parent")])
    relate(entries["sister"].applicant, mother, "parent")
    figures = (
        (1, "18.50", 3, False),
        (1, "19.20", 1, False),
        (1, "36.40", 4, True),
        (2, "45.00", 2, False),
        (3, "62.30", 1, False),
        (3, "75.40", 5, True),
    )
    homes = [
        home
        for rooms, area, floor, lift in figures
        for home in ready(where, rooms=rooms, area=area, floor=floor, lift=lift)
    ]
    return Register(homes=homes, entries=entries)


def ready(where: Town, count: int = 1, **figures: object) -> list[Dwelling]:
    """Ready dwellings of the akimat."""
    return DwellingFactory.create_batch(count, akimat=where.akimat, **figures)


def open_round(
    where: Town, dwellings: Sequence[Dwelling] = (), *, quotas=QUOTAS, at: datetime = AT
) -> AllocationRound:
    """A round that can still be changed."""
    return rounds.open_round(
        akimat=where.akimat,
        dwelling_ids=[dwelling.pk for dwelling in dwellings],
        quotas=quotas,
        by=where.secretary,
        at=at,
    )


def frozen_round(
    where: Town, dwellings: Sequence[Dwelling] = (), *, quotas=QUOTAS, at: datetime = AT
) -> AllocationRound:
    """A round whose candidates and dwellings are frozen."""
    opened = open_round(where, dwellings, quotas=quotas, at=at)
    return rounds.freeze(round_id=opened.pk, by=where.secretary, at=at)


def executed_run(
    where: Town, dwellings: Sequence[Dwelling] = (), *, quotas=QUOTAS, at: datetime = AT
) -> AllocationRun:
    """A run with its result, lines and bundles."""
    return run_of(where, frozen_round(where, dwellings, quotas=quotas, at=at), at=at)


def run_of(where: Town, frozen: AllocationRound, *, at: datetime = AT) -> AllocationRun:
    """A run of a round that is frozen, with its result, lines and bundles."""
    requested = runs.request(round_id=frozen.pk, by=where.secretary, at=at)
    run = runs.execute(run_id=requested.pk, at=at)
    assert run is not None
    assert run.refusal == {}
    return run


def convened(where: Town, dwellings: Sequence[Dwelling] = (), *, quotas=QUOTAS, at: datetime = AT) -> Sitting:
    """A sitting on an executed run."""
    run = executed_run(where, dwellings, quotas=quotas, at=at)
    return sittings.convene(run_id=run.pk, by=where.secretary, at=at)


def attend_all(sitting: Sitting, *, at: datetime = AT) -> None:
    """Everybody who may vote signs in to the sitting."""
    for member in sitting.members.filter(recusal_ground="", attended_at__isnull=True).select_related("user"):
        attendance.attend(sitting_id=sitting.pk, user_id=member.user_id, by=member.user, at=at)


def vote_all(
    where: Town, sitting: Sitting, *, choice: Vote.Choice = Vote.Choice.FOR, at: datetime = AT
) -> None:
    """Everybody who may vote is there and does, all the same way."""
    attend_all(sitting, at=at)
    for member in sitting.members.filter(recusal_ground="").select_related("user"):
        decisions.vote(
            sitting_id=sitting.pk,
            choice=choice,
            reason="" if choice is Vote.Choice.FOR else "Tested",
            result_sha256=sitting.run.result_sha256,
            by=member.user,
            at=at,
        )


def confirmed(
    where: Town, dwellings: Sequence[Dwelling] = (), *, quotas=QUOTAS, at: datetime = AT
) -> Decision:
    """A confirmed decision: offers are open."""
    sitting = convened(where, dwellings, quotas=quotas, at=at)
    vote_all(where, sitting, at=at)
    return decisions.confirm(
        sitting_id=sitting.pk, result_sha256=sitting.run.result_sha256, by=where.chair, at=at
    )
