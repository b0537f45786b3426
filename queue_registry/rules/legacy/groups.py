"""
What is true of a row beside other rows: of its applicant, of its source, of its household; and what people
decided on it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from queue_registry.rules.legacy.codes import RULES, STRENGTH, Answer, Code, Source
from queue_registry.rules.legacy.decisions import Decided, with_day
from queue_registry.rules.legacy.readings import Known, Reading
from queue_registry.rules.legacy.register import Families, current_kin, household_by_register
from queue_registry.rules.waiting_lists import ListNumber

Groups = dict[str, list[Reading]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Households:
    """
    Applicants of one household: of each IIN the others, and those that a person found to be one household
    with one application.
    """

    twice: dict[str, list[str]]
    as_one: list[frozenset[str]]


def by_applicant(readings: Iterable[Reading]) -> Groups:
    """
    Return rows of one confirmed or unchecked IIN together; rows that fail the identity check, and those that
    a person set aside, stay out.
    """
    groups: Groups = defaultdict(list)
    for reading in readings:
        if reading.row.iin.iin is not None and not reading.fails_identity and not reading.set_aside:
            groups[reading.row.iin.iin].append(reading)
    return dict(groups)


def compare_rows(groups: Groups, known: Known, *, as_of: date) -> Households:
    """
    Add the codes that rows have beside others, and mark those that another row, or a person, answers.

    Rows that a person sets aside because of others leave their group.
    """
    families, decided = known.families, known.decided
    for group in groups.values():
        _find_same_iin_twice(group)
    _find_number_used_twice(groups)
    _set_aside(groups, decided)
    for iin, group in groups.items():
        _compare_dates(group)
        _compare_lists(group)
        if iin in families:
            _compare_families(iin, group, families, as_of)
    twice = _find_household_twice(groups, families, as_of)
    as_one = _answer_households(groups, twice, decided)
    for group in groups.values():
        _answer_by_person(group, decided)
        _answer_by_rows(group)
    return Households(twice=twice, as_one=as_one)


def _set_aside(groups: Groups, decided: Decided) -> None:
    """Answer what rows of one number or IIN ask; those that are set aside take part in nothing more."""
    if not decided:
        return
    for iin, group in list(groups.items()):
        for code in (Code.SAME_IIN_TWICE, Code.NUMBER_USED_TWICE):
            _decide_together(group, decided, code)
        group[:] = [one for one in group if not one.set_aside]
        if not group:
            del groups[iin]


def _decide_together(group: list[Reading], decided: Decided, code: Code) -> None:
    """Answer a code that rows have beside each other, if a decision names all that take part."""
    parts = [one for one in group if code in one.codes]
    decision = decided.covering((one.row for one in parts), code) if parts else None
    if decision is not None:
        for one in parts:
            one.decide(code, decision)


def full_days(group: Iterable[Reading]) -> set[date]:
    """Return the civil days of the rows that have a full one."""
    return {one.row.date.day for one in group if one.row.date.day is not None and one.row.date.is_full}


def lists_of(group: Sequence[Reading]) -> tuple[ListNumber, ...]:
    """
    Return the lists of an applicant: those of the strongest source that has one.

    A weaker source that names the same lists and one more adds it: a person may have grounds for two. Where
    sources contradict each other only the strongest counts.
    """
    if len(group) == 1:
        return tuple(sorted(group[0].lists))
    by_source = _lists_by_source(group)
    if len(by_source) == 1:
        return tuple(sorted(*by_source.values()))
    if not by_source:
        return ()
    if _contradict_each_other(by_source.values()):
        return tuple(sorted(by_source[min(by_source, key=lambda source: STRENGTH[source])]))
    return tuple(sorted(set().union(*by_source.values())))


def _contradict_each_other(lists: Collection[set[ListNumber]]) -> bool:
    """Say whether one source names a list that another one, which names others, doesn't."""
    return any(not (mine <= theirs or theirs <= mine) for mine in lists for theirs in lists)


def _lists_by_source(group: Iterable[Reading]) -> dict[Source, set[ListNumber]]:
    lists: dict[Source, set[ListNumber]] = defaultdict(set)
    for one in group:
        if one.lists:
            lists[one.row.source] |= one.lists
    return lists


def _compare_dates(group: list[Reading]) -> None:
    if len(group) == 1:
        return
    days = full_days(group)
    bare_years = {
        one.row.date.day.year for one in group if one.row.date.day and one.row.date.code is Code.YEAR_ONLY
    }
    if len(days) > 1 or (days and not bare_years <= {day.year for day in days}):
        for one in group:
            if one.row.date.is_full:
                one.codes |= {Code.DATE_CONFLICT}


def _compare_lists(group: list[Reading]) -> None:
    if len(group) == 1 and len(group[0].lists) <= 1:
        return
    by_source = _lists_by_source(group)
    conflict = _contradict_each_other(by_source.values())
    for one in group:
        if not one.lists:
            continue
        if conflict:
            one.codes |= {Code.LIST_CONFLICT}
        if len(by_source[one.row.source]) > 1:
            one.codes |= {Code.SECOND_LIST}


