"""Bundles: what is in them, to the last byte, and that anybody can verify them with the engine inside."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from allocation import engine
from allocation.engine.bundle import SOURCE_FILES, engine_source
from tests.unit.allocation.engine.bundles import (
    EXAMPLE,
    members_of,
    packed,
    verify_alone,
    with_manifest,
)
from tests.unit.allocation.engine.rounds import Document, as_bytes, rounds
from tests.unit.allocation.engine.test_command_line import MIXED, PLAIN_PYTHON, ROOT, run_engine

ENGINE = ROOT / "allocation" / "engine"
DATA = EXAMPLE.read_bytes()
FULL = engine.make_bundle(DATA, trail_head="00ff")
PUBLIC = engine.make_bundle(DATA, form=engine.Form.PUBLIC)


def test_a_bundle_holds_input_result_manifest_and_the_whole_engine() -> None:
    members = members_of(FULL)

    source = {f"engine/{path.name}": path.read_bytes() for path in ENGINE.glob("*.py")}
    assert members.keys() == {"input.json", "result.json", "manifest.json", "__main__.py", *source}
    assert {name: members[name] for name in source} == source
    assert members["input.json"] == engine.read_input(DATA).canonical
    assert members["result.json"] == engine.run(DATA)
    assert len(SOURCE_FILES) == len(source)


@pytest.mark.parametrize(("bundle", "form", "head"), [(FULL, "full", "00ff"), (PUBLIC, "public", None)])
def test_the_manifest_has_the_digest_of_every_other_member(
    bundle: bytes, form: str, head: str | None
) -> None:
    members = members_of(bundle)

    manifest = json.loads(members.pop("manifest.json"))

    assert manifest == {
        "format": "bundle/1",
        "form": form,
        "engine": engine.ENGINE_VERSION,
        "policy": "akimat-2022",
        "trail_head": head,
        "sha256": {name: engine.digest(content) for name, content in members.items()},
    }
    assert json.loads(members["result.json"])["input_sha256"] == manifest["sha256"]["input.json"]


@pytest.mark.parametrize("bundle", [FULL, PUBLIC])
def test_the_zip_is_reproducible(bundle: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        infos = archive.infolist()

    assert [info.filename for info in infos] == sorted(info.filename for info in infos)
    for info in infos:
        assert info.compress_type == zipfile.ZIP_STORED
        assert info.date_time == (1980, 1, 1, 0, 0, 0)
        assert (info.create_system, info.external_attr >> 16) == (3, 0o644)
        assert (info.extra, info.comment, info.flag_bits) == (b"", b"", 0)
    assert bundle == packed(members_of(bundle))


@pytest.mark.parametrize("options", [[], ["--public"], ["--trail-head", "00ff"]], ids=str)
def test_another_process_makes_the_same_bytes_and_says_their_digest(
    options: list[str], tmp_path: Path
) -> None:
    form = engine.Form.PUBLIC if "--public" in options else engine.Form.FULL
    head = "00ff" if "--trail-head" in options else None

    done = run_engine("bundle", *options, MIXED, tmp_path / "bundle.zip")

    bundle = (tmp_path / "bundle.zip").read_bytes()
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == f"{engine.digest(bundle)}\n"
    assert bundle == engine.make_bundle(DATA, form=form, trail_head=head)
    assert [path.name for path in tmp_path.iterdir()] == ["bundle.zip"]


@pytest.mark.parametrize("bundle", [FULL, PUBLIC])
def test_plain_python_verifies_a_bundle_in_an_empty_folder(bundle: bytes, tmp_path: Path) -> None:
    done = verify_alone(bundle, tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "verified\n", "")
    assert [path.name for path in tmp_path.iterdir()] == ["bundle.zip"]


@pytest.mark.parametrize("bundle", [FULL, PUBLIC])
def test_our_own_engine_verifies_a_bundle(bundle: bytes, tmp_path: Path) -> None:
    (tmp_path / "bundle.zip").write_bytes(bundle)

    done = run_engine("verify", tmp_path / "bundle.zip")

    assert (done.returncode, done.stdout, done.stderr) == (0, b"verified\n", b"")


def test_the_engine_inside_a_bundle_runs_explains_and_makes_bundles(tmp_path: Path) -> None:
    (tmp_path / "bundle.zip").write_bytes(FULL)
    (tmp_path / "input.json").write_bytes(DATA)
    script = (
        "import sys; sys.path.insert(0, 'bundle.zip');"
        "from engine.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )

    def inside(*arguments: str) -> bytes:
        command = [sys.executable, "-I", "-c", script, *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout

    assert inside("run", "input.json") == engine.run(DATA)
    assert inside("verify", "bundle.zip") == b"verified\n"
    inside("bundle", "input.json", "again.zip", "--trail-head", "00ff")
    assert (tmp_path / "again.zip").read_bytes() == FULL
    name = json.loads(DATA)["entries"][0]["id"]
    assert inside("explain", "input.json", name) == engine.explain_entry(DATA, name)


def test_the_source_of_the_engine_can_be_read_by_a_person_from_the_zip() -> None:
    for name, content in engine_source().items():
        assert content.decode("ascii").endswith("\n"), name
        assert b"\r" not in content


@settings(max_examples=40)
@given(rounds)
def test_the_result_of_a_verified_bundle_verifies_again(document: Document) -> None:
    for form in engine.Form:
        bundle = engine.make_bundle(as_bytes(document), form=form)
        assert engine.verify_bundle(bundle).line == "verified"

        members = members_of(bundle)
        again = with_manifest({**members, "result.json": engine.run(members["input.json"])})

        assert packed(again) == bundle
        assert engine.make_bundle(members["input.json"], form=form) == bundle


def test_an_engine_of_another_version_verifies_if_its_results_are_ours(tmp_path: Path) -> None:
    """Both ways: its bundle by our engine, and our input by its engine, each naming what differs."""
    version = b'ENGINE_VERSION: Final = "1.0.1"\n'
    members = members_of(FULL)
    members["engine/version.py"] = members["engine/version.py"].replace(
        f'ENGINE_VERSION: Final = "{engine.ENGINE_VERSION}"\n'.encode(), version
    )
    result = json.loads(members["result.json"]) | {"engine": "1.0.1"}
    members["result.json"] = engine.canonical_bytes(result)
    bundle = packed(with_manifest(members, engine="1.0.1"))

    by_ours, by_its_own = engine.verify_bundle(bundle), verify_alone(bundle, tmp_path)

    assert by_ours.line == "verified; the enclosed engine source differs: engine/version.py"
    assert (by_its_own.returncode, by_its_own.stdout) == (0, "verified\n")


def test_the_command_that_makes_a_bundle_needs_nothing_installed() -> None:
    line = "import allocation.engine, sys; print(sorted(m for m in sys.modules if 'django' in m.lower()))"

    done = subprocess.run(
        [*PLAIN_PYTHON, "-c", line], cwd=ROOT, env={}, capture_output=True, check=True, text=True
    )

    assert done.stdout == "[]\n"
