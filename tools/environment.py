"""Makes .venv and installs the locked packages, unless a stamp says that this has been done."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.console import StartError, say

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUNTIME_LOCK = ROOT / "requirements.txt"
DEVELOPMENT_LOCK = ROOT / "requirements-dev.txt"
UV_LOCK = ROOT / "tools" / "uv.txt"


def ensure(*, development: bool) -> Path:
    """Return the interpreter of .venv with the packages of the lock installed."""
    with _one_at_a_time():
        python_version = _version_of_venv()
        stamps = {False: VENV / ".stamp", True: VENV / ".stamp-dev"}
        wanted = {dev: _stamp(python_version, development=dev) for dev in stamps}
        # The development lock holds the runtime lock's packages, so its stamp serves both.
        current = any(_read(stamps[dev]) == wanted[dev] for dev in stamps if dev or not development)
        if python_version is None or not current:
            if python_version is None or not (VENV / "bin" / "pip").exists():
                _make_venv()
            _install(DEVELOPMENT_LOCK if development else RUNTIME_LOCK)
            stamps[development].write_text(_stamp(_version_of_venv(), development=development))
    return PYTHON


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _stamp(python_version: str | None, *, development: bool) -> str:
    """What must be the same for the installed packages to be right; a moved folder breaks their scripts."""
    locks = [RUNTIME_LOCK, DEVELOPMENT_LOCK] if development else [RUNTIME_LOCK]
    digests = [hashlib.sha256(lock.read_bytes()).hexdigest() for lock in locks]
    return "\n".join([str(VENV.resolve()), python_version or "", *digests, ""])


def _read(stamp: Path) -> str | None:
    return stamp.read_text() if stamp.exists() else None


def _version_of_venv() -> str | None:
    """The version of .venv's Python, or None if none there runs, is new enough and was made here."""
    if not PYTHON.exists() or _moved():
        return None
    code = "import sys; print(sys.version.split()[0]); sys.exit(sys.version_info < (3, 11))"
    answer = subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else None


def _moved() -> bool:
    stamp = _read(VENV / ".stamp") or _read(VENV / ".stamp-dev")
    return stamp is not None and stamp.splitlines()[0] != str(VENV.resolve())


def _make_venv() -> None:
    say(f"Making .venv with Python {sys.version.split()[0]}")
    if not os.access(ROOT, os.W_OK):
        raise StartError(
            f"{ROOT} cannot be written to; .venv is made there. Copy the project to a folder of your own."
        )
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        raise StartError(
            f"{sys.executable} -m venv failed: {(made.stdout + made.stderr).strip()}\n"
            "If venv or ensurepip is missing: apt-get install python3-venv"
        )


def _install(lock: Path) -> None:
    say(f"Installing the packages of {lock.name}")
    if _run(
        [
            str(PYTHON),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-compile",
            "--require-hashes",
            "-r",
            str(UV_LOCK),
        ]
    ):
        uv = [
            str(VENV / "bin" / "uv"),
            "pip",
            "install",
            "--quiet",
            "--python",
            str(PYTHON),
            "--compile-bytecode",
        ]
        if _run([*uv, "--require-hashes", "--only-binary", ":all:", "-r", str(lock)]):
            return
        say("uv could not install them; trying pip, which is slower")
    pip = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    if not _run(pip):
        raise StartError(f"The packages of {lock.name} could not be installed; the lines above say why.")


def _run(command: list[str]) -> bool:
    """Run an installer; show what it printed only if it failed."""
    # A network that inspects TLS is known to the system's certificates, not to uv's own.
    environment = {
        "UV_SYSTEM_CERTS": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    done = subprocess.run(
        command,
        env=environment | dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout + done.stderr)
    return done.returncode == 0
