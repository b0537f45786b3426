"""
The portions of a big queue dealt out between this process and a second one beside it.

The second one (`allocation.reading_beside`) sees the very rows that this one does: it reads as of a moment
that this transaction hands over. That can be handed over only where nobody has begun a transaction within
the transaction, and helps only where there is a second processor and a queue that is worth its start; else
this process reads all alone. So it does where the second one doesn't begin. One that dies in the midst of
its work breaks the reading off.
"""

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import structlog
from django.conf import settings
from django.db import connection

from allocation.models import AllocationRound

logger = structlog.get_logger(__name__)
_WORTH_IT: Final = 8  # portions: to begin takes as long as to read two
READY: Final = b"ready\n"

Keys = Sequence[int]
Told = Callable[[int], None]


class SecondReaderDied(RuntimeError):
    """The second process ended before it had read what it was given."""


Process = subprocess.Popen[bytes]


def read_all(
    portions: Sequence[Keys],
    read: Callable[[Keys], bytes],
    *,
    round_: AllocationRound,
    frozen_at: datetime,
    tell: Told,
) -> Iterator[bytes]:
    """
    Return what each portion comes to, in order: what `read` makes of it, here or in the second process. That
    one reads on while the caller looks at what is read.

    :param tell: is told how many portions are read.
    :raises SecondReaderDied: if the second process took a portion and never gave it back.
    """
    left = deque(enumerate(portions))
    found: dict[int, bytes] = {}
    with ThreadPoolExecutor(1) as pool, _process(len(portions)) as process:
        beside = pool.submit(_deal, process, _order(round_, frozen_at), left, found) if process else None
        for index in range(len(portions)):
            while index not in found and (taken := _next(left)) is not None:
                found[taken[0]] = read(taken[1])
                _check(beside)
                tell(len(found))
            if index not in found and beside is not None:
                beside.result()
            yield found[index]
            found[index] = b""
        tell(len(found))


def _next(left: "deque[tuple[int, Keys]]") -> tuple[int, Keys] | None:
    try:
        return left.popleft()
    except IndexError:  # the other one was quicker
        return None


def _check(beside: "Future[None] | None") -> None:
    """Nobody reads on where the second process has died."""
    if beside is not None and beside.done():
        beside.result()


def _is_worth_it(portions: int) -> bool:
    return portions >= _WORTH_IT and len(os.sched_getaffinity(0)) > 1 and not any(connection.savepoint_ids)


@contextmanager
def _process(portions: int) -> Iterator[Process | None]:
    """A second process, if it is worth it and can be started; it is gone at the end, whatever happens."""
    process = _started() if _is_worth_it(portions) else None
    if process is None:
        yield None
        return
    try:
        yield process
    except BaseException:
        process.kill()
        raise
    finally:
        process.communicate()


def _started() -> Process | None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "allocation.reading_beside"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
    except OSError:
        logger.warning("second_reader.not_started", exc_info=True)
        return None


def _order(round_: AllocationRound, frozen_at: datetime) -> bytes:
    """The first line that the second process reads: what it reads, and as of which moment of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
    order = {
        "database": connection.settings_dict["NAME"],
        "snapshot": snapshot,
        "round": round_.pk,
        "frozen_at": frozen_at.isoformat(),
    }
    return json.dumps(order).encode() + b"\n"


def _deal(process: Process, order: bytes, left: "deque[tuple[int, Keys]]", found: dict[int, bytes]) -> None:
    """Give the second process one portion after another; in a thread, which does nothing but wait."""
    if _asked(process, order) != READY:
        logger.warning("second_reader.not_begun")
        return
    while (taken := _next(left)) is not None:
        answer = _asked(process, json.dumps(taken[1]).encode() + b"\n")
        if not answer.endswith(b"\n"):
            raise SecondReaderDied("The second process ended in the midst of its work.")
        found[taken[0]] = answer


def _asked(process: Process, line: bytes) -> bytes:
    """Return the line that the process answers with; no whole one if it has died."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("The process has no pipes.")
    try:
        process.stdin.write(line)
        process.stdin.flush()
        return process.stdout.readline()
    except BrokenPipeError:
        return b""
