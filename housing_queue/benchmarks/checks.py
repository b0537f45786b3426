"""
Asking the state systems beside a bare loop of HTTP: the outbox's own work on top of the waiting.

A server in a process of its own gives the same canned answer after 50 ms. The floor posts the same number of
bodies to it with bare aiohttp, as many at a time, and reads the answers. Ours takes rows from a database of
its own, writes attempts, builds, asks, reads, seals and records.
"""

import asyncio
import contextlib
import multiprocessing
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any, Final

import aiohttp
from django.conf import settings
from django.db import connection
from django.test.utils import override_settings

from housing_queue.benchmarks.canned import ask_barely, serve
from housing_queue.benchmarks.measuring import TIMES, Measured
from integrations import services
from integrations.contract import Query
from integrations.exchanges import query_of
from integrations.fakes import keys
from integrations.gateway import signing
from integrations.gateway.sending import Sender
from integrations.gateway.transport import IN_FLIGHT, GatewayTransport
from integrations.models import CheckRequest
from integrations.sources import ADAPTERS

SOURCE: Final = "zags"
QUESTIONS: Final = 1_500
SIGNED_QUESTIONS: Final = 500
LATENCY_S: Final = 0.05
LIMITED_SECONDS: Final = 12
CHUNK: Final = 500
ENOUGH: Final = 2.0
"""The server has to serve so many times what the floor asks of it."""

_START_S: Final = 30
AT: Final = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
_ANSWER: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header/><S:Body>'
    b'<n:SendMessageResponse xmlns:n="http://bip.bee.kz/SyncChannel/v10/Types"><response><responseInfo>'
    b"<messageId>a-1</messageId><responseDate>2026-09-01T10:00:00+05:00</responseDate><status>"
    b"<code>SCSS001</code><message>ok</message></status></responseInfo><responseData><data><a>"
    b"<messageResult><code>00001</code></messageResult><actualDate>2026-09-01T00:00:00+05:00</actualDate>"
    b"</a></data></responseData></response></n:SendMessageResponse></S:Body></S:Envelope>"
)


class TooSlow(Exception):
    """The server is no measure: it does not serve twice what the floor asks."""


@contextlib.contextmanager
def _server(answer: bytes) -> Iterator[str]:
    """Address of the server in its own process."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, answer, LATENCY_S))
    process.start()
    try:
        if not ours.poll(_START_S):
            raise TooSlow("the server does not start")
        yield f"http://127.0.0.1:{ours.recv()}/"
    finally:
        process.terminate()
        process.join()


@contextlib.contextmanager
def _database() -> Iterator[None]:
    """A database and limits of their own, thrown away afterwards: nobody's questions are touched."""
    before = settings.DATABASES["default"]["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with override_settings(
            CELERY_TASK_DEFAULT_QUEUE=f"benchmark-{uuid.uuid4().hex}", ENVELOPE_KEYS=["benchmark"]
        ):
            yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


def _enqueue(count: int) -> None:
    """Put questions of invented people into the outbox that nobody asked before."""
    bucket = uuid.uuid4().hex
    services.enqueue(
        [
            Query(source=SOURCE, iin=f"8{number:011d}", purpose="benchmark", bucket=bucket)
            for number in range(count)
        ],
        at=AT,
        freshness=services.Freshness.ASK_ANYWAY,
    )


def _ask_all(url: str) -> int:
    """Ask and record as the background task does, until nothing is due; return how many."""
    total = 0
    with GatewayTransport(url) as transport, services.Dispatch(transport) as dispatch:
        while dispatch.ask(limit=CHUNK, at=AT) or dispatch.under_way:
            total += len(services.record_answers(dispatch.hear()))
    return total


def _bodies(count: int) -> list[bytes]:
    """The same questions as envelopes, made beforehand."""
    sender = Sender()
    rows = CheckRequest.objects.order_by("-pk")[:count]
    return [
        sender.message(
            ADAPTERS[SOURCE].build(query_of(row), None),
            source=SOURCE,
            service_id=ADAPTERS[SOURCE].definition.service_id,
            message_id=uuid.uuid4(),
            correlation_id=row.key,
            timeout=timedelta(seconds=30),
            at=AT,
        ).body
        for row in rows
    ]


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _prove_server(url: str, bodies: Sequence[bytes]) -> float:
    """
    Return how many times the floor's questions the server serves, asked by two processes without latency.

    :raises TooSlow: if it is less than twice.
    """
    floor = len(bodies) / _seconds(lambda: ask_barely(url, bodies))
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        pool.starmap(ask_barely, [(f"{url}fast", bodies[:50])] * 2)
        seconds = _seconds(lambda: pool.starmap(ask_barely, [(f"{url}fast", bodies)] * 2))
    times = 2 * len(bodies) / seconds / floor
    if times < ENOUGH:
        raise TooSlow(f"the server serves {times:.1f} times what the floor asks; {ENOUGH:.0f} are needed")
    return times


