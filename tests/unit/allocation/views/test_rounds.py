"""The clerk's pages of rounds: what is asked, what is refused in words, who may come in."""

from datetime import date

import pytest
from django.utils import translation

from allocation.models import AllocationRound, Dwelling
from allocation.services import freeze_orders, loan_places, rounds, runs
from queue_registry import formats
from queue_registry.models import Akimat
from queue_registry.services import policies
from tests import factories
from tests.factories import AT

ONE_BY_PROGRAM = {"quota_3": "1", "document_3": "Programme passport No 8"}


def another_akimats_round(town):
    akimat = Akimat.objects.create(kato="750000000", name_kk="Алматы", name_ru="Алматы")
    mine = factories.open_round(town)
    return AllocationRound.objects.create(
        akimat=akimat, number="R-2026-1", policy=mine.policy, opened_at=AT, opened_by=town.admin
    )


def test_a_round_is_opened_of_the_chosen_homes_with_the_document_of_the_quota(town, visit):
    chosen, _left = factories.ready(town, 2)

    response = visit("clerk").post("/desk/rounds/open/", {**ONE_BY_PROGRAM, "dwellings": [chosen.pk]})

    opened = AllocationRound.objects.get()
    assert response.url == f"/desk/rounds/{opened.pk}/"
    assert opened.quotas == factories.ONE_BY_PROGRAM
    assert [row.dwelling for row in opened.round_dwellings.all()] == [chosen]


def test_a_round_of_very_many_homes_can_be_sent(town, visit):
    homes = factories.ready(town, 1_550)

    visit("clerk").post("/desk/rounds/open/", {**ONE_BY_PROGRAM, "dwellings": [home.pk for home in homes]})

    assert AllocationRound.objects.get().round_dwellings.count() == 1_550


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"quota_3": ""}, "Enter how many homes the program gives; 0 is a number, too"),
        ({"quota_3": "1.5"}, "Enter a whole number of homes"),
        ({"quota_3": "-1"}, "The number of homes cannot be below 0"),
        ({"document_3": " "}, "Enter the document that sets this number"),
        ({"dwellings": ["999999"]}, "A chosen home is not ready any more. Choose again."),
    ],
)
def test_what_is_wrong_with_a_round_is_said_and_nothing_is_opened(town, visit, says, changes, problem):
    response = visit("clerk").post("/desk/rounds/open/", {**ONE_BY_PROGRAM, "dwellings": [], **changes})

    assert says(response, problem)
    assert not AllocationRound.objects.exists()


@pytest.mark.parametrize(
    ("days", "kept"),
    [
        ({}, (None, None)),
        ({"period_from": "2026-07-01", "period_until": "2026-12-31"}, (date(2026, 7, 1), date(2026, 12, 31))),
    ],
)
def test_the_period_of_the_account_is_asked_and_may_be_left_empty(town, visit, says, days, kept):
    visit("clerk").post("/desk/rounds/open/", {**ONE_BY_PROGRAM, "quota_3": "0", **days})

    opened = AllocationRound.objects.get()
    assert (opened.period_from, opened.period_until) == kept
    page = visit("clerk").get(f"/desk/rounds/{opened.pk}/")
    assert says(page, "Period of the running account")
    if not days:
        assert says(page, "The calendar year in which the candidates are fixed")
    frozen = rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT)
    first = kept[0] or date(2026, 1, 1)
    for address in (f"/desk/rounds/{frozen.pk}/", f"/kk/rounds/{frozen.pk}/"):
        body = visit("clerk").get(address).content.decode()
        with translation.override("kk"):
            assert f"{formats.day(first)} – {formats.day(date(2026, 12, 31))}" in body


@pytest.mark.parametrize(
    ("days", "field", "problem"),
    [
        ({"period_from": "2026-07-01"}, "period_until", "Enter both days of the period, or none"),
        ({"period_until": "2026-07-01"}, "period_from", "Enter both days of the period, or none"),
        ({"period_from": "x", "period_until": "2026-12-31"}, "period_from", "Enter the day"),
        (
            {"period_from": "2026-12-31", "period_until": "2026-12-30"},
            "__all__",
            "The period of the account cannot end before it begins.",
        ),
    ],
)
def test_what_is_no_period_is_said_and_nothing_is_opened(town, visit, says, days, field, problem):
    response = visit("clerk").post("/desk/rounds/open/", {**ONE_BY_PROGRAM, "quota_3": "0", **days})

    assert list(response.context["form"].errors) == [field]
    assert says(response, problem)
    assert not AllocationRound.objects.exists()


