"""A failure that rests on a stale answer or on a held source: what it is, and for whom."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from queue_registry.rules.facts import Identity, Kin, Registration, Said, Source
from queue_registry.rules.findings import Rule, Verdict
from queue_registry.rules.need import Eligibility, judge
from queue_registry.rules.waiting_lists import ListNumber
from tests.unit.queue_registry.rules.invented import (
    APPLICANT,
    CHILD,
    ON,
    SPOUSE,
    case,
    dwelling,
    earning,
    family,
    person,
    policy,
    receipts,
    status,
)

NOW = datetime(2026, 9, 1, 4, tzinfo=UTC)
TICK = timedelta(microseconds=1)
LONG = NOW + timedelta(days=30)
TEACHER = status("budget_worker", Source.ESUTD)
FOREIGNER = Identity(birth_date=date(1991, 2, 3), death_date=None, sex="f", citizenship="RUS")
DEAD = Identity(birth_date=date(1991, 2, 3), death_date=date(2026, 8, 1), sex="f", citizenship="KAZ")


def answered(people, *, until=LONG, held=(), but=None):
    """Every answer is fresh until a moment; `but` is (person, source, until) of one that is not."""
    changed = {}
    for key, facts in people.items():
        told = {
            source: receipt._replace(
                fresh_until=but[2] if but and (key, source) == but[:2] else until,
                held=source in held,
            )
            for source, receipt in facts.receipts.items()
        }
        changed[key] = replace(facts, receipts=told)
    return changed


def verdict(people, *, act_at=None, code="akimat-2022", **of_case):
    judgment = judge(case=case(people, **of_case), policy=policy(code), on=ON, act_at=act_at)
    return judgment.eligibility, judgment.code


OWNER = {"statuses": (TEACHER,), "rights": (dwelling(),)}


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (NOW, (Eligibility.INELIGIBLE, "OWNS_DWELLING")),
        (NOW - TICK, (Eligibility.UNKNOWN, "SOURCE_UNANSWERED")),
        (NOW + TICK, (Eligibility.INELIGIBLE, "OWNS_DWELLING")),
        (None, (Eligibility.UNKNOWN, "SOURCE_UNANSWERED")),
    ],
)
def test_nothing_adverse_rests_on_an_answer_after_its_last_moment(until, expected):
    people = answered(family(**OWNER), but=(APPLICANT, Source.EGKN, until))
    assert verdict(people, act_at=NOW) == expected


def test_without_an_act_a_stale_answer_still_says_what_it_said():
    people = answered(family(**OWNER), until=NOW - timedelta(days=900))
    assert verdict(people) == (Eligibility.INELIGIBLE, "OWNS_DWELLING")


def test_what_speaks_for_a_household_does_not_grow_old():
    people = answered(family(statuses=(TEACHER,)), until=NOW - timedelta(days=900))
    assert verdict(people, act_at=NOW) == (Eligibility.ELIGIBLE, "")


@pytest.mark.parametrize("act_at", [None, NOW])
def test_a_held_source_fails_nobody_whether_something_follows_or_not(act_at):
    people = answered(family(**OWNER), held={Source.EGKN})
    assert verdict(people, act_at=act_at) == (Eligibility.UNKNOWN, "SOURCE_UNANSWERED")


def test_a_held_source_may_still_speak_for_a_household():
    people = answered(family(statuses=(TEACHER,)), held=set(Source))
    assert verdict(people, act_at=NOW) == (Eligibility.ELIGIBLE, "")


def test_a_fresh_failure_speaks_beside_a_doubted_one():
    people = answered(
        family(statuses=(TEACHER,), identity=DEAD, rights=(dwelling(),)),
        but=(APPLICANT, Source.GBD_FL, NOW - TICK),
    )
    assert verdict(people, act_at=NOW) == (Eligibility.INELIGIBLE, "OWNS_DWELLING")


KIN = (Kin(person=SPOUSE, relation="spouse", since=date(2015, 6, 1), until=None),)
HOMELESS = {"statuses": (TEACHER,), "registration": None}
AWAY = {"statuses": (TEACHER,), "registration": Registration(kato="751010000", since=None)}


def couple(**of_spouse):
    people = family(statuses=(TEACHER,))
    return people | {SPOUSE: replace(people[SPOUSE], **of_spouse)}


def well_paid():
    return family(statuses=(TEACHER,), income=earning("9000000"))


@pytest.mark.parametrize(
    ("people", "rests_on", "code", "options"),
    [
        (family(statuses=(TEACHER,), identity=DEAD), [(APPLICANT, Source.GBD_FL)], "DECEASED", {}),
        (
            family(statuses=(TEACHER,), identity=FOREIGNER),
            [(APPLICANT, Source.GBD_FL), (APPLICANT, Source.KANDAS)],
            "NOT_CITIZEN",
            {},
        ),
        (family(**HOMELESS), [(APPLICANT, Source.GBD_FL)], "NO_REGISTRATION", {}),
        (family(**AWAY), [(APPLICANT, Source.GBD_FL)], "NOT_RESIDENT", {}),
        (family(**OWNER), [(APPLICANT, Source.EGKN)], "OWNS_DWELLING", {}),
        (
            couple(rights=(dwelling(share=Fraction(1, 3)),)),
            [(SPOUSE, Source.EGKN), (APPLICANT, Source.ZAGS)],
            "OWNS_DWELLING",
            {},
        ),
        (
            family(),
            [
                (APPLICANT, Source.ZAGS),
                *((key, source) for key in (APPLICANT, SPOUSE, CHILD) for source in ("ekyzmet", "mod")),
                (CHILD, Source.ESUTD),
            ],
            "CATEGORY_NOT_CONFIRMED",
            {},
        ),
        (
            well_paid(),
            [(APPLICANT, Source.ZAGS), (APPLICANT, Source.ENPF), (SPOUSE, Source.EMAKET)],
            "INCOME_OVER_CEILING",
            {"code": "operator-2025"},
        ),
    ],
)
def test_a_failure_is_unknown_as_soon_as_one_answer_that_it_rests_on_is_stale(
    people, rests_on, code, options
):
    fresh = answered(people)
    assert verdict(fresh, act_at=NOW, **options) == (Eligibility.INELIGIBLE, code)
    for key, source in rests_on:
        stale = answered(people, but=(key, source, NOW - TICK))
        assert verdict(stale, act_at=NOW, **options) == (Eligibility.UNKNOWN, "SOURCE_UNANSWERED")


def test_a_finding_tells_how_long_its_first_answer_holds_and_that_its_source_is_held():
    people = answered(couple(rights=(dwelling(),)), held={Source.ZAGS}, but=(APPLICANT, Source.ZAGS, NOW))
    judgment = judge(case=case(people), policy=policy(), on=ON)
    found = next(
        one for one in judgment.findings if one.rule is Rule.OWNS_NO_DWELLING and one.person == SPOUSE
    )
    assert (found.verdict, found.held, found.fresh_until) == (Verdict.UNKNOWN, True, NOW)
    assert (found.actual, found.as_json()["fresh_until"]) == ("1", NOW.isoformat())


def test_an_emergency_dwelling_s_register_is_among_what_its_owner_s_failure_rests_on():
    people = answered(family(statuses=(TEACHER,), rights=(dwelling(),)))
    where = {"number": ListNumber.EMERGENCY_HOUSING}
    assert verdict(people, act_at=NOW, **where) == (Eligibility.INELIGIBLE, "OWNS_DWELLING")
    silent = answered(
        {
            **family(rights=(dwelling(),)),
            APPLICANT: person(
                APPLICANT,
                born=date(1991, 2, 3),
                rights=(dwelling(),),
                receipts=receipts(gbd_fl=Said.FOUND, without=(Source.EMERGENCY_HOUSING,)),
            ),
        }
    )
    assert verdict(silent, act_at=NOW, **where) == (Eligibility.UNKNOWN, "SOURCE_UNANSWERED")