def _find_same_iin_twice(group: list[Reading]) -> None:
    if len(group) == 1:
        return
    digests: dict[tuple[Source, int], set[str]] = defaultdict(set)
    for one in group:
        digests[one.row.source, one.row.file_no].add(one.row.digest)
    for one in group:
        if len(digests[one.row.source, one.row.file_no]) > 1:
            one.codes |= {Code.SAME_IIN_TWICE}


def _compare_families(iin: str, group: list[Reading], families: Families, as_of: date) -> None:
    """Note a row whose stated family is another than the household: register's and named members."""
    household = household_by_register(families[iin], on=as_of)
    relatives = {kin.iin for kin in current_kin(families[iin], on=as_of)}
    named = {member for one in group for member in one.row.family.iins if member != iin}
    size = 1 + len(household | named)
    for one in group:
        row = one.row
        mine = set(row.family.iins)
        if row.family_count is not None:
            differs = row.family_count != size
        else:
            differs = row.source is Source.SPP and not (household <= mine <= relatives)
        if differs:
            one.codes |= {Code.FAMILY_DIFFERS}


def _find_number_used_twice(groups: Groups) -> None:
    users: dict[tuple[Source, str], str] = {}
    twice: set[tuple[Source, str]] = set()
    for iin, group in groups.items():
        for one in group:
            number = (one.row.source, one.row.number)
            if one.row.number and users.setdefault(number, iin) != iin:
                twice.add(number)
    if not twice:
        return
    for group in groups.values():
        for one in group:
            if (one.row.source, one.row.number) in twice:
                one.codes |= {Code.NUMBER_USED_TWICE}


def _find_household_twice(groups: Groups, families: Families, as_of: date) -> dict[str, list[str]]:
    twice: dict[str, set[str]] = defaultdict(set)
    for iin, group in groups.items():
        named = [member for one in group for member in one.row.family.iins]
        by_register = household_by_register(families[iin], on=as_of) if iin in families else ()
        for other in (*named, *by_register):
            if other == iin or other not in groups:
                continue
            twice[iin].add(other)
            twice[other].add(iin)
    for iin in twice:
        for one in groups[iin]:
            one.codes |= {Code.HOUSEHOLD_TWICE}
    return {iin: sorted(others) for iin, others in twice.items()}


def _answer_households(groups: Groups, twice: dict[str, list[str]], decided: Decided) -> list[frozenset[str]]:
    """Answer HOUSEHOLD_TWICE where a decision names every row of the applicant and of the others."""
    as_one = []
    for iin, others in twice.items():
        parts = [one.row for key in (iin, *others) for one in groups[key]]
        decision = decided.covering(parts, Code.HOUSEHOLD_TWICE)
        if decision is None:
            continue
        for one in groups[iin]:
            one.decide(Code.HOUSEHOLD_TWICE, decision)
        if "one" in decision.value:
            as_one.append(frozenset({iin, *others}))
    return as_one


def _answer_by_person(group: list[Reading], decided: Decided) -> None:
    """Let what was decided on the dates and lists of an applicant stand in all rows that take part."""
    if not decided:
        return
    conflict = any(Code.DATE_CONFLICT in one.codes for one in group)
    dated = [one for one in group if conflict and one.row.date.day is not None]
    day = decided.covering((one.row for one in dated), Code.DATE_CONFLICT) if dated else None
    if day is not None:
        for one in dated:
            for code in one.codes & {Code.DATE_CONFLICT, Code.YEAR_ONLY}:
                one.decide(code, day)
            one.row = with_day(one.row, day.day)
    listed = [one for one in group if one.codes & _OF_LISTS]
    lists = decided.covering((one.row for one in listed), *_OF_LISTS) if listed else None
    if lists is not None:
        for one in group:
            for code in one.codes & _OF_LISTS:
                one.decide(code, lists)
            one.lists = lists.lists if one.lists else one.lists


_OF_LISTS: Final = frozenset({Code.LIST_CONFLICT, Code.SECOND_LIST})
_ANSWERED_BY_ROWS: Final = frozenset(
    code
    for code, rule in RULES.items()
    if rule.answer
    in {Answer.ROW_WITH_FULL_DATE, Answer.ROW_WITH_FULL_DATE_OF_THE_YEAR, Answer.ROW_WITH_LAWFUL_LIST}
)


def _answer_by_rows(group: list[Reading]) -> None:
    """Mark the codes of each row that another row of the applicant answers."""
    if all(one.codes.isdisjoint(_ANSWERED_BY_ROWS) for one in group):
        return
    days = full_days(group)
    has_list = any(one.lists for one in group)
    for one in group:
        for code in (one.codes & _ANSWERED_BY_ROWS) - one.decided:
            answer = RULES[code].answer
            year = one.row.date.day.year if one.row.date.day else None
            if (
                (answer is Answer.ROW_WITH_FULL_DATE and days)
                or (answer is Answer.ROW_WITH_FULL_DATE_OF_THE_YEAR and year in {day.year for day in days})
                or (answer is Answer.ROW_WITH_LAWFUL_LIST and has_list)
            ):
                one.answered |= {code}
