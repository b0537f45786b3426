"""A day of opening in half a minute: nobody meets an error, and every act is there once."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from housing_queue.benchmarks.load.arrivals import arrivals, peak, rate
from tools.environment import ROOT

SECONDS = 25
RIGHT = ("errors", "left", "lost", "doubled", "half", "broken", "misplaced")


def test_a_short_day_of_opening_has_no_errors_and_no_lost_or_doubled_act():
    """How quick pages are on the machine of a test is nobody's business: those goals are the long form's."""
    done = subprocess.run(
        [sys.executable, "manage.py", "benchmark", "load", "--json", "--seconds", str(SECONDS)],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )

    rows = {row["work"]: row for row in json.loads(done.stdout or "[]")}
    assert {f"load.{name}" for name in RIGHT} <= set(rows), done.stderr[-4000:]
    assert {name: rows[f"load.{name}"]["value"] for name in RIGHT} == dict.fromkeys(RIGHT, 0), done.stdout
    assert rows["load.answered"]["value"] > 0
    assert "offers" in rows["load.round"]["note"]
    assert not rows["load.round"]["note"].endswith(" 0 offers")


@given(count=st.integers(0, 400), seconds=st.integers(1, 600))
def test_everybody_comes_once_in_order_and_within_the_day(count, seconds):
    moments = list(arrivals(count, seconds=seconds))

    assert len(moments) == count
    assert moments == sorted(moments)
    assert all(0 <= moment <= seconds for moment in moments)


def test_most_come_at_first():
    moments = list(arrivals(10_000, seconds=100))

    assert sum(moment < 25 for moment in moments) == pytest.approx(4_750, abs=150)
    assert rate(0) > rate(0.5) > rate(1) > 0
    assert peak() == pytest.approx(2.93, abs=0.05)
