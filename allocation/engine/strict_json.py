"""Bytes to JSON and back: nothing is guessed, and every document has one canonical form."""

import hashlib
import json
from collections.abc import Iterator
from typing import Final, NoReturn

from .refusal import InputRefused, key_path

MOST_DEPTH: Final = 32
# Any integer with more signs than this is beyond every limit; converting it would be slow, or refused by
# Python.
_MOST_DIGITS: Final = 20
_BEYOND: Final = 10**_MOST_DIGITS
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


class _Repeated:
    """Stands in a parsed document for an object that names a key twice."""

    def __init__(self, key: str) -> None:
        self.key = key


class _Parser:
    """Makes the objects of one document, and notes whether any names a key twice."""

    def __init__(self) -> None:
        self.saw_repeated_key = False

    def object_from(self, pairs: list[tuple[str, Json]]) -> "dict[str, Json] | _Repeated":
        made: dict[str, Json] = dict(pairs)
        if len(made) == len(pairs):
            return made
        self.saw_repeated_key = True
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                return _Repeated(key)
            seen.add(key)
        raise AssertionError("A key stands there twice.")


def parse(data: bytes) -> Json:
    """
    Parse a JSON document: UTF-8 without a byte order mark, no key twice in one object.

    :raises InputRefused: if it does not parse, or names a key twice. How deep it is, `check_depth` looks at.
    """
    if data.startswith(_BYTE_ORDER_MARK):
        raise InputRefused("$", "starts with a byte order mark")
    parser = _Parser()
    try:
        document: Json = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=parser.object_from,
            parse_int=_integer,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError as error:
        raise InputRefused("$", f"is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise InputRefused("$", f"is not JSON at line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise InputRefused("$", f"is nested deeper than {MOST_DEPTH}") from None
    if parser.saw_repeated_key:
        for path, part in _parts(document):
            if isinstance(part, _Repeated):
                raise InputRefused(path + key_path(part.key), "the key is repeated")
    return document


def check_depth(document: Json) -> None:
    """
    Refuse a document of more than 32 objects and lists inside each other.

    A document whose every key is known is never that deep, so this is asked only of one that is refused
    anyway.
    """
    layer = [document]
    for _ in range(MOST_DEPTH):
        layer = [inner for part in layer for inner in _children(part)]
    if any(isinstance(part, dict | list | _Repeated) for part in layer):
        raise InputRefused("$", f"is nested deeper than {MOST_DEPTH}")


def canonical_bytes(document: Json) -> bytes:
    """The form that is hashed: sorted keys, no spaces, UTF-8, a last line feed (RFC 8785 where it can)."""
    # In one expression: a name would keep the text beside its bytes, of which a big queue has many.
    return _ENCODER.encode(document).encode("utf-8") + b"\n"


def digest(data: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def first_difference(left: Json, right: Json, path: str = "$") -> str | None:
    """The path of the first place, in canonical order, where two documents differ; None if they are equal."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(left.keys() | right.keys()):
            inner = path + key_path(key)
            if key not in left or key not in right:
                return inner
            found = first_difference(left[key], right[key], inner)
            if found is not None:
                return found
        return None
    if isinstance(left, list) and isinstance(right, list):
        for index, (one, other) in enumerate(zip(left, right, strict=False)):
            found = first_difference(one, other, f"{path}[{index}]")
            if found is not None:
                return found
        return None if len(left) == len(right) else f"{path}[{min(len(left), len(right))}]"
    return None if type(left) is type(right) and left == right else path


def _integer(text: str) -> int:
    if len(text) <= _MOST_DIGITS:
        return int(text)
    return -_BEYOND if text.startswith("-") else _BEYOND


def _refuse_constant(name: str) -> NoReturn:
    raise InputRefused("$", f"is not JSON: {name} is no number")


def _children(part: object) -> Iterator[Json]:
    if isinstance(part, dict):
        yield from part.values()
    elif isinstance(part, list):
        yield from part


def _parts(document: Json) -> Iterator[tuple[str, object]]:
    """Every part of a document with its path, in the order of the text, without recursion."""
    waiting: list[tuple[str, object]] = [("$", document)]
    while waiting:
        path, part = waiting.pop()
        yield path, part
        inner: list[tuple[str, object]] = []
        if isinstance(part, dict):
            inner = [(path + key_path(key), value) for key, value in part.items()]
        elif isinstance(part, list):
            inner = [(f"{path}[{index}]", value) for index, value in enumerate(part)]
        waiting.extend(reversed(inner))
