"""
Reconciliation of an akimat's old lists: what was stated against what was counted, line by line.

Counted is what the lists say, whatever happened to their people since: a home given or a newcomer at the desk
makes no difference. A line whose difference follows from counted figures is explained by them; every other
line waits for a person with a document.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations, permutations
from typing import Final

from queue_registry.rules.legacy.codes import Source

ALL: Final = "all"


class LineKind(StrEnum):
    """What a line compares."""

    # A total inside a file against the rows that it is of.
    FILE = "FILE"
    # A total of an authority, of a list or all, of a source or all, against what was counted.
    STATED = "STATED"
    # Rows of a source against the people behind them.
    ROWS = "ROWS"
    # People of a source against those of them whom another source has, too.
    ONLY_IN = "ONLY_IN"
    # Places on lists against the people who stand there.
    TWO_LISTS = "TWO_LISTS"
    # People of the lists against those who have a place.
    WAITING = "WAITING"


class Part(StrEnum):
    """A counted part of a difference; the sign says whether it makes more or less than was stated."""

    ON_TWO_LISTS = "ON_TWO_LISTS"
    REPEATED = "REPEATED"
    WAITING_FILE = "WAITING_FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """So many people of the lists with the same rows by source and the same lists; no list: no place."""

    people: int
    rows: Mapping[Source, int]
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTotal:
    """One total that a file states; `repeated` are rows of the file beyond one of each person."""

    batch: int
    sheet: int
    row: int
    stated: int
    counted: int
    repeated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What an authority said: of a list or of all (empty), of a source or of all (empty)."""

    stated: int
    list_number: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    One comparison. `key` names it for ever; `parts` say which counted figures make the difference, all of it;
    a line without parts and with a difference is open until a person explains that difference.
    """

    kind: LineKind
    key: str
    stated: int
    counted: int
    parts: Mapping[Part, int] = field(default_factory=dict)

    @property
    def difference(self) -> int:
        """How much more was counted than stated."""
        return self.counted - self.stated

    @property
    def is_explained(self) -> bool:
        """Whether there is nothing to explain, or the figures explain it."""
        return self.difference == 0 or bool(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was counted within a list and a source."""

    total: int
    parts: Mapping[Part, int]


def lines(
    groups: Collection[Group], *, files: Iterable[FileTotal] = (), statements: Iterable[Statement] = ()
) -> tuple[Line, ...]:
    """Return every line of an akimat: files, authorities, then the lists among themselves."""
    return (
        *(_of_file(total) for total in files),
        *(_of_statement(statement, groups) for statement in statements),
        *_of_sources(groups),
        *_of_people(groups),
    )


def unexplained(
    all_lines: Iterable[Line], approved: Collection[tuple[str, int]] = frozenset()
) -> tuple[Line, ...]:
    """
    Return the lines that nothing explains; `approved` are pairs of key and difference that two people
    explained: each of that difference and of no other.
    """
    return tuple(
        line for line in all_lines if not line.is_explained and (line.key, line.difference) not in approved
    )


def file_key(batch: int, sheet: int, row: int) -> str:
    """Return the key of the line about a total in a file."""
    return f"file:{batch}/{sheet}/{row}"


def _of_file(total: FileTotal) -> Line:
    return Line(
        kind=LineKind.FILE,
        key=file_key(total.batch, total.sheet, total.row),
        stated=total.stated,
        counted=total.counted,
        parts=explained(total.counted - total.stated, {Part.REPEATED: total.repeated}),
    )


def _of_statement(statement: Statement, groups: Collection[Group]) -> Line:
    counted = count(groups, list_number=statement.list_number, source=statement.source)
    return Line(
        kind=LineKind.STATED,
        key=f"stated:{statement.list_number or ALL}/{statement.source or ALL}",
        stated=statement.stated,
        counted=counted.total,
        parts=explained(counted.total - statement.stated, counted.parts),
    )


def count(groups: Collection[Group], *, list_number: str = "", source: str = "") -> Counted:
    """
    Count a list or all of them: rows of one source, or places of all sources together.

    Of one source's rows, those beyond one of a person stand for a second list or repeat, and those without a
    place wait; of places, people may be on more than one, and who waits has none (negative: stated, not
    counted).
    """
    within = [one for one in groups if not list_number or list_number in one.lists]
    if source:
        return _count_rows(within, Source(source))
    people = sum(one.people for one in within if one.lists)
    if list_number:
        return Counted(total=people, parts={})
    places = sum(one.people * len(one.lists) for one in within)
    waiting = sum(one.people for one in within if not one.lists)
    return Counted(total=places, parts={Part.ON_TWO_LISTS: places - people, Part.WAITING_FILE: -waiting})


def _count_rows(groups: Iterable[Group], source: Source) -> Counted:
    named = [one for one in groups if one.rows.get(source, 0)]
    rows = sum(one.people * one.rows[source] for one in named)
    people = sum(one.people for one in named)
    # A row for each list that somebody stands on is no repetition.
    two = sum(one.people * (min(one.rows[source], len(one.lists)) - 1) for one in named if one.lists)
    waiting = sum(one.people for one in named if not one.lists)
    return Counted(
        total=rows,
        parts={
            Part.ON_TWO_LISTS: two,
            Part.REPEATED: rows - people - two,
            Part.WAITING_FILE: waiting,
        },
    )


def explained(difference: int, parts: Mapping[Part, int]) -> dict[Part, int]:
    """
    Return the parts that together are exactly the difference, where one choice of them and no other is;
    otherwise nothing: then the figures do not tell, and a person has to.
    """
    there = [(part, figure) for part, figure in parts.items() if figure]
    fitting = [
        chosen
        for size in range(1, len(there) + 1)
        for chosen in combinations(there, size)
        if difference and sum(figure for _, figure in chosen) == difference
    ]
    return dict(fitting[0]) if len(fitting) == 1 else {}


def _of_sources(groups: Collection[Group]) -> Iterable[Line]:
    present = [source for source in Source if any(one.rows.get(source, 0) for one in groups)]
    for source in present:
        counted = _count_rows(groups, source)
        beyond = {part: counted.parts[part] for part in (Part.ON_TWO_LISTS, Part.REPEATED)}
        yield _told(LineKind.ROWS, f"rows:{source}", counted.total, beyond)
    for one, other in permutations(present, 2):
        named = [group for group in groups if group.rows.get(one, 0)]
        missing = [group for group in named if not group.rows.get(other, 0)]
        people = sum(group.people for group in named)
        alone = sum(group.people for group in missing)
        waiting = sum(group.people for group in missing if not group.lists)
        yield Line(
            kind=LineKind.ONLY_IN,
            key=f"only:{one}/{other}",
            stated=people - alone,
            counted=people,
            # Whom nobody could identify can't be found in the other source either.
            parts=explained(alone, {Part.WAITING_FILE: waiting}),
        )


def _of_people(groups: Collection[Group]) -> Iterable[Line]:
    places = count(groups)
    people = sum(one.people for one in groups)
    two, waiting = places.parts[Part.ON_TWO_LISTS], -places.parts[Part.WAITING_FILE]
    yield _told(LineKind.TWO_LISTS, "two_lists", places.total, {Part.ON_TWO_LISTS: two})
    yield _told(LineKind.WAITING, "waiting_file", people, {Part.WAITING_FILE: waiting})


def _told(kind: LineKind, key: str, counted: int, parts: Mapping[Part, int]) -> Line:
    """A line that only tells: what it is explained by is what it is."""
    there = {part: figure for part, figure in parts.items() if figure}
    return Line(kind=kind, key=key, stated=counted - sum(there.values()), counted=counted, parts=there)
