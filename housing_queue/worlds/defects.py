"""The kinds of defects: whom each may fall on, what it does to the rows, and the codes that are then true."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

from housing_queue.worlds import names
from housing_queue.worlds.lists import CATEGORIES, Entry
from housing_queue.worlds.people import Numbers

_LATEST_CONFLICTING_DAY: Final = date(2021, 12, 20)
_Rows = Sequence[Entry]


@dataclass(slots=True)
class Tools:
    """What planting needs; `added` collects rows that a defect makes."""

    rng: Random
    numbers: Numbers
    added: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """
    One kind of defect.

    `plant` gets the rows of each applicant picked, `people` applicants for one defect, and returns the IINs
    that it fell on. `may_meet`: kinds that may have fallen on the same applicant.
    """

    kind: str
    per_thousand: int
    fits: Callable[[_Rows], bool]
    plant: Callable[[Tools, Sequence[_Rows]], list[str]]
    people: int = 1
    may_meet: tuple[str, ...] = ()


def _each(one: Callable[[Tools, _Rows], None]) -> Callable[[Tools, Sequence[_Rows]], list[str]]:
    """Plant applicant by applicant; the defect falls on the applicant."""

    def plant(tools: Tools, picked: Sequence[_Rows]) -> list[str]:
        for rows in picked:
            one(tools, rows)
        return [rows[0].household.applicant.iin for rows in picked]

    return plant


def _has(*sources: str) -> Callable[[_Rows], bool]:
    return lambda rows: any(row.source in sources for row in rows)


def _row(tools: Tools, rows: _Rows, *sources: str) -> Entry:
    return tools.rng.choice([row for row in rows if row.source in sources])


def _mark(rows: _Rows, *codes: str) -> None:
    for row in rows:
        row.codes.update(codes)


def _conflict_of_dates(tools: Tools, rows: _Rows) -> None:
    row = rows[0]
    day = row.household.registered_on
    row.day = min(day + timedelta(days=tools.rng.randrange(30, 900)), _LATEST_CONFLICTING_DAY)
    if row.day <= day:
        row.day = day - timedelta(days=tools.rng.randrange(30, 300))
    row.time = "00:00:00"
    _mark(rows, "DATE_CONFLICT")


def _two_systems_of_the_living(rows: _Rows) -> bool:
    return len(rows) > 1 and rows[0].household.fate != "dead"


def _spouse_applied(tools: Tools, picked: Sequence[_Rows]) -> list[str]:
    spouses = []
    for rows in picked:
        household = rows[0].household
        spouse = household.spouse
        if spouse is None:
            continue
        row = _row(tools, rows, "spp").copy()
        year = household.registered_on.year
        row.number = f"271-{year}-9{len(tools.added):05d}"
        row.iin, row.name = spouse.iin, spouse.name
        row.family = tuple(kin["iin"] for kin in spouse.family)
        tools.added.append(row)
        _mark([*rows, row], "HOUSEHOLD_TWICE")
        spouses.append(spouse.iin)
    return spouses


def _conflict_of_lists(tools: Tools, rows: _Rows) -> None:
    row = _row(tools, rows, "spp", "rshep")
    row.list_number = tools.rng.choice([number for number in "23456" if number != row.list_number])
    _mark(rows, "LIST_CONFLICT")


def _second_list(tools: Tools, rows: _Rows) -> None:
    row = _row(tools, rows, "spp")
    second = row.copy()
    second.number = f"{row.number[:9]}8{len(tools.added):05d}"
    second.list_number = tools.rng.choice([number for number in "23456" if number != row.list_number])
    tools.added.append(second)
    _mark((row, second), "SECOND_LIST", "SAME_IIN_TWICE")


def _on_paper_twice(tools: Tools, rows: _Rows) -> None:
    row = _row(tools, rows, "paper")
    second = row.copy()
    second.address = "с. Дарьинское"
    tools.added.append(second)
    _mark((row, second), "SAME_IIN_TWICE")


def _one_number_for_two(tools: Tools, picked: Sequence[_Rows]) -> list[str]:
    hit = []
    for first, second in zip(picked[::2], picked[1::2], strict=True):
        mine, its = _row(tools, first, "rshep"), _row(tools, second, "rshep")
        its.number = mine.number
        _mark((mine, its), "NUMBER_USED_TWICE")
        hit += [mine.iin, its.iin]
    return hit


def _unknown_iin(tools: Tools, rows: _Rows) -> None:
    applicant = rows[0].household.applicant
    iin = tools.numbers.iin(born_on=applicant.birth_date, sex=applicant.sex)
    for row in rows:
        row.iin = iin
    _mark(rows, "NOT_IN_REGISTER")


def _dead_before(tools: Tools, rows: _Rows) -> None:
    household = rows[0].household
    household.applicant.death_date = household.registered_on - timedelta(days=tools.rng.randrange(30, 900))
    household.fate = "dead"
    _mark(rows, "DEAD_BEFORE_REGISTRATION")


def _before_birth(tools: Tools, rows: _Rows) -> None:
    row = rows[0]
    row.day = row.household.applicant.birth_date - timedelta(days=tools.rng.randrange(1, 700))
    row.time, row.style = "00:00:00", "dotted"
    _mark(rows, "BEFORE_BIRTH")


def _another_name(tools: Tools, rows: _Rows) -> None:
    row = _row(tools, rows, "spp", "rshep")
    row.name = names.another(tools.rng, row.name, sex=row.household.applicant.sex)
    _mark((row,), "IDENTITY_MISMATCH")


def _changed_name(tools: Tools, rows: _Rows) -> None:
    row = _row(tools, rows, "spp", "rshep")
    row.name = names.with_other_surname(tools.rng, row.name, sex=row.household.applicant.sex)
    _mark((row,), "NAME_CHANGED")


def _initials(tools: Tools, rows: _Rows) -> None:
    row = _row(tools, rows, "paper", "rshep")
    row.name_text = names.initials(row.household.applicant.name)
    _mark((row,), "NAME_INCOMPLETE")


def _write_date(source: str, code: str, *texts: str) -> Callable[[Tools, _Rows], None]:
    """Replace the day of a row by one of the texts; `{year}` stands for the year of registration."""

    def plant(tools: Tools, rows: _Rows) -> None:
        row = _row(tools, rows, source)
        row.date_text = tools.rng.choice(texts).format(year=row.household.registered_on.year)
        row.day = None
        _mark((row,), code)

    return plant


def _far_future(tools: Tools, rows: _Rows) -> None:
    row = _row(tools, rows, "rshep")
    row.day = date(tools.rng.randrange(2050, 2099), tools.rng.randint(1, 12), tools.rng.randint(1, 28))
    _mark((row,), "FUTURE_DATE")


def _no_lawful_list(tools: Tools, rows: _Rows) -> None:
    row = _row(tools, rows, "paper")
    row.category = tools.rng.choice(CATEGORIES[""])
    _mark((row,), "CATEGORY_UNMAPPED")


def _unknown_list_code(tools: Tools, rows: _Rows) -> None:
    row = _row(tools, rows, "spp", "rshep")
    row.list_code = tools.rng.choice(("0", "7", "9", ""))
    _mark((row,), "LIST_CODE_UNKNOWN")


def _not_active(tools: Tools, rows: _Rows) -> None:
    row = _row(tools, rows, "spp", "rshep")
    row.status = tools.rng.choice(
        ("archived", "frozen") if row.source == "spp" else ("Снят с учета", "Архив")
    )
    _mark((row,), "NOT_ACTIVE")


def _with_note(tools: Tools, rows: _Rows) -> None:
    row = _row(tools, rows, "paper")
    row.note = tools.rng.choice(("см. дело", "переведен из района", "жалоба", "құжаттары толық емес"))
    _mark((row,), "NOTE_TO_READ")


def _wrong_iin(tools: Tools, rows: _Rows) -> None:
    """Mistype the check digit or, on paper, let a spreadsheet or a clerk spoil the whole number."""
    row = tools.rng.choice(rows)
    spoiled = [f"{row.iin[:11]}{(int(row.iin[11]) + tools.rng.randrange(1, 10)) % 10}"]
    if row.source == "paper":
        row.iin_as_number = False
        spoiled += [f"{row.iin[0]},{row.iin[1]}E+11", "000000000000", f"{row.iin}0", row.iin[:8]]
    row.iin = tools.rng.choice(spoiled)
    _mark((row,), "BAD_IIN")


def _without_iin(tools: Tools, rows: _Rows) -> None:
    row = _row(tools, rows, "paper")
    row.iin, row.iin_as_number = tools.rng.choice(("", "-", "нет", "б/н", "жоқ")), False
    _mark((row,), "NO_IIN")


def _shifted(tools: Tools, rows: _Rows) -> None:
    row = tools.rng.choice(rows)
    row.shifted = True
    _mark((row,), "MALFORMED_ROW")


def _one_row(rows: _Rows) -> bool:
    return len(rows) == 1


def _several_rows(rows: _Rows) -> bool:
    return len(rows) > 1


def _has_spouse_and_spp_row(rows: _Rows) -> bool:
    return rows[0].household.spouse is not None and _has("spp")(rows)


def _has_full_name_in_a_system(rows: _Rows) -> bool:
    return bool(rows[0].household.applicant.name.middle) and _has("spp", "rshep")(rows)


def _can_have_died_before(rows: _Rows) -> bool:
    return rows[0].household.fate == "ok"


_BAD_DATES: Final = (
    "31.02.{year}",
    "30.02.{year} г.",
    "12.13.{year}",
    "12.03.{year}, 15.04.{year}",
    "март {year}",
)

_ANYWHERE: Final = _has("spp", "rshep", "paper")
_IN_A_SYSTEM: Final = _has("spp", "rshep")
_ON_PAPER: Final = _has("paper")
_year_only: Final = _write_date("paper", "YEAR_ONLY", "{year}", "{year}", "{year} г.", "{year} ж.")
_no_date: Final = _write_date("paper", "NO_DATE", "", "", "-", "нет")
_bad_date: Final = _write_date("paper", "BAD_DATE", *_BAD_DATES)


def _one_by_one(
    kind: str,
    per_thousand: int,
    fits: Callable[[_Rows], bool],
    one: Callable[[Tools, _Rows], None],
    *may_meet: str,
) -> Defect:
    return Defect(kind=kind, per_thousand=per_thousand, fits=fits, plant=_each(one), may_meet=may_meet)


DEFECTS: Final = (
    _one_by_one("date_conflict", 13, _two_systems_of_the_living, _conflict_of_dates),
    Defect(kind="spouse_twice", per_thousand=2, fits=_has_spouse_and_spp_row, plant=_spouse_applied),
    _one_by_one("list_conflict", 3, _several_rows, _conflict_of_lists),
    _one_by_one("second_list", 2, _has("spp"), _second_list),
    _one_by_one("same_iin_twice", 2, _ON_PAPER, _on_paper_twice),
    Defect(kind="number_used_twice", per_thousand=1, fits=_has("rshep"), plant=_one_number_for_two, people=2),
    _one_by_one("not_in_register", 2, _ANYWHERE, _unknown_iin),
    _one_by_one("dead_before_registration", 1, _can_have_died_before, _dead_before),
    _one_by_one("before_birth", 1, _one_row, _before_birth),
    _one_by_one("identity_mismatch", 2, _IN_A_SYSTEM, _another_name),
    _one_by_one("name_changed", 2, _has_full_name_in_a_system, _changed_name),
    _one_by_one("name_incomplete", 2, _has("paper", "rshep"), _initials),
    _one_by_one("year_only", 6, _ON_PAPER, _year_only),
    _one_by_one("no_date", 3, _ON_PAPER, _no_date),
    _one_by_one("bad_date", 2, _ON_PAPER, _bad_date),
    _one_by_one("future_date", 2, _has("rshep"), _far_future),
    _one_by_one("category_needs_a_person", 5, _ON_PAPER, _no_lawful_list, "year_only", "no_date", "bad_date"),
    _one_by_one("list_code_unknown", 2, _IN_A_SYSTEM, _unknown_list_code),
    _one_by_one("not_active", 2, _IN_A_SYSTEM, _not_active),
    _one_by_one("note_to_read", 2, _ON_PAPER, _with_note),
    _one_by_one("bad_check_digit", 3, _ANYWHERE, _wrong_iin),
    _one_by_one("no_iin", 3, _ON_PAPER, _without_iin),
    _one_by_one("malformed_row", 1, _ANYWHERE, _shifted),
)
