"""Bundles for tests: packing any members as an engine would, and running a bundle as anybody could."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from allocation import engine

EXAMPLE = Path(__file__).resolve().parents[3] / "data" / "rounds" / "08-mixed.input.json"
MODE = 0o644

Members = dict[str, bytes]


def members_of(bundle: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: Members, **changes: Any) -> bytes:
    """A zip of the members; `changes` are set on the record of every member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            info.external_attr = MODE << 16
            for attribute, value in changes.items():
                setattr(info, attribute, value)
            archive.writestr(info, members[name])
    return buffer.getvalue()


def with_manifest(members: Members, **changes: Any) -> Members:
    """The members with a manifest that names their digests, as a forger would write it."""
    manifest = json.loads(members["manifest.json"])
    rest = {name: content for name, content in members.items() if name != "manifest.json"}
    manifest["sha256"] = {name: engine.digest(content) for name, content in rest.items()}
    return {**rest, "manifest.json": engine.canonical_bytes(manifest | changes)}


def verify_alone(bundle: bytes, folder: Path) -> subprocess.CompletedProcess[str]:
    """`python3 -I bundle.zip` in a folder where there is nothing else."""
    (folder / "bundle.zip").write_bytes(bundle)
    return subprocess.run(
        [sys.executable, "-I", "-B", "bundle.zip"],
        cwd=folder,
        env={},
        capture_output=True,
        check=False,
        text=True,
    )
