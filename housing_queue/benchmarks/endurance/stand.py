"""The installation that is put to the test: its servers, gateways and workers, and how each is struck."""

import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tools import application as launcher
from tools import environment, postgres
from tools.environment import ROOT
from tools.place import Place
from tools.processes import Service, Services, free_port

DOWN: Final = "egkn"
FAULTS: Final = {
    "timeout": 0.02,
    "http_500": 0.05,
    "rate_limited": 0.1,
    "wrong_person": 0.005,
    "bad_signature": 0.005,
}
# What waits thirty seconds for a real system, waits three here; nothing else of the outbox is changed.
HASTE: Final = 10
_SEED: Final = 7
_FIRST_PORT: Final = 21_000
_KILOBYTE: Final = 1024


@dataclass(kw_only=True)
class Stand:
    """Everything that runs, in a folder that is thrown away."""

    folder: Path
    application: launcher.Application
    gateway: Service | None = None
    workers: dict[str, Service] = field(default_factory=dict)

    @classmethod
    def start(cls, folder: Path) -> "Stand":
        """Start PostgreSQL and Redis and make the schema; our own process lives in the same environment."""
        services = Services(logs=folder / "log")
        application = launcher.describe(
            python=environment.PYTHON,
            place=Place(var=folder, data=folder, logs=folder / "log"),
            services=services,
        )
        application.environment |= {
            "DJANGO_SETTINGS_MODULE": "housing_queue.settings",
            "GATEWAY_HASTE": str(HASTE),
            "GATEWAY_LIMITS_FACTOR": "1000",
        }
        launcher.start_data(application, throw_away=True)
        application.step("migrate", application.manage("migrate", "--verbosity", "0"))
        os.environ.update(application.environment)
        return cls(folder=folder, application=application)

    @property
    def services(self) -> Services:
        return self.application.services

    def serve(self, world: Path, *, name: str, keys: Path | None = None) -> Path:
        """Start a gateway on the world, with faults, and return its log of questions."""
        port, log = free_port(first_port=_FIRST_PORT), self.folder / f"{name}.questions.log"
        self.set_down(is_down=False)
        options = ["--world", str(world), "--port", str(port), "--log", str(log)]
        options += ["--faults", str(self._profile), *(["--keys", str(keys)] if keys else [])]
        self.gateway = self._run(f"{name}.gateway", self.application.manage("run_gateway", *options))
        self.application.environment["GATEWAY_URL"] = f"http://127.0.0.1:{port}/"
        launcher.wait_for_gateway(self.application)
        return log

    def set_down(self, *, is_down: bool) -> None:
        """Take one system down or bring it back, while all others go on as they were."""
        sources: dict[str, dict[str, Any]] = {"*": dict(FAULTS), DOWN: {"down": is_down}}
        half_written = self._profile.with_suffix(".half")
        half_written.write_text(json.dumps({"seed": _SEED, "sources": sources}))
        half_written.replace(self._profile)
        if self.gateway is not None:
            self.gateway.process.send_signal(signal.SIGHUP)

    @property
    def _profile(self) -> Path:
        return self.folder / "faults.json"

    def work(self, name: str, **extra: str) -> None:
        """Start a worker of that name."""
        command = [
            str(self.application.python),
            "-m",
            "celery",
            "--app",
            "housing_queue",
            "--quiet",
            "worker",
        ]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        options = ["--concurrency", "1", "--hostname", f"{name}@%h", *quiet]
        self.workers[name] = self._run(f"worker.{name}", [*command, *options], **extra)

    def kill(self, name: str) -> None:
        """Kill a worker with all its processes, as the kernel would."""
        worker = self.workers.pop(name)
        self.services.running.remove(worker)
        os.killpg(worker.process.pid, signal.SIGKILL)
        worker.process.wait()

    def restart_postgres(self) -> None:
        """Stop PostgreSQL under everybody's hands and start it again on the same data."""
        server = next(one for one in self.services.running if one.name == "postgresql")
        self.services.stop(server)
        place = self.application.place
        postgres.start(
            binaries=postgres.find_binaries(python=self.application.python),
            folder=place.data,
            sockets=place.sockets(),
            services=self.services,
            throw_away=True,
        )

    def rest(self) -> None:
        """Stop workers and gateway."""
        for service in (*self.workers.values(), *([self.gateway] if self.gateway else [])):
            self.services.stop(service)
        self.workers, self.gateway = {}, None

    def _run(self, name: str, command: list[str], **extra: str) -> Service:
        return self.services.start(
            name, command, environment=self.application.environment | extra, directory=ROOT
        )


def resident(worker: Service) -> float:
    """Megabytes of memory of a worker's busiest process: the child that does its tasks."""
    children = Path(f"/proc/{worker.process.pid}/task/{worker.process.pid}/children").read_text().split()
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in children]
    sizes = [
        int(line.split()[1]) for text in statuses for line in text.splitlines() if line.startswith("VmRSS:")
    ]
    return max(sizes) * _KILOBYTE / 1_000_000
