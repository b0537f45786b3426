"""That beat sends and a worker works: a moment in Redis that both of them renew every minute."""

import time
from typing import Final

from django.core.cache import cache

_KEY: Final = "heartbeat"


def beat() -> None:
    """Remember that it is now; a heartbeat knows the machine's clock alone, in a demo as well."""
    cache.set(_KEY, time.time(), timeout=None)


def get_last() -> float | None:
    """Return when the heart beat last, in seconds since 1970; None if Redis knows of no time."""
    last: float | None = cache.get(_KEY)
    return last
