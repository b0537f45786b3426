"""
Seals: once a day the head of each akimat's chain is written down and shown on the public site.

From then on whoever kept the page can prove that no record up to that one was changed. A seal makes no record
of the trail: it is about the trail, and would move the head that it seals.
"""

from datetime import date, datetime, time, timedelta

from django.db import transaction

from queue_registry.models import AuditEvent, TrailHead, TrailSeal
from queue_registry.rules.calendar import TIME_ZONE, civil_day


@transaction.atomic
def seal_yesterday(*, at: datetime) -> list[TrailSeal]:
    """
    Seal every chain as it stood at the last midnight by Almaty's calendar; return the seals that are new.

    Done again it changes nothing. A day on which no worker ran has no seal, and the next one covers it.
    """
    on = civil_day(at) - timedelta(days=1)
    sealed = set(TrailSeal.objects.filter(on=on).values_list("akimat_kato", flat=True))
    chains = TrailHead.objects.exclude(pk__in=sealed).order_by("pk").values_list("pk", flat=True)
    seals = [seal for kato in chains if (seal := _seal(kato, on=on, at=at))]
    # Two workers at once: one of them finds the day sealed.
    TrailSeal.objects.bulk_create(seals, ignore_conflicts=True)
    return seals


def _seal(kato: str, *, on: date, at: datetime) -> TrailSeal | None:
    """The last record made before midnight; a chain that began later has nothing to seal."""
    midnight = datetime.combine(on + timedelta(days=1), time(), tzinfo=TIME_ZONE)
    last = AuditEvent.objects.filter(akimat_kato=kato, at__lt=midnight).order_by("-seq").first()
    if last is None:
        return None
    return TrailSeal(akimat_kato=kato, on=on, seq=last.seq, sha256=last.sha256, sealed_at=at)
