"""
The public form of an input: the same distribution with nobody's particulars.

Numbers and moments become ranks, and of everybody's income, age and role only that is kept which the rules
can see. Whoever does not pass the filter is only that: somebody of this rank who does not pass.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from . import fields
from .document import ReadInput
from .fields import Record, decimal_text
from .ladder import EntryFilter
from .order import order_key
from .strict_json import Json, parse
from .values import MILLIONTHS, Entry, Member, Policy, Role, RoundInput, Sex

FILTERED: Final = "FILTERED"
_FIRST_MOMENT: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - written with its Z below


def public_document(read: ReadInput) -> Json:
    """The public form of an input, as a JSON document that holds to the same contract."""
    return public_form_of(read.values, parse(read.canonical))


def public_form_of(values: RoundInput, parsed: Json) -> Json:
    """
    Make the parsed document of an input its public form, and return it.

    In its place: a second copy of 150,000 households would take as much memory as all the rest.
    """
    document = fields.mapping(parsed)
    pairs = sorted(
        zip(values.entries, fields.items(document, "entries"), strict=True),
        key=lambda pair: order_key(pair[0]),
    )
    form = PublicEntries(values)
    document["entries"] = [form.of(entry, record) for entry, record in pairs]
    return document


class PublicEntries:
    """The public form of the entries of one input, one at a time; their order is that of `order_key`."""

    def __init__(self, values: RoundInput) -> None:
        self._ids = _ranks(entry.id for entry in values.entries)
        self._file_numbers = _ranks(entry.file_no for entry in values.entries)
        moments = sorted({entry.registered_at for entry in values.entries})
        self._moments = {moment: rank for rank, moment in enumerate(moments, 1)}
        self._particulars = _Particulars(values.policy)

    def of(self, entry: Entry, record: Json) -> Record:
        """The entry's record, made the public one in its place."""
        public = fields.mapping(record)
        public.update(
            **self._particulars.of(entry),
            id=self._ids[entry.id],
            file_no=self._file_numbers[entry.file_no],
            registered_at=_moment(self._moments[entry.registered_at]),
        )
        return public


def _ranks(values: Iterable[str]) -> dict[str, str]:
    """Dense ranks from 1, written with equal width, so that they compare as the values do."""
    ordered = sorted(set(values))
    width = len(str(len(ordered)))
    return {value: f"{rank:0{width}d}" for rank, value in enumerate(ordered, 1)}


def _moment(rank: int) -> str:
    return f"{(_FIRST_MOMENT + timedelta(seconds=rank)).isoformat()}Z"


class _Particulars:
    """What of an entry the rules of one policy can see."""

    def __init__(self, policy: Policy) -> None:
        self._filter = EntryFilter(policy)
        self._age = policy.fit.separate_sexes_from_age if policy.fit is not None else None
        minimum = policy.income.subsistence_minimum
        self._from = [multiple * minimum for multiple in policy.income.below.values()]
        self._above = [rung.limit * minimum for rung in policy.ladder]

    def of(self, entry: Entry) -> dict[str, Json]:
        """What is written over the entry's record."""
        if self._filter.code_for(entry) is not None:
            return _filtered()
        return {
            "members": [self._member(member) for member in entry.members],
            "income": None if entry.income is None else decimal_text(self._least_alike(entry.income)),
            "flags": [] if self._filter.passes_income_test(entry) else list(entry.flags),
        }

    def _member(self, member: Member) -> dict[str, Json]:
        return {
            "sex": member.sex.value,
            "role": member.role.value if member.role is Role.APPLICANT else Role.OTHER.value,
            "age": self._age if self._age is not None and member.age >= self._age else 0,
            "couple": member.couple,
        }

    def _least_alike(self, income: int) -> int:
        """
        The least income, in millionths, that no limit tells from this one.

        Being at a limit of `below` is being over it; being at a limit of the ladder is being under it.
        """
        raised = income * MILLIONTHS
        least = [-(-limit // MILLIONTHS) for limit in self._from if raised >= limit]
        least += [limit // MILLIONTHS + 1 for limit in self._above if raised > limit]
        return max(least, default=0)


def _filtered() -> dict[str, Json]:
    return {
        "members": [{"sex": Sex.FEMALE.value, "role": Role.APPLICANT.value, "age": 0, "couple": None}],
        "extra_person": 0,
        "extra_room": False,
        "mobility": False,
        "low_floor": False,
        "needs_accessible": False,
        "accepts_smaller": None,
        "income": None,
        "flags": [],
        "eligibility": "ineligible",
        "reason": FILTERED,
    }
