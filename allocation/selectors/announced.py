"""Rounds that are sealed and not decided yet: what anybody sees of them before the commission sits."""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db.models import Exists, Max, OuterRef, QuerySet

from allocation import engine_io
from allocation.models import AllocationRound, Decision, Sitting
from allocation.selectors.rounds import with_state

_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedRound:
    """A sealed round: its homes, how many stand on each list, when the commission sits (if that is set)."""

    round: AllocationRound
    homes: int
    list_sizes: dict[str, int]
    sits_at: datetime | None

    @property
    def candidates(self) -> int:
        """Everybody who was sealed in."""
        return sum(self.list_sizes.values())


def list_announced() -> QuerySet[AllocationRound]:
    """
    Return every sealed round that is not decided, the newest seal first; one that was cancelled after its
    seal stays there, with its reason.
    """
    decided = Decision.objects.filter(sitting__run__round=OuterRef("pk"))
    sealed = AllocationRound.objects.filter(~Exists(decided), frozen_at__isnull=False)
    return with_state(sealed).select_related("akimat").order_by("-frozen_at", "-pk")


def get_announced(round_id: int) -> AnnouncedRound:
    """
    Return what anybody may see of a sealed round before its decision.

    :raises AllocationRound.DoesNotExist: if there is no such round, it is not sealed, or it is decided.
    """
    round_ = list_announced().select_related("policy").get(pk=round_id)
    homes, sizes = _figures(round_)
    convened = Sitting.objects.filter(run__round=round_, run__superseded_at__isnull=True)
    said: datetime | None = convened.aggregate(last=Max("sits_at"))["last"]
    return AnnouncedRound(
        round=round_, homes=homes, list_sizes=sizes, sits_at=said or round_.sitting_planned_at
    )


def _figures(round_: AllocationRound) -> tuple[int, dict[str, int]]:
    """Counted once a day from the sealed input, which never changes and is slow to read when big."""
    key = f"announced-round:{round_.pk}:{round_.input_sha256}"
    found: tuple[int, dict[str, int]] | None = cache.get_or_set(key, lambda: _counted(round_), timeout=_DAY)
    return found or _counted(round_)


def _counted(round_: AllocationRound) -> tuple[int, dict[str, int]]:
    frozen = engine_io.parsed(AllocationRound.objects.only("input").get(pk=round_.pk).input)
    lists = sorted({number for tier in frozen["policy"]["tiers"] for number in tier["lists"]})
    sizes = dict.fromkeys(lists, 0)
    for entry in frozen["entries"]:
        sizes[entry["list"]] += 1
    return len(frozen["dwellings"]), sizes
