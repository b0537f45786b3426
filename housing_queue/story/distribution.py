"""A round of the story from its opening to the engine's result, on the clerk's page."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from allocation.models import AllocationRound, AllocationRun, Dwelling, FreezeOrder
from housing_queue.story import waiting
from housing_queue.story.expecting import StepFailed, expect

if TYPE_CHECKING:
    from housing_queue.story.walk import Story

_QUOTA_DOCUMENT = "Programme passport No 7"


def work_out(
    story: "Story", *, address: str, homes: Sequence[Dwelling], quota: int, **figures: str
) -> AllocationRun:
    """A clerk opens a round, freezes it and asks for the distribution; the worker runs it."""
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
    page = clerk.fill(page, to="/freeze/")
    waiting.until(
        lambda: FreezeOrder.objects.filter(round=round_, state=FreezeOrder.State.WANTED).count(),
        out=story.out,
        what="rounds wait for their seal",
        why="is the worker alive",
    )
    round_.refresh_from_db()
    refused = list(FreezeOrder.objects.filter(round=round_).values_list("refusal", flat=True))
    expect(round_.frozen_at, f"the clerk let {round_.number} be sealed, and it is not: {refused}")
    clerk.fill(clerk.get(f"/desk/rounds/{round_.pk}/"), to="/run/")
    waiting.until(
        lambda: AllocationRun.objects.filter(round=round_, executed_at__isnull=True).count(),
        out=story.out,
        what="runs wait for the worker",
        why="is the worker alive",
    )
    run = AllocationRun.objects.get(round=round_)
    expect(run.executed_at, "the clerk's page asked for a run and none was executed")
    return run
