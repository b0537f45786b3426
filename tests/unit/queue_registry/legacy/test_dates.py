"""Reading the date cell: every way of writing that clerks used, and what is no date."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.legacy.codes import Code
from queue_registry.rules.legacy.dates import ALMATY, read_date, untimed

IMPORTED_ON = date(2021, 12, 31)


def read(cell):
    return read_date(cell, imported_on=IMPORTED_ON)


@pytest.mark.parametrize(
    "cell",
    [
        date(2011, 3, 12),
        datetime(2011, 3, 12),  # noqa: DTZ001
        "12.03.2011",
        "12.3.2011",
        "12.03.2011 г.",
        "12.03.2011г.",
        "12.03.2011 ж.",
        "12/03/2011",
        "12-03-2011",
        "2011-03-12",
        "2011.03.12",
        "12 марта 2011 г.",
        "12 МАРТА 2011 года",
        "12 март 2011",
        "12 наурыз 2011 ж.",
        "2011 ж. 12 наурыз",
        "2011 жылғы 12 наурыз",
        " 12.03.2011\u00a0",
        40614,
        "40614",
        "2011-03-12T00:00:00+05:00",
        "12.03.2011 00:00",
        "12.03.2011 г. 0:00:00",
        "2011.03.12 00:00:00",
        "12.03.2011.",
        "12\u00a0марта\u00a02011\u00a0г.",
        "12.03.\u200b2011",
        "12 марта 11 г.",
        "12.03.11 00:00",
    ],
)
def test_a_day_is_read_however_it_is_written(cell):
    cell_read = read(cell)

    assert (cell_read.day, cell_read.code, cell_read.moment) == (date(2011, 3, 12), None, None)


def test_a_moment_keeps_its_instant_and_the_day_that_the_source_writes():
    cell_read = read("2016-03-02T01:38:23+05:00")

    assert cell_read.day == date(2016, 3, 2)
    assert cell_read.moment == datetime(2016, 3, 2, 1, 38, 23, tzinfo=timezone(timedelta(hours=5)))


def test_a_cell_or_serial_number_with_a_time_is_local_time():
    noon = datetime(2011, 3, 12, 12, 0, tzinfo=ALMATY)

    assert read(datetime(2011, 3, 12, 12, 0)).moment == noon  # noqa: DTZ001
    assert read(Decimal("40614.5")).moment == noon


@pytest.mark.parametrize("cell", ["12.03.2011 9:05:01", "12.03.2011 г., 09:05:01", "2011-03-12 09:05:01"])
def test_a_time_behind_a_day_is_local_time(cell):
    assert read(cell).moment == datetime(2011, 3, 12, 9, 5, 1, tzinfo=ALMATY)


def test_a_moment_in_utc_keeps_the_day_that_is_written():
    cell_read = read("2011-03-12T20:30:00Z")

    assert cell_read.day == date(2011, 3, 12)
    assert cell_read.moment == datetime(2011, 3, 12, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "day"),
    [(9_999, None), (10_000, date(1927, 5, 18)), (44_561, IMPORTED_ON), ("44561,25", IMPORTED_ON)],
)
def test_serial_numbers_of_days_are_read_within_the_years_that_lists_can_have(cell, day):
    assert read(cell).day == day


@pytest.mark.parametrize("cell", ["2011", 2011, "2011 г.", "2011 год", "2011 ж.", "2011 жылы", "2011г"])
def test_a_bare_year_stands_for_its_last_day(cell):
    cell_read = read(cell)

    assert (cell_read.day, cell_read.code) == (date(2011, 12, 31), Code.YEAR_ONLY)


@pytest.mark.parametrize("cell", [None, "", "  ", "-", "нет", "жоқ", "б/н"])
def test_an_empty_cell_and_words_for_nothing_are_no_date(cell):
    assert read(cell).code is Code.NO_DATE


@pytest.mark.parametrize(
    "cell",
    [
        "31.02.2012",
        "29.02.2011",
        "00.03.2011",
        "12.13.2011",
        "12.03.2011, 15.04.2012",
        "12.03.2011 15.04.2012",
        "12.03.2011/15.04.2012",
        "12 мартобря 2011 г.",
        "2011-02-30T10:00:00+05:00",
        "2011-03-12T25:00:00+05:00",
        "12.03.1811",
        "март 2011",
        "12032011",
        5,
        -1,
        Decimal("2011.5"),
        "в 2011",
        "12.03.2011 25:00",
        "12.03.2011 10:60",
        "12.03.2011 г. 15.04.2012 г.",
        "12.03.2011\n15.04.2012",
        "2011-03-12T10:00:00+05:00, 2012-04-15T10:00:00+05:00",
        "0001-01-01T10:00:00+05:00",
        "1899-12-31",
        date(1899, 12, 31),
        datetime(1, 1, 1, 10, 0),  # noqa: DTZ001
        "\uff11\uff12.03.2011",
        "12.03.2O11",
        "2011 2012",
        "2011-2012",
        "80000",
    ],
)
def test_what_no_calendar_has_and_two_dates_in_a_cell_are_bad_dates(cell):
    cell_read = read(cell)

    assert (cell_read.day, cell_read.code) == (None, Code.BAD_DATE)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("31.12.2021", None),
        ("01.01.2022", Code.FUTURE_DATE),
        ("2022-01-01T00:00:01+05:00", Code.FUTURE_DATE),
        ("2021", Code.YEAR_ONLY),
        ("2022", Code.FUTURE_DATE),
    ],
)
def test_a_day_after_the_import_lies_in_the_future_the_day_of_import_does_not(cell, code):
    assert read(cell).code is code


@pytest.mark.parametrize(
    ("cell", "year"), [("12.03.21", 2021), ("12.03.22", 1922), ("12.03.00", 2000), ("12.03.99", 1999)]
)
def test_a_two_digit_year_is_of_this_century_up_to_the_year_of_import_and_noted(cell, year):
    cell_read = read(cell)

    assert cell_read.day == date(year, 3, 12)
    assert cell_read.two_digit_year


@given(st.dates(date(1950, 1, 1), IMPORTED_ON), st.sampled_from(["%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d"]))
def test_every_day_is_read_back_as_it_was_written(day, form):
    assert read(day.strftime(form)).day == day


@given(st.one_of(st.none(), st.text(), st.integers(), st.decimals(allow_nan=False, allow_infinity=False)))
def test_no_cell_makes_the_reader_fail(cell):
    cell_read = read(cell)

    assert cell_read.code is not None or cell_read.day is not None


def test_a_day_without_a_time_is_the_last_second_of_it_in_almaty():
    moment = untimed(date(2011, 3, 12))

    assert moment.astimezone(ALMATY).isoformat() == "2011-03-12T23:59:59+06:00"
