"""A round of the story from its opening to the engine's result, on the clerk's page."""

from collections.abc import Sequence
from typing import Final

from django.db.models import Count

from allocation.models import AllocationRound, AllocationRun, Dwelling, FreezeOrder
from allocation.rules.refusals import Refusal
from allocation.selectors import freeze_orders
from housing_queue.story import waiting
from housing_queue.story.expecting import StepFailed, expect
from housing_queue.story.story import Story
from queue_registry.models import QueueEntry

_QUOTA_DOCUMENT: Final = "Programme passport No 7"
# The worker's part is one transaction, behind which nobody sees anything move.
_PATIENCE_SECONDS: Final = 300.0


def work_out(
    story: "Story", *, address: str, homes: Sequence[Dwelling], quota: int, recheck: int = 0, **figures: str
) -> AllocationRun:
    """
    A clerk opens a round, freezes it and asks for the distribution; the worker runs it.

    :param recheck: about how many first families of each list the registers are asked again before the
        freeze; 0: about nobody, since everything was asked on the same day.
    """
    round_ = _open(story, address=address, homes=homes, quota=quota, **figures)
    _seal(story, round_, recheck)
    clerk = story.browser_of("clerk")
    clerk.fill(clerk.get(_page_of(round_)), to="/run/")
    waiting.until(
        lambda: AllocationRun.objects.filter(round=round_, executed_at__isnull=True).count(),
        out=story.out,
        what="runs wait for the worker",
        why="is the worker alive",
        patience=_PATIENCE_SECONDS,
    )
    run = AllocationRun.objects.get(round=round_)
    expect(run.executed_at, "the clerk's page asked for a run and none was executed")
    return run


def _open(
    story: "Story", *, address: str, homes: Sequence[Dwelling], quota: int, **figures: str
) -> AllocationRound:
    clerk = story.browser_of("clerk")
    page = clerk.get(address)
    typed = {"quota_3": str(quota), "document_3": _QUOTA_DOCUMENT, **figures}
    known = list(AllocationRound.objects.values_list("pk", flat=True))
    if homes:
        page = clerk.fill(page, dwellings=[str(dwelling.pk) for dwelling in homes], **typed)
    else:  # the page asks for no home where none is ready: a round without homes is lawful, too
        page = clerk.fill(page, **typed)
    round_ = AllocationRound.objects.filter(akimat=story.akimat).exclude(pk__in=known).first()
    if round_ is None:
        raise StepFailed(f"the clerk opened a round at {address} and there is none: {page.text[:300]}")
    return round_


def _seal(story: "Story", round_: AllocationRound, recheck: int) -> None:
    """
    Let the worker seal the round. Nobody is passed over on an answer that has grown old: where the seal waits
    for such a family, the registers are asked about twice as many, up to the whole lists.
    """
    while True:
        if recheck:
            _recheck(story, round_, recheck)
        refusal = _order_freeze(story, round_)
        round_.refresh_from_db()
        if round_.frozen_at is not None:
            return
        is_old = refusal.get("code") == Refusal.SOURCES_SILENT and 0 < recheck < _longest_list(story)
        expect(is_old, f"the clerk let {round_.number} be sealed, and it is not: {refusal}")
        recheck *= 2


def _recheck(story: "Story", round_: AllocationRound, first: int) -> None:
    """The clerk lets the registers be asked again about the first of each list; the worker does it."""
    clerk = story.browser_of("clerk")
    clerk.fill(clerk.get(_page_of(round_)), to="/recheck/", first=str(first))
    waiting.until_rechecked(story.out)


def _order_freeze(story: "Story", round_: AllocationRound) -> dict[str, object]:
    """The clerk orders the freeze; return why the worker refused it, or nothing."""
    clerk = story.browser_of("clerk")
    clerk.fill(clerk.get(_page_of(round_)), to="/freeze/")
    waiting.until(
        lambda: FreezeOrder.objects.filter(round=round_, state=FreezeOrder.State.WANTED).count(),
        out=story.out,
        what="rounds wait for their seal",
        why="is the worker alive",
        patience=_PATIENCE_SECONDS,
    )
    order = freeze_orders.get_last(round_)
    if order is None:
        raise StepFailed(f"the clerk let {round_.number} be sealed, and nobody was told to")
    return dict(order.refusal)


def _longest_list(story: "Story") -> int:
    entries = QueueEntry.objects.filter(akimat=story.akimat).active().order_by()
    counted = entries.values("waiting_list").annotate(waiting=Count("pk"))
    return max(counted.values_list("waiting", flat=True), default=0)


def _page_of(round_: AllocationRound) -> str:
    return f"/desk/rounds/{round_.pk}/"
