"""
How far a run or a freeze has come, while its one transaction shows nothing yet: told through the cache, kept
nowhere.

It is for the eye alone. Nothing rests on it: without a cache a page just does not know.
"""

from enum import StrEnum
from typing import Final

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

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
    _tell(_key(run), str(stage))


def get(run: AllocationRun) -> Stage | None:
    """Return where a run stands, or None if nobody has told."""
    told = _told(_key(run))
    return next((stage for stage in Stage if stage == told), None)


def tell_freeze(round_id: int, done: int, total: int) -> None:
    """Note how many of a round's candidates are read; sealing them is the last hundredth."""
    _tell(_freeze_key(round_id), 99 * done // total if total else 99)


def get_freeze(round_id: int) -> int:
    """Return how far a freeze has come, in hundredths; 0 if nobody has told."""
    told = _told(_freeze_key(round_id))
    return told if isinstance(told, int) else 0


def _tell(key: str, value: str | int) -> None:
    try:
        cache.set(key, value, timeout=_KEPT_SECONDS)
    except (OSError, RedisError):
        logger.warning("run_progress.not_told", key=key)


def _told(key: str) -> object:
    try:
        return cache.get(key)
    except (OSError, RedisError):
        return None


def _key(run: AllocationRun) -> str:
    return f"run-progress:{run.pk}"


def _freeze_key(round_id: int) -> str:
    return f"freeze-progress:{round_id}"
