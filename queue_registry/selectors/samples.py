"""Samples of entries compared with their paper files: which one counts, how far it is, what it says."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Greatest

from queue_registry.models import Akimat, ImportBatch, QueueEntry, SampledEntry, TrailSeal, VerificationSample
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.digitization import sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFigures:
    """How far the sample that counts is, and once it is at its end what the errors say of all."""

    population: int | None = None
    checked: int = 0
    errors: int = 0
    error_high: Fraction | None = None


NONE: Final = SampleFigures()


def get_counting_sample(akimat: Akimat) -> VerificationSample | None:
    """Return the newest sample, if it was drawn from the lists as they are since the last confirmed file."""
    last: VerificationSample | None = newest(
        VerificationSample.objects.filter(akimat=akimat), "drawn_at"
    ).get(akimat.pk)
    files = last_files([akimat.pk]).get(akimat.pk)
    return last if last and (files is None or last.drawn_at >= files) else None


def figures_of(akimats: Collection[int]) -> dict[int, SampleFigures]:
    """Return the figures of the sample that counts in each akimat, by its key."""
    files = last_files(akimats)
    last = newest(VerificationSample.objects.filter(akimat__in=akimats), "drawn_at")
    counting = {
        sample.pk: key for key, sample in last.items() if key not in files or sample.drawn_at >= files[key]
    }
    counted = (
        SampledEntry.objects.filter(sample__in=counting)
        .order_by()
        .values_list("sample_id", "sample__population")
        .annotate(
            drawn=Count("pk"),
            checked=Count("pk", filter=~Q(result="")),
            errors=Count("pk", filter=Q(result=SampledEntry.Result.DIFFERS)),
        )
    )
    return {
        counting[sample]: sample_figures(population=population, drawn=drawn, checked=checked, errors=errors)
        for sample, population, drawn, checked, errors in counted
    }


def sample_figures(*, population: int, drawn: int, checked: int, errors: int) -> SampleFigures:
    """Return what a sample says; where all was looked at, the rate is no estimate and has no interval."""
    high = None
    if drawn and checked == drawn:
        rate = sampling.error_rate(errors=errors, checked=checked)
        high = rate.rate if checked >= population else rate.high
    return SampleFigures(population=population, checked=checked, errors=errors, error_high=high)


def last_files(akimats: Collection[int]) -> dict[int, datetime]:
    """When a file last began or ceased to count."""
    rows = (
        ImportBatch.objects.filter(akimat__in=akimats, confirmed_at__isnull=False)
        .order_by()
        .values_list("akimat_id")
        .annotate(last=Max(Greatest("confirmed_at", "undone_at")))
    )
    return dict(rows)


def newest(rows: QuerySet[Any], moment: str) -> dict[int, Any]:
    """The newest row of each akimat."""
    found = rows.order_by("akimat_id", f"-{moment}", "-pk").distinct("akimat_id")
    return {row.akimat_id: row for row in found}


def list_samples(akimat: Akimat) -> QuerySet[VerificationSample]:
    """Return the samples of an akimat, the newest first, each with how many are checked and differ."""
    return (
        VerificationSample.objects.filter(akimat=akimat)
        .select_related("drawn_by", "akimat")
        .annotate(
            checked=Count("sampled", filter=~Q(sampled__result="")),
            errors=Count("sampled", filter=Q(sampled__result=SampledEntry.Result.DIFFERS)),
        )
        .order_by("-drawn_at", "-pk")
    )


def list_sampled(sample: VerificationSample) -> QuerySet[SampledEntry]:
    """Return the entries of a sample in the order of the draw."""
    return (
        SampledEntry.objects.filter(sample=sample)
        .select_related("entry__application", "entry__waiting_list", "entry__applicant", "checked_by")
        .order_by("position")
    )


def next_open(sample: VerificationSample, *, after: int = 0) -> SampledEntry | None:
    """Return the next entry that nobody checked yet: behind a position, and then from the start."""
    rows = list_sampled(sample).filter(result="")
    return rows.filter(position__gt=after).first() or rows.first()


def get_head(akimat: Akimat, *, at: datetime) -> TrailSeal | None:
    """
    Return the head sealed for the day before, which makes the seed of a draw. No older one will do: it would
    tell the seeds of many days to come, and somebody could pick the day.
    """
    return TrailSeal.objects.filter(akimat_kato=akimat.kato, on=civil_day(at) - timedelta(days=1)).first()


def seed_of(head: TrailSeal, *, at: datetime) -> str:
    """Return the seed that a head makes on a day."""
    return sampling.seed_of(head_sha256=head.sha256, akimat_kato=head.akimat_kato, on=civil_day(at))


def population_of(akimat: Akimat) -> dict[str, int]:
    """Return the file numbers that have a place, each with the key of its entry on the first list."""
    rows = (
        QueueEntry.objects.filter(akimat=akimat)
        .active()
        .order_by("file_number", "waiting_list__number")
        .distinct("file_number")
    )
    return dict(rows.values_list("file_number", "pk"))
