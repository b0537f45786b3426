"""What the detector of red flags reads of people: staff and their kin, phones, addresses, other queues."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from typing import Final

from django.db.models import Q

from queue_registry.legacy_files.stored import unpacked
from queue_registry.models import Akimat, Fact, ImportRow, QueueEntry, StaffMembership
from queue_registry.rules.flags.values import Channel, Contact
from queue_registry.rules.legacy.cells import text_of
from queue_registry.rules.legacy.rows import Field
from queue_registry.rules.statuses import ACTIVE
from queue_registry.rules.territory import region_of

_CHUNK: Final = 5_000
_NO_DIGIT: Final = re.compile(r"[^0-9]")
_NO_WORD: Final = re.compile(r"[^\w]+")
_PHONE_DIGITS: Final = 10
# What stands in for a number nobody knew has one or two digits over and over.
_FEWEST_DIFFERENT: Final = 4
_SHORTEST_ADDRESS: Final = 8


def officials(akimat: Akimat, *, on: date) -> dict[int, str]:
    """Return the people who hold a role in the akimat or its region on the day, with their key as staff."""
    rows = StaffMembership.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gt=on),
        akimat__kato__in={akimat.kato, region_of(akimat.kato)},
        from_on__lte=on,
        user__person__isnull=False,
    )
    return {person: str(user) for person, user in rows.values_list("user__person", "user") if person}


def kin(people: Collection[int], *, degrees: int, on: date) -> dict[int, tuple[int, ...]]:
    """Return who is tied to whom by a current fact of the civil acts, so many degrees from the people."""
    ties: dict[int, set[int]] = defaultdict(set)
    circle, seen = set(people), set(people)
    for _ in range(degrees):
        farther: set[int] = set()
        for one, other in _pairs(sorted(circle), on):
            ties[one].add(other)
            ties[other].add(one)
            farther |= {one, other}
        circle = farther - seen
        seen |= circle
    return {person: tuple(sorted(others)) for person, others in ties.items()}


def _pairs(people: list[int], on: date) -> Iterator[tuple[int, int]]:
    for start in range(0, len(people), _CHUNK):
        some = people[start : start + _CHUNK]
        rows = Fact.objects.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=on),
            Q(person__in=some) | Q(relative__in=some),
            kind="KINSHIP",
            answer__superseded_at__isnull=True,
            relative__isnull=False,
        )
        for one, other in rows.values_list("person", "relative"):
            if other is not None:
                yield one, other


def contacts(akimat: Akimat) -> Iterator[Contact]:
    """Phones and addresses that old lists give to entries; applicants who stand in a queue elsewhere, too."""
    entries = QueueEntry.objects.filter(akimat=akimat).order_by("pk")
    by_application = {
        application: (key, moment)
        for application, key, moment in entries.values_list("application", "pk", "registered_at")
    }
    rows = ImportRow.objects.in_force(akimat).filter(application__in=entries.values("application"))
    for row in rows.order_by("pk").iterator(chunk_size=_CHUNK):
        key, moment = by_application[row.application_id or 0]
        cells = unpacked(row.cells)
        for channel, value in (
            (Channel.PHONE, phone(text_of(cells.get(Field.PHONE)))),
            (Channel.ADDRESS, address(text_of(cells.get(Field.ADDRESS)))),
        ):
            if value:
                yield Contact(
                    entry=f"queue_entry:{key}",
                    application=f"application:{row.application_id}",
                    channel=channel,
                    value=value,
                    filed_at=moment,
                )
    yield from _applicants(akimat)


def _applicants(akimat: Akimat) -> Iterator[Contact]:
    """Everybody who stands here, with all applications that he stands by, in any akimat."""
    here = QueueEntry.objects.filter(akimat=akimat, status__in=sorted(ACTIVE)).values("applicant")
    rows = QueueEntry.objects.filter(applicant__in=here, status__in=sorted(ACTIVE)).order_by("pk")
    for key, application, applicant, moment in rows.values_list(
        "pk", "application", "applicant", "registered_at"
    ).iterator(chunk_size=_CHUNK):
        yield Contact(
            entry=f"queue_entry:{key}",
            application=f"application:{application}",
            channel=Channel.IIN,
            value=str(applicant),
            filed_at=moment,
        )


def phone(text: str) -> str:
    """Return the last ten digits of a number, or nothing if it is none that anybody could call."""
    digits = _NO_DIGIT.sub("", text)[-_PHONE_DIGITS:]
    is_one = len(digits) == _PHONE_DIGITS and len(set(digits)) >= _FEWEST_DIFFERENT
    return digits if is_one else ""


def address(text: str) -> str:
    """Return an address without what people write differently, or nothing if it names no house."""
    words = _NO_WORD.sub(" ", text.casefold().replace("ё", "е")).strip()
    names_a_house = any(letter.isdigit() for letter in words) and len(words) >= _SHORTEST_ADDRESS
    return words if names_a_house else ""
