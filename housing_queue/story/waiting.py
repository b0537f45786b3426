"""Waiting for background work with progress on the screen, and giving up in words when nothing moves."""

import time
from collections import Counter
from collections.abc import Callable

from django.core.management.base import OutputWrapper

from integrations import selectors as outbox
from integrations.models import OPEN_STATES
from queue_registry.models import AssessmentRequest, ImportSettlement, Sweep, SweepEntry

_STEP = 0.5
_TELL_EVERY = 5.0
_STILL_SECONDS = 60.0


class NothingMoves(Exception):
    """Background work stands still: the message says what waits."""


def until_checked(out: OutputWrapper) -> None:
    """
    Return when no question waits for an answer and no entry for an assessment.

    :raises NothingMoves: if no answer came for a minute: the questions stay due, and nobody was changed.
    """

    def left() -> int:
        settlements, assessments = ImportSettlement.objects.count(), AssessmentRequest.objects.count()
        return outbox.count_open() + settlements + assessments

    try:
        until(
            left,
            out=out,
            what="questions and assessments wait",
            why="does the gateway answer? The questions stay due, and nobody was changed",
        )
    except NothingMoves as stuck:
        raise NothingMoves(f"{stuck} {_silent_sources()}".rstrip()) from None


def until_rechecked(out: OutputWrapper) -> None:
    """Return when no recheck is under way, and what its answers made to be asked once more is answered."""

    def left() -> int:
        entries = SweepEntry.objects.filter(sweep__finished_at__isnull=True)
        under_way = Sweep.objects.filter(finished_at__isnull=True).count()
        return under_way + entries.exclude(state=SweepEntry.State.DONE).count() + outbox.count_open()

    until(left, out=out, what="questions and entries of a recheck wait", why="does the gateway answer")
    until_checked(out)


def _silent_sources() -> str:
    """Which systems owe answers, and how many; "" if none does."""
    owed: Counter[str] = Counter()
    for (source, state), number in outbox.count_by_source_and_state().items():
        if state in OPEN_STATES:
            owed[source] += number
    counts = ", ".join(f"{source} {number}" for source, number in sorted(owed.items()))
    return f"Without an answer: {counts}." if counts else ""


def until(
    left: Callable[[], int], *, out: OutputWrapper, what: str, why: str, patience: float | None = None
) -> None:
    """
    Wait until `left` is zero; tell how many are left. :raises NothingMoves: after so many seconds without
    progress, a minute unless told otherwise.
    """
    patience = _STILL_SECONDS if patience is None else patience
    before, moved_at, told_at = left(), time.monotonic(), time.monotonic()
    while before:
        time.sleep(_STEP)
        now, remaining = time.monotonic(), left()
        if remaining != before:
            moved_at = now
        if now - moved_at > patience:
            raise NothingMoves(f"{remaining} {what} and none moved for {patience:.0f} s: {why}.")
        if now - told_at > _TELL_EVERY:
            out.write(f"    {remaining} {what}")
            told_at = now
        before = remaining
