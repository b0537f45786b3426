"""
A what-if of a big queue, worked out by a worker: asked for and answered through the cache, for an hour.

Nothing of a what-if is written to the database, not even that somebody asked. So this order is no row: if the
cache is lost, nothing is but a look, and whoever wants it asks again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.cache import cache

from allocation.engine.strict_json import Json, canonical_bytes, digest
from allocation.models import AllocationRound
from allocation.rules.refusals import Refusal, Refused
from allocation.services import what_if
from queue_registry import collector
from queue_registry.models import PolicyVersion, QueueEntry, TrailHead
from queue_registry.services.session_locks import Work, taken

# Up to so many candidates a page waits for the answer: a few seconds.
QUICK: Final = 10_000
_WANTED: Final = "what-if-wanted"
_KEPT_SECONDS: Final = 3_600
# Longer no worker takes: what is not answered by then may be asked for anew.
_WANTED_SECONDS: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is changed beside a round."""

    round_id: int
    policy_id: int
    quotas: Mapping[str, Any]
    dwelling_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A what-if that was asked for, and its answer or why there is none, once a worker has it."""

    figures: Figures
    comparison: what_if.Comparison | None = None
    refusal: tuple[Refusal, Mapping[str, Any]] | None = None

    @property
    def is_answered(self) -> bool:
        """Whether a worker has looked at it."""
        return self.comparison is not None or self.refusal is not None


def is_quick(round_: AllocationRound) -> bool:
    """Whether the queue is so small that nobody has to wait for a worker."""
    beyond = QueueEntry.objects.active().filter(akimat=round_.akimat_id).order_by()[QUICK : QUICK + 1]
    return not beyond.exists()


def ask(
    *, round_: AllocationRound, policy: PolicyVersion, quotas: Mapping[str, Any], dwelling_ids: Sequence[int]
) -> str:
    """
    Note what is asked; return its key, by which it is answered.

    The same figures have the same key as long as nothing happens in the akimat: two who ask get one answer.
    """
    figures = Figures(
        round_id=round_.pk, policy_id=policy.pk, quotas=dict(quotas), dwelling_ids=tuple(sorted(dwelling_ids))
    )
    head = TrailHead.objects.filter(pk=round_.akimat.kato).values_list("sha256", flat=True).first()
    named: list[Json] = [round_.pk, policy.pk, dict(quotas), [*figures.dwelling_ids], head or ""]
    key = digest(canonical_bytes(named))
    if cache.add(_key(key), Order(figures=figures), _WANTED_SECONDS):
        want(key)
    return key


def want(key: str) -> None:
    """
    Put a key among those that workers look for.

    Two at once may overwrite each other's, so a page that waits says again what it waits for.
    """
    wanted = list_wanted()
    if key not in wanted:
        cache.set(_WANTED, [*wanted, key], _WANTED_SECONDS)


def list_wanted() -> list[str]:
    """Return the keys that workers look for, the oldest first."""
    wanted: list[str] = cache.get(_WANTED, [])
    return wanted


def get(key: str, *, round_: AllocationRound) -> Order | None:
    """Return what was asked about a round under a key, or None if it is forgotten."""
    order = cache.get(_key(key))
    return order if isinstance(order, Order) and order.figures.round_id == round_.pk else None


@collector.paused()
def work_out(*, key: str, at: datetime) -> None:
    """Answer what was asked, if nobody has and no other worker is at it; the database is only read."""
    order = cache.get(_key(key))
    if not isinstance(order, Order) or order.is_answered:
        _want_no_more(key)
        return
    with taken(Work.WHAT_IF, order.figures.round_id) as is_ours:
        if is_ours:
            cache.set(_key(key), _answered(order.figures, at), _KEPT_SECONDS)
            _want_no_more(key)


def _answered(figures: Figures, at: datetime) -> Order:
    try:
        comparison = what_if.compare(
            round_=AllocationRound.objects.select_related("akimat", "policy").get(pk=figures.round_id),
            policy=PolicyVersion.objects.get(pk=figures.policy_id),
            quotas=figures.quotas,
            dwelling_ids=figures.dwelling_ids,
            at=at,
        )
    except Refused as refused:
        return Order(figures=figures, refusal=(refused.code, dict(refused.detail)))
    return Order(figures=figures, comparison=comparison)


def _want_no_more(key: str) -> None:
    cache.set(_WANTED, [one for one in list_wanted() if one != key], _WANTED_SECONDS)


def _key(key: str) -> str:
    return f"what-if:{key}"
