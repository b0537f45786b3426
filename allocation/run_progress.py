"""
How far a run has come, while its one transaction shows nothing yet: told through the cache, kept nowhere.

It is for the eye alone. Nothing rests on it: without a cache a page just does not know.
"""

from enum import StrEnum
from typing import Final

import structlog
from django.core.cache import cache

from allocation.models import AllocationRun

logger = structlog.get_logger(__name__)
_KEPT_SECONDS: Final = 3_600


class Stage(StrEnum):
    """What a worker does with a run, in this order."""

    COMPARING = "COMPARING"
    DISTRIBUTING = "DISTRIBUTING"
    STORING = "STORING"
    BUNDLING = "BUNDLING"


def tell(run: AllocationRun, stage: Stage) -> None:
    """Note where a run stands."""
    try:
        cache.set(_key(run), str(stage), timeout=_KEPT_SECONDS)
    except OSError:
        logger.warning("run_progress.not_told", run=run.pk)


def get(run: AllocationRun) -> Stage | None:
    """Return where a run stands, or None if nobody has told."""
    try:
        told = cache.get(_key(run))
    except OSError:
        return None
    return next((stage for stage in Stage if stage == told), None)


def _key(run: AllocationRun) -> str:
    return f"run-progress:{run.pk}"
