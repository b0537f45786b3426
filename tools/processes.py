"""Child processes that end with the launcher, however it ends."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.console import StartError

# Our servers' ports stay below the range from which the kernel takes the near end of a connection: a loop
# that waits for a server can otherwise connect to itself.
HIGHEST_PORT = 32767
STOPPING = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
_STOP_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True)
class Service:
    """A long-running child with its log."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path
    stop_signal: signal.Signals
    # The others cannot work without it, so it is stopped after them.
    foundation: bool

    def ask_to_end(self) -> None:
        """Send the signal on which this program ends in good order."""
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def must_be_alive(self) -> None:
        """Raise with the end of its log if the process has ended."""
        code = self.process.poll()
        if code is not None:
            raise StartError(
                f"{self.name} ended (exit code {code}). The end of {self.log}:\n{_tail(self.log)}"
            )


@dataclass(kw_only=True)
class Services:
    """All children of one launcher, stopped in the opposite order of their start."""

    logs: Path
    running: list[Service] = field(default_factory=list)

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        stop_signal: signal.Signals = signal.SIGTERM,
        directory: Path | None = None,
        pass_fds: Sequence[int] = (),
        foundation: bool = False,
    ) -> Service:
        """Start a child in a session of its own, so that Ctrl-C reaches the launcher alone."""
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".old.log"))
        with log.open("wb") as output:
            process = subprocess.Popen(
                list(command),
                env=dict(environment),
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=tuple(pass_fds),
                preexec_fn=ends_with_parent(stop_signal),
            )
        service = Service(name=name, process=process, log=log, stop_signal=stop_signal, foundation=foundation)
        self.running.append(service)
        return service

    def stop(self, service: Service) -> None:
        """Ask the process to end; after ten seconds end its whole session."""
        self.running.remove(service)
        service.ask_to_end()
        try:
            service.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(service.process.pid, signal.SIGKILL)
            service.process.wait()

    def stop_all(self) -> None:
        """Stop the application's processes together, then what they stand on."""
        for service in self.running:
            if not service.foundation:
                service.ask_to_end()
        for service in sorted(self.running, key=lambda service: service.foundation):
            self.stop(service)

    def must_be_alive(self) -> None:
        """Raise if any child has ended."""
        for service in self.running:
            service.must_be_alive()


def run_in_foreground(command: Sequence[str], *, environment: Mapping[str, str], directory: Path) -> int:
    """Run a command with our input and output, pass signals on, and return its exit code as a shell does."""
    process = subprocess.Popen(
        list(command), env=dict(environment), cwd=directory, preexec_fn=ends_with_parent(signal.SIGTERM)
    )
    # The terminal sends Ctrl-C to the command too; other signals come to us alone.
    before = {number: signal.getsignal(number) for number in STOPPING}
    signal.signal(signal.SIGINT, lambda _number, _frame: None)
    for number in STOPPING - {signal.SIGINT}:
        signal.signal(number, lambda number, _frame: process.send_signal(number))
    try:
        code = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def ends_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """What a child does before it becomes its program: ask the kernel for a signal at its parent's death."""
    if not sys.platform.startswith("linux"):
        return None
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


def wait_until(ready: Callable[[], bool], *, what: str, seconds: float, services: Services) -> None:
    """Poll until `ready`; raise if a child dies or the time is over."""
    deadline = time.monotonic() + seconds
    while not ready():
        services.must_be_alive()
        if time.monotonic() > deadline:
            raise StartError(
                f"{what} was not ready after {seconds:.0f} seconds; see the logs in {services.logs}."
            )
        time.sleep(0.05)


def listening_socket(*, first_port: int) -> socket.socket:
    """Take the first free loopback port from `first_port` on; the caller keeps it by keeping the socket."""
    for port in range(first_port, max(first_port, HIGHEST_PORT) + 1):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(128)
        except OSError:
            listener.close()
        else:
            return listener
    raise StartError(f"No port is free from {first_port} to {HIGHEST_PORT}; PORT chooses another first one.")


def free_port(*, first_port: int) -> int:
    """A loopback port that nobody listened on a moment ago."""
    with listening_socket(first_port=first_port) as listener:
        port: int = listener.getsockname()[1]
        return port


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-15:])
