"""Bundles as a person has them at home: an empty folder, plain Python, nothing of this project."""

import io
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from housing_queue.story.expecting import expect

_VERIFY_SECONDS = 120
_ALTERED = "result.json"
_FIRST_NUMBER = re.compile(rb":[0-9]")


def verified(bundle: bytes) -> str:
    """What a person sees who runs the bundle at home with nothing but Python."""
    done = _run(bundle)
    expect(done.returncode == 0, f"the bundle does not verify: {done.stdout}{done.stderr}")
    return done.stdout.strip()


def found_altered(bundle: bytes) -> str:
    """What a person sees whose bundle has one byte of its result altered: the file that differs is named."""
    done = _run(_with_one_byte_altered(bundle))
    said = done.stdout.strip()
    expect(
        done.returncode == 1 and said.startswith(f"{_ALTERED}: "),
        f"a byte of {_ALTERED} was altered and the bundle says: {said}{done.stderr}",
    )
    return said


def _with_one_byte_altered(bundle: bytes) -> bytes:
    """The same zip, with the first digit of the result made another."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for info, content in members:
            archive.writestr(info, _altered(content) if info.filename == _ALTERED else content)
    return written.getvalue()


def _altered(content: bytes) -> bytes:
    return _FIRST_NUMBER.sub(lambda found: b":2" if found[0] == b":1" else b":1", content, count=1)


def _run(bundle: bytes) -> "subprocess.CompletedProcess[str]":
    with tempfile.TemporaryDirectory() as empty:
        (Path(empty) / "bundle.zip").write_bytes(bundle)
        return subprocess.run(
            [sys.executable, "-I", "bundle.zip"],
            cwd=empty,
            capture_output=True,
            text=True,
            timeout=_VERIFY_SECONDS,
            check=False,
        )
