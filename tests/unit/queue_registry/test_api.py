"""The ladder as a service: the rung of an entry on any day with its arithmetic, or what is missing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from queue_registry.models import (
    Akimat,
    Fact,
    PersonalDataView,
    SourceAnswer,
    StaffMembership,
    User,
)
from queue_registry.rules.income import window
from queue_registry.selectors import ladder
from queue_registry.services import assessment_requests, policies
from tests import factories
from tests.factories import AT, ON

pytestmark = pytest.mark.django_db

MINIMUM = Decimal(50851)  # tenge a month since 1 January 2026


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture(autouse=True)
def _lives_at(monkeypatch):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)


@pytest.fixture
def clerk(client, town):
    client.force_login(town.clerk)
    return client


def get(client, entry, **query):
    return client.get(f"/api/v1/entries/{entry.file_number}/rung/", query)


def rung(town, entry, on):
    version = policies.policy_in_force(akimat=town.akimat, on=on)
    return ladder.get_rung(entry, version, on=on)


@pytest.mark.parametrize(
    ("tenge", "expected"),
    [
        (MINIMUM, "rent"),
        (MINIMUM + Decimal("0.01"), "loan_2"),
        (MINIMUM * Decimal("3.1"), "loan_2"),
        (MINIMUM * Decimal("3.1") + Decimal("0.01"), "loan_5"),
        (MINIMUM * Decimal("3.7"), "loan_5"),
        (MINIMUM * Decimal("3.7") + Decimal("0.01"), "none"),
    ],
)
def test_the_rung_changes_on_its_limits(clerk, town, tenge, expected):
    entry = factories.waiting(town, facts=factories.income(tenge_a_month=str(tenge)))

    answer = get(clerk, entry).json()

    assert (answer["known"], answer["rung"], answer["missing"]) == (True, expected, [])


def test_the_arithmetic_can_be_followed(clerk, town):
    entry = factories.waiting(
        town, family=[factories.DAUGHTER], facts=factories.income(tenge_a_month="90000")
    )

    answer = get(clerk, entry).json()

    figures = answer["arithmetic"]
    assert (figures["total"], figures["months"], figures["members"]) == ("1080000.00", 12, 2)
    assert (figures["per_member"], figures["minimum"]) == ("45000.00", "50851.00")
    assert [limit["holds"] for limit in figures["limits"]] == [True, True, True]
    assert [limit["chosen"] for limit in figures["limits"]] == [True, False, False]
    assert (answer["on"], answer["policy"]) == ("2026-09-01", "akimat-2022")


@pytest.mark.parametrize("source", ["enpf", "emaket", "zags"])
def test_a_silent_register_makes_it_unknown_and_is_named(clerk, town, source):
    entry = factories.waiting(town)
    SourceAnswer.objects.filter(person=entry.applicant, source=source).update(outcome="NO_CONSENT")

    answer = get(clerk, entry).json()

    assert (answer["known"], answer["rung"], answer["arithmetic"]["per_member"]) == (False, None, None)
    assert answer["missing"] == [{"system": source, "member": 1}]


def test_of_a_household_the_adult_without_an_answer_is_named_by_number(clerk, town):
    entry = factories.waiting(town, family=[factories.HUSBAND, factories.DAUGHTER])
    husband = entry.application.members.get(relation="SPOUSE").person
    SourceAnswer.objects.filter(person=husband, source="enpf").delete()

    answer = get(clerk, entry)

    assert answer.json()["missing"] == [{"system": "enpf", "member": 2}]
    assert husband.iin not in answer.content.decode()


def test_a_day_whose_months_nobody_told_is_unknown_and_never_lower(town):
    entry = factories.waiting(town, facts=factories.income(tenge_a_month="400000"))

    assert rung(town, entry, ON).rung == "none"
    assert rung(town, entry, ON + timedelta(days=29)).rung == "none"
    for on in (date(2026, 10, 1), date(2026, 8, 31)):
        past = rung(town, entry, on)
        assert past.rung == ""
        assert {one.source for one in past.missing} == {"enpf", "emaket"}


def told_earlier(entry, *, on, tenge, benefit=None):
    """Answers of an earlier day, which newer ones superseded."""
    at = AT.replace(year=on.year, month=on.month, day=on.day)
    for source in ("enpf", "emaket"):
        answer = SourceAnswer.objects.create(
            person=entry.applicant,
            source=source,
            outcome="FOUND",
            source_as_of=at,
            answered_at=at,
            superseded_at=AT,
        )
        if source == "enpf":
            facts = [("INCOME_MONTH", {"month": month, "amount": tenge}) for month in window(on)]
        else:
            facts = [("BENEFIT", benefit)] if benefit else []
        Fact.objects.bulk_create(
            Fact(answer=answer, person=entry.applicant, kind=kind, value=value) for kind, value in facts
        )


def test_an_older_answer_tells_of_the_months_that_the_newest_does_not_reach(town):
    entry = factories.waiting(town, facts=factories.income(tenge_a_month="60000"))
    told_earlier(entry, on=date(2026, 3, 1), tenge="30000")

    found = rung(town, entry, date(2026, 6, 15))

    # June to August of 2025 by the older answer, September to May by the newer.
    assert found.missing == ()
    assert found.arithmetic.total == 3 * 30_000 + 9 * 60_000


def test_a_benefit_that_two_answers_tell_of_counts_once(town):
    benefit = {"amount": "10000", "from": "2025-01-01", "until": None}
    entry = factories.waiting(town, facts=[("emaket", "BENEFIT", benefit)])
    told_earlier(entry, on=date(2026, 3, 1), tenge="0", benefit=benefit)

    assert rung(town, entry, ON).arithmetic.total == 120_000
    assert rung(town, entry, date(2026, 6, 15)).arithmetic.total == 120_000


def test_the_service_and_the_stored_note_agree_today(town):
    entries = [
        factories.waiting(town, day=day, facts=factories.income(tenge_a_month=tenge))
        for day, tenge in enumerate(("20000", "100000", "170000", "500000"), start=1)
    ]
    assessment_requests.request_assessments(entries=entries, at=AT)
    assessment_requests.assess_due(limit=9, at=AT)

    for entry in entries:
        entry.refresh_from_db()
        assert rung(town, entry, ON).rung == entry.assessment.rung


@pytest.mark.parametrize(
    ("on", "code"),
    [
        ("2026-09-02", "NOT_YET"),
        ("1899-12-31", "NO_POLICY_ON_THIS_DAY"),
        ("2026-02-30", "NOT_A_DAY"),
        ("yesterday", "NOT_A_DAY"),
        ("", "NOT_A_DAY"),
    ],
)
def test_a_day_that_has_no_rung_is_refused(clerk, town, on, code):
    answer = get(clerk, factories.waiting(town), on=on)

    assert (answer.status_code, answer.json()["errors"]) == (400, {"on": [code]})
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_only_staff_of_the_akimat_who_see_the_register_are_answered(client, town):
    entry = factories.waiting(town)
    assert get(client, entry).status_code == 403
    for user in town.staff.values():
        client.force_login(user)
        seen = user.memberships.get().role in {"CLERK", "SUPERVISOR", "SECRETARY", "AUDITOR"}
        assert get(client, entry).status_code == (200 if seen else 404), user.username
    elsewhere = Akimat.objects.create(kato="711000000", name_kk="Астана", name_ru="Астана")
    stranger = User.objects.create(username="stranger")
    StaffMembership.objects.create(user=stranger, akimat=elsewhere, role="CLERK", from_on=ON)
    client.force_login(stranger)
    assert get(client, entry).status_code == 404


def test_the_look_is_recorded_and_an_unknown_number_is_not_found(clerk, town):
    entry = factories.waiting(town)
    get(clerk, entry)

    assert PersonalDataView.objects.get().target == f"queue_entry:{entry.pk}"
    assert clerk.get("/api/v1/entries/271010-9999999-0/rung/").status_code == 404
    assert clerk.post(f"/api/v1/entries/{entry.file_number}/rung/").status_code in {403, 405}


def test_the_clerk_filters_the_list_by_rung(clerk, town):
    entries = {
        name: factories.waiting(town, day=day, facts=factories.income(tenge_a_month=tenge), known=known)
        for day, (name, tenge, known) in enumerate(
            (
                ("rent", "20000", True),
                ("loan_2", "100000", True),
                ("loan_5", "170000", True),
                ("none", "500000", True),
                ("UNKNOWN", "1", False),
            ),
            start=1,
        )
    }
    assessment_requests.request_assessments(entries=list(entries.values()), at=AT)
    assessment_requests.assess_due(limit=9, at=AT)

    for name, entry in entries.items():
        text = clerk.get("/desk/", {"rung": name}).content.decode()
        assert [one for one in entries.values() if one.file_number in text] == [entry]
