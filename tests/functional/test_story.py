"""Steps of the story where there is next to nothing: no homes, one applicant, files of an earlier walk."""

import io
from datetime import timedelta
from functools import partial

import pytest
from django.core.management.base import OutputWrapper
from django.utils import timezone

from allocation.models import AllocationRound, AllocationRun, Bundle, Departure, Offer
from allocation.tasks import carry_out_freeze_orders, execute_requested_runs
from housing_queue import founding
from housing_queue.story import (
    bundles,
    citizens,
    distribution,
    later_rounds,
    old_lists,
    report,
    waiting,
    walk,
)
from housing_queue.story.expecting import StepFailed
from housing_queue.story.story import Story
from integrations.contract import Outcome
from queue_registry import tasks
from queue_registry.models import ImportBatch, QueueEntry, SourceAnswer, Sweep
from queue_registry.selectors import clock
from tests import contracts, factories
from tests.unit.queue_registry.services import sweeping
from tests.unit.queue_registry.services.test_imports import ANNA, known, rshep, spp


@pytest.fixture
def story(transactional_db, live_server, settings, tmp_path):
    """The walk in an akimat in which one household waits and no home is ready."""
    settings.DEMO = True
    made = factories.town()
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    factories.waiting(made, number="3")
    return Story(
        folder=tmp_path,
        base_url=live_server.url,
        results=tmp_path,
        out=OutputWrapper(io.StringIO()),
        founded=founding.Founded(akimat=made.akimat, staff=made.staff, passwords=made.passwords),
        machine_now=timezone.now,
    )


def work(_left, *, systems=None, **_words):
    """The worker's part happens while the story waits for it."""
    for sweep in Sweep.objects.filter(finished_at__isnull=True):
        sweeping.walk(sweep, systems or sweeping.Systems(), at=clock.now())
    carry_out_freeze_orders()
    execute_requested_runs()


def test_a_round_without_homes_is_walked_like_any_other(story, monkeypatch):
    monkeypatch.setattr(waiting, "until", work)

    run = walk.distribute(story)

    assert run.executed_at is not None
    assert story.figures["served"] == dict.fromkeys("123456", 0)
    assert story.figures["passed_over"] == {}
    assert story.figures["not_reached"] == {"1": 0, "2": 0, "3": 1, "4": 0, "5": 0, "6": 0}


def test_the_only_applicant_sees_his_place_and_a_stranger_does_not(story):
    citizens.look_up(story)

    assert "place 1" in story.out._out.getvalue()