def test_the_page_that_opens_a_round_shows_the_figures_with_act_and_basis(town, visit, says):
    response = visit("clerk").get("/desk/rounds/open/")

    assert says(response, "Housing Law art 75: not less than 15 m² of useful area a person")
    assert says(response, "Surplus allowed, m²")
    assert says(response, "No home is ready. A round without homes is lawful, too: it serves nobody.")


def test_a_round_under_the_ladder_is_for_homes_or_for_a_programme_that_lends(town, visit, says):
    policies.put_in_force(akimat=town.akimat, code="ladder-2022", from_on=AT.date(), by=town.admin, at=AT)
    (home,) = factories.ready(town)
    (place,) = loan_places.add(
        akimat=town.akimat, programme="2-10-20", count=1, document="Letter 3", by=town.clerk, at=AT
    )
    clerk, address = visit("clerk"), "/desk/rounds/open/"
    lends = f"{address}?programme=2-10-20"

    assert says(clerk.get(address), "What the round is for")
    assert home.number.encode() in clerk.get(address).content
    assert place.number.encode() not in clerk.get(address).content
    page = clerk.get(lends)
    assert place.number.encode() in page.content
    assert says(page, "Press: a loan for 20 years under 2-10-20")
    assert clerk.post(lends, {**ONE_BY_PROGRAM, "dwellings": [home.pk]}).status_code == 200
    assert not AllocationRound.objects.exists()
    clerk.post(lends, {**ONE_BY_PROGRAM, "dwellings": [place.pk]})

    opened = AllocationRound.objects.get()
    assert (opened.rung, opened.programme, opened.policy.code) == ("loan_2", "2-10-20", "ladder-2022")
    assert says(clerk.get(f"/desk/rounds/{opened.pk}/"), "Program")


def test_homes_of_a_programme_are_shown_and_given_apart(town, visit):
    (home,) = factories.ready(town)
    (theirs,) = factories.ready(town, programme="Youth & family 2026")
    clerk, address = visit("clerk"), "/desk/rounds/open/"

    page = clerk.get(address)
    assert page.context["form"].fields["dwellings"].queryset.get() == home
    assert b"?programme=Youth%20%26%20family%202026" in page.content
    clerk.post(
        f"{address}?programme=Youth%20%26%20family%202026", {**ONE_BY_PROGRAM, "dwellings": [theirs.pk]}
    )

    assert AllocationRound.objects.get().programme == "Youth & family 2026"


def test_without_a_policy_in_force_no_round_is_opened(town, visit, says):
    town.akimat.policies.all().delete()

    response = visit("clerk").get("/desk/rounds/open/")

    assert response.status_code == 409
    assert says(
        response,
        "No approved policy is in force in this akimat today, so no round can be opened. "
        "The administrator puts one in force.",
    )


def test_a_round_without_homes_and_candidates_goes_all_the_way(town, visit, says):
    clerk = visit("clerk")
    clerk.post("/desk/rounds/open/", {"quota_3": "0", "document_3": "None this year"})
    opened = AllocationRound.objects.get()
    page = f"/desk/rounds/{opened.pk}/"
    clerk.post(f"{page}freeze/")
    freeze_orders.carry_out(order_id=opened.freeze_orders.get().pk, at=AT)
    clerk.post(f"{page}run/")
    runs.execute(run_id=opened.runs.get().pk, at=AT)

    shown = clerk.get(page)
    assert says(shown, "Nobody was served in this round.")
    assert says(shown, "Nobody was passed over.")
    assert says(clerk.get(f"{page}passed-over/"), "Nobody was passed over.")
    visit("secretary").post(f"{page}sitting/")
    sitting = opened.runs.get().sitting
    factories.vote_all(town, sitting)
    assert visit("chair").get(f"/admin/allocation/sitting/{sitting.pk}/change/").status_code == 200


