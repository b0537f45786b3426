"""What is changed on the page of a round: homes and quotas until the freeze, a run until somebody votes."""

import pytest

from allocation.models import AllocationRound, Dwelling
from allocation.services import loan_places, rounds, runs
from queue_registry.models import AuditEvent
from queue_registry.services import policies
from tests import factories
from tests.factories import AT

QUOTAS = {"quota_3": "2", "document_3": "Passport No 9"}


def page_of(round_, act=""):
    return f"/desk/rounds/{round_.pk}/{act}"


def held(round_):
    return {row.dwelling for row in round_.round_dwellings.all()}


def events():
    return list(AuditEvent.objects.order_by("seq").values_list("event", flat=True))


# Homes


def test_homes_are_added_on_their_page_which_offers_only_what_the_round_can_take(town, visit, says):
    first, second, third = factories.ready(town, 3)
    factories.ready(town, programme="Youth 2026")
    factories.ready(town, state=Dwelling.State.OFFERED)
    loan_places.add(akimat=town.akimat, programme="2-10-20", count=1, document="x", by=town.clerk, at=AT)
    opened = factories.open_round(town, [first])
    secretary, page = visit("secretary"), page_of(opened, "homes/")
    assert page in secretary.get(page_of(opened)).content.decode()

    shown = secretary.get(page)
    assert set(shown.context["form"].fields["dwellings"].queryset) == {second, third}
    assert b"checked" not in shown.content
    assert secretary.post(page, {"dwellings": [third.pk]}).url == page_of(opened)

    assert held(opened) == {first, third}
    record = AuditEvent.objects.get(event="allocation_round.dwellings_added")
    assert (record.actor, record.data["dwellings"]) == (town.secretary.username, [third.number])
    assert says(secretary.get(page_of(opened)), "Homes of the round: %(count)s", count=2)


def test_a_round_of_a_loan_takes_places_alone(town, visit):
    policies.put_in_force(akimat=town.akimat, code="ladder-2022", from_on=AT.date(), by=town.admin, at=AT)
    factories.ready(town)
    places = loan_places.add(
        akimat=town.akimat, programme="2-10-20", count=2, document="x", by=town.clerk, at=AT
    )
    opened = rounds.open_round(
        akimat=town.akimat,
        dwelling_ids=[places[0].pk],
        quotas=factories.QUOTAS,
        rung="loan_2",
        programme="2-10-20",
        by=town.secretary,
        at=AT,
    )

    shown = visit("secretary").get(page_of(opened, "homes/"))

    assert list(shown.context["form"].fields["dwellings"].queryset) == places[1:]


@pytest.mark.parametrize(
    ("chosen", "problem"),
    [
        ([], "Choose at least one home"),
        (["999999"], "A chosen home is not ready any more. Choose again."),
    ],
)
def test_without_a_ready_home_nothing_is_added(town, visit, says, chosen, problem):
    factories.ready(town)
    opened = factories.open_round(town)

    assert says(visit("secretary").post(page_of(opened, "homes/"), {"dwellings": chosen}), problem)
    assert held(opened) == set()


def test_a_home_that_stands_in_another_round_cannot_be_chosen(town, visit, says):
    (home,) = factories.ready(town)
    factories.open_round(town, [home])
    opened = factories.open_round(town)
    secretary, page = visit("secretary"), page_of(opened, "homes/")

    assert says(secretary.get(page), "No home is ready that this round could take.")
    refused = secretary.post(page, {"dwellings": [home.pk]})

    assert says(refused, "A chosen home is not ready any more. Choose again.")
    assert held(opened) == set()


# Quotas


def test_quotas_are_set_on_the_page_with_their_documents(town, visit, says):
    opened = factories.open_round(town, quotas=factories.ONE_BY_PROGRAM)
    secretary, page = visit("secretary"), page_of(opened, "quotas/")
    shown = secretary.get(page_of(opened))
    assert page in shown.content.decode()
    assert shown.context["quotas_form"]["quota_3"].value() == factories.ONE_BY_PROGRAM["3"]["dwellings"]

    assert secretary.post(page, QUOTAS).url == page_of(opened)

    opened.refresh_from_db()
    assert opened.quotas == {"3": {"dwellings": 2, "document": "Passport No 9"}}
    assert AuditEvent.objects.get(event="allocation_round.quotas_set").data["was"] == factories.ONE_BY_PROGRAM
    assert b"Passport No 9" in secretary.get(page_of(opened)).content


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"quota_3": ""}, "Enter how many homes the program gives; 0 is a number, too"),
        ({"quota_3": "-1"}, "The number of homes cannot be below 0"),
        ({"document_3": " "}, "Enter the document that sets this number"),
    ],
)
def test_what_is_no_quota_is_said_and_the_old_one_stays(town, visit, says, changes, problem):
    opened = factories.open_round(town, quotas=factories.ONE_BY_PROGRAM)

    refused = visit("secretary").post(page_of(opened, "quotas/"), {**QUOTAS, **changes})

    assert says(refused, problem)
    assert says(refused, "There is a problem")
    opened.refresh_from_db()
    assert opened.quotas == factories.ONE_BY_PROGRAM


