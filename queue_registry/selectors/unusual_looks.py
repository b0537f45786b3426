"""Looks of staff at cases that a supervisor or auditor should ask about: gathered for the rules of access."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from queue_registry.models import (
    Akimat,
    Application,
    ApplicationDocument,
    AuditEvent,
    HouseholdMember,
    QueueEntry,
    RegistrationChange,
    RemovalCase,
    Review,
    User,
)
from queue_registry.permissions import memberships
from queue_registry.rules.access import DEGREES, Look, LookedAt, Officer, Unusual, kin_of, unusual
from queue_registry.rules.roles import Role
from queue_registry.selectors import flag_people, oversight, work

_TARGET: Final = re.compile(r"([a-z_]+):(\d+)$")
# Things of a case by the name that trail and looks call them, with the way to the application.
_OF_A_CASE: Final[Mapping[str, tuple[Any, str]]] = {
    "queue_entry": (QueueEntry, "application"),
    "document": (ApplicationDocument, "application"),
    "removal_case": (RemovalCase, "entry__application"),
    "review": (Review, "application"),
    "registration_change": (RegistrationChange, "entry__application"),
}


def list_unusual(akimat: Akimat, *, since: date, until: date) -> list[Unusual]:
    """Return what is asked about of the looks of a period, both days included."""
    views = list(
        oversight.list_looks(akimat, since=since, until=until)
        .values_list("by", "target", "at")
        .order_by("at")
    )
    case_of = _cases_by_target({target for _, target, _ in views})
    looks = [Look(officer=by, case=case_of[target], at=at) for by, target, at in views if target in case_of]
    cases = _cases(akimat, {look.case for look in looks})
    looks = [look for look in looks if look.case in cases]
    people = _staff(akimat, until)
    officers = _officers(akimat, {look.officer for look in looks}, on=until)
    return unusual(looks, cases=cases, officers=officers, staff=people)


def named(rows: Iterable[Unusual]) -> tuple[dict[int, User], dict[int, Application]]:
    """Return the officers and the cases of some rows, by key."""
    rows = list(rows)
    users = User.objects.in_bulk({row.officer for row in rows})
    return users, Application.objects.in_bulk({row.case for row in rows})


def _cases_by_target(targets: Collection[str]) -> dict[str, int]:
    keys: dict[str, set[int]] = defaultdict(set)
    for target in targets:
        match = _TARGET.match(target)
        if match:
            keys[match[1]].add(int(match[2]))
    found = {f"application:{key}": key for key in keys["application"]}
    for kind, (model, way) in _OF_A_CASE.items():
        rows = model.objects.filter(pk__in=keys[kind], **{f"{way}__isnull": False})
        found |= {f"{kind}:{key}": case for key, case in rows.values_list("pk", way)}
    return found


def _cases(akimat: Akimat, keys: Collection[int]) -> dict[int, LookedAt]:
    people: dict[int, set[int]] = {
        key: {applicant} - {None}
        for key, applicant in Application.objects.filter(pk__in=keys, akimat=akimat).values_list(
            "pk", "applicant"
        )
    }
    for case, person in HouseholdMember.objects.filter(application__in=people).values_list(
        "application", "person"
    ):
        people[case].add(person)
    is_open = set(work.list_work(akimat).filter(pk__in=people).values_list("pk", flat=True))
    acts = _acts(akimat, people)
    return {
        key: LookedAt(people=frozenset(persons), acts=tuple(acts[key]), is_open=key in is_open)
        for key, persons in people.items()
    }


def _acts(akimat: Akimat, cases: Collection[int]) -> dict[int, list[datetime]]:
    """When somebody of staff acted on each case; what the background did explains nobody's look."""
    names = {f"application:{key}": key for key in cases}
    for kind, (model, way) in _OF_A_CASE.items():
        rows = model.objects.filter(**{f"{way}__in": cases})
        names |= {f"{kind}:{key}": case for key, case in rows.values_list("pk", way)}
    done: dict[int, list[datetime]] = defaultdict(list)
    events = AuditEvent.objects.filter(
        akimat_kato=akimat.kato, target__in=names, actor__in=User.objects.values("username")
    )
    for target, at in events.values_list("target", "at"):
        done[names[target]].append(at)
    return done


def _staff(akimat: Akimat, on: date) -> frozenset[int]:
    return frozenset(flag_people.officials(akimat, on=on))


def _officers(akimat: Akimat, keys: Collection[int], *, on: date) -> dict[int, Officer]:
    users = User.objects.in_bulk(keys)
    ties = flag_people.kin(
        [user.person_id for user in users.values() if user.person_id], degrees=DEGREES, on=on
    )
    return {
        key: Officer(
            person=user.person_id,
            kin=kin_of(user.person_id, ties) if user.person_id else frozenset(),
            needs_task=memberships(user, on).filter(akimat=akimat, role=Role.CLERK).exists(),
        )
        for key, user in users.items()
    }
