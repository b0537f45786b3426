"""
How the place of an entry changed since it was registered, by day, with counted reasons that add up.

Nothing of it is stored: the places of the past follow from today's place and from the events since then, all
of them read in one statement. Others are counted, never named.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

from queue_registry.models import QueueEntry, QueueEntryEvent
from queue_registry.models.counting import ACTIVE_SQL
from queue_registry.rules.calendar import TIME_ZONE, civil_day
from queue_registry.rules.place import Change, Held, Reason, joined, own_reason, reason_of
from queue_registry.selectors import many
from queue_registry.selectors.kept_queries import Given, KeptQuery

# For every stretch of time through which an entry held one list, moment and status: how many stand before
# that key today, and what each event since its beginning did to that number, within the stretch and after it.
_EFFECTS: Final = f"""
WITH stretch AS (
    SELECT * FROM unnest(
        %(numbers)s::integer[], %(entries)s::bigint[], %(lists)s::bigint[], %(moments)s::timestamptz[],
        %(file_numbers)s::varchar[], %(begins)s::timestamptz[], %(ends)s::timestamptz[]
    ) AS stretch (number, entry, list, moment, file_number, begins, ends)
), moved AS (
    SELECT
        stretch.number, event.recorded_at, event.kind, event.ground, event.moved_to,
        event.recorded_at <= coalesce(stretch.ends, 'infinity') AS is_within,
        (
            event.waiting_list_id = stretch.list
            AND event.moved_to IN ({ACTIVE_SQL})
            AND (
                event.registered_at < stretch.moment
                OR (event.registered_at = stretch.moment AND (
                    SELECT file_number FROM queue_registry_queueentry WHERE id = event.entry_id
                ) < stretch.file_number)
            )
        )::integer - (
            event.kind <> 'REGISTERED'
            AND coalesce(event.left_list_id, event.waiting_list_id) = stretch.list
            AND event.moved_from IN ({ACTIVE_SQL})
            AND (
                before.registered_at < stretch.moment
                OR (before.registered_at = stretch.moment AND (
                    SELECT file_number FROM queue_registry_queueentry WHERE id = event.entry_id
                ) < stretch.file_number)
            )
        )::integer AS effect
    FROM stretch
    CROSS JOIN LATERAL (
        SELECT * FROM queue_registry_queueentryevent
        WHERE waiting_list_id = stretch.list AND recorded_at > stretch.begins
        UNION ALL
        SELECT * FROM queue_registry_queueentryevent
        WHERE left_list_id = stretch.list AND recorded_at > stretch.begins
    ) AS event
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN event.kind IN ('REGISTERED', 'MOVED') THEN event.registered_at
            ELSE (
                SELECT earlier.registered_at FROM queue_registry_queueentryevent AS earlier
                WHERE earlier.entry_id = event.entry_id
                    AND (earlier.recorded_at, earlier.id) < (event.recorded_at, event.id)
                ORDER BY earlier.recorded_at DESC, earlier.id DESC LIMIT 1
            )
        END AS registered_at
    ) AS before
    WHERE event.entry_id <> stretch.entry
        AND (
            event.kind <> 'MOVED'
            OR (event.moved_from IN ({ACTIVE_SQL})) <> (event.moved_to IN ({ACTIVE_SQL}))
        )
)
SELECT
    number, (recorded_at AT TIME ZONE %(zone)s)::date, is_within, kind, ground, moved_to, effect, count(*)
