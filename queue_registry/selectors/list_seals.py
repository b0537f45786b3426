"""Seals of the lists as they are published, and the lines of one application under the newest of them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from queue_registry.models import Akimat, Application, ListSeal, SealedLeaf, VerificationSample
from queue_registry.selectors import gate, samples
from queue_registry.selectors.gate import Gate
from queue_registry.selectors.kept_queries import Given, KeptQuery


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


def list_leaves(application: Application) -> list[SealedLeaf]:
    """Return the lines of an application under the newest seal of its akimat, by list."""
    return _leaves(akimat=application.akimat_id, file_number=application.file_number)


@KeptQuery
def _leaves() -> QuerySet[SealedLeaf]:
    newest = ListSeal.objects.filter(akimat=Given("akimat")).order_by("-sealed_at", "-pk").values("pk")
    rows = SealedLeaf.objects.filter(seal=newest[:1], file_number=Given("file_number"))
    return rows.select_related("seal").order_by("list_number")
