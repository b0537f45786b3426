"""Where one copy of Kezek keeps its data, and the lock that keeps a second launcher out of it."""

import base64
import fcntl
import hashlib
import json
import os
import re
import secrets
import tempfile
import time
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path

from tools.console import StartError, say
from tools.environment import ROOT

# The path of a unix socket may have 107 bytes; our longest file name there is .s.PGSQL.5432.lock
_LONGEST_SOCKET_FOLDER = 85


@dataclass(kw_only=True)
class Place:
    """The folders of one set of services."""

    # KEZEK_VAR of the application: static files, documents, the story's output.
    var: Path
    # What the services keep: the cluster, the sockets, the state.
    data: Path
    logs: Path
    _lock: TextIOWrapper | None = field(default=None, repr=False)

    @property
    def state_file(self) -> Path:
        """What a running launcher tells the commands beside it."""
        return self.data / "run" / "state.json"

    @property
    def queue_prefix(self) -> str:
        """Keeps the tasks of two copies apart on one broker."""
        return "kezek-" + hashlib.sha256(str(self.data).encode()).hexdigest()[:8]

    def sockets(self) -> Path:
        """A private folder for sockets; in /tmp where ours is too long or has characters that URLs change."""
        folder = self.data / "run"
        if len(os.fsencode(folder)) > _LONGEST_SOCKET_FOLDER or not re.fullmatch(
            r"[\w./-]+", str(folder), re.ASCII
        ):
            folder = Path(tempfile.gettempdir()) / f"{self.queue_prefix}-{os.getuid()}"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = folder.lstat()
        if status.st_uid != os.getuid() or folder.is_symlink():
            raise StartError(f"{folder} belongs to somebody else; remove it or choose another KEZEK_VAR.")
        folder.chmod(0o700)
        return folder

    def secret_key(self) -> str:
        """The key of this copy, made once."""
        path = self.var / "secret-key"
        if not path.exists():
            self.var.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(50))
        return path.read_text()

    def manifest_key(self) -> str:
        """The key by which this copy signs exports, made once."""
        path = self.var / "manifest-key"
        if not path.exists():
            self.var.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
        return path.read_text()

    def try_lock(self) -> bool:
        """Take the lock unless another launcher holds it; the kernel frees it when the process ends."""
        self.data.mkdir(parents=True, exist_ok=True)
        lock = (self.data / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        self.state_file.unlink(missing_ok=True)
        return True

    def lock(self, *, seconds: float) -> None:
        """Take the lock, waiting a little for commands that are about to end."""
        deadline = time.monotonic() + seconds
        told = False
        while not self.try_lock():
            state = self.read_state()
            if state is not None:
                raise StartError(
                    f"Kezek already runs with the data of {self.data}: {state['BASE_URL']}\n"
                    "Stop it there with Ctrl-C, or start a second copy on other data: KEZEK_VAR=FOLDER ./run"
                )
            if time.monotonic() > deadline:
                raise StartError(
                    f"Another command uses the data of {self.data}; wait for it or choose another KEZEK_VAR."
                )
            if not told:
                say(f"Waiting for another command that uses {self.data}")
                told = True
            time.sleep(0.1)

    def write_state(self, environment: dict[str, str]) -> None:
        """Tell other commands that the services are ready, and where."""
        self.state_file.parent.mkdir(parents=True, exist_ok=True)
        aside = self.state_file.with_suffix(".new")
        aside.touch(mode=0o600)
        aside.write_text(json.dumps(environment))
        aside.replace(self.state_file)

    def read_state(self) -> dict[str, str] | None:
        """The environment of the services of a launcher that is ready, if one is."""
        try:
            state: dict[str, str] = json.loads(self.state_file.read_text())
        except FileNotFoundError:
            return None
        return state


def of_the_demo() -> Place:
    """KEZEK_VAR, by default var/ of the project."""
    var = resolve(os.environ.get("KEZEK_VAR") or str(ROOT / "var"))
    return Place(var=var, data=var, logs=var / "log")


def of_the_story() -> Place:
    """Services of its own, so that a story never touches the demo's database."""
    var = of_the_demo().var
    return Place(var=var, data=var / "story-services", logs=var / "log" / "story")


def resolve(path: str) -> Path:
    """A path as the person meant it: relative to the folder from which the command was called."""
    return (Path(os.environ.get("KEZEK_CALLED_FROM", ".")) / path).resolve()
