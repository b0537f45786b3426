"""What was worked out of a run's stored documents; they never change, and big ones are slow to read."""

from collections.abc import Callable
from typing import Final, TypeVar

from django.core.cache import cache

from allocation.models import AllocationRun

# One more whenever what is remembered changes its shape.
_SHAPE: Final = 2
_DAY: Final = 24 * 60 * 60
T = TypeVar("T")


def remembered(run: AllocationRun, what: str, make: Callable[[], T]) -> T:
    """
    Return `what` of an executed run: as it was made before, or made now. It holds figures and codes, no words
    of any language.
    """
    found: T | None = cache.get_or_set(
        f"allocation-run:{_SHAPE}:{run.pk}:{run.result_sha256}:{what}", make, timeout=_DAY
    )
    return make() if found is None else found
