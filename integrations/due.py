"""Which questions are due: read and leased by source and lane, so that no source stands in another's way."""

import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from integrations.contract import Lane
from integrations.models import CheckRequest, CheckState

Place = tuple[str, Lane]
"""A source and a lane."""

# An index scan for each place, stopped at its room: a million due rows of one source cost nothing.
_DUE: Final = """
    SELECT found.source, found.lane, found.next_attempt_at, found.id
    FROM unnest(%s::text[], %s::text[], %s::int[]) AS place (source, lane, room)
    CROSS JOIN LATERAL (
        SELECT source, lane, next_attempt_at, id FROM integrations_checkrequest
        WHERE source = place.source AND lane = place.lane AND state IN ('DUE', 'LEASED')
            AND next_attempt_at <= %s
        ORDER BY next_attempt_at, id LIMIT place.room {lock}
    ) AS found
    ORDER BY found.lane DESC, found.next_attempt_at, found.id LIMIT %s
"""
_COUNT: Final = _DUE.format(lock="")
_LOCK: Final = _DUE.format(lock="FOR NO KEY UPDATE SKIP LOCKED")


def count(rooms: Mapping[Place, int], *, limit: int, at: datetime) -> Counter[Place]:
    """Return how many questions of each place are among the first `limit`, interactive ones first."""
    return Counter((source, Lane(lane)) for source, lane, _, _ in _rows(_COUNT, rooms, limit, at))


@transaction.atomic
def lease(rooms: Mapping[Place, int], *, limit: int, at: datetime, until: timedelta) -> list[CheckRequest]:
    """
    Lease up to `limit` due questions, interactive ones first, then by waiting time.

    Rows that another process is taking at this moment are passed over. A lease that ran out is due again.
    """
    keys = [key for *_, key in _rows(_LOCK, rooms, limit, at)]
    token = uuid.uuid4()
    CheckRequest.objects.filter(pk__in=keys).update(
        state=CheckState.LEASED, leased_at=at, leased_by=token, next_attempt_at=at + until
    )
    found = CheckRequest.objects.in_bulk(keys)
    return [found[key] for key in keys]


def _rows(
    statement: str, rooms: Mapping[Place, int], limit: int, at: datetime
) -> list[tuple[str, str, datetime, int]]:
    places = [(source, lane, min(room, limit)) for (source, lane), room in rooms.items() if room > 0]
    if not places:
        return []
    sources, lanes, numbers = (list(column) for column in zip(*places, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(statement, [sources, [str(lane) for lane in lanes], numbers, at, limit])
        return list(cursor.fetchall())
