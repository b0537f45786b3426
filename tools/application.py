"""The application's own processes: preparation, mock gateway, worker, beat, web server."""

import http.client
import os
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tools import postgres, redis_server
from tools.console import StartError, say
from tools.environment import ROOT
from tools.place import Place
from tools.processes import Services, free_port, listening_socket, wait_until

_FIRST_WEB_PORT = 8000
_FIRST_GATEWAY_PORT = 18100
_READY_SECONDS = 60.0


@dataclass(kw_only=True)
class Application:
    """One running copy: its place, its services and the environment that its processes see."""

    python: Path
    place: Place
    services: Services
    environment: dict[str, str]
    # Tells one database from another that stood at the same address before.
    database_identity: str = ""

    def manage(self, *arguments: str) -> list[str]:
        """The command line of a management command."""
        return [str(self.python), str(ROOT / "manage.py"), *arguments]

    def step(self, name: str, command: list[str]) -> None:
        """Run a short command of ours into its own log; raise with the end of it if it fails."""
        self.place.logs.mkdir(parents=True, exist_ok=True)
        log = self.place.logs / f"{name}.log"
        with log.open("wb") as output:
            done = subprocess.run(
                command,
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
            )
        if done.returncode != 0:
            end = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
            raise StartError(f"{name} failed (exit code {done.returncode}). The end of {log}:\n{end}")


def describe(*, python: Path, place: Place, services: Services) -> Application:
    """An application with nothing started: enough for commands that need neither database nor broker."""
    sockets = place.sockets()
    environment = dict(os.environ)
    environment.pop("KEZEK_CALLED_FROM", None)
    environment |= {
        "DJANGO_SETTINGS_MODULE": "housing_queue.settings",
        "DATABASE_URL": os.environ.get("DATABASE_URL") or f"postgres://kezek@/kezek?host={sockets}",
        "REDIS_URL": os.environ.get("REDIS_URL") or f"unix://{sockets / 'redis.sock'}",
        "GATEWAY_URL": os.environ.get("GATEWAY_URL") or "http://127.0.0.1:8099/",
        "SECRET_KEY": os.environ.get("SECRET_KEY") or place.secret_key(),
        "ENVELOPE_KEYS": os.environ.get("ENVELOPE_KEYS") or place.secret_key(),
        "MANIFEST_KEY": os.environ.get("MANIFEST_KEY") or place.manifest_key(),
        "KEZEK_VAR": str(place.var),
        "CELERY_QUEUE_PREFIX": place.queue_prefix,
        "DEBUG": "false",
        "DEMO": "true",
        # The demo is on loopback without certificates.
        "HTTPS": "false",
        "PYTHONUTF8": "1",
    }
    return Application(python=python, place=place, services=services, environment=environment)


def start_data(application: Application, *, throw_away: bool = False, two_roles: bool = False) -> None:
    """
    Start PostgreSQL and Redis, or take those that DATABASE_URL and REDIS_URL name.

    With two roles the application works as one that owns nothing, and only `prepare` as the owner.
    """
    place, services, environment = application.place, application.services, application.environment
    if os.environ.get("DATABASE_URL"):
        application.database_identity = os.environ["DATABASE_URL"]
    else:
        binaries = postgres.find_binaries(python=application.python)
        say("Starting PostgreSQL")
        cluster = postgres.start(
            binaries=binaries,
            folder=place.data,
            sockets=place.sockets(),
            services=services,
            throw_away=throw_away,
        )
        environment["DATABASE_URL"] = cluster.url()
        if two_roles:
            environment["MIGRATIONS_DATABASE_URL"] = cluster.url()
            environment["DATABASE_URL"] = cluster.application_url()
        # For dbshell, behind whatever the person has installed.
        environment["PATH"] = f"{environment.get('PATH', '/usr/bin:/bin')}:{binaries}"
        application.database_identity = cluster.sql("SELECT system_identifier FROM pg_control_system()")
    if not os.environ.get("REDIS_URL"):
        environment["REDIS_URL"] = redis_server.start(
            python=application.python, sockets=place.sockets(), services=services, environment=environment
        )


