"""One entry to be judged, with everything that the rules may know of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from queue_registry.rules.categories import Kept
from queue_registry.rules.facts import PersonFacts
from queue_registry.rules.waiting_lists import ListNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """
    One entry to be judged: its list, its akimat's nine-digit KATO, the people and what is known of them.
    """

    list_number: ListNumber
    akimat_kato: str
    applicant: int
    named: tuple[int, ...]
    people: Mapping[int, PersonFacts]
    kept: tuple[Kept, ...] = ()