FROM moved WHERE effect <> 0 GROUP BY 1, 2, 3, 4, 5, 6, 7
UNION ALL
SELECT number, NULL, true, '', '', '', 0, queue_registry_ahead(list, moment, file_number) FROM stretch
ORDER BY 1, 2
"""  # noqa: S608 - codes of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHistory:
    """
    Where an entry stood when it was registered, on which day that was recorded, and every change since.
    """

    registered_on: date
    place: int
    changes: tuple[Change, ...]


@dataclass(slots=True, kw_only=True)
class _Stretch:
    """One entry through the time in which it held the same; the ground is of the event that began it."""

    entry: int
    held: Held
    ground: str
    begins: datetime
    ends: datetime | None = None
    ahead_today: int = 0
    days: dict[date, Counter[Reason]] = field(default_factory=dict)
    effect_after: int = 0

    @property
    def ahead_at_end(self) -> int:
        return self.ahead_today - self.effect_after

    @property
    def ahead_at_begin(self) -> int:
        return self.ahead_at_end - sum(effects.total() for effects in self.days.values())

    def place(self, ahead: int) -> int | None:
        return ahead + 1 if self.held.is_active else None


def list_histories(entries: Iterable[QueueEntry]) -> dict[int, PlaceHistory]:
    """Return the history of the place of each entry, by key; two queries however many there are."""
    stretches = _stretches({entry.pk: entry.file_number for entry in entries})
    _measure([stretch for of_entry in stretches.values() for stretch in of_entry])
    return {entry: _history(of_entry) for entry, of_entry in stretches.items()}


def _stretches(file_numbers: Mapping[int, str]) -> dict[int, list[_Stretch]]:
    """What each entry held, from its registration on; events of one moment are one change."""
    found: dict[int, list[_Stretch]] = {}
    for event in _events(entries=list(file_numbers)):
        held = Held(
            waiting_list=event.waiting_list_id,
            status=event.moved_to,
            registered_at=event.registered_at,
            file_number=file_numbers[event.entry_id],
        )
        of_entry = found.setdefault(event.entry_id, [])
        last = of_entry[-1] if of_entry else None
        if last is not None and last.begins == event.recorded_at:
            last.held, last.ground = held, event.ground
        elif last is None or _differs(last.held, held):
            if last is not None:
                last.ends = event.recorded_at
            of_entry.append(
                _Stretch(entry=event.entry_id, held=held, ground=event.ground, begins=event.recorded_at)
            )
    return found


@KeptQuery
def _events() -> QuerySet[QueueEntryEvent]:
    of_entries = QueueEntryEvent.objects.filter(entry__in=many.keys(Given("entries")))
    return of_entries.order_by("entry_id", "recorded_at", "pk")


def _differs(one: Held, other: Held) -> bool:
    """Say whether a place follows from the two in different ways: a suspension keeps it as it is."""
    return (one.waiting_list, one.registered_at, one.is_active) != (
        other.waiting_list,
        other.registered_at,
        other.is_active,
    )


def _measure(stretches: Sequence[_Stretch]) -> None:
    if not stretches:
        return
    with connection.cursor() as cursor:
        cursor.execute(_EFFECTS, _parameters(stretches))
        for number, day, is_within, kind, ground, moved_to, effect, count in cursor.fetchall():
            stretch = stretches[number]
            if day is None:
                stretch.ahead_today = count
            elif not is_within:
                stretch.effect_after += effect * count
            else:
                reason = reason_of(kind=kind, ground=ground, moved_to=moved_to, effect=effect)
                stretch.days.setdefault(day, Counter())[reason] += effect * count
    last = {stretch.entry: stretch.held for stretch in stretches}
    for stretch in stretches:
        # Today's number ahead of a former key counts the entry itself, if it stands before it now.
        stretch.ahead_today -= last[stretch.entry].is_ahead_of(stretch.held)


def _parameters(stretches: Sequence[_Stretch]) -> dict[str, Any]:
    return {
        "numbers": list(range(len(stretches))),
        "entries": [one.entry for one in stretches],
        "lists": [one.held.waiting_list for one in stretches],
        "moments": [one.held.registered_at for one in stretches],
        "file_numbers": [one.held.file_number for one in stretches],
        "begins": [one.begins for one in stretches],
        "ends": [one.ends for one in stretches],
        "zone": TIME_ZONE.key,
    }


def _history(stretches: Sequence[_Stretch]) -> PlaceHistory:
    first = stretches[0]
    days: dict[date, list[Change]] = {}
    for change in _walk(stretches):
        days.setdefault(change.on, []).append(change)
    return PlaceHistory(
        registered_on=civil_day(first.begins),
        place=first.ahead_at_begin + 1,
        changes=tuple(change for change in map(joined, days.values()) if _changed(change)),
    )


def _changed(change: Change) -> bool:
    """Say whether a day did anything: a new registration moment may pass nobody."""
    return bool(change.effects) or change.place_from != change.place_to


def _walk(stretches: Sequence[_Stretch]) -> Iterator[Change]:
    """Every step of a place: what others did on a day of a stretch, and what began the next stretch."""
    previous: _Stretch | None = None
    for stretch in stretches:
        if previous is not None:
            yield _own(previous, stretch)
        ahead = stretch.ahead_at_begin
        for day, effects in stretch.days.items():
            yield Change(
                since=day,
                on=day,
                place_from=stretch.place(ahead),
                place_to=stretch.place(ahead + effects.total()),
                ahead_from=ahead,
                ahead_to=ahead + effects.total(),
                effects=dict(sorted(effects.items())),
            )
            ahead += effects.total()
        previous = stretch


def _own(before: _Stretch, after: _Stretch) -> Change:
    moved = after.ahead_at_begin - before.ahead_at_end
    reason = own_reason(before=before.held, after=after.held, ground=after.ground)
    day = civil_day(after.begins)
    return Change(
        since=day,
        on=day,
        place_from=before.place(before.ahead_at_end),
        place_to=after.place(after.ahead_at_begin),
        ahead_from=before.ahead_at_end,
        ahead_to=after.ahead_at_begin,
        effects={reason: moved} if moved else {},
    )
