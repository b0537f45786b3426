"""Whatever is wrong with a bundle, verifying it says so in one line, and never falls over."""

import io
import itertools
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import engine
from tests.unit.allocation.engine.bundles import (
    EXAMPLE,
    Members,
    members_of,
    packed,
    verify_alone,
    with_manifest,
)
from tests.unit.allocation.engine.test_command_line import run_engine

BUNDLE = engine.make_bundle(EXAMPLE.read_bytes(), trail_head="00ff")
MEMBERS = members_of(BUNDLE)
DIGESTS = json.loads(MEMBERS["manifest.json"])["sha256"]
NO_ZIP = "the file is not a zip that can be read"


def line_of(bundle: bytes) -> str:
    verification = engine.verify_bundle(bundle)
    assert verification.line.isascii()
    assert verification.line.isprintable()
    assert verification.is_verified == verification.line.startswith("verified")
    return verification.line


def replaced(name: str, old: str, new: str) -> Members:
    assert old.encode() in MEMBERS[name]
    return {**MEMBERS, name: MEMBERS[name].replace(old.encode(), new.encode(), 1)}


def changed_manifest(**changes: object) -> Members:
    manifest = json.loads(MEMBERS["manifest.json"]) | changes
    return {**MEMBERS, "manifest.json": engine.canonical_bytes(manifest)}


def without(name: str) -> Members:
    return {other: content for other, content in MEMBERS.items() if other != name}


# What a forger may change. A manifest that names the digests of the changed members does not help.


@pytest.mark.parametrize(
    ("members", "line"),
    [
        (
            replaced("result.json", '"turn":2', '"turn":9'),
            "result.json: $.allotments[1].turn: is not what the input gives",
        ),
        (
            replaced("result.json", '"unallotted":[]', '"unallotted":["U0099"]'),
            "result.json: $.unallotted[0]: is not what the input gives",
        ),
        (
            replaced("result.json", '"engine":"1.0.0"', '"engine":"1.0.1"'),
            "result.json: $.engine: is not what the input gives",
        ),
        (
            replaced("result.json", '"turn":2', '"turn":2.0'),
            "result.json: $.allotments[1].turn: is not what the input gives",
        ),
        (
            replaced("result.json", '"turn":1}', '"turn":true}'),
            "result.json: $.allotments[0].turn: is not what the input gives",
        ),
        (
            replaced("result.json", '"shortfall":null', '"shortfall":null,"shortfall":null'),
            "result.json: $.tiers[0].shortfall: the key is repeated",
        ),
        (
            replaced("result.json", '"shortfall":null', '"shortfall":null,"more":null'),
            "result.json: $.tiers[0].more: is not what the input gives",
        ),
        (replaced("result.json", '"format"', ' "format"'), "result.json: is not in canonical form"),
        (
            {**MEMBERS, "result.json": MEMBERS["result.json"].rstrip(b"\n")},
            "result.json: is not in canonical form",
        ),
        ({**MEMBERS, "result.json": b"\xff"}, "result.json: $: is not UTF-8 at byte 0"),
        ({**MEMBERS, "result.json": b"[" * 50_000}, "result.json: $: is nested deeper than 32"),
        ({**MEMBERS, "result.json": b"{}"}, "result.json: $.allotments: is not what the input gives"),
        (without("result.json"), "result.json: is missing"),
        (without("input.json"), "input.json: is missing"),
        ({**MEMBERS, "readme.txt": b""}, "'readme.txt': does not belong in a bundle"),
        ({**MEMBERS, "engine/a/more.py": b""}, "'engine/a/more.py': does not belong in a bundle"),
        ({**MEMBERS, "engine/../a.py\n": b""}, "'engine/../a.py\\n': does not belong in a bundle"),
        ({**MEMBERS, "engine/Ә.py": b""}, "'engine/\\u04d8.py': does not belong in a bundle"),
        ({**MEMBERS, "engine/": b""}, "'engine/': does not belong in a bundle"),
    ],
    ids=itertools.count(),
)
def test_what_is_wrong_stays_wrong_if_the_manifest_is_made_to_fit(members: Members, line: str) -> None:
    assert line_of(packed(members)) == line
    assert line_of(packed(with_manifest(members))) == line


