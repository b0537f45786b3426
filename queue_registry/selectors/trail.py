"""Walking the chains of the trail: is every link the one that was written, and where does a chain break."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from queue_registry.models import AuditEvent, TrailHead, TrailSeal
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A head that was published or kept: number of the record, its digest, and where that is known from."""

    seq: int
    sha256: str
    origin: str


def walk(akimat_kato: str, *, published_head: str = "", kept: Iterable[Kept] = ()) -> Chain:
    """
    Recompute an akimat's chain from its first link; stop at the first that does not hold.

    The chain must pass through every sealed head, through those `kept` outside the database, and through
    `published_head`, of which only the digest is known: a tail that was cut off or made anew holds by itself.
    """
    head = TrailHead.objects.filter(pk=akimat_kato).first()
    heads = _by_seq([*_sealed(akimat_kato), *kept])
    seq, digest, seen = 0, GENESIS, not published_head
    for row in AuditEvent.objects.filter(akimat_kato=akimat_kato).order_by("seq").iterator(chunk_size=5_000):
        fault = _fault_of(row, seq=seq, digest=digest) or _mismatch(row, heads.get(row.seq, ()))
        if fault:
            return _broken(akimat_kato, seq, digest, fault)
        seq, digest = row.seq, row.sha256
        seen = seen or digest == published_head
        if head is not None and seq == head.seq and digest != head.sha256:
            return _broken(akimat_kato, seq, digest, f"row {seq} is not the one that the head names")
    fault = _end_fault(akimat_kato, seq=seq, head=head, heads=heads)
    if not fault and not seen:
        fault = "the published head is not in the chain"
    return Chain(akimat_kato=akimat_kato, links=seq, sha256=digest, fault=fault)


def _sealed(akimat_kato: str) -> Iterator[Kept]:
    rows = TrailSeal.objects.filter(akimat_kato=akimat_kato).order_by("on")
    for row in rows:
        yield Kept(seq=row.seq, sha256=row.sha256, origin=f"sealed on {row.on}")


def _by_seq(heads: Iterable[Kept]) -> dict[int, list[Kept]]:
    grouped: dict[int, list[Kept]] = {}
    for head in heads:
        grouped.setdefault(head.seq, []).append(head)
    return grouped


def _fault_of(row: AuditEvent, *, seq: int, digest: str) -> str:
    if row.seq != seq + 1:
        return f"row {seq + 1} is missing"
    if row.previous_sha256 != digest or _recomputed(row) != row.sha256:
        return f"row {row.seq} was changed"
    return ""


def _mismatch(row: AuditEvent, heads: Iterable[Kept]) -> str:
    other = next((head for head in heads if head.sha256 != row.sha256), None)
    return f"row {row.seq} is not the one {other.origin}: the chain was made anew up to it" if other else ""


def _end_fault(akimat_kato: str, *, seq: int, head: TrailHead | None, heads: Mapping[int, list[Kept]]) -> str:
    """The chain as walked must reach its head and every kept one; what was appended meanwhile may be more."""
    if head is not None and seq > head.seq:
        head = TrailHead.objects.filter(pk=akimat_kato).first()
        if head is not None and seq <= head.seq:
            head = None
    if head is not None and seq != head.seq:
        return f"the chain ends at row {seq}, its head says {head.seq}"
    beyond = max((one.seq for group in heads.values() for one in group if one.seq > seq), default=0)
    return f"the chain ends at row {seq}, row {beyond} was {heads[beyond][0].origin}" if beyond else ""


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
    """Yield the code of every akimat that has a chain, a head of one, or a seal."""
    with_rows = AuditEvent.objects.order_by().values_list("akimat_kato", flat=True).distinct()
    with_seals = TrailSeal.objects.order_by().values_list("akimat_kato", flat=True).distinct()
    yield from sorted({*with_rows, *with_seals, *TrailHead.objects.values_list("pk", flat=True)})


def list_seals(akimat_kato: str = "") -> QuerySet[TrailSeal]:
    """Return sealed heads, the newest first: of one akimat, or of all."""
    rows = TrailSeal.objects.filter(akimat_kato=akimat_kato) if akimat_kato else TrailSeal.objects.all()
    return rows.order_by("-on", "akimat_kato")


def list_newest_seals() -> list[TrailSeal]:
    """Return the newest sealed head of every chain, by akimat."""
    return list(TrailSeal.objects.order_by("akimat_kato", "-on").distinct("akimat_kato"))


def head_sha256(akimat_kato: str) -> str:
    """Return the newest digest of an akimat's chain."""
    head = TrailHead.objects.filter(pk=akimat_kato).first()
    return head.sha256 if head else GENESIS
