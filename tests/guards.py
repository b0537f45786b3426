"""How a test goes around what the database asks of every move: as the owner of the tables, who can."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

MOVES_WITH_ITS_EVENT = "queue_entry_moves_with_its_event"
EVENT_HAS_ITS_RECORD = "queue_entry_event_has_its_record"
_GUARDS = (
    ("queue_registry_queueentry", "queue_entry_enters_with_its_event"),
    ("queue_registry_queueentry", MOVES_WITH_ITS_EVENT),
    ("queue_registry_queueentryevent", EVENT_HAS_ITS_RECORD),
)


@contextmanager
def without_guards() -> Iterator[None]:
    """While inside, entries and events may be written by a bare statement, one without the other."""
    _switch("DISABLE")
    yield
    _switch("ENABLE")


def _switch(how: str) -> None:
    # What the transaction did before is asked for now: a trigger that still waits can't be switched.
    connection.check_constraints()
    with connection.cursor() as cursor:
        for table, guard in _GUARDS:
            cursor.execute(f"ALTER TABLE {table} {how} TRIGGER {guard}")