def as_owner(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of somebody who may change the schema: a person at the console, the tests."""
    owner = environment.get("MIGRATIONS_DATABASE_URL")
    return {**environment, "DATABASE_URL": owner} if owner else dict(environment)


def prepare(application: Application) -> None:
    """Bring the schema, the translations and the static files up to date."""
    say("Migrating the database, collecting static files")
    application.step("prepare", [str(application.python), "-m", "tools.prepare"])


def start_gateway(application: Application, *, world: Path) -> None:
    """Serve a world of invented people as the state's registers would, unless GATEWAY_URL names a gateway."""
    if os.environ.get("GATEWAY_URL"):
        return
    port = free_port(first_port=_FIRST_GATEWAY_PORT)
    say(f"Starting the mock state gateway on port {port}")
    command = application.manage("run_gateway", "--world", str(world), "--port", str(port))
    application.services.start("gateway", command, environment=application.environment, directory=ROOT)
    application.environment["GATEWAY_URL"] = f"http://127.0.0.1:{port}/"


def wait_for_gateway(application: Application) -> None:
    """Return when the gateway takes connections; one that GATEWAY_URL names is its owner's affair."""
    if not os.environ.get("GATEWAY_URL"):
        port = urlsplit(application.environment["GATEWAY_URL"]).port
        wait_until(
            lambda: _accepts(port),
            what="The mock gateway",
            seconds=_READY_SECONDS,
            services=application.services,
        )


def start_worker_and_beat(application: Application) -> None:
    """Start the background work and its clock."""
    say("Starting worker and beat")
    celery = [str(application.python), "-m", "celery", "--app", "housing_queue", "--quiet"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    services, environment = application.services, application.environment
    services.start(
        "worker",
        [*celery, "worker", "--loglevel", "INFO", "--concurrency", "2", *quiet],
        environment=environment,
        directory=ROOT,
    )
    schedule = str(application.place.data / "run" / "beat-schedule")
    (application.place.data / "run").mkdir(parents=True, exist_ok=True)
    services.start(
        "beat",
        [*celery, "beat", "--loglevel", "INFO", "--schedule", schedule, "--pidfile", ""],
        environment=environment,
        directory=ROOT,
    )


def start_web(application: Application) -> str:
    """Start the web server on PORT or the next free port and return its URL."""
    wanted = _wanted_port()
    listener = listening_socket(first_port=wanted)
    port = listener.getsockname()[1]
    if port != wanted:
        say(f"Port {wanted} is taken; using {port}")
    say(f"Starting the web server on port {port}")
    url = f"http://127.0.0.1:{port}"
    application.environment |= {"BASE_URL": url, "PUBLIC_URL": os.environ.get("PUBLIC_URL") or url}
    gunicorn = [str(application.python), "-m", "gunicorn", "housing_queue.wsgi", "--workers", "2"]
    application.services.start(
        "web",
        [
            *gunicorn,
            "--bind",
            f"fd://{listener.fileno()}",
            "--graceful-timeout",
            "5",
            "--access-logfile",
            "-",
        ],
        # A statement is given up before gunicorn gives up the process that waits for it.
        environment=application.environment | {"DATABASE_STATEMENT_SECONDS": "20"},
        directory=ROOT,
        pass_fds=[listener.fileno()],
    )
    listener.close()
    return url


def wait_for_web(application: Application) -> None:
    """Return when /readyz answers 200."""
    address = urlsplit(application.environment["BASE_URL"]).netloc
    wait_until(
        lambda: _is_ready(address),
        what="The web server",
        seconds=_READY_SECONDS,
        services=application.services,
    )


def _wanted_port() -> int:
    text = os.environ.get("PORT") or str(_FIRST_WEB_PORT)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise StartError(f"PORT is {text!r}, but a port is a number from 1 to 65535.")
    return int(text)


def _is_ready(address: str) -> bool:
    connection = http.client.HTTPConnection(address, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _accepts(port: int | None) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port or 80), timeout=1):
            return True
    except OSError:
        return False
