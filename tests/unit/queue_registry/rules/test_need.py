"""From facts to a verdict: each rule at its limit, and the order in which they speak."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from queue_registry.rules.facts import Identity, Registration, Said, Source
from queue_registry.rules.findings import NOTES, Rule, Verdict
from queue_registry.rules.need import FAILURES, Eligibility, judge
from queue_registry.rules.waiting_lists import ListNumber
from tests.unit.queue_registry.rules.invented import (
    APPLICANT,
    CHILD,
    KATO,
    ON,
    SPOUSE,
    case,
    dwelling,
    earning,
    family,
    marriage,
    person,
    policy,
    receipts,
    status,
)

TEACHER = status("budget_worker", Source.ESUTD)


def verdict(people, **kwargs):
    judgment = judge(case=case(people, **kwargs), policy=policy(), on=ON)
    return judgment.eligibility, judgment.code


def identity(**changes):
    told = Identity(birth_date=date(1991, 2, 3), death_date=None, sex="f", citizenship="KAZ")
    return told._replace(**changes)


def test_every_rule_but_identity_is_a_note_or_has_the_code_of_its_failure_and_none_is_both():
    assert set(Rule) - {Rule.IDENTITY} == NOTES | set(FAILURES)
    assert not NOTES & set(FAILURES)


def test_a_family_with_a_confirmed_category_and_no_home_is_eligible():
    assert verdict(family(statuses=(TEACHER,))) == (Eligibility.ELIGIBLE, "")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"identity": identity(death_date=date(2026, 8, 31))}, "DECEASED"),
        ({"identity": identity(citizenship="RUS")}, "NOT_CITIZEN"),
        ({"registration": None}, "NO_REGISTRATION"),
        ({"registration": Registration(kato="271210000", since=date(2010, 1, 1))}, "NOT_RESIDENT"),
        ({"rights": (dwelling(share=Fraction(1, 12)),)}, "OWNS_DWELLING"),
        ({"statuses": ()}, "CATEGORY_NOT_CONFIRMED"),
    ],
)
def test_a_confirmed_failure_makes_ineligible_with_its_code(changes, code):
    assert verdict(family(**({"statuses": (TEACHER,)} | changes))) == (Eligibility.INELIGIBLE, code)


def test_the_first_failure_in_the_order_of_the_law_gives_the_code():
    everything = {
        "identity": identity(death_date=date(2020, 1, 1), citizenship="RUS"),
        "registration": None,
        "rights": (dwelling(),),
    }
    assert verdict(family(**everything)) == (Eligibility.INELIGIBLE, "DECEASED")


def test_the_first_four_kato_digits_make_a_resident():
    moved_inside = Registration(kato="271039100", since=date(2020, 1, 1))
    people = family(statuses=(TEACHER,), registration=moved_inside)
    assert verdict(people, kato="271010000") == (Eligibility.ELIGIBLE, "")


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (date(2023, 9, 1), (Eligibility.ELIGIBLE, "")),
        (date(2023, 9, 2), (Eligibility.INELIGIBLE, "RESIDENCE_TOO_SHORT")),
    ],
)
@pytest.mark.parametrize("kato", ["711010000", "751010000", "791010000"])
def test_the_three_big_cities_ask_for_three_full_years(kato, since, expected):
    people = family(statuses=(TEACHER,), registration=Registration(kato=kato, since=since))
    assert verdict(people, kato=kato) == expected


def test_elsewhere_a_day_of_residence_is_enough():
    people = family(statuses=(TEACHER,), registration=Registration(kato=KATO, since=date(2026, 8, 31)))
    assert verdict(people) == (Eligibility.ELIGIBLE, "")


def test_orphans_are_not_asked_for_registration_or_residence():
    orphan = family(statuses=(status("orphan", Source.NOBD),), registration=None)
    assert verdict(orphan, number=ListNumber.ORPHANS, kato="711010000") == (Eligibility.ELIGIBLE, "")


def test_a_kandas_without_citizenship_passes():
    people = family(statuses=(TEACHER, status("kandas", Source.KANDAS)), identity=identity(citizenship="UZB"))
    assert verdict(people) == (Eligibility.ELIGIBLE, "")


def test_a_foreigner_is_unknown_while_the_register_of_kandas_is_silent():
    people = family(
        statuses=(TEACHER,),
        identity=identity(citizenship="UZB"),
        receipts=receipts(gbd_fl=Said.FOUND, without=(Source.KANDAS,)),
    )
    assert verdict(people) == (Eligibility.UNKNOWN, "SOURCE_UNANSWERED")


@pytest.mark.parametrize("owner", [APPLICANT, SPOUSE, CHILD])
def test_a_share_of_applicant_spouse_or_minor_child_bars(owner):
    people = family(statuses=(TEACHER,))
    people[owner] = replace(people[owner], rights=(dwelling(share=Fraction(1, 3)),))
    assert verdict(people) == (Eligibility.INELIGIBLE, "OWNS_DWELLING")


def test_a_grown_child_s_flat_does_not_bar():
    people = family(statuses=(TEACHER,))
    people[CHILD] = person(CHILD, born=date(2008, 9, 1), rights=(dwelling(),))
    assert verdict(people) == (Eligibility.ELIGIBLE, "")


def test_a_child_is_minor_on_the_day_before_the_eighteenth_birthday():
    people = family(statuses=(TEACHER,))
    people[CHILD] = person(CHILD, born=date(2008, 9, 2), rights=(dwelling(),))
    assert verdict(people) == (Eligibility.INELIGIBLE, "OWNS_DWELLING")


@pytest.mark.parametrize(
    "right",
    [dwelling(kind="land"), dwelling(disposed=date(2026, 9, 1)), dwelling(acquired=date(2026, 9, 2))],
    ids=["not a dwelling", "sold that day", "bought later"],
)
def test_what_is_no_current_dwelling_does_not_bar(right):
    assert verdict(family(statuses=(TEACHER,), rights=(right,))) == (Eligibility.ELIGIBLE, "")


@pytest.mark.parametrize(("disposed", "noted"), [(date(2021, 9, 1), True), (date(2021, 8, 31), False)])
def test_a_home_sold_within_five_years_is_a_note_for_a_person_and_no_bar(disposed, noted):
    people = family(statuses=(TEACHER,), rights=(dwelling(disposed=disposed, share=Fraction(1, 2)),))

    judgment = judge(case=case(people), policy=policy(), on=ON)

    assert judgment.eligibility is Eligibility.ELIGIBLE
    notes = [finding.actual for finding in judgment.findings if finding.rule is Rule.SOLD_WITHIN_5_YEARS]
    assert notes == ([f"{disposed}, 1/2"] if noted else [])


def test_the_only_dwelling_being_emergency_is_need_itself():
    people = family(statuses=(status("emergency_dwelling", Source.EMERGENCY_HOUSING),), rights=(dwelling(),))
    assert verdict(people, number=ListNumber.EMERGENCY_HOUSING) == (Eligibility.ELIGIBLE, "")


def test_a_second_dwelling_beside_the_emergency_one_bars():
    two = (dwelling(), dwelling(share=Fraction(1, 4)))
    people = family(statuses=(status("emergency_dwelling", Source.EMERGENCY_HOUSING),), rights=two)
    assert verdict(people, number=ListNumber.EMERGENCY_HOUSING) == (Eligibility.INELIGIBLE, "OWNS_DWELLING")


def test_under_the_operator_a_share_is_no_bar_and_a_whole_home_of_five_years_is():
    shared = family(statuses=(TEACHER,), rights=(dwelling(share=Fraction(1, 2)),), income=earning("1"))
    sold = family(statuses=(TEACHER,), rights=(dwelling(disposed=date(2022, 1, 1)),), income=earning("1"))
    codes = [
        judge(case=case(people), policy=policy("operator-2025"), on=ON).code for people in (shared, sold)
    ]
    assert codes == ["", "OWNS_DWELLING"]


@pytest.mark.parametrize("said", [Said.IDENTITY_MISMATCH, Said.NOT_FOUND_CONFIRMED])
def test_without_identity_nothing_else_is_judged(said):
    people = family(statuses=(TEACHER,), rights=(dwelling(),), identity=None, receipts=receipts(gbd_fl=said))

    judgment = judge(case=case(people), policy=policy(), on=ON)

    assert judgment.eligibility is Eligibility.UNKNOWN
    assert [finding.rule for finding in judgment.findings] == [Rule.IDENTITY]


@pytest.mark.parametrize("source", [Source.GBD_FL, Source.ZAGS, Source.EGKN])
def test_a_needed_source_without_an_answer_makes_unknown_never_ineligible(source):
    silent = {"receipts": receipts(gbd_fl=Said.FOUND, without=(source,))}
    if source is Source.GBD_FL:
        silent |= {"identity": None, "registration": None}
    assert verdict(family(statuses=(TEACHER,), **silent)) == (Eligibility.UNKNOWN, "SOURCE_UNANSWERED")


def test_a_person_without_consent_is_unknown_with_that_code():
    everything = dict.fromkeys((source.value for source in Source), Said.NO_CONSENT)
    people = family(identity=None, registration=None, kin=(), receipts=receipts(**everything))
    assert verdict(people) == (Eligibility.UNKNOWN, "NO_CONSENT")


def test_a_confirmed_failure_speaks_before_a_silent_source():
    people = family(
        registration=None, statuses=(TEACHER,), receipts=receipts(gbd_fl=Said.FOUND, without=(Source.EGKN,))
    )
    assert verdict(people) == (Eligibility.INELIGIBLE, "NO_REGISTRATION")


def test_a_category_is_not_denied_while_one_of_its_sources_is_silent():
    people = family(receipts=receipts(gbd_fl=Said.FOUND, without=(Source.EKYZMET,)))
    assert verdict(people) == (Eligibility.UNKNOWN, "SOURCE_UNANSWERED")


def test_a_confirmed_category_needs_no_other_source_of_it():
    people = family(
        statuses=(TEACHER,), receipts=receipts(gbd_fl=Said.FOUND, without=(Source.EKYZMET, Source.MOD))
    )
    assert verdict(people) == (Eligibility.ELIGIBLE, "")


def test_an_unanswered_income_is_noted_and_does_not_decide():
    people = family(statuses=(TEACHER,), receipts=receipts(gbd_fl=Said.FOUND, without=(Source.ENPF,)))

    judgment = judge(case=case(people), policy=policy(), on=ON)

    assert (judgment.eligibility, judgment.income_per_member, judgment.rung) == (
        Eligibility.ELIGIBLE,
        None,
        "",
    )
    assert Verdict.UNKNOWN in {f.verdict for f in judgment.findings if f.rule is Rule.INCOME_UNANSWERED}


@pytest.mark.parametrize(
    ("of_applicant", "of_spouse", "said", "noted"),
    [
        (True, True, Said.FOUND, []),
        (True, False, Said.NOT_FOUND_CONFIRMED, [SPOUSE]),
        (False, True, Said.FOUND, [SPOUSE]),
        (False, False, Said.FOUND, []),
        # Unknown is never no: who was not heard contradicts nobody.
        (True, False, None, []),
        (True, False, Said.NO_CONSENT, []),
    ],
)
def test_a_marriage_on_one_side_is_noted_and_bars_nobody(of_applicant, of_spouse, said, noted):
    people = family(statuses=(TEACHER,))
    people[APPLICANT] = replace(
        people[APPLICANT],
        kin=tuple(kin for kin in people[APPLICANT].kin if of_applicant or kin.person != SPOUSE),
    )
    without = () if said else (Source.ZAGS,)
    answers = receipts(gbd_fl=Said.FOUND, zags=said or Said.FOUND, without=without)
    people[SPOUSE] = replace(
        people[SPOUSE], kin=(marriage(APPLICANT),) if of_spouse else (), receipts=answers
    )

    judgment = judge(case=replace(case(people), named=(SPOUSE,)), policy=policy(), on=ON)

    assert [f.person for f in judgment.findings if f.rule is Rule.MARRIAGE_ON_ONE_SIDE] == noted
    assert judgment.eligibility is Eligibility.ELIGIBLE
    assert [member.role for member in judgment.household.members][1:] == (
        ["spouse", "child"] if of_applicant else ["other", "child"]
    )


def test_a_marriage_that_ended_contradicts_nobody_when_the_acts_of_both_say_so():
    people = family(statuses=(TEACHER,))
    over = marriage(SPOUSE)._replace(until=ON)
    people[APPLICANT] = replace(people[APPLICANT], kin=(over, people[APPLICANT].kin[1]))
    people[SPOUSE] = replace(people[SPOUSE], kin=(marriage(APPLICANT)._replace(until=ON),))

    judgment = judge(case=replace(case(people), named=(SPOUSE,)), policy=policy(), on=ON)

    assert Rule.MARRIAGE_ON_ONE_SIDE not in {finding.rule for finding in judgment.findings}


def test_a_named_person_who_died_is_noted_and_not_counted():
    people = family(statuses=(TEACHER,))
    people[SPOUSE] = replace(people[SPOUSE], identity=identity(death_date=date(2025, 1, 1)))

    judgment = judge(case=case(people), policy=policy(), on=ON)

    assert [member.facts.person for member in judgment.household.members] == [APPLICANT, CHILD]
    assert [f.person for f in judgment.findings if f.rule is Rule.MEMBER_DECEASED] == [SPOUSE]


@pytest.mark.parametrize(
    ("monthly", "members", "code"),
    [
        # 3.5 and 2 subsistence minimums of 50,851 a member, inclusive
        ("177978.50", 1, ""),
        ("177978.51", 1, "INCOME_OVER_CEILING"),
        ("305106.00", 3, ""),
        ("305106.01", 3, "INCOME_OVER_CEILING"),
    ],
)
def test_the_operator_s_ceilings_are_inclusive_and_depend_on_the_family_s_size(monthly, members, code):
    people = family(statuses=(TEACHER,), income=earning(monthly))
    if members == 1:
        people = {APPLICANT: replace(people[APPLICANT], kin=())}
    assert judge(case=case(people), policy=policy("operator-2025"), on=ON).code == code


@pytest.mark.parametrize("member", [SPOUSE, CHILD])
def test_a_member_whom_the_population_register_has_not_told_of_leaves_the_household_unknown(member):
    people = family(statuses=(TEACHER,))
    people[member] = replace(people[member], identity=None, receipts=receipts(without=(Source.GBD_FL,)))
    assert verdict(people) == (Eligibility.UNKNOWN, "SOURCE_UNANSWERED")


def test_a_confirmed_failure_speaks_before_a_member_who_is_not_known():
    people = family(statuses=(TEACHER,), registration=None)
    people[CHILD] = replace(people[CHILD], identity=None, receipts=receipts(without=(Source.GBD_FL,)))
    assert verdict(people) == (Eligibility.INELIGIBLE, "NO_REGISTRATION")


@pytest.mark.parametrize(("older", "expected"), [(0, Eligibility.ELIGIBLE), (1, Eligibility.UNKNOWN)])
def test_where_a_home_is_given_what_speaks_for_a_household_is_as_young_as_the_policy_asks(older, expected):
    akimat, household = policy(), case(family(statuses=(TEACHER,)))
    confirmed = household.people[APPLICANT].receipts["gbd_fl"].answered_at
    at = confirmed + timedelta(days=akimat.term("verified_within"), microseconds=older)

    def eligibility(since):
        return judge(case=household, policy=akimat, on=ON, verified_since=since).eligibility

    assert eligibility(akimat.verified_since(at)) is expected
    assert replace(akimat, terms={}).verified_since(at) is None
    assert eligibility(None) is Eligibility.ELIGIBLE
