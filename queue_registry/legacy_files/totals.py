"""Totals of a legacy list: which rows are some, what they state, and which rows they may be of."""

import re
from collections.abc import Sequence
from typing import Final

from queue_registry.rules.legacy.cells import Cell, text_of

_TOTAL: Final = re.compile(r"(?<!\w)(?:(?:под)?итого?|всего|барлығы|жиыны|қорытынды)(?!\w)", re.IGNORECASE)
_LETTER: Final = re.compile(r"[^\W\d_]")
# A number of people, thousands set apart or not; no year, no day and no part of either.
_COUNT: Final = re.compile(
    r"(?<![\d.,/-])(?P<count>[0-9]{1,3}(?:\s[0-9]{3})+|[0-9]+)(?![\d/-]|[.,]\d|\s*(?:г|год|года|ж|жыл|жылы|жылғы)\b)"
)


def is_total(texts: Sequence[str]) -> bool:
    """Say whether the first words of a row call it a total; a word further on is somebody's note."""
    for text in texts:
        if _LETTER.search(text):
            return _TOTAL.search(text) is not None
    return False


def stated_count(cells: Sequence[Cell]) -> int | None:
    """Return the number that a totals row states: in a cell of its own, behind a colon, or in its words."""
    texts = [text for cell in cells if (text := text_of(cell))]
    alone = [match for text in texts if (match := _COUNT.fullmatch(text))]
    behind = [match for text in texts if ":" in text and (match := _COUNT.search(text, text.index(":")))]
    within = [match for text in texts if (match := _COUNT.search(text))]
    match = next(iter([*alone, *behind, *within]), None)
    return int("".join(match["count"].split())) if match else None


def counted_rows(stated: int | None, *, since_total: int, in_sheet: int, in_file: int) -> int:
    """
    Return the number of rows that a total is of: those since the one before, of the sheet, or of the file.

    Which of them the clerk meant is told by the number itself: the nearest one.
    """
    counts = (since_total or in_sheet, in_sheet, in_file)
    return counts[0] if stated is None else min(counts, key=lambda count: abs(count - stated))
