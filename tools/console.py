"""What the launcher says to the person who started it."""

import sys
import time

_STARTED = time.monotonic()


class StartError(Exception):
    """Something that the person can mend; the text is one or two sentences that say how."""


def say(text: str) -> None:
    """Print one line of progress with the seconds since the start, apart from a command's own output."""
    print(f"[{time.monotonic() - _STARTED:5.1f} s] {text}", file=sys.stderr, flush=True)
