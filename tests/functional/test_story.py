"""Steps of the story where there is next to nothing: no homes, one applicant, files of an earlier walk."""

import io

import pytest
from django.core.management.base import OutputWrapper
from django.utils import timezone

from allocation.tasks import execute_requested_runs
from housing_queue import founding
from housing_queue.story import report, waiting, walk
from tests import factories


@pytest.fixture
def story(transactional_db, live_server, settings, tmp_path):
    """The walk in an akimat in which one household waits and no home is ready."""
    settings.DEMO = True
    made = factories.town()
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    factories.waiting(made, number="3")
    return walk.Story(
        folder=tmp_path,
        base_url=live_server.url,
        results=tmp_path,
        out=OutputWrapper(io.StringIO()),
        founded=founding.Founded(akimat=made.akimat, staff=made.staff, passwords=made.passwords),
        machine_now=timezone.now,
    )


def test_a_round_without_homes_is_walked_like_any_other(story, monkeypatch):
    monkeypatch.setattr(waiting, "until", lambda _left, **_words: execute_requested_runs())

    run = walk.distribute(story)

    assert run.executed_at is not None
    assert story.figures["served"] == dict.fromkeys("123456", 0)
    assert story.figures["passed_over"] == {}
    assert story.figures["not_reached"] == {"1": 0, "2": 0, "3": 1, "4": 0, "5": 0, "6": 0}


def test_the_only_applicant_sees_his_place_and_a_stranger_does_not(story):
    walk.look_up(story)

    assert "place 1" in story.out._out.getvalue()


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
