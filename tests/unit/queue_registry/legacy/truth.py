"""Where the rows of a made world have to end: the contract said once more, from what was planted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

# Codes that a person or another row answers, by what the entry does meanwhile.
NO_PLACE = {
    "BAD_IIN", "NO_IIN", "NOT_IN_REGISTER", "IDENTITY_MISMATCH", "MALFORMED_ROW", "NO_DATE", "FUTURE_DATE",
    "BAD_DATE", "BEFORE_BIRTH", "DEAD_BEFORE_REGISTRATION", "CATEGORY_UNMAPPED", "LIST_CODE_UNKNOWN",
}  # fmt: skip
PROVISIONAL = {
    "NAME_CHANGED", "NAME_INCOMPLETE", "DATE_CONFLICT", "YEAR_ONLY", "LIST_CONFLICT", "HOUSEHOLD_TWICE",
    "NUMBER_USED_TWICE", "SAME_IIN_TWICE", "NOT_ACTIVE", "NOTE_TO_READ",
}  # fmt: skip
BOTH_STAND = {"SECOND_LIST"}
OF_NOBODY = {"BAD_IIN", "NO_IIN", "NOT_IN_REGISTER", "IDENTITY_MISMATCH", "MALFORMED_ROW"}
BY_A_DAY = {"NO_DATE", "FUTURE_DATE", "BAD_DATE"}
NOTES = {"PADDED", "FAMILY_DIFFERS", "BAD_FAMILY_IIN"}
STRONGEST = ("spp", "rshep", "paper")

Row = Mapping[str, Any]
Place = tuple[str, str, int]


@dataclass
class Expected:
    """
    State of each row; open cases of each applicant, or of a row that is nobody's; and who stands: lists, day,
    whether provisionally.
    """

    states: dict[Place, str] = field(default_factory=dict)
    cases: set[tuple[str | Place, str]] = field(default_factory=set)
    entries: dict[str, tuple[set[str], str, bool]] = field(default_factory=dict)
    applicants: int = 0


def expected(rows: Iterable[Row]) -> Expected:
    """Return where the rows of `row_truth` have to end."""
    made = Expected()
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        codes = set(row["codes"])
        if "DUPLICATE" in codes:
            made.states[place(row)] = "merged"
        elif codes & OF_NOBODY:
            made.states[place(row)] = "needs_person"
            made.cases |= {(place(row), code) for code in codes}
            made.applicants += 1
        else:
            groups[row["iin"]].append(row)
    for iin, group in groups.items():
        _expect_group(made, iin, sorted(group, key=lambda row: STRONGEST.index(row["source"])))
    made.applicants += len(groups)
    return made


def place(row: Row) -> Place:
    return row["source"], row["sheet"], row["row"]


def _expect_group(made: Expected, iin: str, group: list[Row]) -> None:
    asked = {place(row): set(row["codes"]) - _answered(row, group) for row in group}
    clean = [row for row in group if not row["codes"]]
    quiet = clean or [row for row in group if not asked[place(row)]]
    open_codes = set().union(*asked.values())
    imported = quiet[0] if clean or not open_codes else None
    for row in group:
        open_here = asked[place(row)]
        state = "needs_person" if open_here else "imported" if row is imported else "merged"
        made.states[place(row)] = state
    made.cases |= {(iin, code) for code in open_codes}
    if not open_codes & NO_PLACE:
        made.entries[iin] = (_lists(group, open_codes), _day(group), bool(open_codes & PROVISIONAL))


def _answered(row: Row, group: list[Row]) -> set[str]:
    others = [one for one in group if one is not row]
    answered = set()
    if any(one["day"] for one in others):
        answered |= BY_A_DAY
    if any(one["day"] and int(one["day"][:4]) == row["year"] for one in others):
        answered.add("YEAR_ONLY")
    if any(one["list"] for one in others):
        answered.add("CATEGORY_UNMAPPED")
    return answered & set(row["codes"])


def _lists(group: list[Row], open_codes: set[str]) -> set[str]:
    told = [row for row in group if row["list"]]
    if "LIST_CONFLICT" in open_codes:
        told = [row for row in told if row["source"] == told[0]["source"]]
    return {row["list"] for row in told}


def _day(group: list[Row]) -> str:
    days = [row["day"] for row in group if row["day"] and "FUTURE_DATE" not in row["codes"]]
    bare = [f"{row['year']}-12-31" for row in group if "YEAR_ONLY" in row["codes"]]
    return max(days or bare)
