"""
The only place with network: sends envelopes to the gateway over HTTP, many at a time.

Nothing here raises on what the other side does: whatever happens is a `RawReply`. Retries are not made
here; they are rows of the outbox.
"""

import asyncio
import socket
import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType
from typing import Final, Self
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


class GatewayTransport:
    """
    Connections to one gateway, kept open between calls; use it in a `with` statement.

    Synchronous outside, asynchronous inside. The loop has a thread of its own: whoever asks may have a loop
    running already, and questions go on while answers are being stored.
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
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gateway", daemon=True)
        self._session: aiohttp.ClientSession | None = None
        # Of the loop's thread alone.
        self._waiting: deque[Message] = deque()
        self._workers: set[asyncio.Task[None]] = set()
        # Of both threads, under the lock of `_heard`.
        self._heard = threading.Condition()
        self._came: list[RawReply] = []
        self._awaited, self._enough = 0, 0
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
        """Give up what is under way and close all connections; the transport can't be used afterwards."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    def is_reachable(self) -> bool:
        """Return whether the gateway accepts a connection at this moment."""
        try:
            socket.create_connection(self._address, timeout=CONNECT_TIMEOUT_S).close()
        except OSError:
            return False
        return True

    def send(self, messages: Sequence[Message]) -> None:
        """Let messages go at once, at most `in_flight` at a time."""
        if not self._thread.is_alive():
            self._thread.start()
        with self._heard:
            self._awaited += len(messages)
        self._loop.call_soon_threadsafe(self._go_on, messages)

    def receive(self, *, enough: int, patience: timedelta) -> list[RawReply]:
        """
        Return the replies that came: when there are `enough`, when none is awaited, or when patience is over.

        What is still under way goes on meanwhile.
        """
        with self._heard:
            self._enough = enough
            self._heard.wait_for(self._has_enough, patience.total_seconds())
            if self._error is not None:
                raise self._error
            came, self._came = self._came, []
            return came

    def _has_enough(self) -> bool:
        return len(self._came) >= self._enough or not self._awaited or self._error is not None

    def _go_on(self, messages: Sequence[Message]) -> None:
        self._waiting.extend(messages)
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._in_flight),
                headers=HEADERS,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        # Who has just ended is still among them.
        working = sum(not worker.done() for worker in self._workers)
        for _ in range(min(self._in_flight - working, len(self._waiting))):
            worker = self._loop.create_task(self._work(self._session))
            self._workers.add(worker)
            worker.add_done_callback(self._leave)

    async def _work(self, session: aiohttp.ClientSession) -> None:
        while self._waiting:
            reply = await self._exchange_one(session, self._waiting.popleft())
            with self._heard:
                self._came.append(reply)
                self._awaited -= 1
                if self._has_enough():
                    self._heard.notify()

    def _leave(self, worker: "asyncio.Task[None]") -> None:
        self._workers.discard(worker)
        error = None if worker.cancelled() else worker.exception()
        if error is not None:
            with self._heard:
                self._error = self._error or error
                self._heard.notify()

    async def _stop(self) -> None:
        workers = list(self._workers)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

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
