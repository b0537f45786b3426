"""The note of whose consent an entry's questions lack, written beside its verdict."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from queue_registry.models import MissingConsent

_BATCH: Final = 5_000


def note(lacking: Mapping[int, Collection[int]], *, at: datetime) -> None:
    """Note by entry whose consent is missing now; who was noted before keeps the day since when."""
    wanted = {(entry, person) for entry, people in lacking.items() for person in people}
    rows = MissingConsent.objects.filter(entry__in=list(lacking))
    noted = {(entry, person): key for key, entry, person in rows.values_list("pk", "entry_id", "person_id")}
    gone = [key for pair, key in noted.items() if pair not in wanted]
    if gone:
        MissingConsent.objects.filter(pk__in=gone).delete()
    MissingConsent.objects.bulk_create(
        [
            MissingConsent(entry_id=entry, person_id=person, since=at)
            for entry, person in sorted(wanted - noted.keys())
        ],
        batch_size=_BATCH,
        ignore_conflicts=True,
    )
