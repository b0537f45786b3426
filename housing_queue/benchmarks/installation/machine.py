"""The processes of an installation, each of which can be killed and started again."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tools import application as launcher
from tools import environment, postgres, redis_server
from tools.environment import ROOT
from tools.place import Place
from tools.processes import Service, Services, free_port, listening_socket

DATABASE: Final = "postgresql"
REDIS: Final = "redis"
GATEWAY: Final = "gateway"
WEB: Final = "web"
BEAT: Final = "beat"
_FIRST_PORT: Final = 24_000
# Machines that start in the same moment look for their ports at different places.
_PLACES: Final = 80
_APART: Final = 100
_CELERY: Final = ("-m", "celery", "--app", "housing_queue", "--quiet")
_QUIET: Final = ("--without-gossip", "--without-mingle", "--without-heartbeat")


@dataclass(kw_only=True)
class Machine:
    """
    Everything that runs, in a folder that is thrown away; PostgreSQL keeps what it says it kept.

    Web server and workers reach database and broker over TCP, as from hosts of their own.
    """

    folder: Path
    application: launcher.Application
    listener: socket.socket
    database_port: int
    redis_port: int
    gateway_port: int
    workers: tuple[str, ...]
    parts: dict[str, Service] = field(default_factory=dict)

    @classmethod
    def start(cls, folder: Path, *, workers: int = 1) -> "Machine":
        """Start database and Redis and make the schema; our own process lives in the same environment."""
        services = Services(logs=folder / "log")
        application = launcher.describe(
            python=environment.PYTHON,
            place=Place(var=folder, data=folder, logs=folder / "log"),
            services=services,
        )
        first = _FIRST_PORT + os.getpid() % _PLACES * _APART
        ports = [free_port(first_port=first + 10 * number) for number in range(3)]
        application.environment |= {
            "DATABASE_URL": f"postgres://kezek@127.0.0.1:{ports[0]}/kezek",
            "REDIS_URL": f"redis://127.0.0.1:{ports[1]}/0",
            "GATEWAY_URL": f"http://127.0.0.1:{ports[2]}/",
            "GATEWAY_HASTE": "10",
            "GATEWAY_LIMITS_FACTOR": "1000",
            "PLAIN_STATIC": "true",
            "TRUSTED_PROXIES": "1",
            # Counters begin anew after a kill, and no household waits an hour for it here.
            "LOOK_UPS_CLOSED_AFTER_LOSS": "0",
        }
        machine = cls(
            folder=folder,
            application=application,
            listener=listening_socket(first_port=first + 30),
            database_port=ports[0],
            redis_port=ports[1],
            gateway_port=ports[2],
            workers=tuple(f"worker{number + 1}" for number in range(workers)),
        )
        for name in (DATABASE, REDIS):
            machine.run(name)
        # A schema half made by a power cut is made anew: nobody waits for the disk here.
        application.environment["PGOPTIONS"] = "-c synchronous_commit=off"
        application.step("migrate", application.manage("migrate", "--verbosity", "0"))
        del application.environment["PGOPTIONS"]
        os.environ.update(application.environment)
        return machine

    @property
    def port(self) -> int:
        """Where the web server is asked; the kernel keeps who comes while it is started again."""
        return int(self.listener.getsockname()[1])

    @property
    def world(self) -> Path:
        """The file of the people whom the gateway knows."""
        return self.folder / "world.jsonl"

    def run_all(self) -> None:
        """Start everything that is not started yet."""
        for name in (GATEWAY, WEB, BEAT, *self.workers):
            self.run(name)

    def run(self, name: str) -> None:
        """Start a part, or start it again."""
        starts: dict[str, Callable[[], object]] = {
            DATABASE: self._start_database,
            REDIS: self._start_redis,
            GATEWAY: self._start_gateway,
            WEB: self._start_web,
            BEAT: self._start_beat,
        }
        starts.get(name, lambda: self._start_worker(name))()
        self.parts[name] = next(
            one for one in reversed(self.application.services.running) if one.name == name
        )

    def kill(self, name: str) -> None:
        """Kill a part with all that it started, as the kernel would."""
        part = self.parts.pop(name)
        self.application.services.running.remove(part)
        for pid in [*_descendants(part.process.pid), part.process.pid]:
            _kill(pid)
        part.process.wait()

    def kill_one_process_of(self, name: str) -> None:
        """Kill the first process that a part started; the part itself goes on."""
        for pid in _descendants(self.parts[name].process.pid)[:1]:
            _kill(pid)

    def ended(self) -> list[str]:
        """Parts that ended by themselves, which whoever supervises them starts again."""
        return [name for name, part in self.parts.items() if part.process.poll() is not None]

    def forget(self, name: str) -> None:
        """Take a part that ended by itself off the list."""
        self.application.services.running.remove(self.parts.pop(name))

    def stop(self) -> None:
        """Stop everything in good order."""
        self.listener.close()
        self.application.services.stop_all()

    def _start_database(self) -> None:
        place = self.application.place
        postgres.start(
            binaries=postgres.find_binaries(python=self.application.python),
            folder=place.data,
            sockets=place.sockets(),
            services=self.application.services,
            port=self.database_port,
        )

    def _start_redis(self) -> None:
        redis_server.start(
            python=self.application.python,
            sockets=self.application.place.sockets(),
            services=self.application.services,
            environment=self.application.environment,
            port=self.redis_port,
        )

    def _start_gateway(self) -> None:
        options = ("--world", str(self.world), "--port", str(self.gateway_port))
        self._start(GATEWAY, self.application.manage("run_gateway", *options))

    def _start_web(self) -> None:
        command = [
            *(sys.executable, "-m", "gunicorn", "housing_queue.wsgi", "--workers", "2"),
            *("--bind", f"fd://{self.listener.fileno()}", "--log-level", "error"),
        ]
        self.application.services.start(
            WEB,
            command,
            environment=self.application.environment | {"DATABASE_STATEMENT_SECONDS": "20"},
            directory=ROOT,
            pass_fds=[self.listener.fileno()],
        )

    def _start_worker(self, name: str) -> None:
        options = ("--concurrency", "1", "--hostname", f"{name}@%h", *_QUIET)
        self._start(name, [sys.executable, *_CELERY, "worker", *options])

    def _start_beat(self) -> None:
        schedule = str(self.folder / "schedule")
        self._start(BEAT, [sys.executable, *_CELERY, "beat", "--schedule", schedule, "--pidfile", ""])

    def _start(self, name: str, command: list[str]) -> None:
        self.application.services.start(
            name, command, environment=self.application.environment, directory=ROOT
        )


@contextmanager
def running(folder: Path, *, workers: int = 1) -> Iterator[Machine]:
    """A machine with its database, stopped at the end however that comes."""
    machine = Machine.start(folder, workers=workers)
    try:
        yield machine
    finally:
        machine.stop()


def _descendants(pid: int) -> list[int]:
    """Processes that a process started, and those that they did."""
    found: list[int] = []
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return found
    for child in map(int, children):
        found += [child, *_descendants(child)]
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
