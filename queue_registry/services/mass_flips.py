"""
The guard over the state systems: one whose answers turn against too many people at once is held, until a
person looked. A table that was loaded wrongly takes nobody's place.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from integrations.sources.definitions import DEFINITIONS
from queue_registry.models import QueueEntry, SourceHold
from queue_registry.rules.rechecks import is_mass_flip
from queue_registry.selectors import assessments as selectors
from queue_registry.selectors import holds
from queue_registry.services import hold_records


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripped:
    """A source that turned against these entries, and its new hold; None if another worker was quicker."""

    hold: SourceHold | None
    entries: tuple[QueueEntry, ...]


@transaction.atomic
def guard(*, sources: Collection[str], at: datetime) -> list[Tripped]:
    """
    Hold each of the sources that turned against too many people, by the figures of `definitions.toml`.

    The caller lets the entries be judged again, and then calls `record`.
    """
    found = [_guard(source, at) for source in sorted(sources)]
    return [one for one in found if one is not None]


def record(tripped: Sequence[Tripped], *, at: datetime) -> None:
    """Append what was held to the trails of the akimats concerned."""
    for one in tripped:
        if one.hold is not None:
            hold_records.record(one.hold, entries=one.entries, event="source.held", by="checks", at=at)


def _guard(source: str, at: datetime) -> Tripped | None:
    definition = DEFINITIONS[source]
    # What a person let go, speaks for itself: only answers since then are counted.
    since = max(filter(None, (at - definition.flip_window, holds.released_at(source))))
    turned = list(selectors.list_turned(source, since=since))
    answers = selectors.count_answers(source, since=since, at=at)
    if not is_mass_flip(
        flips=len(turned),
        answers=answers,
        share=definition.flip_share,
        minimum=definition.flip_minimum,
    ):
        return None
    hold: SourceHold | None
    try:
        with transaction.atomic():
            hold = SourceHold.objects.create(
                source=source, held_at=at, flips=len(turned), answers=answers, held_by=None
            )
    except IntegrityError:
        hold = None  # another worker was quicker, and knew of fewer
    return Tripped(hold=hold, entries=tuple(turned))
