"""
Form and check digit of an IIN; nothing else is read from it.

The people of these numbers would have been born in the 1800s: none of them is alive.
"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from idnumbers.nationalid import KAZ

from queue_registry.rules.iin import iin_check_digit, is_iin


@pytest.mark.parametrize("number", ["851231100002", "851231200009", "920330200109"])
def test_a_check_digit_of_the_first_pass_is_valid(number):
    assert is_iin(number)


@pytest.mark.parametrize("number", ["851231100303", "851231201806", "920330200004"])
def test_a_check_digit_of_the_second_pass_is_valid(number):
    assert is_iin(number)


@pytest.mark.parametrize("beginning", ["85123110039", "85123120182", "92033020003"])
def test_a_beginning_without_a_check_digit_is_never_a_number(beginning):
    assert iin_check_digit(beginning) is None
    assert not any(is_iin(beginning + digit) for digit in "0123456789")


def test_the_eleventh_digit_is_not_protected():
    assert [is_iin(f"8512311000{digit}2") for digit in "0123456789"].count(True) > 1
    assert is_iin("851231100012")
    assert is_iin("851231100092")


@pytest.mark.parametrize("number", ["801301100003", "700230100004", "990229200003"])
def test_an_impossible_date_is_no_matter_of_the_check_digit(number):
    assert is_iin(number)


@pytest.mark.parametrize(
    "number",
    [
        "000000000000",
        "111111111111",
        "85123110000",
        "8512311000020",
        "\uff1851231100002",
        "\u066851231100002",
        " 851231100002",
        "851231100002\n",
        "851231-100002",
        "85123110000O",
        "",
    ],
)
def test_anything_but_twelve_ascii_digits_with_their_check_digit_is_refused(number):
    assert not is_iin(number)


@given(
    st.dates(min_value=date(1800, 1, 1), max_value=date(1899, 12, 31)),
    st.sampled_from("12"),
    st.integers(0, 9_999),
    st.integers(0, 9),
)
def test_an_independent_library_agrees_on_numbers_with_real_dates(born, sex, serial, last):
    number = f"{born:%y%m%d}{sex}{serial:04}{last}"

    assert is_iin(number) == KAZ.IndividualIDNumber.validate(number)


@given(st.text("0123456789", min_size=11, max_size=11))
def test_at_most_one_digit_completes_a_number(beginning):
    completed = [digit for digit in "0123456789" if is_iin(beginning + digit)]

    assert completed == [digit for digit in [iin_check_digit(beginning)] if digit and beginning != "0" * 11]
