"""
The only place with network: sends envelopes to the gateway over HTTP, many at a time.

Nothing here raises on what the other side does: whatever happens is a `RawReply`. Retries are not made
here; they are rows of the outbox.
"""

import asyncio
import socket
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit

import aiohttp
from django.conf import settings

from integrations.contract import Failure, Message, RawReply
from integrations.gateway.envelope import SIZE_LIMIT

IN_FLIGHT: Final = 64
CONNECT_TIMEOUT_S: Final = 5
HEADERS: Final = {
    "Content-Type": "text/xml; charset=utf-8",
    "SOAPAction": '""',
    # Compressed answers could hide any size.
    "Accept-Encoding": "identity",
}
LONGEST_WAIT_S: Final = 24 * 60 * 60

_Came = TypeVar("_Came")


class GatewayTransport:
    """
    Connections to one gateway, kept open between calls; use it in a `with` statement.

    Synchronous outside, asynchronous inside, in a thread of its own.
    """

    def __init__(self, url: str, *, in_flight: int = IN_FLIGHT) -> None:
        """
        Prepare; nothing is connected yet.

        :raises ValueError: if the address is no http or https URL.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("GATEWAY_URL: an http or https address is expected")
        self._url = url
        self._address = (parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
        self._in_flight = in_flight
        # The loop has a thread of its own: whoever asks may have one running already.
        self._runner, self._thread = asyncio.Runner(), ThreadPoolExecutor(1, "gateway")
        self._session: aiohttp.ClientSession | None = None
        self._waiting: deque[Message] = deque()
        self._workers: set[asyncio.Task[None]] = set()
        self._came: list[RawReply] = []
        self._enough, self._has_enough = 0, asyncio.Event()
        # A mistake of ours while a message was under way: told in the next `receive`, never swallowed.
        self._error: BaseException | None = None

    @classmethod
    def from_settings(cls) -> Self:
        """Return a transport to `settings.GATEWAY_URL`."""
        return cls(settings.GATEWAY_URL)

    def __enter__(self) -> Self:
        """Return the transport."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        self.close()

    def close(self) -> None:
        """Close all connections; the transport can't be used afterwards."""
        if self._session is not None:
            self._run(self._session.close())
            self._session = None
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    def _run(self, asked: Coroutine[Any, Any, _Came]) -> _Came:
        """Run a coroutine to its end in the thread of the loop."""
        return self._thread.submit(self._runner.run, asked).result()

    def is_reachable(self) -> bool:
        """Return whether the gateway accepts a connection at this moment."""
        try:
            socket.create_connection(self._address, timeout=CONNECT_TIMEOUT_S).close()
        except OSError:
            return False
        return True

    def send(self, messages: Sequence[Message]) -> None:
        """Let messages go as soon as `receive` is called, at most `in_flight` at a time."""
        self._waiting.extend(messages)

    def receive(self, *, enough: int, patience: timedelta) -> list[RawReply]:
        """
        Return the replies that came: when there are `enough`, when none is awaited, or when patience is over.

        What is still under way then goes on in the next call.
        """
        return self._run(self._receive(enough, patience.total_seconds()))

    async def _receive(self, enough: int, patience: float) -> list[RawReply]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._in_flight),
                headers=HEADERS,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        self._enough, self._has_enough = enough, asyncio.Event()
        for _ in range(min(self._in_flight - len(self._workers), len(self._waiting))):
            worker = asyncio.create_task(self._work(self._session))
            self._workers.add(worker)
            worker.add_done_callback(self._leave)
        if self._workers and len(self._came) < enough:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._has_enough.wait(), patience)
        if self._error is not None:
            raise self._error
        came, self._came = self._came, []
        return came

    async def _work(self, session: aiohttp.ClientSession) -> None:
        while self._waiting:
            reply = await self._exchange_one(session, self._waiting.popleft())
            self._came.append(reply)
            if len(self._came) >= self._enough:
                self._has_enough.set()

    def _leave(self, worker: "asyncio.Task[None]") -> None:
        self._workers.discard(worker)
        if not worker.cancelled():
            self._error = self._error or worker.exception()
        if not self._workers:
            self._has_enough.set()

    async def _exchange_one(self, session: aiohttp.ClientSession, message: Message) -> RawReply:
        started = time.monotonic()
        timeout = aiohttp.ClientTimeout(total=message.timeout.total_seconds(), sock_connect=CONNECT_TIMEOUT_S)
        failure, status, body, retry_after = None, 0, b"", None
        try:
            async with session.post(
                self._url, data=message.body, timeout=timeout, allow_redirects=False
            ) as response:
                status, retry_after = response.status, _wait(response.headers.get("Retry-After"))
                body = await _read_limited(response)
        except TimeoutError:
            failure = Failure.TIMEOUT
        except aiohttp.ClientConnectorError:
            failure = Failure.UNREACHABLE
        except (aiohttp.ClientError, OSError, ValueError):
            failure = Failure.BROKEN_OFF
        if len(body) > SIZE_LIMIT:
            failure, body = Failure.TOO_LARGE, b""
        return RawReply(
            message_id=message.message_id,
            elapsed=timedelta(seconds=time.monotonic() - started),
            failure=failure,
            status=status,
            body=body,
            retry_after=retry_after,
        )


async def _read_limited(response: aiohttp.ClientResponse) -> bytes:
    """Read up to one byte above the limit, so that the caller sees that there is more."""
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > SIZE_LIMIT:
            break
    return b"".join(chunks)[: SIZE_LIMIT + 1]


def _wait(value: str | None) -> timedelta | None:
    """Read a Retry-After in seconds; a date in it is ignored, an unreasonable wait is cut to a day."""
    if value is None or not (value.isascii() and value.isdigit()):
        return None
    return timedelta(seconds=min(int(value[:9]), LONGEST_WAIT_S))
