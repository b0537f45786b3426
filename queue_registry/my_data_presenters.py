"""
What the state knows of a household, in words for the household itself.

Of another adult it reads no more than the family shares: the name is shortened, what concerns health is not
told, and people outside the family are not named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry import application_presenters, fact_presenters, formats, presenters
from queue_registry.models import DataDispute, Person
from queue_registry.presenters import words
from queue_registry.rules.data_disputes import DisputeRefused
from queue_registry.selectors.my_data import MyData, PersonData, Row

_HEALTH: Final = frozenset({"chronic_illness", "disability", "disabled_child"})
_OUTCOMES: Final = {
    "CORRECTED": _("The akimat agrees: the data are corrected."),
    "STANDS": _("The akimat does not agree: the data stand."),
}
_REFUSALS: Final = {
    "NOT_OF_THE_HOUSEHOLD": _("This row has changed meanwhile. Look at your data again."),
    "CLAIM_MISSING": _("Say what is wrong and what would be right"),
    "DECISION_MISSING": _("Say what was looked at and what it came to"),
    "SETTLED_ALREADY": _("This question was settled already."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowWords:
    """One row in words; the source is empty where the application itself says it."""

    key: str
    lines: tuple[str, ...]
    source: str
    as_of: datetime | None
    dispute: DataDispute | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonWords:
    """One person in words; `empty` are the sources that found nothing, or have not said anything yet."""

    name: str
    role: str
    covered: bool
    is_minor: bool
    rows: tuple[RowWords, ...]
    empty: tuple[RowWords, ...]


def people(data: MyData) -> list[PersonWords]:
    """Everybody of a household, the applicant first."""
    names = {one.member.person.pk: _name(one, first=not at) for at, one in enumerate(data.people)}
    return [_person(one, names, own=not at or one.member.is_minor) for at, one in enumerate(data.people)]


def _person(one: PersonData, names: Mapping[int, str], *, own: bool) -> PersonWords:
    return PersonWords(
        name=names[one.member.person.pk],
        role=presenters.relation(one.member.role),
        covered=one.member.covered,
        is_minor=one.member.is_minor,
        rows=tuple(_row(row, one, names, own=own) for row in one.rows if not _is_empty(row)),
        empty=tuple(_row(row, one, names, own=own) for row in one.rows if _is_empty(row)),
    )


def _is_empty(row: Row) -> bool:
    """Whether a row says no more than that a source found nothing; a disputed one stays in sight."""
    return row.answer is not None and row.fact is None and not row.months and row.dispute is None


def row_words(row: Row, data: MyData) -> RowWords:
    """One row of a household's data in words."""
    names = {one.member.person.pk: _name(one, first=not at) for at, one in enumerate(data.people)}
    at, one = next((at, one) for at, one in enumerate(data.people) if one.member.person.pk == row.person)
    return _row(row, one, names, own=not at or one.member.is_minor)


def _row(row: Row, one: PersonData, names: Mapping[int, str], *, own: bool) -> RowWords:
    answer = row.answer
    return RowWords(
        key=row.key,
        lines=tuple(line for line in _lines(row, one, names, own=own) if line),
        source=presenters.source(answer.source) if answer else "",
        as_of=(answer.source_as_of or answer.answered_at) if answer else None,
        dispute=row.dispute,
    )


def _lines(row: Row, one: PersonData, names: Mapping[int, str], *, own: bool) -> list[str]:
    if row.answer is None:
        who = {"name": names[row.person], "role": presenters.relation(one.member.role)}
        return [gettext("%(name)s is of the family: %(role)s") % who]
    if row.months:
        return [f"{formats.month(month)}: {formats.tenge(amount)}" for month, amount in row.months]
    if row.fact is None:
        return [presenters.outcome(row.answer.outcome)]
    fact = row.fact
    if fact.kind == "KINSHIP":
        name = names.get(fact.relative_id or 0, "")
        relation = presenters.relation(fact.value["relation"])
        return [f"{relation}: {name}" if name else relation]
    if not own and fact.kind == "PERSON":
        return [gettext("The population register knows this person.")]
    if not own and (fact.kind == "DISABILITY" or fact.value.get("code") in _HEALTH):
        return [gettext("What concerns the health of an adult is told to that person alone.")]
    return [fact_presenters.fact_line(fact)]


def _name(one: PersonData, *, first: bool) -> str:
    person = one.member.person
    if first or one.member.is_minor:
        return person.full_name or "–"
    return _shortened(person)


def _shortened(person: Person) -> str:
    """A first name and the first letter of the last: enough to know one's own by."""
    letter = f"{person.last_name[:1]}." if person.last_name else ""
    return " ".join(part for part in (person.first_name, letter) if part) or "–"


def disputed_lines(dispute: DataDispute) -> list[str]:
    """What is disputed, as the clerk reads it; empty where it is about being of the family."""
    if dispute.fact is not None:
        return [fact_presenters.fact_line(dispute.fact)]
    if dispute.answer is None:
        return []
    lines = fact_presenters.fact_lines(dispute.answer)
    return lines or [presenters.outcome(dispute.answer.outcome)]


def dispute_outcome(code: str) -> str:
    """What a settled dispute came to."""
    return words("dispute_outcome", _OUTCOMES, code)


def dispute_outcomes() -> list[tuple[str, str]]:
    """Every way to settle a dispute."""
    return [(code, gettext(text)) for code, text in _OUTCOMES.items()]


def dispute_refusal(refused: DisputeRefused) -> str:
    """Why nothing was done about a dispute."""
    return words("dispute_refusal", _REFUSALS, refused.code.value)


def consent_text() -> str:
    """The text that the applicant agrees to; its version stands in every consent."""
    return application_presenters.consent_text()


def consent_done(*, gives: bool) -> str:
    """What was recorded of somebody's consent."""
    if gives:
        return gettext("Your consent is recorded.")
    return gettext("Your consent is taken back. You keep your place.")


def consequence_of_withdrawal() -> tuple[str, ...]:
    """What follows for a household whose applicant takes the consent back; told before it is done."""
    return (
        gettext(
            "From that moment no state register is asked about you, nor about the children for whom you "
            "signed."
        ),
        gettext("You keep your place, and nobody is removed for it."),
        gettext(
            "What is known stays visible until it is out of date; after that no home can be offered to you "
            "until you consent again."
        ),
    )
