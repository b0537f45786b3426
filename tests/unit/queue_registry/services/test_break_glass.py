"""When no administrator can sign in, two people let one in: for some days, with an act, on record."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from queue_registry.management.commands import break_glass
from queue_registry.models import Akimat, AuditEvent, StaffMembership, User
from queue_registry.permissions import Permission, permissions_in
from queue_registry.rules.roles import Role
from queue_registry.services import staff
from queue_registry.services.staff import BREAK_GLASS_DAYS, StaffRefusal, StaffRefused
from tests import factories

pytestmark = pytest.mark.django_db
AT, ON = factories.AT, factories.ON
LAST = ON + timedelta(days=BREAK_GLASS_DAYS)
ACT = staff.Document(number="17", on=ON)


@pytest.fixture
def town():
    return factories.town()


def let_in(town, **changes):
    new = User.objects.get_or_create(username="new")[0]
    told = {
        "akimat": town.akimat,
        "user": new,
        "until_on": LAST,
        "document": ACT,
        "first": town.staff["supervisor"],
        "second": town.staff["auditor"],
        "at": AT,
    }
    return staff.break_glass(**told | changes)


def test_two_people_let_an_administrator_in_until_a_day_and_the_trail_names_both(town):
    given = let_in(town)

    held = [
        Permission.STAFF_GIVE in permissions_in(given.user, town.akimat, day)
        for day in (ON - timedelta(days=1), ON, LAST - timedelta(days=1), LAST)
    ]
    assert held == [False, True, True, False]
    record = AuditEvent.objects.get(event="staff.glass_broken")
    assert (record.actor, record.data["second"], record.data["document"]) == (
        "supervisor",
        "auditor",
        "№ 17, 01.09.2026",
    )
    assert not AuditEvent.objects.filter(event="staff.role_given", target=record.target).exists()


def elsewhere():
    akimat = Akimat.objects.create(kato="231010000", name_kk="Атырау", name_ru="Атырау")
    user = User.objects.create(username="foreign")
    StaffMembership.objects.create(user=user, akimat=akimat, role=Role.CLERK, from_on=date(2026, 1, 1))
    return user


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (StaffRefusal.NOT_TWO_PEOPLE, lambda town: {"second": town.staff["supervisor"]}),
        (StaffRefusal.NOT_TWO_PEOPLE, lambda town: {"user": town.staff["auditor"]}),
        (StaffRefusal.NOT_STAFF_HERE, lambda _: {"second": User.objects.create(username="nobody")}),
        (StaffRefusal.NOT_STAFF_HERE, lambda _: {"first": elsewhere()}),
        (StaffRefusal.TOO_LONG, lambda _: {"until_on": LAST + timedelta(days=1)}),
        (StaffRefusal.ENDS_BEFORE_IT_BEGINS, lambda _: {"until_on": ON}),
        (StaffRefusal.DOCUMENT_MISSING, lambda _: {"document": staff.Document(number=" ", on=ON)}),
        (StaffRefusal.INCOMPATIBLE, lambda town: {"user": town.staff["clerk"]}),
    ],
)
def test_refuse_what_is_not_two_people_some_days_and_an_act(town, code, changes):
    before = StaffMembership.objects.count()
    changes = changes(town)
    added = StaffMembership.objects.count() - before

    with pytest.raises(StaffRefused) as caught:
        let_in(town, **changes)

    assert caught.value.code == code
    assert StaffMembership.objects.count() == before + added
    assert not AuditEvent.objects.filter(event="staff.glass_broken").exists()


def typed(town, monkeypatch, *, passwords, **changes):
    for name in ("supervisor", "auditor"):
        town.staff[name].set_password(f"of the {name}")
        town.staff[name].save()
    User.objects.get_or_create(username="new")
    given = iter(passwords)
    monkeypatch.setattr(break_glass, "getpass", lambda _prompt: next(given))
    told = {"akimat": town.akimat.kato, "to": "new", "until": LAST, "document": "17", "document_on": ON}
    with time_machine.travel(AT, tick=False):
        call_command("break_glass", **told | {"first": "supervisor", "second": "auditor"} | changes)


def test_each_of_the_two_types_his_own_password(town, monkeypatch, capsys):
    typed(town, monkeypatch, passwords=["of the supervisor", "of the auditor"])

    assert StaffMembership.objects.get(user__username="new").role == Role.ADMINISTRATOR
    assert capsys.readouterr().out == f"new: ADMINISTRATOR from {ON} until {LAST}\n"


@pytest.mark.parametrize(
    ("passwords", "named"),
    [
        (["of the auditor", "of the auditor"], "--first"),
        (["of the supervisor", "of the supervisor"], "--second"),
        (["of the supervisor", ""], "--second"),
    ],
)
def test_a_password_of_somebody_else_lets_nobody_in(town, monkeypatch, passwords, named):
    with pytest.raises(CommandError, match=named):
        typed(town, monkeypatch, passwords=passwords)

    assert not StaffMembership.objects.filter(user__username="new").exists()


def test_an_account_out_of_use_stands_for_nothing(town, monkeypatch):
    User.objects.filter(username="auditor").update(is_active=False)
    town.staff["auditor"].refresh_from_db()

    with pytest.raises(CommandError, match="--second"):
        typed(town, monkeypatch, passwords=["of the supervisor", "of the auditor"])


def test_a_refusal_names_its_rule(town, monkeypatch):
    with pytest.raises(CommandError, match="refused: TOO_LONG"):
        typed(
            town,
            monkeypatch,
            passwords=["of the supervisor", "of the auditor"],
            until=LAST + timedelta(days=1),
        )
