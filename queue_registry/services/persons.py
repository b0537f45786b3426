"""
Citizens known by IIN only: a row for everybody whom a list or a register names. A number that somebody bore
before leads to him.
"""

from collections.abc import Collection
from typing import Final

from queue_registry.models import FormerIin, Person
from queue_registry.selectors import many

_BATCH: Final = 5_000


def by_iin(iins: Collection[str]) -> dict[str, Person]:
    """Return the people with these IINs, by IIN; those who were not known get a row."""
    found = known(iins)
    missing = sorted(set(iins) - found.keys())
    if missing:
        # Only the missing: an insert would wait for whoever is writing down what a known one is called.
        Person.objects.bulk_create(
            [Person(iin=iin) for iin in missing], batch_size=_BATCH, ignore_conflicts=True
        )
        found |= known(missing)
    return found


def known(iins: Collection[str]) -> dict[str, Person]:
    """Return those of the people with these IINs who have a row, by the IIN that was asked for."""
    found = {person.iin: person for person in Person.objects.filter(iin__in=many.texts(iins))}
    former = FormerIin.objects.filter(iin__in=many.texts(iins)).select_related("person")
    return found | {one.iin: one.person for one in former}
