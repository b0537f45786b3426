"""Benchmarks of the web: figures with goals, a served page that is the real one, times that tell nothing."""

import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from housing_queue.benchmarks import busy, look_up, serving, web
from housing_queue.benchmarks.measuring import read_goals

TIMES = st.lists(st.integers(0, 9), min_size=1, max_size=12)


def test_every_figure_of_the_web_has_its_goal():
    goals = read_goals()

    assert {name: goals[name].text for name in ("web.cached", "web.mine", "web.mine.p99")} == {
        "web.cached": ">= 0.5 x",
        "web.mine": ">= 0.3 x",
        "web.mine.p99": "<= 3 x",
    }
    assert {goals[f"web.mine.during_{work}"].text for work in ("round", "import")} == {"<= 2 x"}
    assert {goals[f"look_up.{kinds}"].text for kinds in ("number_iin", "number_both", "iin_both")} == {
        "<= 0.55 AUC"
    }


@given(one=TIMES, other=TIMES)
def test_the_area_is_the_share_of_pairs_in_which_the_one_is_longer(one, other):
    won = sum((left > right) + (left == right) / 2 for left in one for right in other)

    assert look_up.auc(one, other) == pytest.approx(won / (len(one) * len(other)))


@pytest.mark.parametrize(
    ("one", "other", "area"), [([2, 3], [0, 1], 1), ([0, 1], [2, 3], 0), ([1, 1], [1, 1], 0.5)]
)
def test_the_area_at_its_ends_and_in_the_middle(one, other, area):
    assert look_up.auc(one, other) == area


def test_wrong_pairs_are_wrong_in_their_own_way():
    pair = web.Pair("271010-0000001-0", "991231200001")

    number, iin, both = look_up._wrong("271010000", 7, pair)

    assert (number.iin, iin.file_number) == (pair.iin, pair.file_number)
    assert number.file_number != pair.file_number
    assert iin.iin != pair.iin
    assert both.file_number not in {pair.file_number, number.file_number}
    assert both.iin not in {pair.iin, iin.iin}


def test_a_form_is_sent_as_a_browser_sends_it_from_an_address_of_its_own():
    sent = serving.request("/kk/", form={"iin": "99 1231"}, address=65_537)

    head, _, body = sent.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /kk/ HTTP/1.1\r\nHost: localhost\r\n")
    assert b"X-Forwarded-For: 10.1.0.1" in head
    assert body == b"iin=99+1231"
    assert f"Content-Length: {len(body)}".encode() in head


def test_the_work_beside_the_pages_is_done_in_a_process_that_stands_back(monkeypatch, tmp_path):
    told, seen, ended = tmp_path / "nice", tmp_path / "seen", tmp_path / "ended"
    asked, beside = [], []

    def answered(_port, sent):
        asked.append(sent)
        if told.exists() and not ended.exists():
            beside.append(sent)
            # So many that they tell, however long the process took to begin.
            if len(beside) > len(asked) / 2:
                seen.touch()
            return 0.002, b"HTTP/1.1 200 OK"
        return 0.001, b"HTTP/1.1 200 OK"

    def work():
        told.write_text(str(os.nice(0)))
        until = time.monotonic() + 60
        while not seen.exists() and time.monotonic() < until:
            time.sleep(0.01)
        ended.touch()

    monkeypatch.setattr(busy.serving, "ask", answered)
    monkeypatch.setattr(busy.connection, "close", lambda: None)
    visitors = busy._Visitors(1, [web.Pair("271010-0000001-0", "991231200001")])

    measured = busy._beside("web.mine.during_round", work, visitors, rest_seconds=0.3)

    assert int(told.read_text()) == os.nice(0) + 10
    assert measured.value > measured.floor > 0
    addresses = [sent.partition(b"X-Forwarded-For: ")[2].partition(b"\r\n")[0] for sent in asked]
    assert len(set(addresses)) == len(asked)


def test_work_that_fails_beside_the_pages_is_no_measurement(monkeypatch):
    monkeypatch.setattr(busy.serving, "ask", lambda *_: (0.001, b"HTTP/1.1 200 OK"))
    monkeypatch.setattr(busy.connection, "close", lambda: None)
    visitors = busy._Visitors(1, [web.Pair("271010-0000001-0", "991231200001")])

    with pytest.raises(RuntimeError, match="failed"):
        busy._beside("web.mine.during_round", lambda: 1 / 0, visitors, rest_seconds=0.1)


def test_an_answer_that_is_no_page_is_no_measurement(monkeypatch):
    monkeypatch.setattr(busy.serving, "ask", lambda *_: (0.001, b"HTTP/1.1 429 Too Many Requests"))
    visitors = busy._Visitors(1, [web.Pair("271010-0000001-0", "991231200001")])

    with pytest.raises(RuntimeError, match="429"):
        visitors.come(until=busy._after(0.1))
