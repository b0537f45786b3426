"""
On which article a ground rests, on a day: an edition of the law is a dated file (`queue_registry/grounds/`).

A decision cites the edition of its own day for ever; a new edition is a new file, and none that was in force
is changed.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from queue_registry.rules.reasons import (
    RefusalGround,
    RegistrationChangeGround,
    RemovalGround,
    SuccessionGround,
    SuspensionGround,
)

_FILES: Final = Path(__file__).parents[1] / "grounds"
_SECTIONS: Final[Mapping[str, type[StrEnum]]] = MappingProxyType(
    {
        "refusal": RefusalGround,
        "suspension": SuspensionGround,
        "removal": RemovalGround,
        "registration_change": RegistrationChangeGround,
        "succession": SuccessionGround,
    }
)


class GroundsFileError(ValueError):
    """A file of articles breaks its form; the message says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An edition of the law from a day on: the article of every ground. Equal codes of two kinds are two."""

    code: str
    in_force_from: date
    act: str
    articles: Mapping[tuple[type[StrEnum], str], str]


def parse_edition(text: str) -> Edition:
    """
    Read a file of articles.

    :raises GroundsFileError: if something is missing, unknown or empty.
    """
    try:
        document: dict[str, Any] = tomllib.loads(text)
        head = {name: document.pop(name) for name in ("code", "in_force_from", "act")}
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise GroundsFileError(f"The articles can't be read: {error}") from error
    if set(document) != set(_SECTIONS):
        raise GroundsFileError(f"The sections are {sorted(_SECTIONS)}, not {sorted(document)}.")
    articles: dict[tuple[type[StrEnum], str], str] = {}
    for section, kind in _SECTIONS.items():
        told = document[section]
        if set(told) != set(kind) or not all(isinstance(one, str) and one.strip() for one in told.values()):
            raise GroundsFileError(f"Every ground of {section} has its article, and nothing else has one.")
        articles |= {(kind, code): article for code, article in told.items()}
    return Edition(articles=MappingProxyType(articles), **head)


@cache
def editions() -> tuple[Edition, ...]:
    """Return every edition that is known, the earliest first."""
    known = (parse_edition(file.read_text(encoding="utf-8")) for file in _FILES.glob("*.toml"))
    return tuple(sorted(known, key=lambda edition: edition.in_force_from))


def article_of(ground: StrEnum, *, on: date | None = None) -> str:
    """
    Return the article of a ground by the edition of a day; without one, by the newest. A day before the first
    edition that we read has its articles: we know none before them.
    """
    first, *_later = known = editions()
    begun = [edition for edition in known if on is None or edition.in_force_from <= on]
    return (begun or [first])[-1].articles[type(ground), ground.value]
