"""Moments and figures as a protocol prints them."""

import pytest

from allocation.documents.figures import registration_moment, rounded


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
