"""What leaves the system says what it is, by digest and signature, and hides what only a role may take."""

import io
import json
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.exceptions import ImproperlyConfigured

from queue_registry import exports, signing
from queue_registry.exports import ExportBroken, Origin, Table
from tests.factories import AT, invented_iin

IIN = invented_iin(1)
ORIGIN = Origin(akimat_kato="271010000", by="auditor", at=AT, query={"kind": "TRAIL"}, trail_head="a" * 64)
TABLES = [
    Table(name="one.csv", columns=("a", "b"), rows=[("x", 1), ("ә", None)]),
    Table(name="two.csv", columns=("a",), rows=[]),
]


def packed(tables=TABLES, *, with_iin=False):
    return exports.pack(tables, origin=ORIGIN, with_iin=with_iin)[0]


def repacked(content, **changes):
    """The same zip with some members replaced; None takes one out."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files |= {name.replace("__", "."): value for name, value in changes.items()}
    return exports._zip({name: value for name, value in files.items() if value is not None})


def test_a_table_is_utf_8_with_a_mark_and_safe_in_a_spreadsheet():
    table = Table(name="t.csv", columns=("a",), rows=[("=1+1",), ("-5",), ("@x",), ('say "hi", ә',)])
    assert exports.table_bytes(table, with_iin=False).decode("utf-8-sig").split("\r\n") == [
        "a",
        "'=1+1",
        "'-5",
        "'@x",
        '"say ""hi"", ә"',
        "",
    ]
    assert exports.table_bytes(table, with_iin=False).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (IIN, f"********{IIN[-4:]}"),
        (f"told that {IIN}, and", f"told that ********{IIN[-4:]}, and"),
        (f"0{IIN}", f"0{IIN}"),
        ("271010-0001234-5", "271010-0001234-5"),
        ("000000000000", "000000000000"),
    ],
)
def test_a_number_that_could_be_an_iin_is_hidden_wherever_it_was_typed(text, shown):
    assert exports.masked(text) == shown
    content = exports.table_bytes(Table(name="t.csv", columns=("a",), rows=[(text,)]), with_iin=False)
    assert shown in content.decode("utf-8-sig")


def test_with_the_right_a_number_stays():
    table = Table(name="t.csv", columns=("a",), rows=[(IIN,)])
    assert IIN.encode() in exports.table_bytes(table, with_iin=True)


def test_the_manifest_describes_each_file_and_the_same_rows_make_the_same_bytes():
    manifest = exports.verify(packed(), public_key=signing.public_key())
    assert [(row["name"], row["rows"]) for row in manifest["files"]] == [("one.csv", 2), ("two.csv", 0)]
    assert (manifest["format"], manifest["with_iin"], manifest["at"]) == ("export/1", False, AT.isoformat())
    assert packed() == packed()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"one__csv": b"another"}, "one.csv: not the file"),
        ({"one__csv": None}, "one.csv: missing"),
        ({"more__csv": b"x"}, "more.csv: not the file"),
        ({"manifest__json": b"{}"}, "manifest.json: not signed"),
        ({"manifest__sig": b"0" * 64}, "manifest.json: not signed"),
        ({"manifest__sig": None}, "no export"),
        ({"manifest__json": b"not json"}, "no export"),
    ],
)
def test_whatever_was_changed_is_named(changes, named):
    with pytest.raises(ExportBroken, match=named):
        exports.verify(repacked(packed(), **changes), public_key=signing.public_key())


def test_a_manifest_made_to_fit_changed_files_is_not_signed():
    with zipfile.ZipFile(io.BytesIO(packed())) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest["by"] = "another"
    forged = repacked(packed(), manifest__json=json.dumps(manifest).encode())
    with pytest.raises(ExportBroken, match="not signed"):
        exports.verify(forged, public_key=signing.public_key())


def test_another_installations_key_did_not_sign_it():
    other = Ed25519PrivateKey.generate().public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(ExportBroken, match="not signed"):
        exports.verify(packed(), public_key=pem)


@pytest.mark.parametrize("key", ["", "short", "b25seSBmb3IgdGVzdHM=", "*" * 44])
def test_a_key_that_is_none_is_refused_with_a_sentence(settings, key):
    settings.MANIFEST_KEY = key
    with pytest.raises(ImproperlyConfigured, match="MANIFEST_KEY: 32 random bytes"):
        signing.public_key()


def test_what_is_no_zip_is_no_export():
    with pytest.raises(ExportBroken, match="no export"):
        exports.verify(b"PK", public_key=signing.public_key())
