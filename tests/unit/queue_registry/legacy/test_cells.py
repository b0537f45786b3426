"""Reading the IIN, the family and the counts of a legacy list."""

from decimal import Decimal

import pytest

from queue_registry.rules.iin import iin_check_digit
from queue_registry.rules.legacy.cells import read_count, read_family, read_iin, text_of
from queue_registry.rules.legacy.codes import Code
from tests.unit.queue_registry.legacy.builders import ANNA, BOTA


@pytest.mark.parametrize(
    "cell",
    [
        "851231100002",
        851231100002,
        " 8512 3110\u00a00002 ",
        "851231-100002",
        "851231–100002",
        "\u200b851231100002\ufeff",
    ],
)
def test_twelve_digits_are_read_as_text_or_number_with_spaces_and_hyphens(cell):
    read = read_iin(cell)

    assert (read.iin, read.code, read.padded) == ("851231100002", None, False)


@pytest.mark.parametrize("cell", [None, "", " ", "-", "–", "—", "нет", "НЕТ", "б/н", "Б/Н", "жоқ", "Жоқ."])
def test_nothing_and_the_words_for_nothing_are_no_iin(cell):
    assert read_iin(cell).code is Code.NO_IIN


@pytest.mark.parametrize(
    "cell",
    [
        "851231100003",  # wrong check digit
        "8512311000020",  # thirteen
        "000000000000",
        "8,6E+11",
        "8.6E+11",
        "8,60E+11",
        860000000000,
        "\uff18\uff15\uff11\uff12\uff13\uff11\uff11\uff10\uff10\uff10\uff10\uff12",
        "851231100002.0",
        "нет данных",
        Decimal("860000000000.5"),
        "８51231100002",  # noqa: RUF001
        "см. дело",
        "12345678",  # eight digits: too few to be a lost zero
        0,
    ],
)
def test_what_is_no_iin_is_bad_and_not_guessed(cell):
    read = read_iin(cell)

    assert (read.iin, read.code) == (None, Code.BAD_IIN)


def _issued(beginning):
    return beginning + iin_check_digit(beginning)


@pytest.mark.parametrize("iin", [_issued("01020310001"), _issued("00020310012"), _issued("00010110013")])
@pytest.mark.parametrize("as_cell", [int, lambda iin: iin.lstrip("0")])
def test_nine_to_eleven_digits_are_padded_on_the_left(iin, as_cell):
    read = read_iin(as_cell(iin))

    assert (read.iin, read.code, read.padded) == (iin, None, True)


@pytest.mark.parametrize("cell", [10203100019, "203100119"])
def test_a_padded_number_is_checked_like_any_other(cell):
    assert iin_check_digit(str(cell).zfill(12)[:11]) != "9"

    read = read_iin(cell)

    assert (read.iin, read.code, read.padded) == (None, Code.BAD_IIN, True)


def test_the_family_is_read_in_its_order_without_repeats_and_bad_numbers_are_counted():
    read = read_family(f"{BOTA};{ANNA}; {BOTA};123;")

    assert read.iins == (BOTA, ANNA)
    assert read.bad == 1


@pytest.mark.parametrize(("cell", "count"), [(3, 3), ("4", 4), (None, None), ("3 чел.", None), (-1, None)])
def test_a_count_is_a_whole_number_or_unknown(cell, count):
    assert read_count(cell) == count


def test_white_space_in_text_is_made_single_spaces():
    assert text_of("  Ким\u00a0\n Бота ") == "Ким Бота"


def test_signs_without_a_shape_are_dropped_and_letters_typed_as_two_signs_are_one():
    assert text_of("\ufeffАи\u0306\u00adгүл\u200b ") == "Айгүл"
