"""Moments and figures as a protocol prints them."""

from decimal import Decimal

import pytest
from django.utils import translation

from allocation.documents import policy_words
from allocation.documents.figures import number, registration_moment, rounded
from queue_registry import formats
from tests import factories


@pytest.mark.parametrize(
    ("frozen", "printed"),
    [
        ("2016-03-02T11:38:23+05:00", "02.03.2016 12:38:23"),
        ("2016-03-02T23:59:58+06:00", "02.03.2016 23:59:58"),
        ("2016-03-02T23:59:59+06:00", "02.03.2016"),
        ("2026-03-02T23:59:59+05:00", "02.03.2026"),
        ("2026-03-02T18:59:59Z", "02.03.2026"),
    ],
)
def test_a_day_without_a_time_is_printed_as_a_day(frozen, printed):
    """In the register it stands as the last second of its day; nobody applied in that second."""
    assert registration_moment(frozen) == printed


@pytest.mark.parametrize(
    ("fraction", "printed"),
    [
        ("16345/842", "19,4121"),
        ("175/842", "0,2078"),
        ("-1/3", "-0,3333"),
        ("1/20000", "0,0001"),
        ("-1/30000", "0,0000"),
    ],
)
def test_a_share_is_printed_beside_its_fraction_with_four_places(fraction, printed):
    assert rounded(fraction) == printed


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("999", "999"),
        ("1000", "1 000"),
        ("50851", "50 851"),
        ("1234567.5", "1 234 567,5"),
        (Decimal("1036.40"), "1 036,40"),
        ("3.1", "3,1"),
        ("0", "0"),
        ("1/3", "1/3"),
        ("2026-01-01", "2026-01-01"),
    ],
)
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_number_is_printed_in_groups_as_the_pages_write_it(language, written, printed):
    with translation.override(language):
        assert number(written) == printed.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize("value", [0, 999, 1_000, 50_851, 1_234_567])
def test_page_and_protocol_write_whole_numbers_alike(value):
    assert number(str(value)) == formats.whole(value)


def test_the_digits_of_a_year_stand_together(town):
    document = factories.policy("akimat-2022").document
    values = {name: value for name, value, _basis in policy_words.rows(document, factories.ON)}

    assert "1991" in values.values()
    assert "50\N{NO-BREAK SPACE}851" in " ".join(values.values())
