"""The table that maps local categories of paper lists onto the six separate lists, and how it is read."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from queue_registry.rules.waiting_lists import ListNumber

_FIRST_MAPPING: Final = Path(__file__).parents[2] / "mappings" / "local_categories_2022.toml"
_AROUND_SIGNS: Final = re.compile(r"\s*([/().,-])\s*")


class MappingFileError(ValueError):
    """The mapping file breaks its form; the message names the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedCategory:
    """One wording of a local category; `number` is None where only a person can tell the list."""

    wording: str
    number: ListNumber | None
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryMapping:
    """One dated version of the table; `lists` is keyed by `category_key`."""

    code: str
    in_force_from: date
    act: str
    categories: tuple[MappedCategory, ...]
    lists: Mapping[str, ListNumber]

    def list_of(self, category: str) -> ListNumber | None:
        """Return the list of a local category as a clerk typed it, or None: a person decides."""
        return self.lists.get(category_key(category))


def category_key(category: str) -> str:
    """Return the wording without what says nothing: case, ё for е, white space, dots at the end."""
    text = _AROUND_SIGNS.sub(r"\1", " ".join(category.split()))
    return text.casefold().replace("ё", "е").rstrip(".")


def mapping_of(
    *, code: str, in_force_from: date, act: str, categories: tuple[MappedCategory, ...]
) -> CategoryMapping:
    """Build the table. :raises MappingFileError: if one wording stands in it twice."""
    lists: dict[str, ListNumber] = {}
    seen: set[str] = set()
    for category in categories:
        key = category_key(category.wording)
        if key in seen:
            raise MappingFileError(f"The wording {category.wording!r} stands in the table twice.")
        seen.add(key)
        if category.number is not None:
            lists[key] = category.number
    return CategoryMapping(
        code=code, in_force_from=in_force_from, act=act, categories=categories, lists=MappingProxyType(lists)
    )


def first_mapping() -> CategoryMapping:
    """Return the mapping that the project ships; in an akimat it is in force once two people approved it."""
    return parse_mapping(_FIRST_MAPPING.read_text(encoding="utf-8"))


def parse_mapping(text: str) -> CategoryMapping:
    """
    Read a mapping file (`queue_registry/mappings/*.toml`).

    :raises MappingFileError: naming what is missing, unknown or repeated.
    """
    try:
        document = tomllib.loads(text)
        return mapping_of(
            code=document["code"],
            in_force_from=document["in_force_from"],
            act=document["act"],
            categories=tuple(one for entry in document["category"] for one in _categories(entry)),
        )
    except tomllib.TOMLDecodeError as error:
        raise MappingFileError(f"The mapping is no TOML: {error}") from error
    except KeyError as error:
        raise MappingFileError(f"The mapping lacks {error}.") from error


def mapping_from(document: Mapping[str, Any]) -> CategoryMapping:
    """Return the table that `document_of` made JSON of. :raises MappingFileError: if it breaks its form."""
    try:
        return mapping_of(
            code=document["code"],
            in_force_from=date.fromisoformat(document["in_force_from"]),
            act=document["act"],
            categories=tuple(
                one
                for entry in document["category"]
                for one in _categories({**entry, "wording": [entry["wording"]]})
            ),
        )
    except KeyError as error:
        raise MappingFileError(f"The mapping lacks {error}.") from error


def document_of(mapping: CategoryMapping) -> dict[str, Any]:
    """Return a table as JSON: one entry a wording, without a list where only a person can tell it."""
    return {
        "code": mapping.code,
        "in_force_from": mapping.in_force_from.isoformat(),
        "act": mapping.act,
        "category": [
            {"wording": one.wording, "list": one.number and one.number.value, "article": one.article}
            for one in mapping.categories
        ],
    }


def _categories(entry: Mapping[str, Any]) -> list[MappedCategory]:
    number = entry.get("list")
    if number is not None and number not in set(ListNumber):
        raise MappingFileError(f"{entry['wording'][0]!r}: the Law knows the lists 1 to 6, not {number!r}.")
    return [
        MappedCategory(
            wording=wording,
            number=None if number is None else ListNumber(number),
            article=entry["article"],
        )
        for wording in entry["wording"]
    ]