@pytest.mark.parametrize(
    ("members", "line", "line_if_the_manifest_fits"),
    [
        (
            replaced("input.json", "2010-01-20T09:00:00+05:00", "2009-01-20T09:00:00+05:00"),
            "input.json: is not the file whose SHA-256 stands in manifest.json",
            "result.json: $.input_sha256: is not what the input gives",
        ),
        (
            {**MEMBERS, "input.json": b"{}\n"},
            "input.json: is not the file whose SHA-256 stands in manifest.json",
            "input.json: $.dwellings: missing key",
        ),
        (
            without("engine/matching.py"),
            "engine/matching.py: is missing in the zip",
            "verified; the enclosed engine source differs: engine/matching.py",
        ),
        (
            without("__main__.py"),
            "__main__.py: is missing in the zip",
            "verified; the enclosed engine source differs: __main__.py",
        ),
        (
            {**MEMBERS, "engine/more.py": b""},
            "engine/more.py: is missing in manifest.json",
            "verified; the enclosed engine source differs: engine/more.py",
        ),
    ],
    ids=itertools.count(),
)
def test_what_the_manifest_does_not_say_is_found_even_if_it_is_harmless(
    members: Members, line: str, line_if_the_manifest_fits: str
) -> None:
    assert line_of(packed(members)) == line
    assert line_of(packed(with_manifest(members))) == line_if_the_manifest_fits


@pytest.mark.parametrize(
    ("members", "line"),
    [
        (without("manifest.json"), "manifest.json: is missing"),
        ({**MEMBERS, "manifest.json": b""}, "manifest.json: $: is not JSON at line 1 column 1"),
        ({**MEMBERS, "manifest.json": b"[]"}, "manifest.json: $: expected an object"),
        ({**MEMBERS, "manifest.json": b"{}"}, "manifest.json: $.engine: missing key"),
        (changed_manifest(more=1), "manifest.json: $.more: unknown key"),
        (changed_manifest(format="bundle/2"), 'manifest.json: $.format: expected "bundle/1"'),
        (changed_manifest(form="secret"), "manifest.json: $.form: expected one of full, public"),
        (changed_manifest(engine=""), "manifest.json: $.engine: the string is empty"),
        (changed_manifest(engine="2.0.0"), "manifest.json: $.engine: is not the engine of result.json"),
        (changed_manifest(policy="other"), "manifest.json: $.policy: is not the policy of input.json"),
        (
            changed_manifest(trail_head="00FF"),
            "manifest.json: $.trail_head: expected lower-case hexadecimal",
        ),
        (changed_manifest(trail_head=""), "manifest.json: $.trail_head: expected lower-case hexadecimal"),
        (changed_manifest(sha256=[]), "manifest.json: $.sha256: expected an object"),
        (
            changed_manifest(sha256={"input.json": "0" * 63}),
            'manifest.json: $.sha256."input.json": expected a SHA-256 in lower-case hexadecimal',
        ),
        (changed_manifest(sha256={}), "__main__.py: is missing in manifest.json"),
        (
            changed_manifest(sha256=DIGESTS | {"\nӘ": "0" * 64}),
            "\\n\\u04d8: is missing in the zip",
        ),
        (
            changed_manifest(sha256=DIGESTS | {"result.json": "0" * 64}),
            "result.json: is not the file whose SHA-256 stands in manifest.json",
        ),
    ],
)
def test_a_wrong_manifest_is_found(members: Members, line: str) -> None:
    assert line_of(packed(members)) == line


@pytest.mark.parametrize("with_digests", [False, True])
def test_other_source_of_the_engine_is_named_and_nothing_else_is_wrong(*, with_digests: bool) -> None:
    members = {
        **MEMBERS,
        "__main__.py": b"",
        "engine/shares.py": MEMBERS["engine/shares.py"] + b"# a remark\n",
    }

    bundle = packed(with_manifest(members) if with_digests else members)

    assert line_of(bundle) == "verified; the enclosed engine source differs: __main__.py, engine/shares.py"


def test_the_digest_of_other_source_may_not_be_just_anything() -> None:
    members = {**MEMBERS, "engine/shares.py": b"# one\n"}
    manifest = with_manifest({**members, "engine/shares.py": b"# two\n"})["manifest.json"]

    assert line_of(packed({**members, "manifest.json": manifest})) == (
        "engine/shares.py: is not the file whose SHA-256 stands in manifest.json"
    )


