"""Python's garbage collector, while lists of hundreds of thousands of rows are held."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """
    While inside (or in a function that is decorated with it), nobody looks for garbage in rings.

    Rows of a list make none, and are looked through again and again as they become more: a third of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
