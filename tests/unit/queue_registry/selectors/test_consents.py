"""Whose consent covers which question about whom: the table, and what follows from a gap."""

from datetime import date, timedelta

import pytest

from queue_registry.models import ConsentWithdrawal
from queue_registry.rules.facts import Said, Source
from queue_registry.rules.sources import Question, questions
from queue_registry.selectors import consents
from queue_registry.selectors import facts as fact_selectors
from tests import factories
from tests.factories import AT, ON

pytestmark = pytest.mark.django_db

GIVEN = AT - timedelta(days=10)
BEFORE, AFTER = AT - timedelta(days=20), AT - timedelta(days=5)
GROWN = factories.Relative(relation="child", born=date(2008, 9, 1))
STILL_MINOR = factories.Relative(relation="child", born=date(2008, 9, 2))


@pytest.fixture
def family():
    """A woman, her husband, a daughter, one who is eighteen today, one who is tomorrow; no consents."""
    town = factories.town()
    relatives = (factories.HUSBAND, factories.DAUGHTER, GROWN, STILL_MINOR)
    entry = factories.waiting(town, family=relatives, consented=False)
    members = entry.application.members.order_by("pk").select_related("person")
    husband, daughter, grown, minor = [member.person for member in members]
    names = {"husband": husband, "daughter": daughter, "grown": grown, "minor": minor}
    return {"applicant": entry.applicant, "entry": entry, **names}


def given(family, whose, *, at=GIVEN, **changes):
    return factories.consent(family[whose], at=at, **changes)


def taken_back(family, whose, at):
    ConsentWithdrawal.objects.create(
        person=family[whose], withdrawn_at=at, channel="PAPER", evidence="Form 2"
    )


def covered(family, source=Source.EGKN, at=AT):
    """The names of those about whom a source may be asked."""
    case = fact_selectors.cases([family["entry"]])[family["entry"].pk]
    known = consents.of_cases([case], at=at)
    children = consents.minors(case, on=ON)
    return {
        name
        for name in ("applicant", "husband", "daughter", "grown", "minor")
        if known.of(
            Question(person=family[name].pk, source=source),
            applicant=case.applicant,
            is_minor=family[name].pk in children,
        )
    }


EVERYBODY = {"applicant", "husband", "daughter", "grown", "minor"}
HER_AND_MINORS = {"applicant", "daughter", "minor"}
# Who is eighteen today was none of the adults who signed ten days ago.
SIGNERS_AND_MINORS = EVERYBODY - {"grown"}


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([], set()),
        ([("applicant", {})], HER_AND_MINORS),
        ([("husband", {})], {"husband"}),
        ([("applicant", {}), ("grown", {})], HER_AND_MINORS | {"grown"}),
        ([("applicant", {"for_household": True})], SIGNERS_AND_MINORS),
        ([("applicant", {"for_household": True, "at": AT})], EVERYBODY),
        ([("applicant", {"for_household": True}), ("grown", {})], EVERYBODY),
        ([("husband", {"for_household": True})], {"husband"}),
        ([("applicant", {"scope": ["egkn"]})], HER_AND_MINORS),
        ([("applicant", {"scope": ["enpf", "zags"]})], set()),
        ([("applicant", {"scope": ["enpf"]}), ("applicant", {"scope": ["egkn"]})], HER_AND_MINORS),
        ([("applicant", {"until": AT})], set()),
        ([("applicant", {"until": AT + timedelta(microseconds=1)})], HER_AND_MINORS),
        ([("applicant", {"at": AT})], HER_AND_MINORS),
        ([("applicant", {"at": AT + timedelta(microseconds=1)})], set()),
    ],
)
def test_the_table_of_coverage(family, rows, names):
    for whose, changes in rows:
        given(family, whose, **changes)

    assert covered(family) == names


@pytest.mark.parametrize(
    ("whose", "at", "names"),
    [
        ("applicant", AFTER, {"husband"}),
        ("applicant", GIVEN, {"husband"}),
        ("applicant", BEFORE, SIGNERS_AND_MINORS),
        ("applicant", AT + timedelta(days=1), SIGNERS_AND_MINORS),
        ("husband", AFTER, SIGNERS_AND_MINORS - {"husband"}),
        ("husband", GIVEN, SIGNERS_AND_MINORS - {"husband"}),
        ("husband", BEFORE, SIGNERS_AND_MINORS),
        ("grown", AFTER, SIGNERS_AND_MINORS),
        ("daughter", AFTER, SIGNERS_AND_MINORS - {"daughter"}),
    ],
)
def test_a_paper_counts_for_each_signer_until_that_one_takes_it_back(family, whose, at, names):
    given(family, "applicant", for_household=True)

    taken_back(family, whose, at)

    assert covered(family) == names


