"""What rows of old lists and answers of the registers say of one applicant, for comparing it with others."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from queue_registry.rules.contacts import first_phone
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.mapping import CategoryMapping
from queue_registry.rules.legacy.mentions import Mention
from queue_registry.rules.legacy.name_pairs import read_name
from queue_registry.rules.legacy.register import Identity, Kin, NotInRegister, current_kin
from queue_registry.rules.legacy.rows import ParsedRow

_DIGITS = re.compile(r"[0-9]{11,13}", re.ASCII)


def mention_of(
    rows: Sequence[ParsedRow],
    *,
    key: int,
    iin: str | None,
    identity: Identity | NotInRegister | None,
    kin: Iterable[Kin],
    numbers: Collection[str],
    lists: Collection[str],
    born: Collection[date] = (),
    as_of: date,
) -> Mention:
    """
    Gather what the rows of one application say; of a row with shifted columns nobody knows what it says.

    :param iin: the applicant's, where the rows passed the identity check.
    :param identity: who the population register says that is.
    :param numbers: what stands in the cells of IINs, as written.
    :param born: birth dates that the lists themselves give.
    """
    read = [row for row in rows if not row.malformed]
    names = {(row.name, row.source is Source.RSHEP) for row in read if row.name}
    days = set(born)
    if iin is not None and isinstance(identity, Identity):
        name = identity.name
        names.add((" ".join(filter(None, (name.last, name.first, name.middle))), False))
        # What the register says outweighs what a clerk wrote.
        days = {identity.born_on} if identity.born_on else days
    members = {member for row in read for member in row.family.iins}
    members |= {one.iin for one in current_kin(kin, on=as_of)}
    return Mention(
        key=key,
        names=tuple(read_name(text, question_marks=marks) for text, marks in sorted(names)),
        iin=iin,
        numbers=frozenset() if iin else frozenset(filter(None, map(number_of, numbers))),
        born=frozenset(days),
        members=frozenset(members - {iin}),
        phones=frozenset(phone for phone in (first_phone(row.phone) for row in read if row.phone) if phone),
        days=frozenset(row.date.day for row in read if row.date.day is not None and row.date.is_full),
        sizes=frozenset(size for size in map(_size, read) if size),
        lists=frozenset(lists),
    )


def number_of(written: str) -> str | None:
    """Return the digits of a cell that was meant to be an IIN, if they are about as many as one has."""
    digits = re.sub(r"[\s\-]", "", written)
    return digits if _DIGITS.fullmatch(digits) and len(set(digits)) > 1 else None


def lists_of(rows: Iterable[ParsedRow], mapping: CategoryMapping) -> set[str]:
    """Return the lists that the rows name, by category or by number."""
    return {
        str(listed)
        for row in rows
        if not row.malformed
        for listed in ((mapping.list_of(row.category) if row.source is Source.PAPER else row.list_code),)
        if listed
    }


def _size(row: ParsedRow) -> int | None:
    if row.family_count is not None:
        return row.family_count
    return len(row.family.iins) + 1 if row.family.iins else None
