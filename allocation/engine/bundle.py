"""
A bundle: a zip with an input, its result and the engine that made it, so that anybody can distribute again
at home.

The zip is the same byte for byte whoever makes it: members stored as they are, sorted by name, dated 1980.
"""

import io
import pkgutil
import zipfile
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from .document import ReadInput, read_input
from .public_form import public_document
from .running import document_of_result
from .strict_json import Json, canonical_bytes, digest
from .version import ENGINE_VERSION

FORMAT: Final = "bundle/1"
INPUT: Final = "input.json"
RESULT: Final = "result.json"
MANIFEST: Final = "manifest.json"
MAIN: Final = "__main__.py"
ENGINE_FOLDER: Final = "engine/"

# Named one by one: the engine may be inside a zip, and a stray file beside it must never travel.
SOURCE_FILES: Final = (
    "__init__.py",
    "__main__.py",
    "bundle.py",
    "choice.py",
    "distribute.py",
    "document.py",
    "explain.py",
    "fields.py",
    "ladder.py",
    "matching.py",
    "order.py",
    "policy_document.py",
    "proportion.py",
    "public_form.py",
    "refusal.py",
    "result_document.py",
    "running.py",
    "serving.py",
    "shares.py",
    "strict_json.py",
    "suitability.py",
    "values.py",
    "verify.py",
    "version.py",
)

_MAIN_SOURCE: Final = b'''"""Verify this bundle with the engine inside it: python3 -I BUNDLE.zip"""

import sys

from engine.__main__ import main

sys.exit(main(["verify", sys.argv[0]]))
'''

_DATE: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_MODE: Final = 0o644


class Form(StrEnum):
    """FULL is for the commission, an auditor, a court, one's own appeal; PUBLIC has nobody's particulars."""

    FULL = "full"
    PUBLIC = "public"


def make_bundle(data: bytes, *, form: Form = Form.FULL, trail_head: str | None = None) -> bytes:
    """
    Distribute and pack the input, the result and this engine.

    :param data: an input document.
    :param trail_head: head of the trail when the list was frozen, in lower-case hexadecimal.
    :raises InputRefused: with the path of what breaks the contract.
    """
    read = read_input(data)
    if form is Form.PUBLIC:
        read = read_input(canonical_bytes(public_document(read)))
    return bundle_of(read, canonical_bytes(document_of_result(read)), form=form, trail_head=trail_head)


def bundle_of(read: ReadInput, result: bytes, *, form: Form, trail_head: str | None) -> bytes:
    """Pack an input of this form, its result in canonical form, and this engine."""
    members = {INPUT: read.canonical, RESULT: result, **engine_source()}
    manifest: dict[str, Json] = {
        "format": FORMAT,
        "form": form.value,
        "engine": ENGINE_VERSION,
        "policy": read.values.policy.code,
        "trail_head": trail_head,
        "sha256": {name: digest(content) for name, content in members.items()},
    }
    return pack({**members, MANIFEST: canonical_bytes(manifest)})


def engine_source() -> dict[str, bytes]:
    """The source of this engine by its name in a bundle, read by the loader that loaded it."""
    source = {MAIN: _MAIN_SOURCE}
    for name in SOURCE_FILES:
        content = pkgutil.get_data(__package__, name)
        if content is None:
            raise RuntimeError(f"the loader of the engine does not give {name}")
        source[ENGINE_FOLDER + name] = content
    return source


def pack(members: Mapping[str, bytes]) -> bytes:
    """The one zip of these members: stored, sorted by name, dated 1980, mode 0644."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system = _UNIX
            info.external_attr = _MODE << 16
            archive.writestr(info, members[name])
    return buffer.getvalue()
