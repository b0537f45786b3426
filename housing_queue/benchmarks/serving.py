"""The web server as production runs it, beside the command's database, and clients that ask it together."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from time import monotonic, perf_counter, sleep
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.db import connection

WORKERS: Final = 2
CONNECTIONS: Final = 16
_READY_SECONDS: Final = 120
_SETTINGS: Final = "housing_queue.settings"
# Counters and remembered pages of a measurement lie apart from those of the command's own installation.
_REDIS_DATABASE: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What came of many requests: how many a second, and the seconds of each, in no order."""

    per_second: float
    seconds: Sequence[float]


@contextmanager
def server(*, settings_module: str = _SETTINGS) -> Iterator[int]:
    """Gunicorn with the settings of production on a free port, which is given; stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="kezek-web-") as folder:
        environment = _environment(folder, settings_module)
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput"],
            env=environment,
            cwd=settings.BASE_DIR,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
            process = subprocess.Popen(  # noqa: S603 - the project's own server
                [
                    *(sys.executable, "-m", "gunicorn", "housing_queue.wsgi", "--workers", str(WORKERS)),
                    *("--bind", f"fd://{listener.fileno()}", "--log-level", "error"),
                ],
                env=environment,
                cwd=settings.BASE_DIR,
                pass_fds=[listener.fileno()],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=30)


def request(
    path: str, *, form: dict[str, str] | None = None, address: int = 1, language: str = "kk"
) -> bytes:
    """Return the bytes of one request, as the proxy in front hands it on for an invented address."""
    body = urlencode(form).encode() if form is not None else b""
    head = [
        f"{'POST' if form is not None else 'GET'} {path} HTTP/1.1",
        "Host: localhost",
        "X-Forwarded-Proto: https",
        f"X-Forwarded-For: 10.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}",
        f"Accept-Language: {language}",
        "Connection: close",
    ]
    if form is not None:
        head += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


def ask(port: int, sent: bytes) -> tuple[float, bytes]:
    """Send one request on a connection of its own; return the seconds until its end, and the answer."""
    start = perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(sent)
        received = []
        while part := client.recv(65_536):
            received.append(part)
    return perf_counter() - start, b"".join(received)


def load(port: int, requests: Sequence[bytes], *, connections: int = CONNECTIONS) -> Loaded:
    """
    Send requests over so many connections at a time.

    :raises RuntimeError: if an answer is not 200: what was refused would be measured as quick.
    """
    parts: list[list[float]] = [[] for _ in range(connections)]
    bad: list[bytes] = []

    def work(number: int) -> None:
        for sent in requests[number::connections]:
            seconds, answer = ask(port, sent)
            parts[number].append(seconds)
            if not answer.startswith(b"HTTP/1.1 200"):
                bad.append(answer[:200])

    threads = [Thread(target=work, args=(number,), daemon=True) for number in range(connections)]
    start = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = perf_counter() - start
    if bad:
        raise RuntimeError(f"{len(bad)} of {len(requests)} answers were not 200: {bad[0]!r}")
    return Loaded(per_second=len(requests) / took, seconds=[one for part in parts for one in part])


def _environment(folder: str, settings_module: str) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": settings_module,
        "SECRET_KEY": secrets.token_urlsafe(60),
        "MANIFEST_KEY": settings.MANIFEST_KEY,
        "ENVELOPE_KEYS": ",".join(settings.ENVELOPE_KEYS),
        "DEMO": "false",
        "DEBUG": "false",
        "PLAIN_STATIC": "false",
        "HTTPS": "true",
        "BEHIND_PROXY": "true",
        "TRUSTED_PROXIES": "1",
        # The counters of a measurement begin empty, and nothing was lost with that.
        "LOOK_UPS_CLOSED_AFTER_LOSS": "0",
        "ALLOWED_HOSTS": "localhost",
        "CONN_MAX_AGE": "60",
        "KEZEK_VAR": folder,
        "DATABASE_URL": _database_url(),
        "REDIS_URL": f"{settings.REDIS_URL.split('?')[0]}?db={_REDIS_DATABASE}",
    }


def _database_url() -> str:
    """The address of the command's server with the database that is connected, the measurement's own."""
    name = quote(str(connection.settings_dict["NAME"]))
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def _wait_for(port: int) -> None:
    until = monotonic() + _READY_SECONDS
    while True:
        try:
            _, answer = ask(port, request("/healthz"))
        except OSError:
            answer = b""
        # The floors know no such page: any answer says that a worker listens.
        if answer.startswith(b"HTTP/1.1"):
            return
        if monotonic() > until:
            raise TimeoutError("the web server did not answer")
        sleep(0.2)
