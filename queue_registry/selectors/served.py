"""
Whom a list serves now: how many got a home through it in the last twelve months, and the registration served
last. Everybody is told that of a list, so a process remembers it for some seconds, as it does public pages.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from queue_registry.selectors.kept_queries import rows_of

# So far back a list's homes are counted (product A14).
_WITHIN: Final = timedelta(days=365)
# More lists than the country has.
_LISTS: Final = 4096

# Moves by which a home came through the list, and that nobody took back since.
_HOUSED: Final = """
WITH housed AS (
    SELECT recorded_at, registered_at, id FROM queue_registry_queueentryevent AS event
    WHERE waiting_list_id = %(list)s AND recorded_at > %(since)s
        AND kind = 'MOVED' AND moved_to = 'HOUSED' AND ground <> 'HOUSED_ON_OTHER_LIST'
        AND NOT EXISTS (
            SELECT FROM queue_registry_queueentryevent AS later
            WHERE later.entry_id = event.entry_id AND later.moved_from = 'HOUSED'
                AND (later.recorded_at, later.id) > (event.recorded_at, event.id)
        )
)
SELECT (SELECT count(*) FROM housed), registered_at FROM housed
ORDER BY recorded_at DESC, registered_at DESC, id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """How many of a list got a home in the last twelve months, and the registration served last."""

    housed: int
    registered_at: datetime


_remembered: Final[dict[int, tuple[datetime, Served | None]]] = {}


def served_lately(waiting_list_id: int, *, at: datetime) -> Served | None:
    """Return whom a list serves at a moment, or some seconds before it; None where it got no home."""
    found = _remembered.get(waiting_list_id)
    if found is not None and timedelta() <= at - found[0] < _remembered_for():
        return found[1]
    if len(_remembered) >= _LISTS:
        _remembered.clear()
    served = _served(waiting_list_id, at=at)
    _remembered[waiting_list_id] = at, served
    return served


def _served(waiting_list_id: int, *, at: datetime) -> Served | None:
    for housed, registered_at in rows_of(_HOUSED, {"list": waiting_list_id, "since": at - _WITHIN}):
        return Served(housed=housed, registered_at=registered_at)
    return None


def _remembered_for() -> timedelta:
    return timedelta(seconds=settings.PUBLIC_PAGES_REMEMBERED_SECONDS)
