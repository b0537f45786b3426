"""The pages of rechecks: begun by a form, watched with and without scripts, paused and resumed."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from integrations import limits
from integrations.models import CheckRequest, CheckState
from queue_registry.models import (
    PersonalDataView,
    RecheckFinding,
    SourceHold,
    Sweep,
    SweepEntry,
    SweepQuestion,
)
from queue_registry.selectors import clock
from queue_registry.selectors.sweeps import AtWork, Progress, get_progress
from queue_registry.services import sweeps
from queue_registry.sweep_presenters import bar_width, time_left
from tests import factories

AT = factories.AT
pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def visit(town, client, monkeypatch):
    """Asks for pages as somebody of staff at a moment: visit("supervisor").get("/desk/sweeps/")."""

    def enter(name, at=AT):
        monkeypatch.setattr(clock, "now", lambda: at)
        client.force_login(town.staff[name])
        return client

    return enter


@pytest.fixture
def sweep(town):
    for day in range(1, 5):
        factories.waiting(town, day=day)
    return sweeps.start_inventory(akimat=town.akimat, by=town.supervisor, at=AT)


def address(name, *keys):
    return reverse(f"queue_registry:{name}", args=keys)


def done(sweep, *positions, at=AT, complete=True):
    sweep.swept.filter(position__in=positions).update(state="DONE", done_at=at, complete=complete)


def question(sweep, source, *, position=1, number=0, **state):
    row = CheckRequest.objects.create(
        key=f"{source}{number}",
        source=source,
        operation="x",
        contract_version="1",
        subject_iin="990101200002",
        purpose="inventory",
        bucket=sweep.period,
        lane="BULK",
        requested_at=AT,
        next_attempt_at=AT,
        deadline_at=AT,
        **state,
    )
    return link(sweep, row, position=position)


def link(sweep, row, *, position):
    """Let an entry wait for a question."""
    sweep.swept.filter(position=position).update(state="ASKED", asked_at=AT)
    swept = sweep.swept.get(position=position)
    SweepQuestion.objects.create(sweep=sweep, swept=swept, check_request_id=row.pk, source=row.source)
    return row


def finding(sweep, *, code="OWNS_DWELLING", state="SECOND_LOOK", position=1, **fields):
    entry = sweep.swept.get(position=position).entry
    return RecheckFinding.objects.create(
        entry=entry, sweep=sweep, code=code, source="egkn", state=state, seen_at=AT, **fields
    )


def test_a_supervisor_begins_a_recheck_before_a_distribution(town, visit):
    factories.waiting(town)
    desk = visit("supervisor")

    answer = desk.post(address("sweep_before_allocation"), {"first": "20"})

    sweep = Sweep.objects.get()
    assert answer.headers["Location"] == address("sweep", sweep.pk)
    assert (sweep.purpose, sweep.period) == ("BEFORE_ALLOCATION", "2026-09-01/20")


@pytest.mark.parametrize("first", ["", "0", "-3", "x", "1.5", "100001"])
def test_how_many_is_asked_for_until_it_makes_sense(town, visit, first):
    factories.waiting(town)

    answer = visit("supervisor").post(address("sweep_before_allocation"), {"first": first})

    assert answer.status_code == 200
    assert "govuk-error-summary" in answer.content.decode()
    assert not Sweep.objects.exists()


def test_a_recheck_that_is_begun_twice_is_refused_in_words(visit, sweep):
    answer = visit("supervisor").post(address("sweep_inventory"))

    assert answer.status_code == 409
    assert "govuk-error-summary" in answer.content.decode()
    assert Sweep.objects.count() == 1


def test_the_list_offers_no_start_to_those_who_only_look(visit, sweep):
    page = visit("clerk").get(address("sweeps")).content.decode()

    assert address("sweep", sweep.pk) in page
    assert address("sweep_before_allocation") not in page
    assert address("sweep_before_allocation") in visit("supervisor").get(address("sweeps")).content.decode()


def test_a_sweep_of_another_akimat_is_not_found(town, visit, sweep):
    Sweep.objects.filter(pk=sweep.pk).update(akimat=factories.Akimat.objects.create(kato="231010000"))

    assert visit("supervisor").get(address("sweep", sweep.pk)).status_code == 404
    assert visit("supervisor").post(address("sweep_pause", sweep.pk)).status_code == 404


def test_the_page_renews_itself_until_the_sweep_ends(visit, sweep):
    page = visit("clerk").get(address("sweep", sweep.pk)).content.decode()
    assert f'hx-get="{address("sweep", sweep.pk)}" hx-trigger="every 3s"' in page
    assert "vendor/htmx" in page

    Sweep.objects.filter(pk=sweep.pk).update(finished_at=AT)
    page = visit("clerk").get(address("sweep", sweep.pk)).content.decode()
    assert "hx-get" not in page
    assert "vendor/htmx" not in page


def test_the_bar_says_its_figures_to_those_who_do_not_see_it(visit, sweep):
    done(sweep, 1)
    sweep.swept.filter(position=2).update(state="ASKED", asked_at=AT)

    page = visit("clerk").get(address("sweep", sweep.pk)).content.decode()

    assert 'role="progressbar"' in page
    assert 'aria-valuemin="0" aria-valuemax="100" aria-valuenow="25"' in page
    assert '<rect class="kz-split__share" x="250" width="250" height="28" />' in page


def test_pause_and_resume_are_acts_of_a_form(visit, sweep):
    desk = visit("supervisor")

    assert desk.post(address("sweep_pause", sweep.pk)).status_code == 302
    sweep.refresh_from_db()
    assert sweep.paused_at == AT
    assert address("sweep_resume", sweep.pk) in desk.get(address("sweep", sweep.pk)).content.decode()

    assert desk.post(address("sweep_pause", sweep.pk)).status_code == 409
    assert desk.post(address("sweep_resume", sweep.pk)).status_code == 302
    sweep.refresh_from_db()
    assert sweep.paused_at is None


def test_progress_counts_entries_and_what_is_incomplete(sweep):
    done(sweep, 1)
    done(sweep, 2, complete=False)
    sweep.swept.filter(position=3).update(state="ASKED", asked_at=AT)

    found = get_progress(sweep, at=AT)

    assert (found.entries, found.done, found.asked, found.due, found.incomplete) == (4, 2, 1, 1, 1)
    assert found.percent == 50


def test_speed_and_time_left_are_those_of_the_last_minutes(sweep):
    at = AT + timedelta(hours=1)
    done(sweep, 1, at=at - timedelta(minutes=5))
    done(sweep, 2, 3, at=at - timedelta(minutes=5) + timedelta(seconds=1))

    found = get_progress(sweep, at=at)

    assert (found.done_lately, found.span) == (2, timedelta(minutes=5))
    assert found.left == timedelta(minutes=2, seconds=30)


def test_a_young_sweep_is_measured_from_its_start(sweep):
    done(sweep, 1, 2, at=AT + timedelta(seconds=30))

    found = get_progress(sweep, at=AT + timedelta(minutes=1))

    assert (found.rate, found.left) == (2, timedelta(minutes=1))


def test_without_speed_nobody_knows_the_time_left(sweep):
    found = get_progress(sweep, at=AT)

    assert (found.rate, found.left) == (0, None)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (None, "not known yet"),
        (timedelta(seconds=119), "less than two minutes"),
        (timedelta(seconds=120), "about 2 minutes"),
        (timedelta(seconds=121), "about 3 minutes"),
        (timedelta(minutes=119, seconds=59), "about 120 minutes"),
        (timedelta(hours=2), "about 2 hours"),
        (timedelta(hours=47, minutes=59), "about 48 hours"),
        (timedelta(days=2), "about 2 days"),
    ],
)
def test_the_time_left_in_words(left, words):
    lately = 0 if left is None else 1
    progress = Progress(
        entries=2, due=1, asked=0, incomplete=0, done_lately=lately, span=left or timedelta(minutes=1)
    )

    with translation.override("en"):
        assert time_left(progress) == words


@pytest.mark.parametrize(
    ("part", "whole", "width"), [(0, 10, 0), (5, 10, 500), (10, 10, 1000), (1, 10_000, 4), (0, 0, 0)]
)
def test_whatever_there_is_is_seen_in_the_bar(part, whole, width):
    assert bar_width(part, whole) == width


def test_questions_are_counted_by_source_and_state(sweep):
    closed = {"closed_at": AT}
    question(sweep, "egkn", number=1)
    question(sweep, "egkn", number=2, attempts=1)
    question(sweep, "egkn", number=3, state=CheckState.ANSWERED, outcome="FOUND", **closed)
    question(sweep, "egkn", number=4, state=CheckState.ANSWERED, outcome="NO_CONSENT", **closed)
    question(sweep, "egkn", number=5, state=CheckState.DEAD, dead_reason="TOO_OLD", owner="x", **closed)
    question(sweep, "zags", number=6)

    zags, egkn = get_progress(sweep, at=AT).sources

    assert (egkn.source, egkn.due, egkn.asked, egkn.answered, egkn.failed) == ("egkn", 1, 1, 1, 2)
    assert (zags.source, zags.due) == ("zags", 1)


def test_a_question_that_two_entries_wait_for_counts_for_each(sweep):
    link(sweep, question(sweep, "egkn"), position=2)

    (egkn,) = get_progress(sweep, at=AT).sources

    assert egkn.due == 2


def test_of_a_complete_entry_everything_was_answered(sweep):
    closed = {"state": CheckState.ANSWERED, "outcome": "FOUND", "closed_at": AT}
    question(sweep, "egkn", number=1, **closed)
    question(sweep, "egkn", number=2, position=2, **closed | {"outcome": "NO_CONSENT"})
    done(sweep, 1)
    done(sweep, 2, complete=False)

    (egkn,) = get_progress(sweep, at=AT).sources

    assert (egkn.due, egkn.asked, egkn.answered, egkn.failed) == (0, 0, 1, 1)


def test_the_page_says_which_source_can_be_asked(sweep, monkeypatch, visit):
    for number, source in enumerate(("gbd_fl", "zags", "egkn", "enpf")):
        question(sweep, source, number=number)
    SourceHold.objects.create(source="gbd_fl", held_at=AT)
    permit = limits.take({"egkn": 10}, hold=timedelta(seconds=1), at=AT)
    limits.report({}, {"egkn": 10}, permit=permit, at=AT)
    monkeypatch.setattr(
        type(limits.DEFINITIONS["zags"]), "is_in_maintenance", lambda definition, _: definition.code == "zags"
    )

    found = {row.source: row.at_work for row in get_progress(sweep, at=AT).sources}

    assert found == {
        "gbd_fl": AtWork.HELD,
        "zags": AtWork.MAINTENANCE,
        "egkn": AtWork.CIRCUIT_OPEN,
        "enpf": AtWork.AT_WORK,
    }
    assert visit("clerk").get(address("sweep", sweep.pk)).status_code == 200


def test_without_redis_nobody_knows_how_the_sources_are(sweep, monkeypatch):
    question(sweep, "egkn")

    def fail(*_, **__):
        raise limits.LimitsUnreachable

    monkeypatch.setattr(limits, "room", fail)

    assert [row.at_work for row in get_progress(sweep, at=AT).sources] == [AtWork.NOT_KNOWN]


def test_findings_are_counted_and_listed_with_their_entries(visit, sweep):
    finding(sweep)
    finding(sweep, position=2)
    finding(sweep, code="DECEASED", state="HELD", why_held="SUCCESSION", position=3)
    desk = visit("clerk")

    page = desk.get(address("sweep", sweep.pk)).content.decode()
    link = f"{address('sweep_findings', sweep.pk)}?code=OWNS_DWELLING&amp;state=SECOND_LOOK"
    assert link in page
    assert not PersonalDataView.objects.exists()

    everything = desk.get(address("sweep_findings", sweep.pk)).content.decode()
    some = desk.get(
        address("sweep_findings", sweep.pk), {"code": "DECEASED", "state": "HELD"}
    ).content.decode()
    entries = [address("entry", swept.entry_id) for swept in sweep.swept.order_by("position")]
    assert [entry in everything for entry in entries] == [True, True, True, False]
    assert [entry in some for entry in entries] == [False, False, True, False]
    look = PersonalDataView.objects.first()
    assert (look.target, look.by.username) == (f"sweep:{sweep.pk}", "clerk")


def test_no_iin_stands_on_the_pages(visit, sweep):
    finding(sweep)
    iins = SweepEntry.objects.values_list("entry__applicant__iin", flat=True)

    for name, keys in (("sweeps", ()), ("sweep", (sweep.pk,)), ("sweep_findings", (sweep.pk,))):
        page = visit("clerk").get(address(name, *keys)).content.decode()
        assert not any(iin in page for iin in iins)


def test_a_large_sweep_is_counted_once_in_a_while(sweep):
    sweep.entries = 50_000

    first = get_progress(sweep, at=AT)
    done(sweep, 1, 2, 3, 4)

    assert get_progress(sweep, at=AT) == first
