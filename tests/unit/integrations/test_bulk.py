"""Statements of thousands of rows: whatever a row holds, it stands in the database as it was."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from integrations import bulk
from integrations.models import AccessToken

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 1, 8, 30, 0, 123456, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)
MANY = settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)


def token(text, code):
    return AccessToken(
        message_id=uuid.uuid4(),
        iin="100101100000",
        source="gbd_fl",
        requested_at=AT,
        answered_at=AT,
        outcome="FOUND",
        code=code,
        public_key=text,
        expires_at=AT + timedelta(hours=1),
    )


def kept(row):
    found = AccessToken.objects.get(pk=row.pk)
    return found.public_key, bytes(found.code), found.answered_at, found.expires_at, found.revoked_at


@MANY
@given(st.lists(st.tuples(TEXTS, st.binary(max_size=40)), min_size=1, max_size=5))
@example([("NULL", b""), ("", b"\\"), ('{"a",b}\\ \n\'%s', b'"\0'), ("жеке", b"NULL")])
def test_whatever_a_row_holds_goes_in_as_it_is(values):
    rows = [token(text, code) for text, code in values]

    assert bulk.insert_new(rows, conflict="message_id") == len(rows)
    assert [kept(row) for row in rows] == [
        (text, code, AT, AT + timedelta(hours=1), None) for text, code in values
    ]


@MANY
@given(TEXTS, st.binary(max_size=40))
def test_whatever_a_row_becomes_is_written_as_it_is(text, code):
    row, other = token("before", b"before"), token("other", b"other")
    bulk.insert_new([row, other], conflict="message_id")

    row.public_key, row.code, row.revoked_at = text, code, AT
    assert bulk.update([row], fields=("public_key", "code", "revoked_at")) == 1
    assert kept(row) == (text, code, AT, AT + timedelta(hours=1), AT)
    assert kept(other) == ("other", b"other", AT, AT + timedelta(hours=1), None)


def test_bytes_that_were_read_are_written_again():
    row = token("text", b"\0\xff")
    bulk.insert_new([row], conflict="message_id")

    read = AccessToken.objects.get(pk=row.pk)
    read.code = memoryview(read.code)
    bulk.update([read], fields=("code",))
    assert kept(row)[1] == b"\0\xff"


def test_no_rows_are_no_statement():
    assert (bulk.insert_new([], conflict="key"), bulk.update([], fields=("state",))) == (0, 0)


def test_a_row_whose_key_is_taken_changes_nothing():
    first = token("first", b"1")
    second = token("second", b"2")
    second.message_id = first.message_id

    assert (
        bulk.insert_new([first], conflict="message_id"),
        bulk.insert_new([second], conflict="message_id"),
    ) == (
        1,
        0,
    )
    assert kept(first)[0] == "first"
