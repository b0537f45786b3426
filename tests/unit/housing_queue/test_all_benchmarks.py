"""All benchmarks in one table, what is left out at a small size, and how growth is told and drawn."""

import json
from io import StringIO
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from housing_queue.benchmarks import growth, growth_picture, together, waiting
from housing_queue.benchmarks.growth import Point
from housing_queue.benchmarks.measuring import Measured, Row, read_goals, row_for
from housing_queue.management.commands import benchmark


def row(work, value, floor=None):
    return row_for(Measured(work=work, value=value, floor=floor, note="as told"), read_goals())


@pytest.fixture
def given_benchmarks(monkeypatch):
    """Two benchmarks that say how they were called; one is left out at a small size."""
    called = []
    told = {
        "register": Measured(work="register.removal", value=1.9, floor=1.0, note="milliseconds"),
        "flags": Measured(work="flags.seconds", value=3.0),
    }

    def measured(planned, *, picture):
        called.append((planned.work, planned.entries))
        return [row_for(told[planned.work], read_goals())]

    monkeypatch.setattr(benchmark, "_all_benchmarks", lambda: dict.fromkeys(told))
    monkeypatch.setattr(benchmark, "_measured_apart", measured)
    return called


def printed(*arguments):
    output = StringIO()
    call_command("benchmark", *arguments, stdout=output)
    return output.getvalue()


def test_scaled_down_a_ratio_has_some_slack_and_what_takes_minutes_is_left_out(given_benchmarks):
    rows = json.loads(printed("all", "--entries", "50000", "--json"))

    assert given_benchmarks == [("register", 50_000)]
    assert [(one["work"], one["met"]) for one in rows] == [("register.removal", True), ("flags", True)]
    assert rows[1]["value"] is None
    assert rows[1]["note"].startswith("left out: ")


def test_at_the_size_of_the_country_every_goal_is_held_and_nothing_left_out(given_benchmarks):
    with pytest.raises(CommandError, match=r"goals missed: register\.removal"):
        printed("all")

    assert given_benchmarks == [("register", together.WHOLE), ("flags", None)]


def test_the_table_is_printed_and_written(given_benchmarks, tmp_path):
    page = tmp_path / "table.md"

    told = printed("all", "--entries", "50000", "--table", str(page))

    assert page.read_text().partition("\n\n")[2].strip() in told
    assert (
        "| `register.removal` | 1.9 | 1 | 1.9 | <= 1.3 x | met | at this size held to 1.95 x; milliseconds |"
        in page.read_text()
    )


def test_one_benchmark_that_breaks_off_misses_and_the_others_are_measured(monkeypatch, tmp_path):
    page = tmp_path / "table.md"
    monkeypatch.setattr(benchmark, "_all_benchmarks", lambda: {"busy": None, "none": None, "waiting": None})

    def measured(planned, *, picture, _apart=benchmark._measured_apart):
        if planned.work == "none":
            assert "| `base.1m` | 0.8 |" in page.read_text(), "written before the next one begins"
            return _apart(planned, picture=picture)
        return [row_for(Measured(work="base.1m", value=0.8), read_goals())]

    monkeypatch.setattr(benchmark, "_measured_apart", measured)

    with pytest.raises(CommandError, match=r"goals missed: none$"):
        printed("all", "--table", str(page))

    head, _, table = page.read_text().partition("\n\n")
    assert head.startswith("Measured on 20")
    assert [line.split("`")[1] for line in table.splitlines()[2:]] == ["base.1m", "none", "base.1m"]
    assert table.splitlines()[3].endswith(" | **missed** | broke off with exit code 2 |")


def test_a_benchmark_of_all_is_measured_in_a_process_of_its_own():
    planned = together.Planned(work="waiting", entries=2)

    rows = benchmark._measured_apart(planned, picture=None)

    told = [row_for(measured, read_goals()) for measured in waiting.measure_waiting(entries=2)]
    assert rows == told


@pytest.mark.parametrize(
    ("ratio", "met"), [(1.3 * together.SLACK, True), (1.3 * together.SLACK + 0.001, False)]
)
def test_an_upper_ratio_at_the_limit_of_its_slack(ratio, met):
    goal = read_goals()["register.removal"]

    assert together.with_slack(row("register.removal", ratio, 1.0), goal).met is met


@pytest.mark.parametrize(("ratio", "met"), [(0.334, True), (0.333, False)])
def test_a_lower_ratio_at_the_limit_of_its_slack(ratio, met):
    goal = read_goals()["web.cached"]

    assert together.with_slack(row("web.cached", ratio, 1.0), goal).met is met


def test_what_has_no_ratio_is_held_at_the_whole_size_alone():
    held = together.with_slack(row("base.1m", 600.0), read_goals()["base.1m"])

    assert held.met
    assert held.note == "held at the whole size alone; as told"


def test_every_benchmark_is_measured_or_left_out_with_a_reason():
    known = benchmark._all_benchmarks()

    small = {one.work: one for one in together.plan(known, entries=50_000)}
    whole = {one.work: one for one in together.plan(known, entries=together.WHOLE)}

    assert set(small) == set(known)
    assert {work for work, one in small.items() if not one.left_out} == {"engine.150k", "register"}
    assert set(whole) == set(known) - {"trail"}
    assert not any(one.left_out for one in whole.values())
    assert set(together._LEFT_OUT) <= set(known)


def test_a_row_that_was_not_measured_says_why_in_the_table():
    told = together.table([together.left_out(together.Planned(work="web", left_out="takes minutes"))])

    assert told.splitlines()[-1] == "| `web` |  |  |  |  |  | left out: takes minutes |"
    assert isinstance(row("web.cached", 2000.0, 1000.0), Row)


@given(
    power=st.floats(-1, 2),
    factor=st.floats(0.001, 1_000),
    sizes=st.lists(st.integers(2, 7), min_size=2, max_size=5, unique=True),
)
def test_the_slope_is_the_power(power, factor, sizes):
    points = [Point(10**size, factor * 10 ** (size * power)) for size in sizes]

    assert growth.slope(points) == pytest.approx(power, abs=1e-6)


def test_a_curve_is_drawn_with_its_slope_and_every_point_inside_its_frame():
    points = [Point(10_000, 0.15), Point(100_000, 0.2), Point(1_000_000, 0.21)]
    curve = growth_picture.Curve(name="milliseconds a <place>", points=points, slope=growth.slope(points))

    picture = growth_picture.draw([curve] * 5)

    tree = ElementTree.fromstring(picture)  # noqa: S314 - our own picture
    circles = tree.findall(".//{http://www.w3.org/2000/svg}circle")
    assert len(circles) == 15
    assert all(56 <= float(one.get("cx")) <= 296 and 40 <= float(one.get("cy")) <= 190 for one in circles)
    assert "milliseconds a &lt;place&gt;" in picture
    assert f"grows by the power {curve.slope:.2f}" in picture
    assert tree.get("height") == "480"


def test_growth_is_measured_at_sizes_up_to_the_one_asked_for(monkeypatch, tmp_path):
    monkeypatch.setattr(growth, "_costs", lambda size: [(name, size / 1_000) for name in growth._UNITS])
    picture = tmp_path / "growth.svg"

    rows = list(growth.measure_growth(entries=100_000, picture=str(picture)))

    assert [one.work for one in rows] == list(growth._UNITS)
    assert all(one.value == pytest.approx(1) for one in rows)
    assert "10 at 10,000, 32 at 32,000, 100 at 100,000" in rows[0].note
    assert picture.read_text().startswith("<svg")
    assert {one.work for one in rows} <= set(read_goals())