def test_a_consent_given_again_covers_again(family):
    given(family, "applicant", for_household=True)
    taken_back(family, "husband", AFTER)
    assert "husband" not in covered(family)

    given(family, "applicant", at=AFTER + timedelta(days=1), for_household=True)

    assert covered(family) == SIGNERS_AND_MINORS


def test_a_paper_that_ended_covers_no_signer(family):
    given(family, "applicant", for_household=True, until=AT)
    taken_back(family, "applicant", AFTER)
    assert covered(family) == set()


def test_whose_age_nobody_told_and_is_no_child_signed_as_an_adult(family):
    family["husband"].answers.filter(source="gbd_fl").update(superseded_at=AT)
    given(family, "applicant", for_household=True)
    taken_back(family, "applicant", AFTER)
    assert covered(family) == {"husband"}
    family["daughter"].answers.filter(source="gbd_fl").update(superseded_at=AT)
    assert covered(family) == {"husband"}


def test_a_system_that_needs_no_consent_is_asked_without(family, monkeypatch):
    monkeypatch.setattr(consents, "WITHOUT", frozenset({Source.ADDR_REG}))

    assert covered(family, source=Source.ADDR_REG) == EVERYBODY
    assert covered(family, source=Source.EGKN) == set()


@pytest.fixture
def town():
    return factories.town()


def unanswered(town, *, consented, count=1):
    return [factories.waiting(town, day=day, known=False, consented=consented) for day in range(1, count + 1)]


def test_a_gap_is_shown_to_the_rules_as_no_consent_and_nothing_is_stored(town):
    (entry,) = unanswered(town, consented=False)
    cases = fact_selectors.cases([entry])

    filled = consents.fill_gaps(cases, at=AT)[entry.pk].people[entry.applicant_id]

    assert cases[entry.pk].people[entry.applicant_id].receipts == {}
    assert {source for source, one in filled.receipts.items() if one.said is Said.NO_CONSENT} == set(Source)
    assert not entry.applicant.answers.exists()


def test_what_was_answered_stays_as_it_was_answered(family):
    cases = fact_selectors.cases([family["entry"]])

    assert consents.fill_gaps(cases, at=AT) == cases


def test_a_covered_gap_is_not_filled(town):
    (entry,) = unanswered(town, consented=True)
    cases = fact_selectors.cases([entry])

    assert consents.fill_gaps(cases, at=AT) == cases


def test_however_many_entries_the_queries_are_as_many(town, django_assert_num_queries):
    for entries in (unanswered(town, consented=True), unanswered(town, consented=False, count=7)):
        cases = fact_selectors.cases(entries)
        with django_assert_num_queries(2):
            assert consents.fill_gaps(cases, at=AT).keys() == {entry.pk for entry in entries}


def test_a_refusal_is_asked_about_again_only_after_a_newer_consent(family):
    entry, applicant = family["entry"], family["applicant"]
    applicant.answers.filter(source="egkn").update(outcome=Said.NO_CONSENT)
    given(family, "applicant", at=AT)

    def due(at):
        case = fact_selectors.cases([entry])[entry.pk]
        known = consents.of_cases([case], at=at)
        needed = questions(case=case, on=ON)
        lacking = consents.lacking(case, needed, known, on=ON)
        return set(consents.due(case, needed, known, on=ON)), applicant.pk in lacking

    assert due(AT) == (set(), True)
    later = AT + timedelta(seconds=1)
    given(family, "applicant", at=later)
    assert due(later) == ({Question(person=applicant.pk, source=Source.EGKN)}, False)


def test_for_a_minor_it_is_the_applicant_whose_consent_is_missing(family):
    given(family, "husband")
    given(family, "grown")
    case = fact_selectors.cases([family["entry"]])[family["entry"].pk]
    known = consents.of_cases([case], at=AT)

    lacking = consents.lacking(case, questions(case=case, on=ON), known, on=ON)

    assert lacking == {family["applicant"].pk}
