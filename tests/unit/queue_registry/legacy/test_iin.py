"""Form and check digit of an IIN."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from idnumbers.nationalid.kaz.individual_id import IndividualIDNumber

from queue_registry.rules.iin import iin_check_digit, is_iin


@pytest.mark.parametrize(
    "text",
    [
        "851231100002",
        "851231200009",
        "920330200109",
        # Decided in the second pass.
        "851231100303",
        "851231201806",
        "920330200004",
        # The eleventh digit is not protected.
        "851231100012",
        "851231100092",
        # A date that no calendar has is a warning elsewhere, no error here.
        "801301100003",
        "700230100004",
        "990229200003",
    ],
)
def test_a_right_check_digit_makes_an_iin(text):
    assert is_iin(text)


@pytest.mark.parametrize(
    "text",
    [
        "000000000000",
        "111111111111",
        "85123110000",
        "8512311000022",
        "\uff1851231100002",
        "٨51231100002",
        "851231100003",
        " 851231100002",
        "",
    ],
)
def test_anything_else_is_no_iin(text):
    assert not is_iin(text)


@pytest.mark.parametrize("beginning", ["85123110039", "85123120182", "92033020003"])
def test_some_beginnings_are_never_issued(beginning):
    digit = iin_check_digit(beginning)

    assert digit is None
    assert not any(is_iin(beginning + last) for last in "0123456789")


@given(st.integers(0, 4), st.integers(1, 9_999))
def test_the_check_digit_is_the_one_that_another_library_computes(century, serial):
    beginning = f"920330{century + 1}{serial:04d}"

    digit = iin_check_digit(beginning)

    accepted = [last for last in "0123456789" if IndividualIDNumber.validate(beginning + last)]
    assert accepted == ([digit] if digit else [])
