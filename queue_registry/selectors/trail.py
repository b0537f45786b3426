"""Walking the chains of the trail: is every link the one that was written, and where does a chain break."""

from collections.abc import Iterator
from dataclasses import dataclass

from queue_registry.models import AuditEvent, TrailHead
from queue_registry.rules.trail import GENESIS, link_sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """
    An akimat's chain as walked: how many links hold, the digest reached, and what is wrong with the next.
    """

    akimat_kato: str
    links: int
    sha256: str
    fault: str = ""


def walk(akimat_kato: str, *, published_head: str = "") -> Chain:
    """
    Recompute an akimat's chain from its first link; stop at the first that does not hold.

    `published_head` is a head kept outside the database: the chain must pass through it, or its tail was cut.
    """
    seq, digest, seen = 0, GENESIS, not published_head
    for row in AuditEvent.objects.filter(akimat_kato=akimat_kato).order_by("seq").iterator(chunk_size=5_000):
        if row.seq != seq + 1:
            return _broken(akimat_kato, seq, digest, f"row {seq + 1} is missing")
        if row.previous_sha256 != digest or _recomputed(row) != row.sha256:
            return _broken(akimat_kato, seq, digest, f"row {row.seq} was changed")
        seq, digest = row.seq, row.sha256
        seen = seen or digest == published_head
    head = TrailHead.objects.filter(pk=akimat_kato).first()
    if head is not None and (head.seq, head.sha256) != (seq, digest):
        return _broken(akimat_kato, seq, digest, f"the chain ends at row {seq}, its head says {head.seq}")
    if not seen:
        return _broken(akimat_kato, seq, digest, "the published head is not in the chain")
    return Chain(akimat_kato=akimat_kato, links=seq, sha256=digest)


def _broken(akimat_kato: str, links: int, digest: str, fault: str) -> Chain:
    return Chain(akimat_kato=akimat_kato, links=links, sha256=digest, fault=fault)


def _recomputed(row: AuditEvent) -> str:
    return link_sha256(
        akimat_kato=row.akimat_kato,
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        event=row.event,
        target=row.target,
        data=row.data,
        previous_sha256=row.previous_sha256,
    )


def chains() -> Iterator[str]:
    """Yield the code of every akimat that has a chain or a head of one."""
    with_rows = AuditEvent.objects.order_by().values_list("akimat_kato", flat=True).distinct()
    yield from sorted({*with_rows, *TrailHead.objects.values_list("pk", flat=True)})


def head_sha256(akimat_kato: str) -> str:
    """Return the newest digest of an akimat's chain."""
    head = TrailHead.objects.filter(pk=akimat_kato).first()
    return head.sha256 if head else GENESIS
