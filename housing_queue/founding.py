"""
What an installation needs before its first case: policies, an akimat with its six lists, staff with roles.

Used by the demo and by the story; every step is the service that an administrator would use.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final, TypeAlias

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from allocation.signatures.dev_pki import AUTHORITY, DevAuthority
from queue_registry.models import (
    Akimat,
    DemoClock,
    Person,
    PolicyVersion,
    StaffMembership,
    User,
    WaitingList,
)
from queue_registry.rules.iin import iin_check_digit
from queue_registry.rules.roles import BY_AN_ACT, Role
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.services import policies

# The akimat of the demo and of the sample: Oral, West Kazakhstan.
_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "271010000": ("Орал қаласының әкімдігі", "Акимат города Уральска")
}
# The business number of every invented akimat; its last digit is wrong, so that it is nobody's.
BIN: Final = "990040000017"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One invented member of staff: user name, name, role."""

    username: str
    last_name: str
    first_name: str
    role: Role


STAFF: Final = (
    Seat(username="clerk", last_name="Сейтқали", first_name="Айгүл", role=Role.CLERK),
    Seat(username="clerk2", last_name="Петрова", first_name="Ольга", role=Role.CLERK),
    Seat(username="supervisor", last_name="Ахметов", first_name="Бауыржан", role=Role.SUPERVISOR),
    Seat(username="secretary", last_name="Жұмабаева", first_name="Сәуле", role=Role.SECRETARY),
    Seat(username="chair", last_name="Нұрпейісов", first_name="Ерлан", role=Role.CHAIR),
    Seat(username="member1", last_name="Қалиев", first_name="Дәурен", role=Role.MEMBER),
    Seat(username="member2", last_name="Иванова", first_name="Марина", role=Role.MEMBER),
    Seat(username="member3", last_name="Оспанова", first_name="Гүлнар", role=Role.MEMBER),
    Seat(username="member4", last_name="Тілеуов", first_name="Қайрат", role=Role.MEMBER),
    Seat(username="auditor", last_name="Сәрсенбаев", first_name="Марат", role=Role.AUDITOR),
    Seat(username="admin", last_name="Ким", first_name="Виктор", role=Role.ADMINISTRATOR),
)


Passwords: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """A founded akimat with its staff by user name and their passwords."""

    akimat: Akimat
    staff: Mapping[str, User]
    passwords: Passwords = field(repr=False)


def renew_passwords() -> Passwords:
    """Give the invented staff fresh passwords and return them by user name: those of before were lost."""
    passwords = {seat.username: secrets.token_urlsafe(9) for seat in STAFF}
    for username, password in passwords.items():
        User.objects.filter(username=username).update(password=make_password(password))
    return passwords


@transaction.atomic
def set_demo_clock(*, lives_at: datetime, machine_now: datetime) -> None:
    """Let the demo live at a moment of its world; from then on its clock runs beside the machine's."""
    offset = int((lives_at - machine_now).total_seconds())
    DemoClock.objects.update_or_create(pk=1, defaults={"offset_seconds": offset})


@transaction.atomic
def found(*, kato: str, at: datetime, on: date) -> Founded:
    """Make staff with fresh passwords, the shipped policies, and an akimat under `akimat-2022`."""
    passwords = {seat.username: secrets.token_urlsafe(9) for seat in STAFF}
    staff = {
        seat.username: User.objects.create(
            username=seat.username,
            last_name=seat.last_name,
            first_name=seat.first_name,
            password=make_password(passwords[seat.username]),
            is_staff=True,
        )
        for seat in STAFF
    }
    name_kk, name_ru = _NAMES.get(kato, (f"{kato} әкімдігі", f"Акимат {kato}"))
    akimat = Akimat.objects.create(kato=kato, name_kk=name_kk, name_ru=name_ru, bin=BIN)
    _name_voters(staff)
    WaitingList.objects.bulk_create(WaitingList(akimat=akimat, number=number) for number in ListNumber)
    # Mandates run from the start of the year: they have to cover whatever day the demo lives on.
    StaffMembership.objects.bulk_create(
        _membership(seat, user=staff[seat.username], akimat=akimat, from_on=on.replace(month=1, day=1))
        for seat in STAFF
    )
    put_policies_in_force(drafted_by=staff["admin"], approved_by=staff["supervisor"], at=at)
    policies.put_in_force(
        akimat=akimat, code="akimat-2022", from_on=date(2022, 4, 15), by=staff["admin"], at=at
    )
    return Founded(akimat=akimat, staff=staff, passwords=passwords)


def _membership(seat: Seat, *, user: User, akimat: Akimat, from_on: date) -> StaffMembership:
    """A role from a day on; who votes was named by the akimat's first act of that day."""
    act = {"document_number": "1", "document_on": from_on} if seat.role in BY_AN_ACT else {}
    return StaffMembership(user=user, akimat=akimat, role=seat.role, from_on=from_on, **act)


def make_signing_keys() -> None:
    """Let an authority of the demo issue keys for signatures, unless it is there already."""
    folder = Path(settings.SIGNATURE_PKI_DIR)
    if not (folder / f"{AUTHORITY}.crt").exists():
        DevAuthority.make().write(folder)


def _name_voters(staff: Mapping[str, User]) -> None:
    """Tie who votes to a person: whoever signs does it by the number of one."""
    for index, seat in enumerate(STAFF):
        if seat.role in BY_AN_ACT:
            user = staff[seat.username]
            user.person = Person.objects.create(
                iin=nobodys_iin(index), last_name=seat.last_name, first_name=seat.first_name
            )
            user.save(update_fields=["person"])


def nobodys_iin(index: int) -> str:
    """Return an invented IIN that names 30 February of 1899, so that no world's people have it."""
    for serial in range(10 * index, 10 * index + 10):
        beginning = f"9902302{serial:04d}"
        digit = iin_check_digit(beginning)
        if digit is not None:
            return beginning + digit
    raise ValueError("ten numbers in a row have no check digit")


def put_policies_in_force(*, drafted_by: User, approved_by: User, at: datetime) -> list[PolicyVersion]:
    """Draft every shipped policy by one person and approve it by another."""
    versions = []
    for path in policies.files():
        document, digest = policies.read(path)
        version = policies.draft(document=document, sha256=digest, by=drafted_by, at=at)
        versions.append(policies.approve(policy_id=version.pk, by=approved_by, at=at))
    return versions
