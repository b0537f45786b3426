"""Asking the web server as browsers and other systems do, and what came of it."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median, quantiles
from threading import Lock
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlencode

# As long as a proxy in front would wait.
_SECONDS: Final = 30
NO_ANSWER: Final = 0
NOTHING: Final = "no answer"
_SERVER_ERRORS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: the status, 0 for nothing at all, and the body."""

    status: int
    body: bytes = b""

    @property
    def is_certain(self) -> bool:
        """Say whether the server said what it did; an error of its own says nothing of that."""
        return self.status != NO_ANSWER and self.status < _SERVER_ERRORS

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True, kw_only=True)
class Log:
    """Every visit by its page: how long it took, and what came of it."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: dict[str, dict[int, int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def note(self, page: str, status: int, seconds: float) -> None:
        """One visit more."""
        with self._lock:
            self.seconds.setdefault(page, []).append(seconds)
            statuses = self.statuses.setdefault(page, {})
            statuses[status] = statuses.get(status, 0) + 1

    def clear(self) -> None:
        """Forget what was before the day."""
        with self._lock:
            self.seconds.clear()
            self.statuses.clear()

    def failed(self) -> int:
        """Return how many visits got no answer, or an error of the server."""
        counts = (pair for statuses in self.statuses.values() for pair in statuses.items())
        return sum(count for status, count in counts if status == NO_ANSWER or status >= _SERVER_ERRORS)

    def total(self) -> int:
        return sum(len(seconds) for seconds in self.seconds.values())

    def told(self) -> str:
        """Statuses by page, for a person to read."""
        return "; ".join(
            f"{page} {', '.join(f'{status or NOTHING} x {statuses[status]}' for status in sorted(statuses))}"
            for page, statuses in sorted(self.statuses.items())
        )

    def p95(self, page: str) -> float:
        """Seconds within which 95 of 100 visits of a page were answered."""
        seconds = self.seconds[page]
        return quantiles(seconds, n=20)[-1] if len(seconds) > 1 else median(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who asks the server on a port, from an address of his own."""

    port: int
    log: Log
    address: str
    cookies: str = ""

    def get(self, page: str, path: str) -> Answer:
        return self._ask(page, "GET", path, b"", {})

    def send(self, page: str, path: str, form: Mapping[str, str]) -> Answer:
        """Send a form as a browser does."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask(page, "POST", path, urlencode(form).encode(), headers)

    def post(
        self, page: str, path: str, data: Any, headers: Mapping[str, str], *, since: float = 0
    ) -> Answer:
        """
        Send JSON as another system does.

        :param since: when the visit was due, by `perf_counter`; what it waited for its turn counts, too.
        """
        body = json.dumps(data).encode()
        return self._ask(page, "POST", path, body, {"Content-Type": "application/json", **headers}, since)

    def _ask(
        self, page: str, method: str, path: str, body: bytes, headers: Mapping[str, str], since: float = 0
    ) -> Answer:
        start = since or perf_counter()
        answer = self._answer(method, path, body, headers)
        self.log.note(page, answer.status, perf_counter() - start)
        return answer

    def _answer(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        sent = {"Host": "localhost", "X-Forwarded-For": self.address, "Accept-Language": "kk", **headers}
        if self.cookies:
            sent["Cookie"] = self.cookies
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_SECONDS)
        try:
            connection.request(method, path, body or None, sent)
            came = connection.getresponse()
            return Answer(status=came.status, body=came.read())
        except (OSError, http.client.HTTPException):
            return Answer(status=NO_ANSWER)
        finally:
            connection.close()


def address_of(number: int) -> str:
    """The number-th invented address."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
