"""The guided way of a round: seven steps, what each says, and the acts that stand at each."""

from datetime import timedelta

import pytest
from django.utils import translation

from allocation import run_progress
from allocation.models import AllocationRound, Dwelling
from allocation.selectors import guide
from allocation.services import freeze_orders, runs
from queue_registry import formats
from queue_registry.models import AuditEvent, Sweep
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.services.sweeping import Systems, walk

DONE, NEXT, LATER = "DONE", "NEXT", "LATER"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("OPEN", [DONE, DONE, NEXT, NEXT, LATER, LATER, LATER]),
        ("FROZEN", [DONE, DONE, "SKIPPED", DONE, NEXT, LATER, LATER]),
        ("RUNNING", [DONE, DONE, "SKIPPED", DONE, "UNDER_WAY", LATER, LATER]),
        ("RUN", [DONE, DONE, "SKIPPED", DONE, DONE, NEXT, LATER]),
        ("SITTING", [DONE, DONE, "SKIPPED", DONE, DONE, DONE, "UNDER_WAY"]),
        ("DECIDED", [DONE, DONE, "SKIPPED", DONE, DONE, DONE, DONE]),
    ],
)
def test_every_state_of_a_round_has_its_seven_steps(state, expected):
    steps = guide.list_steps(state, recheck=None)

    assert [step.state for step in steps] == expected
    assert [step.step for step in steps] == list(guide.Step)


def test_a_recheck_is_begun_from_the_round_and_its_progress_is_shown(town, visit, says):
    factories.waiting(town)
    opened = factories.open_round(town, factories.ready(town))
    secretary, page = visit("secretary"), f"/desk/rounds/{opened.pk}/"
    assert says(secretary.get(page), "Recheck before the distribution")
    assert b'value="10"' in secretary.get(page).content

    begun = secretary.post(f"{page}recheck/", {"first": "10"})

    sweep = Sweep.objects.get()
    assert begun.url == page
    assert (sweep.purpose, sweep.entries, sweep.started_by) == ("BEFORE_ALLOCATION", 1, town.secretary)
    shown = secretary.get(page)
    assert b'role="progressbar"' in shown.content
    assert b"hx-get" in shown.content
    walk(sweep, Systems(), at=AT)
    sweep.refresh_from_db()
    assert sweep.finished_at is not None
    assert b"hx-get" not in secretary.get(page).content


@pytest.mark.parametrize(("first", "status"), [("0", 200), ("x", 200), ("", 200)])
def test_a_recheck_of_nobody_is_not_begun(town, visit, first, status):
    factories.waiting(town)
    opened = factories.open_round(town)

    answer = visit("secretary").post(f"/desk/rounds/{opened.pk}/recheck/", {"first": first})

    assert answer.status_code == status
    assert not Sweep.objects.exists()


def test_the_same_recheck_is_not_begun_twice_a_day(town, visit):
    factories.waiting(town)
    opened = factories.open_round(town)
    secretary, page = visit("secretary"), f"/desk/rounds/{opened.pk}/recheck/"
    secretary.post(page, {"first": "10"})

    assert secretary.post(page, {"first": "10"}).status_code == 409
    assert Sweep.objects.count() == 1


def test_a_silent_register_holds_up_the_seal_and_the_page_counts_the_families(town, visit, says):
    factories.waiting(town, day=1, known=False)
    factories.waiting(town, day=2)
    opened = factories.open_round(town, factories.ready(town, rooms=1, area="18.50"))

    secretary = visit("secretary")
    secretary.post(f"/desk/rounds/{opened.pk}/freeze/")
    freeze_orders.carry_out(order_id=opened.freeze_orders.get().pk, at=AT)

    shown = secretary.get(f"/desk/rounds/{opened.pk}/")
    assert says(shown, "Candidates and homes were not fixed.")
    assert says(shown, "Fix candidates and homes")
    assert says(
        shown,
        "Answers of registers are missing, and this round would pass over families for it: %(families)s. "
        "Begin the recheck. If the registers answer, candidates can be fixed at once; one that stays silent "
        "has to be asked on different working days first, at least %(days)s.",
        families="1",
        days="3",
    )
    assert AllocationRound.objects.get().frozen_at is None


