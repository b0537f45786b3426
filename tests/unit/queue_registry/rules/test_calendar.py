"""Working days of Kazakhstan: holidays shifted and moved, terms at their ends."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules import calendar
from queue_registry.rules.calendar import Calendar, YearUnknown, civil_day, kazakhstan

KZ = kazakhstan()
DOCUMENT = tomllib.loads((Path(calendar.__file__).parents[1] / "calendars" / "kz.toml").read_text())
KNOWN_DAYS = st.dates(date(2024, 1, 1), date(2027, 10, 31))


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        ("2026-09-01", True),
        ("2026-08-29", False),
        ("2026-08-30", False),
        ("2026-08-31", True),  # 30 August is no holiday since 2026, so nothing is shifted
        ("2025-09-01", False),  # shifted from Saturday 30 August 2025
        ("2024-05-04", True),  # a Saturday worked for 8 May
        ("2024-05-08", False),
        ("2025-01-03", False),
        ("2025-01-05", True),  # a Sunday worked for 3 January
        ("2026-03-25", False),  # the second shifted day of Nauryz
        ("2026-03-26", True),
        ("2024-01-07", False),
        ("2024-01-08", True),  # Christmas on a Sunday is not shifted
        ("2024-06-17", True),  # nor is the first day of Kurban Ait
        ("2026-05-27", False),
        ("2027-03-15", False),
        ("2027-08-30", True),
    ],
)
def test_a_day_is_worked_or_not_as_the_acts_say(day, is_worked):
    assert KZ.is_working_day(date.fromisoformat(day)) is is_worked


@pytest.mark.parametrize(
    ("start", "count", "last"),
    [
        ("2026-09-01", 1, "2026-09-02"),
        ("2026-09-01", 5, "2026-09-08"),
        ("2026-09-04", 1, "2026-09-07"),  # from Friday over the week-end
        ("2026-03-20", 1, "2026-03-26"),  # over Nauryz and its shifted days
        ("2024-05-03", 1, "2024-05-04"),  # the worked Saturday counts
        ("2025-12-30", 2, "2026-01-05"),  # over New Year into the next known year
    ],
)
def test_a_term_ends_with_its_last_working_day_and_does_not_count_its_first_day(start, count, last):
    assert KZ.working_day_after(date.fromisoformat(start), count=count) == date.fromisoformat(last)


def test_a_term_into_a_year_without_data_is_refused():
    with pytest.raises(YearUnknown) as caught:
        KZ.working_day_after(date(2027, 12, 30), count=2)

    assert caught.value.year == 2028


def test_a_term_has_at_least_one_day():
    with pytest.raises(ValueError, match="count"):
        KZ.working_day_after(date(2026, 9, 1), count=0)


@given(start=KNOWN_DAYS, count=st.integers(1, 30))
def test_a_term_has_as_many_working_days_as_it_says_and_ends_on_one(start, count):
    last = KZ.working_day_after(start, count=count)

    assert KZ.is_working_day(last)
    assert KZ.working_days_between(start, last) == count
    assert KZ.working_days_between(start, last - timedelta(days=1)) == count - 1


@given(start=KNOWN_DAYS, count=st.integers(1, 30))
def test_a_later_start_never_ends_earlier(start, count):
    following = start + timedelta(days=1)

    assert KZ.working_day_after(start, count=count) <= KZ.working_day_after(following, count=count)


@pytest.mark.parametrize("block", DOCUMENT["years"], ids=lambda block: str(block["year"]))
def test_every_shifted_or_moved_day_names_a_free_or_worked_day_of_rest(block):
    rest = set(DOCUMENT["week"]["days_of_rest"])
    worked = {day["on"] for day in block["worked"]}
    holidays = {day["on"] for day in block["free"]}
    for day in block["free"]:
        if "shifted from " in day["why"]:
            source = date.fromisoformat(day["why"].rpartition(" ")[2])
            assert source in holidays
            assert source.isoweekday() in rest
        if "moved from " in day["why"]:
            assert date.fromisoformat(day["why"].rpartition(" ")[2]) in worked
    assert all(day.isoweekday() in rest for day in worked)


@pytest.mark.parametrize("block", DOCUMENT["years"], ids=lambda block: str(block["year"]))
def test_every_holiday_on_a_day_of_rest_is_shifted_but_christmas_and_kurban_ait(block):
    rest = set(DOCUMENT["week"]["days_of_rest"])
    shifted = {day["why"].rpartition(" ")[2] for day in block["free"] if "shifted from " in day["why"]}
    expected = {
        day["on"].isoformat()
        for day in block["free"]
        if day["on"].isoweekday() in rest and day["why"] not in {"Orthodox Christmas", "Kurban Ait"}
    }

    assert shifted == expected


@pytest.mark.parametrize("block", DOCUMENT["years"], ids=lambda block: str(block["year"]))
def test_every_year_names_its_act(block):
    assert "267-II" in block["act"]


def test_a_day_of_another_year_in_a_block_is_refused():
    block = {"year": 2026, "free": [{"on": date(2027, 1, 1)}], "worked": []}

    with pytest.raises(ValueError, match=r"years\[2026\].free"):
        Calendar.from_document({"week": {"days_of_rest": [6, 7]}, "years": [block]})


def test_the_day_of_a_moment_is_that_of_kazakhstan():
    assert civil_day(datetime(2026, 8, 31, 18, 59, 59, tzinfo=UTC)) == date(2026, 8, 31)
    assert civil_day(datetime(2026, 8, 31, 19, 0, 0, tzinfo=UTC)) == date(2026, 9, 1)
