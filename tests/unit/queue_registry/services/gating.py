"""An akimat on its way to automatic distribution: everything that the criteria ask for, by the services."""

import hashlib
from datetime import timedelta

from queue_registry.models import Sweep, SweepEntry, TrailSeal
from queue_registry.rules.calendar import civil_day
from queue_registry.services import gates, list_seals, verification_samples
from tests import factories

AT = factories.AT


def checked_lately(town, entries, *, at=AT, complete=True):
    """A recheck of these entries came to its end."""
    sweep = Sweep.objects.create(
        akimat=town.akimat, purpose="INVENTORY", period=f"{at:%Y-%m-%d}", started_at=at, entries=len(entries)
    )
    SweepEntry.objects.bulk_create(
        SweepEntry(sweep=sweep, entry=entry, position=position, state="DONE", done_at=at, complete=complete)
        for position, entry in enumerate(entries, start=1)
    )


def head_sealed(town, *, at=AT):
    """The head of the trail of the day before was sealed, some digest of its own."""
    on = civil_day(at) - timedelta(days=1)
    digest = hashlib.sha256(f"head of {on}".encode()).hexdigest()
    known = {"akimat_kato": town.akimat.kato, "on": on}
    return TrailSeal.objects.get_or_create(**known, defaults={"seq": 1, "sha256": digest, "sealed_at": at})[0]


def drawn(town, *, size=120, at=AT):
    head_sealed(town, at=at)
    return verification_samples.draw(akimat=town.akimat, size=size, by=town.supervisor, at=at)


def check_all(town, sample, *, errors=0, at=AT):
    """The second clerk, who brought nothing in, compares all; the first ones differ."""
    for position, sampled in enumerate(sample.sampled.order_by("position")):
        differs = ["MOMENT"] if position < errors else []
        verification_samples.check(sampled_id=sampled.pk, differs=differs, note="", by=town.clerk2, at=at)


def ready(town, *, count=3, at=AT):
    """So many people wait, all of them checked and compared, and the lists are sealed: nobody opened yet."""
    entries = [factories.waiting(town, day=day) for day in range(1, count + 1)]
    checked_lately(town, entries, at=at)
    check_all(town, drawn(town, at=at), at=at)
    list_seals.seal(akimat=town.akimat, by=town.supervisor, at=at)
    return entries


def opened(town, *, count=3, at=AT):
    """The gate is open and green."""
    entries = ready(town, count=count, at=at)
    proposal = gates.propose(akimat=town.akimat, by=town.supervisor, at=at)
    gates.approve(proposal_id=proposal.pk, by=town.chair, at=at)
    return entries