def test_the_enclosed_engine_finds_a_tampered_input_too(tmp_path: Path) -> None:
    bundle = packed(with_manifest(replaced("result.json", '"turn":2', '"turn":9')))

    done = verify_alone(bundle, tmp_path)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "result.json: $.allotments[1].turn: is not what the input gives\n"


# What may be wrong with the zip


def compressed(method: int) -> bytes:
    return packed(MEMBERS, compress_type=method)


def twice(name: str) -> bytes:
    buffer = io.BytesIO(BUNDLE)
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(name, MEMBERS[name])
    return buffer.getvalue()


def encrypted() -> bytes:
    """The bit that says so, in the record and in the directory of the first member."""
    data = bytearray(BUNDLE)
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (lambda: b"", NO_ZIP),
        (lambda: b"PK", NO_ZIP),
        (lambda: MEMBERS["input.json"], NO_ZIP),
        (lambda: BUNDLE[:-1], NO_ZIP),
        (lambda: BUNDLE[: len(BUNDLE) // 2], NO_ZIP),
        (lambda: BUNDLE[1000:], "__main__.py: cannot be read from the zip"),
        (lambda: packed({}), "input.json: is missing"),
        (lambda: compressed(zipfile.ZIP_DEFLATED), "__main__.py: is compressed or encrypted"),
        (lambda: compressed(zipfile.ZIP_BZIP2), "__main__.py: is compressed or encrypted"),
        (lambda: compressed(zipfile.ZIP_LZMA), "__main__.py: is compressed or encrypted"),
        (encrypted, "__main__.py: is compressed or encrypted"),
        (lambda: twice("input.json"), "'input.json': stands in the zip 2 times"),
        (lambda: twice("engine/shares.py"), "'engine/shares.py': stands in the zip 2 times"),
        (
            lambda: BUNDLE.replace(b'"dwellings":[', b'"dwellings":{', 1),
            "input.json: cannot be read from the zip",
        ),
    ],
)
def test_what_is_no_bundle_is_said_to_be_none(make: Callable[[], bytes], line: str) -> None:
    assert line_of(make()) == line


@pytest.mark.parametrize(
    "bundle",
    [
        packed(MEMBERS, date_time=(1980, 1, 1, 0, 0, 2)),
        packed(MEMBERS, date_time=(2026, 11, 28, 3, 0, 0)),
        packed(MEMBERS, external_attr=0o755 << 16),
        packed(MEMBERS, create_system=0),
        packed(MEMBERS, comment=b"a remark"),
        b"#!/usr/bin/python3\n" + BUNDLE,
    ],
)
def test_a_zip_that_was_packed_again_is_verified_and_said_to_be_that(bundle: bytes) -> None:
    assert line_of(bundle) == (
        "verified; the zip was packed again: its digest is not that of the bundle as it was made"
    )


# Any bytes get an answer


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    assert line_of(data) == NO_ZIP


SMALL = packed({name: MEMBERS[name] for name in ("input.json", "manifest.json", "result.json")})


@settings(max_examples=500)
@given(st.integers(0, 2**64))
def test_a_bundle_with_bytes_changed_anywhere_gets_an_answer(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(SMALL)
    # The directory at the end is where a zip is most easily broken.
    start = chance.choice([0, SMALL.index(b"PK\x01\x02")])
    for _ in range(chance.choice([1, 1, 2, 8])):
        data[chance.randrange(start, len(data))] = chance.choice([0, 1, 127, 128, 255, chance.randrange(256)])

    assert line_of(bytes(data))


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06", BUNDLE[:-7], packed(changed_manifest(form=1))], ids=len)
def test_the_command_says_it_in_one_line_and_exits_with_1(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "bundle.zip").write_bytes(data)

    done = run_engine("verify", tmp_path / "bundle.zip")

    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.decode() == f"{line_of(data)}\n"


def test_a_file_that_is_not_there_is_no_verified_bundle(tmp_path: Path) -> None:
    for path in (tmp_path / "bundle.zip", tmp_path):
        done = run_engine("verify", path)

        assert (done.returncode, done.stderr) == (1, b"")
        assert done.stdout.startswith(b"the file cannot be read: ")
        assert done.stdout.count(b"\n") == 1
