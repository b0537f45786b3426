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
    LegalBasis,
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
        "basis": LegalBasis,
    }
)


class GroundsFileError(ValueError):
    """A file of articles breaks its form; the message says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """
    An edition of the law from a day on: the article of every ground. Equal codes of two kinds are two.

    `doubts` says of which articles we read no text, and why they stand there nevertheless.
    """

    code: str
    in_force_from: date
    act: str
    articles: Mapping[tuple[type[StrEnum], str], str]
    doubts: Mapping[tuple[type[StrEnum], str], str]


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
    doubted = document.pop("doubt", {})
    if set(document) != set(_SECTIONS):
        raise GroundsFileError(f"The sections are {sorted(_SECTIONS)}, not {sorted(document)}.")
    articles: dict[tuple[type[StrEnum], str], str] = {}
    for section, kind in _SECTIONS.items():
        told = document[section]
        if set(told) != set(kind) or not all(isinstance(one, str) and one.strip() for one in told.values()):
            raise GroundsFileError(f"Every ground of {section} has its article, and nothing else has one.")
        articles |= {(kind, code): article for code, article in told.items()}
    doubts = MappingProxyType(_doubts(doubted, articles))
    return Edition(articles=MappingProxyType(articles), doubts=doubts, **head)


def _doubts(
    doubted: Mapping[str, Mapping[str, Any]], articles: Mapping[tuple[type[StrEnum], str], str]
) -> dict[tuple[type[StrEnum], str], str]:
    found = {
        (_SECTIONS[section], code): why
        for section, told in doubted.items()
        if section in _SECTIONS
        for code, why in told.items()
    }
    is_whole = set(doubted) <= set(_SECTIONS) and set(found) <= set(articles)
    if not is_whole or not all(isinstance(why, str) and why.strip() for why in found.values()):
        raise GroundsFileError("A doubt says why, and is about an article that stands in the file.")
    return found


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
    return edition_on(on).articles[type(ground), ground.value]


def doubt_of(ground: StrEnum, *, on: date | None = None) -> str:
    """Return why the article of a ground is not certain, by the same edition; empty where it is."""
    return edition_on(on).doubts.get((type(ground), ground.value), "")


def edition_on(on: date | None) -> Edition:
    """Return the edition of a day: the newest without one, the first of all before it."""
    first, *_later = known = editions()
    begun = [edition for edition in known if on is None or edition.in_force_from <= on]
    return (begun or [first])[-1]
