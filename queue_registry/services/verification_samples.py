"""
Sampled verification: entries drawn by a published seed are compared with their paper files, one by one.

The seed is made of the head of the trail that was sealed and published for the day before: nobody gives one.
A day has one sample, and it is checked to its end before another is drawn: nobody draws until it looks well.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Q

from queue_registry.models import Akimat, ImportRow, SampledEntry, User, VerificationSample
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.digitization import sampling
from queue_registry.rules.digitization.gate_refusals import GateRefusal, GateRefused
from queue_registry.selectors import samples
from queue_registry.services import audit


class Differs(StrEnum):
    """What of an entry is another than in its paper file."""

    MOMENT = "MOMENT"
    LIST = "LIST"
    FAMILY = "FAMILY"
    IDENTITY = "IDENTITY"
    NO_FILE = "NO_FILE"


@transaction.atomic
def draw(*, akimat: Akimat, size: int, by: User, at: datetime) -> VerificationSample:
    """
    Draw the sample of the day from the file numbers that have a place; all where there are fewer than `size`.

    Drawn again on the same day it is the same, whatever the size, while it counts.

    :raises GateRefused: SAMPLE_SIZE_INVALID, SAMPLE_OPEN, HEAD_NOT_SEALED, NOBODY_STANDS.
    """
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    if size < 1:
        raise GateRefused(GateRefusal.SAMPLE_SIZE_INVALID)
    counting = samples.get_counting_sample(locked)
    if counting is not None and civil_day(counting.drawn_at) == civil_day(at):
        return counting
    if counting is not None and SampledEntry.objects.filter(sample=counting, result="").exists():
        raise GateRefused(GateRefusal.SAMPLE_OPEN)
    head = samples.get_head(locked, at=at)
    if head is None:
        raise GateRefused(GateRefusal.HEAD_NOT_SEALED)
    population = samples.population_of(locked)
    if not population:
        raise GateRefused(GateRefusal.NOBODY_STANDS)
    seed = samples.seed_of(head, at=at)
    drawn = sampling.draw(seed=seed, file_numbers=population, size=size)
    sample = VerificationSample.objects.create(
        akimat=locked,
        seed=seed,
        head_on=head.on,
        head_sha256=head.sha256,
        size=len(drawn),
        population=len(population),
        population_sha256=sampling.population_sha256(list(population)),
        drawn_by=by,
        drawn_at=at,
    )
    SampledEntry.objects.bulk_create(
        SampledEntry(sample=sample, entry_id=population[number], position=position)
        for position, number in enumerate(drawn, start=1)
    )
    audit.record(
        akimat=locked,
        by=by,
        at=at,
        event="verification_sample.drawn",
        target=f"verification_sample:{sample.pk}",
        seed=seed,
        head_on=head.on.isoformat(),
        head_sha256=head.sha256,
        size=sample.size,
        population=sample.population,
        population_sha256=sample.population_sha256,
    )
    return sample


@transaction.atomic
def check(
    *, sampled_id: int, differs: Collection[Differs], note: str, by: User, at: datetime
) -> SampledEntry:
    """
    Write down what the comparison of one entry with its paper file came to; nothing in `differs`: it agrees.

    :raises GateRefused: CHECKED_ALREADY, ANOTHER_PERSON_NEEDED (who put one of its rows in, or entered it).
    """
    sampled = (
        SampledEntry.objects.select_for_update(of=("self",), no_key=True)
        .select_related("sample__akimat", "entry__application")
        .get(pk=sampled_id)
    )
    if sampled.result:
        raise GateRefused(GateRefusal.CHECKED_ALREADY)
    if by.pk in entered_by(sampled):
        raise GateRefused(GateRefusal.ANOTHER_PERSON_NEEDED)
    sampled.result = SampledEntry.Result.DIFFERS if differs else SampledEntry.Result.AGREES
    sampled.differs, sampled.note = sorted(set(differs)), note.strip()
    sampled.checked_by, sampled.checked_at = by, at
    sampled.save(update_fields=["result", "differs", "note", "checked_by", "checked_at"])
    audit.record(
        akimat=sampled.sample.akimat,
        by=by,
        at=at,
        event="verification_sample.checked",
        target=f"verification_sample:{sampled.sample_id}",
        file_number=sampled.entry.file_number,
        result=sampled.result,
        differs=sampled.differs,
    )
    return sampled


def entered_by(sampled: SampledEntry) -> frozenset[int]:
    """Return the keys of those who brought an entry in: they may not compare it with its paper file."""
    application = sampled.entry.application
    rows = ImportRow.objects.filter(
        Q(application=application) | Q(application__joined_into=application)
    ).values_list("batch__imported_by", flat=True)
    return frozenset({application.entered_by_id, *rows.distinct()})
