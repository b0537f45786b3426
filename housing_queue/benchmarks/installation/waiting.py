"""Waiting for an installation: until it serves, and until nothing is left to be done."""

import http.client
import time
from typing import Final

from django.db import Error, connection

from housing_queue.benchmarks.installation.machine import Machine
from integrations.models import OPEN_STATES, CheckRequest
from queue_registry.models import AssessmentRequest

_BEAT: Final = 0.5
_READY: Final = 200


class NotReady(Exception):
    """The web server did not answer in time."""


def until_ready(machine: Machine, *, seconds: float = 120) -> float:
    """
    Return after how many seconds the web server answered that it can serve.

    :raises NotReady: if it did not in time.
    """
    start = time.monotonic()
    while not _is_ready(machine.port):
        if time.monotonic() - start > seconds:
            raise NotReady(f"no answer within {seconds:.0f} seconds; see the logs in {machine.folder}")
        time.sleep(_BEAT)
    return time.monotonic() - start


def until_done(*, seconds: float) -> tuple[int, float]:
    """Wait until no question and no judgment is due; return how many are left, and the seconds waited."""
    start = time.monotonic()
    while (left := _due()) and time.monotonic() - start < seconds:
        time.sleep(_BEAT)
    return left, time.monotonic() - start


def depth() -> int | None:
    """Return how much is due, or None while the database does not answer."""
    try:
        return _due()
    except Error:
        connection.close()
        return None


def _due() -> int:
    asked = CheckRequest.objects.filter(state__in=OPEN_STATES).count()
    return asked + AssessmentRequest.objects.count()


def _is_ready(port: int) -> bool:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asked.request("GET", "/readyz")
        return asked.getresponse().status == _READY
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()
