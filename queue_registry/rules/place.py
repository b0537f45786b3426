"""
Why a place changed: every event of a list moves a later entry by one place or none, for one counted reason.

A place is one more than the number of active entries ahead (registration moment, then file number). The
effects of all events between two moments therefore add up to the difference of the places, exactly.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from queue_registry.rules.statuses import ACTIVE, QueueEntryStatus


class ReasonCode(StrEnum):
    """Why a place changed. All but the two OWN codes tell of others, who are counted and never named."""

    HOUSED = "HOUSED"
    REMOVED = "REMOVED"
    RESTORED = "RESTORED"
    REGISTERED_AHEAD = "REGISTERED_AHEAD"
    MOVED_AHEAD = "MOVED_AHEAD"
    MOVED_BEHIND = "MOVED_BEHIND"
    CAME_FROM_LIST = "CAME_FROM_LIST"
    LEFT_FOR_LIST = "LEFT_FOR_LIST"
    OWN_MOMENT = "OWN_MOMENT"
    OWN_LIST = "OWN_LIST"


class EventKind(StrEnum):
    """What an event of an entry changed."""

    REGISTERED = "REGISTERED"
    MOVED = "MOVED"
    REGISTERED_AT_CHANGED = "REGISTERED_AT_CHANGED"
    LIST_CHANGED = "LIST_CHANGED"


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """A reason with the ground of the events that it counts; the ground may be empty."""

    code: ReasonCode
    ground: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What an entry holds: its list, its status, and the key of its order there."""

    waiting_list: int
    status: str
    registered_at: datetime
    file_number: str

    @property
    def is_active(self) -> bool:
        return QueueEntryStatus(self.status) in ACTIVE

    def is_ahead_of(self, other: "Held") -> bool:
        """Say whether this entry takes a place before the other's key on the other's list."""
        return (
            self.is_active
            and self.waiting_list == other.waiting_list
            and (self.registered_at, self.file_number) < (other.registered_at, other.file_number)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: whose, of which kind, on which ground, and what the entry holds after it."""

    entry: int
    kind: str
    ground: str
    after: Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """
    How many stand ahead of an entry at two moments, and by how much each reason changed that.

    The place is one more, where the entry is active.
    """

    ahead_from: int
    ahead_to: int
    effects: Mapping[Reason, int]


def reason_of(*, kind: str, ground: str, moved_to: str, effect: int) -> Reason:
    """Return the reason by which another's event moved an entry back by one (+1) or forward by one (-1)."""
    if kind == EventKind.REGISTERED:
        return Reason(ReasonCode.REGISTERED_AHEAD, ground)
    if kind == EventKind.LIST_CHANGED:
        return Reason(ReasonCode.CAME_FROM_LIST if effect > 0 else ReasonCode.LEFT_FOR_LIST, ground)
    if kind == EventKind.REGISTERED_AT_CHANGED:
        return Reason(ReasonCode.MOVED_AHEAD if effect > 0 else ReasonCode.MOVED_BEHIND, ground)
    if effect > 0:
        return Reason(ReasonCode.RESTORED, ground)
    if moved_to == QueueEntryStatus.HOUSED:
        return Reason(ReasonCode.HOUSED)
    return Reason(ReasonCode.REMOVED, ground)


def own_reason(*, before: Held, after: Held, ground: str) -> Reason:
    """Return the reason by which an entry's own event moved it."""
    changed_list = before.waiting_list != after.waiting_list
    return Reason(ReasonCode.OWN_LIST if changed_list else ReasonCode.OWN_MOMENT, ground)


def count_ahead(states: Mapping[int, Held], subject: int) -> int:
    """Return how many entries stand ahead of an entry, which need not be active itself."""
    mine = states[subject]
    return sum(other.is_ahead_of(mine) for entry, other in states.items() if entry != subject)


def explain(*, states: Mapping[int, Held], events: Iterable[Event], subject: int) -> Explanation:
    """
    Walk from the states of one moment through all events until another, in their order, and count what each
    did to the subject.
    """
    now = dict(states)
    ahead_from = count_ahead(now, subject)
    effects: Counter[Reason] = Counter()
    for event in events:
        before = now.get(event.entry)
        if event.entry == subject:
            ahead = count_ahead(now, subject)
            now[subject] = event.after
            moved = count_ahead(now, subject) - ahead
            if moved and before is not None:
                effects[own_reason(before=before, after=event.after, ground=event.ground)] += moved
            continue
        mine = now[subject]
        effect = event.after.is_ahead_of(mine) - (before is not None and before.is_ahead_of(mine))
        now[event.entry] = event.after
        if effect:
            reason = reason_of(
                kind=event.kind, ground=event.ground, moved_to=event.after.status, effect=effect
            )
            effects[reason] += effect
    # An own reason may have moved the entry forth and back.
    kept = {reason: effect for reason, effect in sorted(effects.items()) if effect}
    return Explanation(ahead_from=ahead_from, ahead_to=count_ahead(now, subject), effects=kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    What one day, or the days from `since` to `on`, did to a place: None where the entry had none.

    The effects add up to `ahead_to - ahead_from`: with places on both sides to the difference of the places.
    """

    since: date
    on: date
    place_from: int | None
    place_to: int | None
    ahead_from: int
    ahead_to: int
    effects: Mapping[Reason, int]


def joined(changes: Sequence[Change]) -> Change:
    """Return what several successive changes did together."""
    effects: Counter[Reason] = Counter()
    for change in changes:
        effects.update(change.effects)
    first, last = changes[0], changes[-1]
    return replace(
        first,
        on=last.on,
        place_to=last.place_to,
        ahead_to=last.ahead_to,
        effects={reason: effect for reason, effect in sorted(effects.items()) if effect},
    )


def by_month(changes: Sequence[Change]) -> list[Change]:
    """Return the changes with those of each calendar month joined."""
    months = groupby(changes, key=lambda change: (change.on.year, change.on.month))
    return [joined(list(month)) for _, month in months]