@pytest.mark.parametrize(
    ("act", "problem", "figures"),
    [
        (
            "freeze",
            "The quotas name %(quotas)s homes, the round has %(dwellings)s.",
            {"quotas": 1, "dwellings": 0},
        ),
        ("run", "Freeze the round first.", {}),
    ],
)
def test_a_refused_act_says_why_and_changes_nothing(town, visit, says, act, problem, figures):
    opened = factories.open_round(town, quotas=factories.ONE_BY_PROGRAM)

    response = visit("clerk").post(f"/desk/rounds/{opened.pk}/{act}/")

    assert response.status_code == 409
    assert says(response, problem, **figures)
    opened.refresh_from_db()
    assert opened.frozen_at is None


def test_a_home_that_was_taken_since_the_round_was_opened_is_named(town, visit, says):
    (home,) = factories.ready(town)
    opened = factories.open_round(town, [home])
    Dwelling.objects.update(state=Dwelling.State.ALLOTTED, idle_since=None)

    response = visit("clerk").post(f"/desk/rounds/{opened.pk}/freeze/")

    assert says(
        response, "These homes are not ready to be distributed: %(dwellings)s.", dwellings=home.number
    )


def test_a_round_is_cancelled_with_a_reason_only(town, visit, says):
    opened = factories.open_round(town, factories.ready(town))
    page = f"/desk/rounds/{opened.pk}/cancel/"

    assert says(visit("clerk").post(page, {"reason": " "}), "Give a reason")
    visit("clerk").post(page, {"reason": "Two homes are missing"})

    opened.refresh_from_db()
    assert opened.cancelled_because == "Two homes are missing"


def test_a_running_round_looks_by_itself_whether_it_is_ready(town, visit):
    frozen = factories.frozen_round(town)
    requested = runs.request(round_id=frozen.pk, by=town.secretary, at=AT)
    page = f"/desk/rounds/{frozen.pk}/"

    assert b"hx-get" in visit("clerk").get(page).content
    runs.execute(run_id=requested.pk, at=AT)
    assert b"hx-get" not in visit("clerk").get(page).content


@pytest.mark.parametrize("act", ["", "passed-over/", "freeze/", "run/", "sitting/", "cancel/"])
def test_a_round_of_another_akimat_is_not_found(town, visit, act):
    foreign = another_akimats_round(town)
    client, page = visit("secretary"), f"/desk/rounds/{foreign.pk}/{act}"

    answer = client.get(page) if act in {"", "passed-over/"} else client.post(page, {"reason": "x"})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("name", "opens", "convenes"),
    [
        ("clerk", True, False),
        ("secretary", True, True),
        ("supervisor", False, False),
        ("chair", False, False),
        ("member1", False, False),
        ("auditor", False, False),
        ("admin", False, False),
    ],
)
def test_who_opens_a_round_and_who_convenes_the_commission(town, visit, name, opens, convenes):
    run = factories.executed_run(town)
    client = visit(name)

    opened = client.post("/desk/rounds/open/", ONE_BY_PROGRAM).status_code
    convened = client.post(f"/desk/rounds/{run.round_id}/sitting/").status_code

    assert (opened == 302, convened == 302) == (opens, convenes)
    assert {opened, convened} <= {302, 403}


def test_everybody_passed_over_is_listed_with_code_and_witness(town, visit, says):
    register = factories.register(town)
    run = factories.executed_run(town, register.homes, quotas=factories.ONE_BY_PROGRAM)

    response = visit("clerk").get(f"/desk/rounds/{run.round_id}/passed-over/")

    body = response.content.decode()
    for name, code in (
        ("family_too_large", "NO_DWELLING_FITS"),
        ("owner", "INELIGIBLE:OWNS_DWELLING"),
        ("unanswered", "CHECKS_INCOMPLETE"),
        ("well_paid", "INCOME_OVER_LIMIT"),
        ("sister", "FITTING_DWELLINGS_TAKEN"),
    ):
        assert register.entries[name].file_number in body
        assert code in body
    assert says(response, "Why no rearrangement helps")
    assert rounds.held(run.round)
