"""The same phone, address or applicant in several applications of people who are no kin."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction

from queue_registry.rules.flags.kinds import Flag, FlagKind
from queue_registry.rules.flags.limits import Limits
from queue_registry.rules.flags.values import Channel, Contact, Histories

_K = FlagKind
_BY_TWO = "PHONE_AND_ADDRESS"


def same_contacts(histories: Histories, limits: Limits) -> Iterator[Flag]:
    """
    Applications of families that are no kin, filed within a term: enough with one phone or one address, or
    two with both or with one applicant. They must be most of all that ever came with the contact: a dormitory
    has many more. Subject of the flag is the earliest entry of the group.
    """
    term = timedelta(days=limits.whole(_K.SAME_CONTACT, "days"))
    single = limits.whole(_K.SAME_CONTACT, "applications")
    by_two = limits.whole(_K.SAME_CONTACT, "applications_by_two")
    share = limits.of(_K.SAME_CONTACT, "share")
    people = {entry.application: entry.people for entry in histories.entries}
    flagged: set[tuple[str, ...]] = set()
    for channel, contacts in _groups(histories.contacts):
        is_iin = channel == Channel.IIN
        limit = single if channel in {Channel.PHONE, Channel.ADDRESS} else by_two
        # One person who files twice is no matter of a term, nor of kin.
        found = contacts if is_iin else _densest(contacts, term)
        count = len(found) if is_iin else _families(found, people, histories.kin)
        key = tuple(sorted(one.application for one in found))
        if count >= limit and len(found) >= share * len(contacts) and key not in flagged:
            flagged.add(key)
            yield _flag(channel, found, count, limit)


def _groups(contacts: Sequence[Contact]) -> Iterator[tuple[str, Sequence[Contact]]]:
    """Contacts of different applications that are the same; pairs of both first."""
    by_application: dict[Channel, dict[str, Contact]] = {channel: {} for channel in Channel}
    for contact in contacts:
        by_application[contact.channel][contact.application] = contact
    addresses = by_application[Channel.ADDRESS]
    yield from _same(
        _BY_TWO,
        (
            ((phone.value, addresses[application].value), phone)
            for application, phone in by_application[Channel.PHONE].items()
            if application in addresses
        ),
    )
    for channel, found in by_application.items():
        yield from _same(channel, ((contact.value, contact) for contact in found.values()))


def _same(channel: str, pairs: Iterable[tuple[Hashable, Contact]]) -> Iterator[tuple[str, Sequence[Contact]]]:
    groups: dict[Hashable, list[Contact]] = defaultdict(list)
    for value, contact in pairs:
        groups[value].append(contact)
    for group in groups.values():
        if len(group) > 1:
            yield channel, sorted(group, key=lambda one: (one.filed_at, one.entry))


def _densest(contacts: Sequence[Contact], term: timedelta) -> Sequence[Contact]:
    """The longest run of contacts, in their order, that were filed within the term."""
    first, best = 0, (0, 0)
    for last, contact in enumerate(contacts):
        while contact.filed_at - contacts[first].filed_at > term:
            first += 1
        best = max(best, (first, last + 1), key=lambda run: run[1] - run[0])
    return contacts[best[0] : best[1]]


def _families(
    contacts: Sequence[Contact],
    people: Mapping[str, tuple[int, ...]],
    kin: Mapping[int, tuple[int, ...]],
) -> int:
    """How many families the applications come from, if those who share a person or are kin count as one."""
    parents = {contact.application: contact.application for contact in contacts}

    def root(application: str) -> str:
        while parents[application] != application:
            parents[application] = parents[parents[application]]
            application = parents[application]
        return application

    owners: dict[int, str] = {}
    for application in parents:
        for person in people.get(application, ()):
            for one in (person, *kin.get(person, ())):
                parents[root(owners.setdefault(one, application))] = root(application)
    return len({root(application) for application in parents})


def _flag(channel: str, found: Sequence[Contact], count: int, limit: int) -> Flag:
    first, last = found[0], found[-1]
    return Flag(
        kind=_K.SAME_CONTACT,
        subject=first.entry,
        cause=f"{channel} {len(found)}",
        strength=Fraction(count, limit),
        figures={
            "channel": channel,
            "families": count,
            "limit": limit,
            "days": (last.filed_at - first.filed_at).days,
            "others": [one.entry for one in found[1:]],
        },
    )
