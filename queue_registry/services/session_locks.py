"""Work that one process at a time does, without a transaction that would be as long as the work."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class Work(IntEnum):
    """First key of the lock; the second is the key of the row that is worked at."""

    IMPORT_UPLOAD = 7_105
    IMPORT_ORDER = 7_106
    WHAT_IF = 7_107


@contextmanager
def taken(work: Work, key: int) -> Iterator[bool]:
    """Hold a row for this worker; the database lets go of it when the worker's connection dies."""
    keys = [work.value, key % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
        (is_ours,) = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)
