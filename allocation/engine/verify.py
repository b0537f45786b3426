"""Verifying a bundle: distribute its input again with this engine, and name the first difference."""

import io
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from . import fields
from .bundle import ENGINE_FOLDER, FORMAT, INPUT, MAIN, MANIFEST, RESULT, Form, engine_source, pack
from .document import ReadInput, read_input
from .fields import Record
from .refusal import InputRefused, key_path
from .running import document_of_result
from .strict_json import Json, canonical_bytes, digest, first_difference, parse

_MANIFEST_KEYS: Final = frozenset({"format", "form", "engine", "policy", "trail_head", "sha256"})
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_TRAIL_HEAD: Final = re.compile(r"[0-9a-f]+")
_SOURCE: Final = re.compile(re.escape(ENGINE_FOLDER) + r"[A-Za-z0-9_]+\.py")
_ENCRYPTED: Final = 1
# What the standard library raises on bytes that are no zip, or a broken one.
_ZIP_ERRORS: Final = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error,
    NotImplementedError, RuntimeError, ValueError, EOFError, OSError, IndexError, KeyError, OverflowError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """
    The outcome of verifying a bundle.

    `difference` is the first difference, or what is wrong with the file, or None when it is verified;
    `other_source` names the enclosed engine files that differ from this engine's own; `is_repacked` says
    that the members are right, but the zip around them is not the one that an engine makes of them.
    """

    difference: str | None
    other_source: tuple[str, ...] = ()
    is_repacked: bool = False

    @property
    def is_verified(self) -> bool:
        return self.difference is None

    @property
    def line(self) -> str:
        """The outcome in one line."""
        if self.difference is not None:
            return self.difference
        outcome = ["verified"]
        if self.other_source:
            outcome.append(f"the enclosed engine source differs: {', '.join(self.other_source)}")
        if self.is_repacked:
            outcome.append("the zip was packed again: its digest is not that of the bundle as it was made")
        return "; ".join(outcome)


class _Difference(Exception):
    pass


def verify_bundle(data: bytes, known: ReadInput | None = None) -> Verification:
    """
    Verify a bundle with this engine. Any bytes get an answer.

    :param known: an input that this process has read. Where the bundle has it byte for byte, it is not read
        again: the same bytes would give the same values. It is distributed again all the same.
    """
    try:
        members = _members(data)
        if known is not None and members.get(INPUT) == known.canonical:
            members[INPUT] = known.canonical  # one of the two is enough
        manifest = _manifest(members[MANIFEST])
        other_source = _check_digests(members, manifest)
        _check_result(members, manifest, other_source, known)
    except _Difference as difference:
        return Verification(difference=str(difference))
    return Verification(difference=None, other_source=other_source, is_repacked=data != pack(members))


def _members(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_names([info.filename for info in archive.infolist()])
            return {info.filename: _content(archive, info) for info in archive.infolist()}
    except _ZIP_ERRORS:
        raise _Difference("the file is not a zip that can be read") from None


def _check_names(names: list[str]) -> None:
    for name, times in sorted(Counter(names).items()):
        if times > 1:
            raise _Difference(f"{name!a}: stands in the zip {times} times")
        if name not in (INPUT, RESULT, MANIFEST, MAIN) and not _SOURCE.fullmatch(name):
            raise _Difference(f"{name!a}: does not belong in a bundle")
    for name in (INPUT, MANIFEST, RESULT):
        if name not in names:
            raise _Difference(f"{name}: is missing")


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & _ENCRYPTED:
        raise _Difference(f"{info.filename}: is compressed or encrypted")
    try:
        return archive.read(info)
    except _ZIP_ERRORS:
        raise _Difference(f"{info.filename}: cannot be read from the zip") from None


def _manifest(data: bytes) -> Record:
    try:
        with fields.inside("$"):
            record = fields.record(_parsed(MANIFEST, data), _MANIFEST_KEYS)
            if record["format"] != FORMAT:
                raise InputRefused(".format", f'expected "{FORMAT}"')
            fields.choice(record, "form", Form)
            fields.text(record, "engine")
            fields.text(record, "policy")
            if record["trail_head"] is not None:
                fields.matching(record, "trail_head", _TRAIL_HEAD, "lower-case hexadecimal")
            with fields.inside(".sha256"):
                _check_digest_texts(fields.mapping(record["sha256"]))
    except InputRefused as refusal:
        raise _Difference(f"{MANIFEST}: {refusal}") from None
    return record


def _check_digest_texts(digests: Record) -> None:
    for name, value in digests.items():
        if type(value) is not str or not _DIGEST.fullmatch(value):
            raise InputRefused(key_path(name), "expected a SHA-256 in lower-case hexadecimal")


def _check_digests(members: Mapping[str, bytes], manifest: Record) -> tuple[str, ...]:
    """
    Compare what is enclosed with the manifest, and the enclosed engine with this one.

    :return: the engine files that differ from this engine's own. A manifest may name the digest of either.
    """
    digests = fields.mapping(manifest["sha256"])
    enclosed = members.keys() - {MANIFEST}
    for name in sorted(enclosed ^ digests.keys()):
        where = MANIFEST if name in enclosed else "the zip"
        raise _Difference(f"{ascii(name)[1:-1]}: is missing in {where}")
    own = engine_source()
    for name in sorted(enclosed - {RESULT}):
        lawful = {digest(members[name])}
        if name in own and own[name] != members[name]:
            lawful.add(digest(own[name]))
        if digests[name] not in lawful:
            raise _Difference(f"{name}: is not the file whose SHA-256 stands in {MANIFEST}")
    source = enclosed - {INPUT, RESULT} | own.keys()
    return tuple(sorted(name for name in source if own.get(name) != members.get(name)))


def _check_result(
    members: Mapping[str, bytes],
    manifest: Record,
    other_source: tuple[str, ...],
    known: ReadInput | None,
) -> None:
    read = known if known is not None and known.canonical is members[INPUT] else _read(members[INPUT])
    if manifest["policy"] != read.values.policy.code:
        raise _Difference(f"{MANIFEST}: $.policy: is not the policy of {INPUT}")
    own = document_of_result(read)
    if other_source:
        # Another version of the engine may have made the bundle. If its results are ours, the version alone
        # differs.
        own["engine"] = manifest["engine"]
    if members[RESULT] != canonical_bytes(own):
        path = first_difference(_parsed(RESULT, members[RESULT]), own)
        problem = "is not in canonical form" if path is None else f"{path}: is not what the input gives"
        raise _Difference(f"{RESULT}: {problem}")
    if manifest["engine"] != own["engine"]:
        raise _Difference(f"{MANIFEST}: $.engine: is not the engine of {RESULT}")
    if fields.mapping(manifest["sha256"])[RESULT] != digest(members[RESULT]):
        raise _Difference(f"{RESULT}: is not the file whose SHA-256 stands in {MANIFEST}")


def _read(data: bytes) -> ReadInput:
    try:
        return read_input(data)
    except InputRefused as refusal:
        raise _Difference(f"{INPUT}: {refusal}") from None


def _parsed(name: str, data: bytes) -> Json:
    try:
        return parse(data)
    except InputRefused as refusal:
        raise _Difference(f"{name}: {refusal}") from None
