"""
The guard over the state systems: one whose answers turn against too many people at once is held, until a
person looked. A table that was loaded wrongly takes nobody's place.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction

from integrations.sources.definitions import DEFINITIONS
from queue_registry.models import QueueEntry, SourceHold
from queue_registry.rules.rechecks import is_mass_flip
from queue_registry.selectors import assessments as selectors
from queue_registry.selectors import holds
from queue_registry.services import hold_records


@transaction.atomic
def guard(*, sources: Collection[str], at: datetime) -> list[QueueEntry]:
    """
    Hold each of the sources that turned against too many people; return the entries that it turned against,
    for the caller to let them be judged again. The figures are of `definitions.toml`.
    """
    return [entry for source in sorted(sources) for entry in _guard(source, at)]


def _guard(source: str, at: datetime) -> list[QueueEntry]:
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
        return []
    try:
        with transaction.atomic():
            hold = SourceHold.objects.create(
                source=source, held_at=at, flips=len(turned), answers=answers, held_by=None
            )
    except IntegrityError:
        return turned  # another worker was quicker, and knew of fewer
    hold_records.record(hold, entries=turned, event="source.held", by="checks", at=at)
    return turned
