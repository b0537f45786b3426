"""
The command line.

    run     INPUT.json                                        the result on stdout
    verify  BUNDLE.zip                                        "verified", or exit 1 and why not
    bundle  INPUT.json OUT.zip [--trail-head HEX] [--public]  writes the bundle, prints its SHA-256
    explain INPUT.json ENTRY                                  the entry's row of the result

Exit 2 and one line on stderr: an input that breaks the contract, with its path; a wrong command; an unknown
entry.
"""

import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from .bundle import Form, make_bundle
from .refusal import InputRefused
from .running import explain_entry, run
from .strict_json import digest
from .verify import verify_bundle

VERIFIED: Final = 0
DIFFERENT: Final = 1
REFUSED: Final = 2

_USAGE: Final = MappingProxyType(
    {
        "run": "run INPUT.json",
        "verify": "verify BUNDLE.zip",
        "bundle": "bundle INPUT.json OUT.zip [--trail-head HEX] [--public]",
        "explain": "explain INPUT.json ENTRY",
    }
)
_TRAIL_HEAD: Final = re.compile(r"[0-9a-f]+")
# By its number: Python gives no object for an output that was closed before it started.
_STDOUT: Final = 1


class CommandRefused(Exception):
    """The command line cannot be carried out; the text is one line."""


def main(arguments: list[str]) -> int:
    """Carry out one command and return its exit code."""
    try:
        return _command(arguments)(arguments[1:])
    except (InputRefused, CommandRefused) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return REFUSED


def _command(arguments: list[str]) -> Callable[[list[str]], int]:
    if arguments and arguments[0] in _COMMANDS:
        return _COMMANDS[arguments[0]]
    raise CommandRefused(f"expected one of: {' | '.join(_USAGE.values())}")


def _run(arguments: list[str]) -> int:
    (source,) = _exactly(1, arguments, "run")
    return _answer(run(_read(source)))


def _verify(arguments: list[str]) -> int:
    (source,) = _exactly(1, arguments, "verify")
    try:
        verification = verify_bundle(Path(source).read_bytes())
    except OSError as error:
        _answer(f"the file cannot be read: {error.strerror}\n".encode())
        return DIFFERENT
    _answer(f"{verification.line}\n".encode())
    return VERIFIED if verification.is_verified else DIFFERENT


def _bundle(arguments: list[str]) -> int:
    left = list(arguments)
    form = Form.PUBLIC if _take(left, "--public") else Form.FULL
    trail_head = _take_value(left, "--trail-head")
    source, target = _exactly(2, left, "bundle")
    bundle = make_bundle(_read(source), form=form, trail_head=trail_head)
    _write(Path(target), bundle)
    return _answer(f"{digest(bundle)}\n".encode())


def _explain(arguments: list[str]) -> int:
    source, entry = _exactly(2, arguments, "explain")
    return _answer(explain_entry(_read(source), entry))


_COMMANDS: Final[Mapping[str, Callable[[list[str]], int]]] = MappingProxyType(
    {"run": _run, "verify": _verify, "bundle": _bundle, "explain": _explain}
)


def _exactly(number: int, arguments: list[str], command: str) -> list[str]:
    if len(arguments) != number:
        raise CommandRefused(f"expected: {_USAGE[command]}")
    return arguments


def _take(arguments: list[str], option: str) -> bool:
    if option not in arguments:
        return False
    arguments.remove(option)
    return True


def _take_value(arguments: list[str], option: str) -> str | None:
    if option not in arguments:
        return None
    index = arguments.index(option)
    if index + 1 == len(arguments) or not _TRAIL_HEAD.fullmatch(arguments[index + 1]):
        raise CommandRefused(f"expected lower-case hexadecimal after {option}")
    arguments.pop(index)
    return arguments.pop(index)


def _read(source: str) -> bytes:
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise CommandRefused(f"$: the input cannot be read: {error.strerror}") from None


def _write(target: Path, content: bytes) -> None:
    """All of the file or none of it."""
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise CommandRefused(f"the bundle cannot be written: {error.strerror}") from None


def _answer(content: bytes) -> int:
    try:
        with os.fdopen(_STDOUT, "wb", closefd=False) as output:
            output.write(content)
    except OSError as error:
        raise CommandRefused(f"the answer cannot be written: {error.strerror}") from None
    return VERIFIED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
