"""
What a person sees before a move: what an entry is now, who is protected, and what a move does to the places
of others, counted and never named.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from queue_registry.models import (
    AuditEvent,
    CategoryPeriod,
    HouseholdMember,
    QueueEntry,
    RegistrationChange,
    RemovalCase,
    Review,
    WaitingList,
)
from queue_registry.rules import categories
from queue_registry.rules.facts import PersonFacts, Source
from queue_registry.rules.household import household
from queue_registry.rules.reasons import PROTECTED_CATEGORIES
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.selectors.facts import cases, people_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceEffect:
    """
    What a change would do to the order: the entry's place before and after, each with its list, and how many
    others go forward or back, by one place each.
    """

    list_from: str
    place_from: int | None
    list_to: str
    place_to: int | None
    others_forward: int
    others_back: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """
    Categories by which a household is protected until housed; `unknown` names the source that has not said
    whether it is.
    """

    categories: frozenset[str]
    unknown: str = ""


def version_of(entry: QueueEntry) -> int:
    """
    Return the number of the newest record of the trail about an entry: whatever happened to it changed this.
    """
    newest = AuditEvent.objects.filter(akimat_kato=entry.akimat.kato, target=f"queue_entry:{entry.pk}")
    return newest.order_by("-seq").values_list("seq", flat=True).first() or 0


def protection_of(entry: QueueEntry, *, on: date) -> Protection:
    """
    Return what protects an entry's household: recorded periods, the list itself, and what registers say.

    A register that has not answered protects as well, where the list may hold single-parent families. The
    entry comes with `akimat` and `waiting_list` selected.
    """
    case = cases([entry])[entry.pk]
    applicant = case.people[case.applicant]
    people = household(applicant=applicant, named=case.named, people=case.people, on=on)
    held = {
        ground.code
        for number in ListNumber
        for ground in categories.grounds(number=number, household=people, on=on)
    }
    held |= set(
        CategoryPeriod.objects.filter(
            Q(until_on__isnull=True) | Q(until_on__gt=on) | Q(sticky=True),
            entry__application=entry.application_id,
            from_on__lte=on,
        ).values_list("category", flat=True)
    )
    # Who stands on these lists stands there by a protected category.
    held |= {
        ListNumber.ORPHANS: {"orphan"},
        ListNumber.LARGE_FAMILIES: {"large_family"},
    }.get(case.list_number, set())
    silent = case.list_number is ListNumber.VULNERABLE and not applicant.confirmed(Source.ZAGS)
    return Protection(
        categories=frozenset(held & PROTECTED_CATEGORIES), unknown=Source.ZAGS if silent else ""
    )


def family_of(application_id: int) -> dict[int, PersonFacts]:
    """Return what is known of each co-registered member of an application, by person."""
    members = HouseholdMember.objects.filter(application=application_id, until_on__isnull=True)
    return people_facts(set(members.values_list("person_id", flat=True)))


def has_living_family(entry: QueueEntry) -> bool:
    """Return whether somebody of the co-registered family lives, as far as the registers say: succession."""
    family = family_of(entry.application_id)
    return any(
        facts.identity is None or facts.identity.death_date is None
        for key, facts in family.items()
        if key != entry.applicant_id
    )


def effect_of_moment(entry: QueueEntry, registered_at: datetime) -> PlaceEffect:
    """Count what another registration moment would do on the entry's list; nothing is written."""
    before = _rank(entry, entry.waiting_list, entry.registered_at) if entry.is_active else None
    after = _rank(entry, entry.waiting_list, registered_at) if entry.is_active else None
    moved = 0 if before is None or after is None else before - after
    return PlaceEffect(
        list_from=entry.waiting_list.number,
        place_from=before,
        list_to=entry.waiting_list.number,
        place_to=after,
        others_forward=max(-moved, 0),
        others_back=max(moved, 0),
    )


def effect_of_list(entry: QueueEntry, number: ListNumber) -> PlaceEffect:
    """Count what standing on another list, with the same moment, would do on both; nothing is written."""
    if entry.waiting_list.number == number:
        return effect_of_moment(entry, entry.registered_at)
    target = WaitingList.objects.get(akimat=entry.akimat_id, number=number)
    before = _rank(entry, entry.waiting_list, entry.registered_at) if entry.is_active else None
    after = _rank(entry, target, entry.registered_at) if entry.is_active else None
    return PlaceEffect(
        list_from=entry.waiting_list.number,
        place_from=before,
        list_to=number,
        place_to=after,
        others_forward=0 if before is None else _length(entry.waiting_list) - before,
        others_back=0 if after is None else _length(target) - (after - 1),
    )


def effect_of_return(entry: QueueEntry) -> PlaceEffect:
    """Count what putting a removed entry back at its former moment would do; nothing is written."""
    after = _rank(entry, entry.waiting_list, entry.registered_at)
    return PlaceEffect(
        list_from=entry.waiting_list.number,
        place_from=None,
        list_to=entry.waiting_list.number,
        place_to=after,
        others_forward=0,
        others_back=_length(entry.waiting_list) - (after - 1),
    )


def _rank(entry: QueueEntry, waiting_list: WaitingList, moment: datetime) -> int:
    """The place that the entry would have on a list with a moment, counted from 1."""
    ahead = Q(registered_at__lt=moment) | Q(
        Q(file_number__lt=entry.file_number) | Q(file_number=entry.file_number, pk__lt=entry.pk),
        registered_at=moment,
    )
    others = QueueEntry.objects.filter(ahead, waiting_list=waiting_list, registered_at__lte=moment).active()
    return others.exclude(pk=entry.pk).count() + 1


def _length(waiting_list: WaitingList) -> int:
    return QueueEntry.objects.filter(waiting_list=waiting_list).active().count()


def was_decided_by_a_person(entry: QueueEntry) -> bool:
    """Whether list or moment were set by a typed decision, so that a file of an old list changes neither."""
    approved = RegistrationChange.objects.filter(entry=entry, approved_at__isnull=False)
    return approved.exists() or entry.events.filter(kind="LIST_CHANGED", ground="CATEGORY_CHANGED").exists()


def list_periods(entry: QueueEntry) -> list[CategoryPeriod]:
    """Return the recorded categories of an entry, the newest first."""
    return list(
        CategoryPeriod.objects.filter(entry=entry).select_related("recorded_by").order_by("-from_on", "-pk")
    )


def open_case_of(entry: QueueEntry) -> RemovalCase | None:
    """Return the removal case that is going on against an entry, if any."""
    return RemovalCase.objects.filter(entry=entry, decided_at__isnull=True).first()


def open_change_of(entry: QueueEntry) -> RegistrationChange | None:
    """Return the change of the registration moment that waits for a second person, if any."""
    return RegistrationChange.objects.filter(
        entry=entry, approved_at__isnull=True, dropped_at__isnull=True
    ).first()


def open_review_of(entry: QueueEntry) -> Review | None:
    """Return the contest about an entry that is not decided yet, if any."""
    return Review.objects.filter(entry=entry, decided_at__isnull=True).order_by("pk").first()


def list_family(application_id: int) -> list[tuple[str, str]]:
    """Return the co-registered members of an application by key, each with his name."""
    members = HouseholdMember.objects.filter(application=application_id, until_on__isnull=True)
    rows = members.select_related("person").order_by("pk")
    return [(str(member.person_id), member.person.full_name) for member in rows]
