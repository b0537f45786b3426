"""The akimat is the shard key: every key that does not lead with it has its reason in docs/scale.md."""

import re

import pytest
from django.db import connection

from tools.environment import ROOT

OF_AKIMAT = {"akimat_id", "akimat_kato"}
APPS = ("queue_registry_", "allocation_", "integrations_")
# Every index and unique key but the primary ones with its columns, or what stands in a column's place.
KEYS = """
    SELECT
        indexed.relname,
        CASE WHEN indisunique THEN 'unique' ELSE 'index' END,
        string_agg(
            coalesce(attname, pg_get_indexdef(indexrelid, place::int, true)), ', ' ORDER BY place
        )
    FROM pg_index
    JOIN pg_class AS indexed ON indexed.oid = indrelid
    CROSS JOIN LATERAL unnest(indkey) WITH ORDINALITY AS part (number, place)
    LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = part.number AND part.number > 0
    WHERE indexed.relnamespace = 'public'::regnamespace AND NOT indisprimary AND place <= indnkeyatts
    GROUP BY indexrelid, 1, 2
    ORDER BY 1, 3, 2
"""


def keys():
    """Table, kind and columns of every key of ours that does not lead with the akimat."""
    with connection.cursor() as cursor:
        cursor.execute(KEYS)
        rows = cursor.fetchall()
    return {
        (table, kind, columns)
        for table, kind, columns in rows
        if table.startswith(APPS) and columns.split(",")[0] not in OF_AKIMAT
    }


def explained():
    """The same as docs/scale.md tells it: each key once, with the letter of a reason that is explained."""
    page = (ROOT / "docs" / "scale.md").read_text()
    reasons = set(re.findall(r"^\| \*\*([A-Z])\*\* \|", page, re.MULTILINE))
    rows = re.findall(r"^\| `([a-z_]+)` \| ([A-Z?]) \| (.+) \|$", page, re.MULTILINE)
    assert {letter for _, letter, _ in rows} == reasons
    told = [
        (table, kind, columns)
        for table, _, keys_ in rows
        for kind, columns in re.findall(r"(unique|index) `([^`]+)`", keys_)
    ]
    assert len(told) == len(set(told))
    return set(told)


@pytest.mark.django_db
def test_every_key_that_does_not_lead_with_the_akimat_has_its_reason_in_the_page():
    assert explained() == keys()


@pytest.mark.django_db
def test_what_is_most_of_the_rows_can_be_found_by_its_akimat():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE column_name IN ('akimat_id', 'akimat_kato') AND table_schema = 'public'"
        )
        tables = {table for (table,) in cursor.fetchall()}

    assert {
        "queue_registry_queueentry",
        "queue_registry_application",
        "queue_registry_waitinglist",
        "queue_registry_auditevent",
        "queue_registry_trailhead",
        "allocation_allocationround",
        "allocation_dwelling",
        "allocation_sitting",
    } <= tables
