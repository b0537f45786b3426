"""A new version of an akimat's table of local categories: what it lacks, how it differs from the old one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from queue_registry.rules.legacy.mapping import CategoryMapping, MappedCategory, category_key
from queue_registry.rules.waiting_lists import ListNumber


class MappingRefusal(StrEnum):
    """Code of a refusal; what its `detail` holds stands beside it."""

    NO_LINES = "NO_LINES"
    WORDING_MISSING = "WORDING_MISSING"  # line
    WORDING_TWICE = "WORDING_TWICE"  # line
    ARTICLE_MISSING = "ARTICLE_MISSING"  # line
    NOTHING_CHANGED = "NOTHING_CHANGED"
    DRAFT_OPEN = "DRAFT_OPEN"
    DRAFT_CLOSED = "DRAFT_CLOSED"
    ANOTHER_PERSON_NEEDED = "ANOTHER_PERSON_NEEDED"


class MappingRefused(Exception):
    """An act on the table was refused and nothing was changed."""

    def __init__(self, code: MappingRefusal, **detail: Any) -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail: Mapping[str, Any] = MappingProxyType(detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One wording that the new table reads otherwise; None: a person decides, or the table has it not."""

    wording: str
    list_from: ListNumber | None
    list_to: ListNumber | None
    article: str
    is_new: bool = False
    is_gone: bool = False


def check(lines: Sequence[MappedCategory]) -> None:
    """
    Pass if a table may be made of these lines: every wording once, each with its article.

    :raises MappingRefused: NO_LINES, WORDING_MISSING, WORDING_TWICE, ARTICLE_MISSING, with the line.
    """
    if not lines:
        raise MappingRefused(MappingRefusal.NO_LINES)
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        key = category_key(line.wording)
        if not key:
            raise MappingRefused(MappingRefusal.WORDING_MISSING, line=number)
        if key in seen:
            raise MappingRefused(MappingRefusal.WORDING_TWICE, line=number)
        if not line.article.strip():
            raise MappingRefused(MappingRefusal.ARTICLE_MISSING, line=number)
        seen.add(key)


def difference(old: CategoryMapping, new: CategoryMapping) -> list[Change]:
    """Return how the new table differs, by wording: lists, wordings that came or went, articles."""
    before = {category_key(one.wording): one for one in old.categories}
    after = {category_key(one.wording): one for one in new.categories}
    changes = []
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was is not None and now is not None and (was.number, was.article) == (now.number, now.article):
            continue
        one = now or was
        if one is not None:
            changes.append(
                Change(
                    wording=one.wording,
                    list_from=was.number if was else None,
                    list_to=now.number if now else None,
                    article=one.article,
                    is_new=was is None,
                    is_gone=now is None,
                )
            )
    return changes