def test_the_progress_of_a_freeze_is_told_and_the_page_looks_by_itself_until_it_is_over(town, visit, says):
    opened = factories.open_round(town, factories.ready(town))
    page, secretary = f"/desk/rounds/{opened.pk}/", visit("secretary")
    secretary.post(f"{page}freeze/")
    run_progress.tell_freeze(opened.pk, 40, 90)

    shown = secretary.get(page)
    assert says(shown, "Candidates are being read and sealed: %(percent)s %%", percent="44")
    assert b'aria-valuenow="44"' in shown.content
    assert b"hx-get" in shown.content
    assert b"htmx.min.js" in shown.content
    assert not says(shown, "Fix candidates and homes")

    freeze_orders.carry_out(order_id=opened.freeze_orders.get().pk, at=AT)

    shown = secretary.get(page)
    assert says(shown, "The public announcement of this round")
    assert b"hx-get" not in shown.content


def test_the_progress_of_a_run_is_told_stage_by_stage(town, visit, says):
    frozen = factories.frozen_round(town)
    run = runs.request(round_id=frozen.pk, by=town.secretary, at=AT)
    page = f"/desk/rounds/{frozen.pk}/"
    secretary = visit("secretary")
    assert says(secretary.get(page), "A worker will take it in a moment")

    run_progress.tell(run, run_progress.Stage.STORING)

    shown = secretary.get(page)
    assert says(shown, "The answer for each family is stored")
    assert b'aria-valuenow="50"' in shown.content


def test_a_run_refused_for_a_change_says_what_has_changed(town, visit, says):
    (home,) = factories.ready(town)
    frozen = factories.frozen_round(town, [home])
    run = runs.request(round_id=frozen.pk, by=town.secretary, at=AT)
    Dwelling.objects.update(floor=9)
    runs.execute(run_id=run.pk, at=AT)

    body = visit("secretary").get(f"/desk/rounds/{frozen.pk}/").content.decode()

    assert f"{home.number}: floor" in body


def test_the_moment_of_the_sitting_is_planned_recorded_and_never_in_the_past(town, visit, says):
    frozen = factories.frozen_round(town)
    secretary, page = visit("secretary"), f"/desk/rounds/{frozen.pk}/planned/"

    assert secretary.post(page, {"on": "2026-09-01", "time": "08:00"}).status_code == 409
    assert secretary.post(page, {"on": "", "time": "10:30"}).status_code == 200
    assert secretary.post(page, {"on": "2026-09-04", "time": "10:30"}).status_code == 302

    frozen.refresh_from_db()
    assert frozen.sitting_planned_at.isoformat() == "2026-09-04T05:30:00+00:00"
    assert AuditEvent.objects.filter(event="allocation_round.sitting_planned").count() == 1


def test_once_convened_the_sitting_says_its_own_moment(town, visit, says):
    sitting = factories.convened(town)
    secretary, page = visit("secretary"), f"/desk/rounds/{sitting.run.round_id}/"

    planned = secretary.post(f"{page}planned/", {"on": "2026-09-04", "time": "10:30"})

    assert planned.status_code == 409
    assert says(planned, "A sitting is convened for this run already.")
    with translation.override("kk"):
        begins = formats.moment(sitting.sits_at)
    assert says(secretary.get(page), "The commission sits from %(moment)s on.", moment=begins)


def test_the_period_of_the_account_is_set_on_the_page_until_the_freeze_is_ordered(town, visit, says):
    opened = factories.open_round(town, factories.ready(town))
    secretary, page = visit("secretary"), f"/desk/rounds/{opened.pk}/"
    half = {"period_from": "2026-07-01", "period_until": "2026-12-31"}
    assert f"{page}period/" in secretary.get(page).content.decode()

    assert says(
        secretary.post(f"{page}period/", {**half, "period_until": ""}),
        "Enter both days of the period, or none",
    )
    assert secretary.post(f"{page}period/", {**half, "period_until": "2026-06-30"}).status_code == 409
    assert secretary.post(f"{page}period/", half).url == page

    shown = secretary.get(page).content.decode()
    assert all(f'value="{day}"' in shown for day in half.values())
    secretary.post(f"{page}freeze/")
    assert f"{page}period/" not in secretary.get(page).content.decode()
    assert secretary.post(f"{page}period/", {}).status_code == 409
    opened.refresh_from_db()
    assert opened.period_from.isoformat() == half["period_from"]


def test_a_recheck_of_an_earlier_day_is_not_the_rounds(town):
    factories.waiting(town)
    opened = factories.open_round(town, at=AT + timedelta(days=1))
    Sweep.objects.create(
        akimat=town.akimat, purpose="BEFORE_ALLOCATION", period="2026-09-01/10", started_at=AT, entries=1
    )

    assert guide.get_recheck(opened) is None
