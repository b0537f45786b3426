"""Rows are written by hand where json.dumps is too slow: what comes out is the same to the letter."""

import hashlib
import json
from datetime import datetime
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.legacy_files.stored import unpacked, written
from queue_registry.rules.legacy.cells import text_of
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.rows import RawRow, digest
from queue_registry.selectors import many

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
CELLS = st.dictionaries(
    TEXTS.filter(lambda name: name != "ordinal"),
    st.one_of(
        st.none(),
        TEXTS,
        st.integers(),
        st.decimals(allow_nan=False, allow_infinity=False),
        st.dates(),
        st.datetimes(),
    ),
    max_size=6,
)


@given(cells=CELLS)
def test_stored_cells_are_json_and_come_back_as_they_were(cells):
    assert unpacked(json.loads(written(cells))) == cells


def test_days_moments_and_decimals_say_what_they_are_and_a_nul_is_kept_as_a_sign():
    moment = datetime.fromisoformat("2012-03-04T05:00:00")
    cells = {
        "a": moment.date(),
        "b": moment,
        "c": Decimal("1.50"),
        "d": "x\x00",
        "e": None,
    }

    assert written(cells) == (
        '{"a":{"day": "2012-03-04"},"b":{"moment": "2012-03-04T05:00:00"},"c":{"decimal": "1.50"},'
        '"d":"x\ufffd","e":null}'
    )


@given(cells=CELLS)
def test_a_digest_is_that_of_sorted_json_of_the_texts(cells):
    raw = RawRow(source=Source.SPP, sheet="", sheet_no=0, row=2, cells=cells | {"ordinal": 7})
    texts = {name: text for name, cell in cells.items() if (text := text_of(cell))}
    as_json = json.dumps(texts, sort_keys=True, ensure_ascii=False)

    assert digest(raw) == hashlib.sha256(as_json.encode()).hexdigest()


@pytest.mark.django_db
def test_many_texts_reach_the_database_as_they_are():
    names = ['a"b', "c\\d", "e,f", "{g}", "NULL", "", " h "]
    asked = many.texts(names)
    none = many.texts([])

    with connection.cursor() as cursor:
        cursor.execute(asked.sql, asked.params)
        assert [name for (name,) in cursor.fetchall()] == names
        cursor.execute(none.sql, none.params)
        assert cursor.fetchall() == []
