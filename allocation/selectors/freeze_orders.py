"""Freezes that somebody ordered: which are wanted, and what became of a round's last."""

from allocation.models import AllocationRound, FreezeOrder

_WANTED = FreezeOrder.State.WANTED


def list_wanted() -> list[int]:
    """Return the keys of orders that wait for the worker, the oldest first."""
    wanted = FreezeOrder.objects.filter(state=_WANTED)
    return list(wanted.order_by("ordered_at", "pk").values_list("pk", flat=True))


def get_last(round_: AllocationRound) -> FreezeOrder | None:
    """Return the last order of a round, or None."""
    return FreezeOrder.objects.filter(round=round_).order_by("-ordered_at", "-pk").first()
