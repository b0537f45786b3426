"""
The portions of a big queue dealt out between this process and a second one beside it.

The second one (`allocation.reading_beside`) sees the very rows that this one does: it reads as of a moment
that this transaction hands over, and takes the queue's fingerprint as of that moment at the end, while the
caller makes something of what is read. That can be handed over only where nobody has begun a transaction
within the transaction, and helps only where there is a second processor and a queue that is worth its start;
else this process reads all alone. So it does where the second one doesn't begin. One that dies in the midst
of its work breaks the reading off.
"""

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from types import TracebackType
from typing import Final, Self

import structlog
from django.conf import settings
from django.db import connection

from allocation.models import AllocationRound
from queue_registry.selectors import fingerprints

logger = structlog.get_logger(__name__)
_WORTH_IT: Final = 8  # portions: to begin takes as long as to read two
READY: Final = b"ready\n"
DONE: Final = b"done\n"  # in place of a portion: nothing is left to be read

Keys = Sequence[int]
Process = subprocess.Popen[bytes]
Told = Callable[[int], None]


class SecondReaderDied(RuntimeError):
    """The second process ended before it had read what it was given."""


class Reading:
    """
    A queue read portion by portion: what each comes to, in order, while the caller looks at what is read.

    A context: the second process ends with it.
    """

    def __init__(
        self,
        portions: Sequence[Keys],
        read: Callable[[Keys], bytes],
        *,
        round_: AllocationRound,
        frozen_at: datetime,
        tell: Told,
    ) -> None:
        """
        Read nothing yet.

        :param read: what makes of a portion what it comes to, here; the second process does the same.
        :param tell: is told how many portions are read.
        """
        self._stack = ExitStack()
        self._beside: Future[bool] | None = None
        self._fingerprint: Future[str] = Future()
        self._left = deque(enumerate(portions))
        self._found: dict[int, bytes] = {}
        self._read, self._round, self._frozen_at, self._tell = read, round_, frozen_at, tell

    def __enter__(self) -> Self:
        """Begin: from now on the second process reads."""
        with ExitStack() as stack:
            pool = stack.enter_context(ThreadPoolExecutor(1))
            process = stack.enter_context(_process(len(self._left)))
            if process is None:
                # Before the first row is read: what changes while rows are read makes it another one.
                self._fingerprint.set_result(fingerprints.of_queue(self._round.akimat))
            else:
                # One thread, one after the other.
                self._beside = pool.submit(self._deal, process, _order(self._round, self._frozen_at))
                self._fingerprint = pool.submit(_fingerprint, process, self._beside)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def __iter__(self) -> Iterator[bytes]:
        """
        Read all; once.

        :raises SecondReaderDied: if the second process took a portion and never gave it back.
        """
        number = len(self._left)
        for index in range(number):
            while index not in self._found and (taken := self._next()) is not None:
                self._found[taken[0]] = self._read(taken[1])
                _check(self._beside)
                self._tell(len(self._found))
            if index not in self._found and self._beside is not None:
                self._beside.result()
            yield self._found[index]
            self._found[index] = b""
        self._tell(number)

    def fingerprint(self) -> str:
        """
        Return the fingerprint of the queue as of the first row read, or an earlier moment, when all is read.

        "" as `fingerprints.of_queue` says, and where the second process did not begin, or died when all was
        read: what is read then compares with nothing.
        """
        return self._fingerprint.result()

    def _next(self) -> tuple[int, Keys] | None:
        try:
            return self._left.popleft()
        except IndexError:  # the other one was quicker
            return None

    def _deal(self, process: Process, order: bytes) -> bool:
        """
        Give the second process one portion after another; in a thread, which does nothing but wait. Return
        whether it began.
        """
        if _asked(process, order) != READY:
            logger.warning("second_reader.not_begun")
            return False
        while (taken := self._next()) is not None:
            answer = _asked(process, json.dumps(taken[1]).encode() + b"\n")
            if not answer.endswith(b"\n"):
                raise SecondReaderDied("The second process ended in the midst of its work.")
            self._found[taken[0]] = answer
        return True


def _fingerprint(process: Process, dealt: "Future[bool]") -> str:
    """What the second process says of the queue at last; "" where it has not begun, or is gone."""
    return _asked(process, DONE).decode().strip() if dealt.result() else ""


def _check(beside: "Future[bool] | None") -> None:
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
