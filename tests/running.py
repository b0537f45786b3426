"""Real processes beside a test: the mock state gateway, a Celery worker on the tests' own database."""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tools.environment import ROOT
from tools.processes import ends_with_parent, free_port

_START_SECONDS = 30


@pytest.fixture
def run_gateway(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Starts the mock gateway on a world file, returns its URL: run_gateway(world, "--faults", profile)."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(world: Path, *arguments: str) -> str:
        # Workers of xdist look for ports in ranges of their own.
        number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        port = free_port(first_port=20_000 + 1_000 * number)
        process = _start(
            ["manage.py", "run_gateway", "--world", str(world), "--port", str(port), *arguments],
            environment=dict(os.environ),
            log=tmp_path / f"gateway-{port}.log",
        )
        processes.append(process)
        _wait_until(lambda: _accepts(port), process=process, log=tmp_path / f"gateway-{port}.log")
        return f"http://127.0.0.1:{port}/"

    yield start
    for process in processes:
        _end(process)


@pytest.fixture
def worker(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Starts a Celery worker on this test's database with a queue of its own: worker(GATEWAY_URL=url)."""
    processes: list[subprocess.Popen[bytes]] = []
    prefix = f"test-{uuid.uuid4().hex[:8]}"
    settings.CELERY_TASK_DEFAULT_QUEUE = f"{prefix}.default"

    def start(**environment: str) -> None:
        from housing_queue.celery import app

        log = tmp_path / "worker.log"
        arguments = ["-m", "celery", "--app", "housing_queue", "--quiet", "worker", "--concurrency", "1"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        own = {
            "CELERY_QUEUE_PREFIX": prefix,
            "DATABASE_URL": url_of_test_database(),
            "REDIS_URL": os.environ["REDIS_URL"],
        }
        process = _start([*arguments, *quiet], environment=dict(os.environ) | own | environment, log=log)
        processes.append(process)
        app.conf.task_default_queue = f"{prefix}.default"
        _wait_until(lambda: bool(app.control.ping(timeout=0.5)), process=process, log=log)

    yield start
    for process in processes:
        _end(process)


def url_of_test_database() -> str:
    """The database that pytest-django made for this process, as a URL for another process."""
    from django.db import connection

    chosen: dict[str, Any] = connection.settings_dict
    host = chosen["OPTIONS"].get("host") or chosen["HOST"]
    account = chosen["USER"] + (f":{quote(chosen['PASSWORD'])}" if chosen["PASSWORD"] else "")
    port = f"&port={chosen['PORT']}" if chosen["PORT"] else ""
    return f"postgres://{account}@/{chosen['NAME']}?host={quote(host, safe='/')}{port}"


def _start(arguments: list[str], *, environment: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=ends_with_parent(signal.SIGTERM),
        )


def _wait_until(ready: Callable[[], bool], *, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        ended = process.poll() is not None
        if ended or time.monotonic() > deadline:
            pytest.fail(_end_of(log, why="it ended" if ended else "it was not ready in time"))
        time.sleep(0.05)


def _end_of(log: Path, *, why: str) -> str:
    return f"{why}:\n{log.read_text(errors='replace')[-4000:]}"


def _accepts(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
