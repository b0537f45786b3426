"""
A list, or one entry, of a past moment: as it was known then, or as everything recorded since corrects it.

Known then: the newest event by the time of recording. Corrected since: of all events that hold from then or
before, the newest by the time from which it holds, for status, registration moment and list each.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db import connection

from queue_registry.models import QueueEntry, WaitingList
from queue_registry.models.counting import ACTIVE_SQL
from queue_registry.rules.calendar import TIME_ZONE


class View(StrEnum):
    """Which past: as the register knew it, or as it knows it now."""

    KNOWN = "known"
    CORRECTED = "corrected"


# What an entry that stood on the list and left it held last: the event of its leaving says so.
_ON_LIST: Final = """
    SELECT {columns} FROM queue_registry_queueentryevent WHERE waiting_list_id = %(list)s AND {past}
    UNION ALL
    SELECT {columns} FROM queue_registry_queueentryevent WHERE left_list_id = %(list)s AND {past}
"""
_COLUMNS: Final = "id, entry_id, waiting_list_id, moved_to, registered_at, recorded_at"
_NEWEST: Final = """
    SELECT DISTINCT ON (entry_id) entry_id, waiting_list_id, moved_to AS status, registered_at
    FROM ({events}) AS event ORDER BY entry_id, recorded_at DESC, id DESC
"""
_LATEST: Final = (
    "(array_agg({column} ORDER BY holds_from DESC, recorded_at DESC, id DESC) FILTER ({when}))[1]"
)
_SET_BY: Final = "WHERE kind IN ('REGISTERED', '{kind}')"
_CORRECTED: Final = """
    SELECT entry_id, {waiting_list} AS waiting_list_id, {status} AS status, {moment} AS registered_at
    FROM queue_registry_queueentryevent WHERE {{whose}} AND holds_from < %(before)s GROUP BY entry_id
""".format(  # noqa: S608 - names of ours
    waiting_list=_LATEST.format(column="waiting_list_id", when=_SET_BY.format(kind="LIST_CHANGED")),
    status=_LATEST.format(column="moved_to", when=_SET_BY.format(kind="MOVED")),
    moment=_LATEST.format(column="registered_at", when=_SET_BY.format(kind="REGISTERED_AT_CHANGED")),
)
_STATES: Final = {
    View.KNOWN: _NEWEST.format(events=_ON_LIST.format(columns=_COLUMNS, past="recorded_at < %(before)s")),
    View.CORRECTED: _CORRECTED.format(
        whose=f"entry_id IN ({_ON_LIST.format(columns='entry_id', past='true')})"
    ),
}
_STATES_OF_ENTRY: Final = {
    View.KNOWN: _NEWEST.format(
        events=f"SELECT {_COLUMNS} FROM queue_registry_queueentryevent"  # noqa: S608 - names of ours
        " WHERE entry_id = %(entry)s AND recorded_at < %(before)s"
    ),
    View.CORRECTED: _CORRECTED.format(whose="entry_id = %(entry)s"),
}
_RANKED: Final = {
    view: f"""
    SELECT
        entry_id, entry.file_number, state.registered_at, state.status,
        row_number() OVER (ORDER BY state.registered_at, entry.file_number) AS place, count(*) OVER ()
    FROM ({states}) AS state JOIN queue_registry_queueentry AS entry ON entry.id = entry_id
    WHERE state.waiting_list_id = %(list)s AND state.status IN ({ACTIVE_SQL})
"""  # noqa: S608 - names of ours
    for view, states in _STATES.items()
}


@dataclass(frozen=True, slots=True)
class PastEntry:
    """An active entry of a past list, and its place there."""

    entry: int
    file_number: str
    registered_at: datetime
    status: str
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PastList:
    """Some of the entries of a past list, in order, and how many it had."""

    entries: tuple[PastEntry, ...]
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PastState:
    """What an entry held at a past moment: its list by key and its place there, if it had one."""

    waiting_list: int
    status: str
    registered_at: datetime
    place: int | None


def end_of(day: date) -> datetime:
    """Return the first moment after a day of Almaty's calendar: what was recorded before it is of the day."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=TIME_ZONE)


def get_list(
    waiting_list: WaitingList,
    *,
    before: datetime,
    view: View = View.KNOWN,
    first: int = 0,
    number: int | None = None,
) -> PastList:
    """
    Return a list as it stood just before a moment: `number` entries from the `first` on (0: the top), or all.

    One query. The length is that of the whole list, but 0 if no entry is that far down.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_RANKED[view]} ORDER BY place OFFSET %(first)s LIMIT %(number)s",
            {"list": waiting_list.pk, "before": before, "first": first, "number": number},
        )
        rows = cursor.fetchall()
    return PastList(entries=tuple(PastEntry(*row[:-1]) for row in rows), length=rows[0][-1] if rows else 0)


def get_entry(entry: QueueEntry, *, before: datetime, view: View = View.KNOWN) -> PastState | None:
    """Return what an entry held just before a moment, or None if it was not registered yet."""
    with connection.cursor() as cursor:
        cursor.execute(_STATES_OF_ENTRY[view], {"entry": entry.pk, "before": before})
        row = cursor.fetchone()
        if row is None or None in row:
            return None
        _, waiting_list, status, registered_at = row
        return PastState(
            waiting_list=waiting_list,
            status=status,
            registered_at=registered_at,
            place=_place(cursor, entry, waiting_list=waiting_list, before=before, view=view),
        )


def _place(cursor: Any, entry: QueueEntry, *, waiting_list: int, before: datetime, view: View) -> int | None:
    cursor.execute(
        f"SELECT place FROM ({_RANKED[view]}) AS ranked WHERE entry_id = %(entry)s",  # noqa: S608 - names of ours
        {"list": waiting_list, "before": before, "entry": entry.pk},
    )
    row = cursor.fetchone()
    return None if row is None else int(row[0])
