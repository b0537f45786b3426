"""
What is published of people: how small a group may be named, and how a file number is masked.

Categories of a list, and sizes of families of those housed, are merged until nobody is singled out. What is
published of a list is always a division of the whole list: no group is left out, so nothing follows from the
difference of a total and its parts.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

_FILES: Final = Path(__file__).parents[1] / "publishing"
# The group of everybody whose category is not named.
MERGED: Final = "merged"
# A file number without its last three running digits and its check digit.
_HIDDEN: Final = re.compile(r"[0-9]{3}-[0-9]$")
_MASK: Final = "***-*"


class PublishingFileError(ValueError):
    """A file of the figures breaks its form, or none was in force; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishingRules:
    """The figures in force on a day, with their act."""

    code: str
    in_force_from: date
    act: str
    smallest_group: int
    months_of_housed: int


def parse_rules(text: str) -> PublishingRules:
    """
    Read a file of figures (`queue_registry/publishing/*.toml`).

    :raises PublishingFileError: if something is missing, unknown or no figure.
    """
    try:
        document = tomllib.loads(text)
        figures: dict[str, Any] = dict(document["figures"])
        rules = PublishingRules(
            code=document["code"],
            in_force_from=document["in_force_from"],
            act=document["act"],
            **figures,
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise PublishingFileError(f"The figures of publishing can't be read: {error}") from error
    if not all(isinstance(one, int) and one > 0 for one in (rules.smallest_group, rules.months_of_housed)):
        raise PublishingFileError("The figures of publishing are whole numbers above zero.")
    return rules


def rules_in_force(on: date) -> PublishingRules:
    """
    Return the figures in force on a day.

    :raises PublishingFileError: if none was in force yet.
    """
    known = (parse_rules(file.read_text(encoding="utf-8")) for file in sorted(_FILES.glob("*.toml")))
    begun = [rules for rules in known if rules.in_force_from <= on]
    if not begun:
        raise PublishingFileError(f"No figures of publishing were in force on {on}.")
    return max(begun, key=lambda rules: rules.in_force_from)


def groups(counts: Mapping[str, int], *, smallest: int) -> dict[str, str]:
    """
    Return under which name each category of a list is published: its own, or `MERGED`.

    Categories of fewer than `smallest` people are merged, and the next smallest with them until the group has
    so many. Where the whole list has fewer no category is named at all.
    """
    by_size = sorted((count, category) for category, count in counts.items() if count)
    merged: set[str] = set()
    people = 0
    for count, category in by_size:
        if count >= smallest and (not merged or people >= smallest):
            break
        merged.add(category)
        people += count
    return {category: MERGED if category in merged else category for category in counts}


def groups_with_sizes(
    counts: Mapping[tuple[str, int], int], *, smallest: int
) -> dict[tuple[str, int], tuple[str, str]]:
    """
    Return under which category and which size of the family those of a category and a size are published.

    Categories are merged first. Within what is published as one, sizes are merged as categories are: a family
    of nine among families of three tells who it is, whatever its category is called.
    """
    of_category: Counter[str] = Counter()
    for (category, _size), count in counts.items():
        of_category[category] += count
    names = groups(of_category, smallest=smallest)
    of_size: dict[str, Counter[str]] = {}
    for (category, size), count in counts.items():
        of_size.setdefault(names[category], Counter())[str(size)] += count
    sizes = {name: groups(found, smallest=smallest) for name, found in of_size.items()}
    return {
        (category, size): (names[category], sizes[names[category]][str(size)]) for category, size in counts
    }


def masked_number(file_number: str) -> str:
    """Return a file number by which its household finds itself, and nobody else is sure: 271010-0001***-*."""
    return _HIDDEN.sub(_MASK, file_number)
