"""When households apply on the day of opening: most in the first hours, and some until the evening."""

import math
from collections.abc import Iterator
from typing import Final

# So much of the rate is there all day, and so much more at the beginning, which fades by this power.
_ALL_DAY: Final = 0.3
_AT_FIRST: Final = 1.4
_FADING: Final = 5.0
_STEPS: Final = 1_000


def rate(moment: float) -> float:
    """The rate at a moment of the day, which lasts from 0 to 1; only its shape matters."""
    return _ALL_DAY + _AT_FIRST * math.exp(-_FADING * moment)


def peak() -> float:
    """How many times the mean of the day the first moment has."""
    mean = sum(rate(step / _STEPS) for step in range(_STEPS)) / _STEPS
    return rate(0) / mean


def arrivals(count: int, *, seconds: float) -> Iterator[float]:
    """Yield when each of so many comes, in seconds from the beginning, in order."""
    steps = [rate((step + 0.5) / _STEPS) for step in range(_STEPS)]
    total, come, reached = sum(steps), 0, 0.0
    for step, part in enumerate(steps):
        reached += part / total * count
        while come < count and come + 0.5 <= reached:
            yield (step + 0.5) / _STEPS * seconds
            come += 1
    while come < count:
        yield seconds
        come += 1