@pytest.fixture
def by_hand(story, settings, tmp_path, monkeypatch):
    """The worker's reading happens while the story waits for it."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(tasks.take_in_uploads, "delay", lambda: None)
    monkeypatch.setattr(waiting, "until", lambda _left, **_words: tasks.take_in_uploads())
    return story


def test_old_lists_go_in_by_the_pages_of_one_person_and_count_by_another(by_hand, tmp_path):
    known(ANNA)
    lists = {"spp": tmp_path / "spp.csv", "rshep": tmp_path / "rshep.csv"}
    lists["spp"].write_bytes(spp(("A-1", ANNA, "2019-05-06T10:00:00", 4)).content)
    lists["rshep"].write_bytes(rshep(("7", ANNA, "06.05.2019", 4)).content)

    old_lists.put_in(by_hand, lists)
    assert not QueueEntry.objects.filter(applicant__iin=ANNA).exists()
    old_lists.confirm(by_hand)

    entry = QueueEntry.objects.get(applicant__iin=ANNA)
    assert (entry.waiting_list.number, entry.provisional) == ("4", False)
    files = ImportBatch.objects.order_by("pk")
    assert [one.file_name for one in files] == ["spp.csv", "rshep.csv"]
    assert {(one.imported_by.username, one.confirmed_by.username) for one in files} == {
        ("clerk", "supervisor")
    }
    assert "rshep.csv: 1 rows put in" in by_hand.out._out.getvalue()


def test_a_file_that_is_no_list_ends_the_story_with_the_reason_of_the_page(by_hand, tmp_path):
    path = tmp_path / "spp.csv"
    path.write_bytes(b"   ")

    with pytest.raises(StepFailed, match=r"spp.csv is not taken"):
        old_lists.put_in(by_hand, {"spp": path})


def test_a_file_that_the_worker_could_not_read_ends_the_story(by_hand, tmp_path):
    path = tmp_path / "spp.csv"
    path.write_bytes(spp(("A-1", ANNA, "2019-05-06T10:00:00", 4)).content.replace(b"status", b"state"))

    with pytest.raises(StepFailed, match=r"spp.csv is not put in: FAILED .*HEADER"):
        old_lists.put_in(by_hand, {"spp": path})


def test_a_source_without_rows_is_counted_with_zeros():
    row = {"source": "spp", "state": "needs_person", "case": ["271010-0000001-0/NO_DATE"]}

    counted = report.of_import([row], applicants=1)

    nothing = {"imported": 0, "merged": 0, "needs_person": 0}
    assert counted["rows"] == {"spp": nothing | {"needs_person": 1}, "rshep": nothing, "paper": nothing}
    assert counted["cases"] == {"NO_DATE": 1}


def test_what_an_earlier_story_left_is_taken_away(tmp_path):
    for name in ("summary.json", "input.json", "protocol-kk.pdf", "notes.txt"):
        (tmp_path / name).write_text("of yesterday")

    report.clear(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.fixture
def three_rounds(story, settings, tmp_path, monkeypatch):
    """Families for whom the later rounds are: two on the rung that is lent to, three whom the homes fit."""
    contracts.set_up_signing(settings, tmp_path)
    systems = sweeping.Systems()
    monkeypatch.setattr(waiting, "until", partial(work, systems=systems))
    made = factories.Town(
        akimat=story.akimat, staff=dict(story.founded.staff), passwords=dict(story.founded.passwords)
    )
    earned = factories.income(tenge_a_month="100000")
    for day in (2, 3):
        entry = factories.waiting(made, number="4", day=day, facts=earned)
        for told in (*earned, factories.status(*factories.GROUNDS["4"])):
            systems.tell_as(entry.applicant, told)
    fitting = (factories.HUSBAND, factories.DAUGHTER)
    families = [factories.waiting(made, number="5", day=day, family=fitting) for day in range(4, 9)]
    return story, families


def test_the_later_rounds_are_walked_by_the_pages_and_replay(three_rounds):
    story, families = three_rounds

    departed = later_rounds.depart(story)
    lent = later_rounds.lend(story)
    later_rounds.check(story)

    assert lent.round.policy.code == "ladder-2022"
    assert Offer.objects.filter(run=lent).count() == 2
    assert departed.round.frozen_at < Sweep.objects.get().started_at < lent.round.frozen_at
    departure = Departure.objects.get()
    assert departure.is_carried
    assert departed.round.policy.code == "akimat-2022"
    given = Offer.objects.get(run=departed, dwelling=departure.line.dwelling)
    assert given.entry == departure.instead
    assert departure.instead in families
    assert AllocationRound.objects.filter(runs__sitting__locked_at__isnull=False).count() == 2
    said = story.out._out.getvalue()
    assert said.count("the same bytes, bundles verified; one byte altered: result.json: ") == 2
    assert story.figures == {}


def test_where_no_home_fits_two_others_the_commission_leaves_no_order(story, settings, tmp_path, monkeypatch):
    contracts.set_up_signing(settings, tmp_path)
    monkeypatch.setattr(waiting, "until", work)

    run = later_rounds.depart(story)

    assert not Departure.objects.exists()
    assert run.sitting.locked_at is not None
    assert "nobody for whom the order could be left" in story.out._out.getvalue()


@pytest.fixture
def two_owners(story):
    """Two who own a dwelling by answers that are old by now, before one who does not; one home is ready."""
    made = factories.Town(
        akimat=story.akimat, staff=dict(story.founded.staff), passwords=dict(story.founded.passwords)
    )
    systems, owned = sweeping.Systems(), factories.dwelling_owned()
    families = [factories.waiting(made, number="5", day=day, facts=[owned]) for day in (1, 2)]
    families.append(factories.waiting(made, number="5", day=3))
    for entry in families:
        systems.tell_as(entry.applicant, factories.status(*factories.GROUNDS["5"]))
    for owner in families[:2]:
        systems.tell_as(owner.applicant, owned)
    SourceAnswer.objects.filter(source="egkn").update(fresh_until=factories.AT)
    story.move_clock(factories.AT + timedelta(days=1))
    return systems, families, factories.ready(made, rooms=1, area="18.50")


def test_registers_are_asked_deeper_while_an_old_answer_holds_up_the_seal(story, two_owners, monkeypatch):
    systems, families, homes = two_owners
    monkeypatch.setattr(waiting, "until", partial(work, systems=systems))

    run = distribution.work_out(story, address="/desk/rounds/open/", homes=homes, quota=0, recheck=1)

    assert [one.period.partition("/")[2] for one in Sweep.objects.order_by("pk")] == ["1", "2"]
    codes = {line.entry_id: line.code for line in run.lines.all()}
    assert codes == dict(
        zip([one.pk for one in families], [*["INELIGIBLE:OWNS_DWELLING"] * 2, ""], strict=True)
    )


def test_a_register_that_stays_silent_ends_the_story_when_all_were_asked_about(
    story, two_owners, monkeypatch
):
    systems, _families, homes = two_owners
    systems.silent["egkn"] = Outcome.TEMPORARY
    monkeypatch.setattr(waiting, "until", partial(work, systems=systems))

    with pytest.raises(StepFailed, match=r"R-\d{4}-1 be sealed, and it is not: .*SOURCES_SILENT"):
        distribution.work_out(story, address="/desk/rounds/open/", homes=homes, quota=0, recheck=1)

    assert [one.period.partition("/")[2] for one in Sweep.objects.order_by("pk")] == ["1", "2", "4"]


def test_a_round_that_does_not_replay_ends_the_story_with_what_differs(three_rounds, monkeypatch):
    story, _families = three_rounds
    later_rounds.lend(story)
    monkeypatch.setattr(later_rounds, "replay", lambda _run: ["result bytes"])

    with pytest.raises(StepFailed, match=r"R-\d{4}-1 does not replay: \['result bytes'\]"):
        later_rounds.check(story)


def test_a_bundle_that_takes_an_altered_byte_for_verified_ends_the_story(three_rounds, monkeypatch):
    story, _families = three_rounds
    run = later_rounds.lend(story)
    bundle = bytes(Bundle.objects.get(run=run, form="FULL").content)
    assert bundles.verified(bundle).startswith("verified")
    monkeypatch.setattr(bundles, "_with_one_byte_altered", lambda content: content)

    with pytest.raises(StepFailed, match=r"a byte of result\.json was altered and the bundle says: verified"):
        bundles.found_altered(bundle)

    assert AllocationRun.objects.count() == 1
