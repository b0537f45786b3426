"""
How the place of an entry changed since it was registered, by day, with counted reasons that add up.

Nothing of it is stored: the places of the past follow from today's place and from the events since then, all
of them counted in one statement (`place_effects.py`). Others are counted, never named.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from queue_registry.models import QueueEntry
from queue_registry.rules.calendar import TIME_ZONE, civil_day
from queue_registry.rules.place import Change, Held, Reason, joined, own_reason, reason_of
from queue_registry.selectors.kept_queries import rows_of
from queue_registry.selectors.place_effects import EFFECTS

# The array stands in a question of its own: how long it is decides no plan, so that one is made for all.
_EVENTS: Final = """
SELECT entry_id, recorded_at, ground, waiting_list_id, moved_to, registered_at
FROM queue_registry_queueentryevent WHERE entry_id = ANY ((SELECT %(entries)s::bigint[])::bigint[])
ORDER BY entry_id, recorded_at, id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHistory:
    """
    Where an entry stood when it was registered, on which day that was recorded, and every change since.
    """

    registered_on: date
    place: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class EventRow:
    """What an event of an entry says of its place from then on."""

    entry: int
    recorded_at: datetime
    ground: str
    waiting_list: int
    moved_to: str
    registered_at: datetime


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


def list_histories(
    entries: Iterable[QueueEntry], *, events: Iterable[EventRow] | None = None
) -> dict[int, PlaceHistory]:
    """
    Return the history of the place of each entry, by key; two queries however many there are.

    :param events: all that happened to the entries, in its order, where it is known: then it is one query.
    """
    file_numbers = {entry.pk: entry.file_number for entry in entries}
    if events is None:
        events = (EventRow(*row) for row in rows_of(_EVENTS, {"entries": list(file_numbers)}))
    stretches = _stretches(file_numbers, events)
    _measure([stretch for of_entry in stretches.values() for stretch in of_entry])
    return {entry: _history(of_entry) for entry, of_entry in stretches.items()}


def _stretches(file_numbers: Mapping[int, str], events: Iterable[EventRow]) -> dict[int, list[_Stretch]]:
    """What each entry held, from its registration on; events of one moment are one change."""
    found: dict[int, list[_Stretch]] = {}
    for event in events:
        entry, recorded_at, ground = event.entry, event.recorded_at, event.ground
        held = Held(
            waiting_list=event.waiting_list,
            status=event.moved_to,
            registered_at=event.registered_at,
            file_number=file_numbers[entry],
        )
        of_entry = found.setdefault(entry, [])
        last = of_entry[-1] if of_entry else None
        if last is not None and last.begins == recorded_at:
            last.held, last.ground = held, ground
        elif last is None or _differs(last.held, held):
            if last is not None:
                last.ends = recorded_at
            of_entry.append(_Stretch(entry=entry, held=held, ground=ground, begins=recorded_at))
    return found


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
    rows = rows_of(EFFECTS, _parameters(stretches))
    for number, day, is_within, kind, ground, moved_to, effect, count in rows:
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
    rows = [
        {
            "number": number,
            "entry": one.entry,
            "list": one.held.waiting_list,
            "moment": one.held.registered_at.isoformat(),
            "file_number": one.held.file_number,
            "begins": one.begins.isoformat(),
            "ends": one.ends.isoformat() if one.ends is not None else None,
        }
        for number, one in enumerate(stretches)
    ]
    return {"stretches": json.dumps(rows), "zone": TIME_ZONE.key}


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