def test_once_the_freeze_is_ordered_homes_and_quotas_are_changed_no_more(town, visit, says):
    first, second = factories.ready(town, 2)
    opened = factories.open_round(town, [first])
    secretary = visit("secretary")
    secretary.post(page_of(opened, "freeze/"))

    shown = secretary.get(page_of(opened)).content.decode()
    assert page_of(opened, "homes/") not in shown
    assert page_of(opened, "quotas/") not in shown
    for act, sent in (("homes/", {"dwellings": [second.pk]}), ("quotas/", QUOTAS)):
        refused = secretary.post(page_of(opened, act), sent)
        assert refused.status_code == 409
        assert says(refused, "The round is frozen already and cannot be changed.")
    assert held(opened) == {first}
    assert AllocationRound.objects.get().quotas == factories.QUOTAS


@pytest.mark.parametrize("act", ["homes/", "quotas/", "set-aside/"])
def test_nothing_of_a_round_of_another_akimat_is_changed(town, visit, act):
    from tests.unit.allocation.views.test_rounds import another_akimats_round

    foreign = another_akimats_round(town)

    assert visit("secretary").post(page_of(foreign, act), {**QUOTAS, "aside-reason": "x"}).status_code == 404


# A run that is set aside


def test_a_result_is_set_aside_with_a_reason_and_worked_out_anew(town, visit, says):
    run = factories.executed_run(town)
    secretary, page = visit("secretary"), page_of(run.round, "set-aside/")
    assert page in secretary.get(page_of(run.round)).content.decode()

    assert says(secretary.post(page, {"aside-reason": " "}), "Give a reason")
    run.refresh_from_db()
    assert run.superseded_at is None
    assert secretary.post(page, {"aside-reason": "Two mandates ended"}).url == page_of(run.round)

    run.refresh_from_db()
    assert run.superseded_at == AT
    record = AuditEvent.objects.get(event="allocation_run.superseded")
    assert (record.actor, record.data["reason"]) == (town.secretary.username, "Two mandates ended")
    assert says(secretary.get(page_of(run.round)), "Work the distribution out")
    secretary.post(page_of(run.round, "run/"))
    again = runs.execute(run_id=run.round.runs.get(superseded_at=None).pk, at=AT)
    assert again.result_sha256 == run.result_sha256


def test_a_sitting_that_nobody_has_voted_at_goes_with_its_result_and_a_new_one_is_convened(town, visit):
    sitting = factories.convened(town)
    round_, secretary = sitting.run.round, visit("secretary")

    assert secretary.post(page_of(round_, "set-aside/"), {"aside-reason": "No quorum"}).status_code == 302

    secretary.post(page_of(round_, "run/"))
    run = runs.execute(run_id=round_.runs.get(superseded_at=None).pk, at=AT)
    assert secretary.post(page_of(round_, "sitting/")).status_code == 302
    assert run.sitting.number == sitting.number + 1


def test_a_result_that_is_decided_on_stays_and_its_page_does_not_offer_it(town, visit, says):
    run = factories.confirmed(town).sitting.run
    secretary, page = visit("secretary"), page_of(run.round, "set-aside/")

    assert page not in secretary.get(page_of(run.round)).content.decode()
    refused = secretary.post(page, {"aside-reason": "Late"})

    assert refused.status_code == 409
    assert says(refused, "The commission has decided on this round already.")


def test_without_a_result_nothing_is_set_aside(town, visit):
    frozen = factories.frozen_round(town)

    assert visit("secretary").post(page_of(frozen, "set-aside/"), {"aside-reason": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "changes", "sets_aside"),
    [
        ("clerk", True, False),
        ("secretary", True, True),
        ("supervisor", False, False),
        ("chair", False, False),
        ("auditor", False, False),
        ("admin", False, False),
    ],
)
def test_who_changes_an_open_round_and_who_sets_a_result_aside(town, visit, name, changes, sets_aside):
    run = factories.executed_run(town)
    opened = factories.open_round(town)
    client = visit(name)

    set_ = client.post(page_of(opened, "quotas/"), QUOTAS).status_code
    aside = client.post(page_of(run.round, "set-aside/"), {"aside-reason": "x"}).status_code

    assert (set_ == 302, aside == 302) == (changes, sets_aside)
    assert {set_, aside} <= {302, 403}
