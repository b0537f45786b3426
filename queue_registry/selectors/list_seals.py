"""Seals of the lists as they are published, and the lines of one application under the newest of them."""

from dataclasses import dataclass
from datetime import datetime

from queue_registry.models import Akimat, Application, ListSeal, SealedLeaf, VerificationSample
from queue_registry.selectors import gate, samples
from queue_registry.selectors.gate import Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What the public page says of an akimat: its gate with the newest seal, and its newest sample."""

    gate: Gate
    sample: VerificationSample | None


def list_published(*, at: datetime) -> list[Published]:
    """Return what is published of every akimat, by code."""
    akimats = list(gate.keepers(Akimat.objects.order_by("kato")))
    drawn = samples.newest(
        VerificationSample.objects.filter(akimat__in=[one.pk for one in akimats]), "drawn_at"
    )
    return [Published(gate=one, sample=drawn.get(one.akimat.pk)) for one in gate.list_gates(akimats, at=at)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedLine:
    """A line of an application under a seal: its key, its list, and when the list was sealed."""

    key: int
    list_number: str
    sealed_at: datetime


def list_lines(application: Application) -> tuple[SealedLine, ...]:
    """Return the lines of an application under the newest seal of its akimat, by list."""
    newest = ListSeal.objects.filter(akimat=application.akimat_id).order_by("-sealed_at", "-pk")
    lines = SealedLeaf.objects.filter(seal=newest.values("pk")[:1], file_number=application.file_number)
    rows = lines.order_by("list_number").values_list("pk", "list_number", "seal__sealed_at")
    return tuple(
        SealedLine(key=key, list_number=number, sealed_at=sealed_at) for key, number, sealed_at in rows
    )
