"""The file number: form, check digit, what people mistype."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.file_number import NotAFileNumber, check_digit, file_number, parse_file_number

numbers = st.builds(
    file_number,
    kato=st.from_regex(r"\A[0-9]{9}\Z"),
    running_number=st.integers(1, 9_999_999),
)


def test_the_form_is_kato_running_number_check_digit():
    assert file_number(kato="271010000", running_number=1234) == "271010-0001234-5"


@pytest.mark.parametrize("running_number", [0, 10_000_000])
def test_a_running_number_outside_seven_digits_is_refused(running_number):
    with pytest.raises(ValueError, match="between 1 and 9,999,999"):
        file_number(kato="271010000", running_number=running_number)


@given(numbers)
def test_a_made_number_reads_back_with_and_without_hyphens(number):
    assert parse_file_number(f"  {number} ") == number
    assert parse_file_number(number.replace("-", "")) == number


@given(numbers, st.integers(0, 13), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(number, position, shift):
    digits = number.replace("-", "")
    wrong = str((int(digits[position]) + shift) % 10)
    with pytest.raises(NotAFileNumber):
        parse_file_number(digits[:position] + wrong + digits[position + 1 :])


@given(numbers, st.integers(0, 12))
def test_every_swap_of_neighbors_is_found(number, position):
    digits = number.replace("-", "")
    swapped = digits[:position] + digits[position + 1] + digits[position] + digits[position + 2 :]
    if swapped == digits:
        assert check_digit(digits[:13]) == digits[13]
    else:
        with pytest.raises(NotAFileNumber):
            parse_file_number(swapped)


@pytest.mark.parametrize("text", ["", "271010", "271010-0001234-5-", "٢71010-0001234-5", "271010_0001234_5"])
def test_what_is_no_file_number_is_refused(text):
    with pytest.raises(NotAFileNumber):
        parse_file_number(text)