def measure_unlimited() -> Iterator[Measured]:
    """Lookups a second beside those of the bare loop, signatures off, limits out of the way."""
    with _database(), _server(_ANSWER) as url, override_settings(GATEWAY_LIMITS_FACTOR=10_000):
        _enqueue(QUESTIONS)
        bodies = _bodies(QUESTIONS)
        times = _prove_server(url, bodies)
        _ask_all(url)
        ours, floor = [], []
        for _ in range(TIMES):
            _enqueue(QUESTIONS)
            floor.append(QUESTIONS / _seconds(lambda: ask_barely(url, bodies)))
            ours.append(QUESTIONS / _seconds(lambda: _ask_all(url)))
    yield Measured(
        work="checks.unlimited",
        value=median(ours),
        floor=median(floor),
        note=f"lookups a second, {IN_FLIGHT} at a time, 50 ms remote; server proved {times:.1f} x the floor",
    )


def measure_limited() -> Iterator[Measured]:
    """Seconds for as many lookups as the rate allows in a time, by two workers that share the limits."""
    with _database(), _server(_ANSWER) as url, override_settings(GATEWAY_LIMITS_FACTOR=4):
        rate = ADAPTERS[SOURCE].definition.rate_per_s * settings.GATEWAY_LIMITS_FACTOR
        count = rate * LIMITED_SECONDS
        _enqueue(count)
        seconds = _seconds(lambda: _ask_all(url))
        left = CheckRequest.objects.exclude(state="ANSWERED").count()
        fullest = _fullest_second(url)
    yield Measured(
        work="checks.limited",
        value=seconds if not left else float("inf"),
        floor=count / rate,
        note=f"seconds for {count} lookups at {rate} a second",
    )
    yield Measured(
        work="checks.limited.fullest",
        value=float(fullest),
        floor=float(rate),
        note="lookups that arrived within the fullest second, by the server's own log",
    )


def _fullest_second(url: str) -> int:
    async def read() -> Any:
        async with aiohttp.ClientSession() as session, session.get(f"{url}arrivals") as response:
            return await response.json()

    moments: list[float] = sorted(asyncio.run(read()))
    return max(sum(start <= moment < start + 1 for moment in moments) for start in moments)


def measure_signed() -> Iterator[Measured]:
    """Seconds a lookup beside the bare loop, plus signing and verifying measured alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        keys.write_pairs(folder)
        ours = keys.of(folder, keys.OURS, trusting=keys.THEIRS)
        answer = keys.of(folder, keys.THEIRS, trusting=keys.OURS).sign(_ANSWER)
        files = {
            "GATEWAY_KEY_FILE": str(folder / "kezek.key"),
            "GATEWAY_CERTIFICATE_FILE": str(folder / "kezek.crt"),
            "GATEWAY_TRUSTED_FILE": str(folder / "gateway.crt"),
        }
        with (
            _database(),
            _server(answer) as url,
            override_settings(GATEWAY_LIMITS_FACTOR=10_000, **files),
        ):
            yield _measured_signed(url, ours, answer)


def _measured_signed(url: str, ours: signing.Signatures, answer: bytes) -> Measured:
    signing.from_settings.cache_clear()
    _enqueue(SIGNED_QUESTIONS)
    bodies = _bodies(SIGNED_QUESTIONS)
    _ask_all(url)

    def sign_and_verify() -> None:
        for body in bodies:
            ours.sign(body)
            ours.verify(answer, at=AT)

    work, floor = [], []
    for _ in range(TIMES):
        _enqueue(SIGNED_QUESTIONS)
        floor.append(_seconds(lambda: ask_barely(url, bodies)) + _seconds(sign_and_verify))
        work.append(_seconds(lambda: _ask_all(url)))
    signing.from_settings.cache_clear()
    return Measured(
        work="checks.signed",
        value=median(work) / SIGNED_QUESTIONS * 1000,
        floor=median(floor) / SIGNED_QUESTIONS * 1000,
        note=f"milliseconds a lookup, {IN_FLIGHT} at a time",
    )


BENCHMARKS: Final[Mapping[str, Callable[[], Iterator[Measured]]]] = MappingProxyType(
    {
        "checks.unlimited": measure_unlimited,
        "checks.limited": measure_limited,
        "checks.signed": measure_signed,
    }
)
