"""Roles are given by those who may, from a day until a day, and never two that exclude each other."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, transaction

from queue_registry.models import Akimat, AuditEvent, StaffMembership, User
from queue_registry.permissions import (
    REACH_DOWN,
    ROLES,
    NotAllowed,
    Permission,
    akimats_of,
    akimats_with,
    permissions_in,
)
from queue_registry.rules.roles import GIVEN_FROM_ABOVE, INCOMPATIBLE, Role
from queue_registry.rules.territory import is_region, reaches, region_of
from queue_registry.services import staff
from queue_registry.services.staff import StaffRefusal, StaffRefused
from tests import factories

pytestmark = pytest.mark.django_db
AT, ON = factories.AT, factories.ON
TOMORROW = ON + timedelta(days=1)


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def region(db):
    return Akimat.objects.create(kato="270000000", name_kk="БҚО әкімдігі", name_ru="Акимат ЗКО")


def person(name="new"):
    return User.objects.create(username=name)


def holder(akimat, role, name=None):
    user = User.objects.create(username=name or f"{role.lower()}-of-{akimat.kato}")
    StaffMembership.objects.create(user=user, akimat=akimat, role=role, from_on=date(2026, 1, 1))
    return user


ACT = staff.Document(number="17", on=ON)


def give(akimat, user, role, by, *, from_on=ON, until_on=None, document=ACT):
    return staff.grant(
        akimat=akimat,
        user=user,
        role=role,
        from_on=from_on,
        until_on=until_on,
        document=document,
        by=by,
        at=AT,
    )


def refused(code, akimat, user, role, by, **days):
    with pytest.raises(StaffRefused) as caught:
        give(akimat, user, role, by, **days)
    assert caught.value.code == code
    return caught.value


def test_a_role_given_counts_from_its_day_until_its_day_and_leaves_a_record(town):
    user = person()
    give(town.akimat, user, Role.CLERK, town.admin, from_on=TOMORROW, until_on=TOMORROW + timedelta(days=2))

    days = [ON, TOMORROW, TOMORROW + timedelta(days=1), TOMORROW + timedelta(days=2)]
    held = [Permission.REGISTER_VIEW in permissions_in(user, town.akimat, day) for day in days]

    assert held == [False, True, True, False]
    record = AuditEvent.objects.get(event="staff.role_given")
    assert (record.actor, record.target) == ("admin", f"staff:{user.pk}")
    assert record.data["from_on"] == TOMORROW.isoformat()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_only_an_administrator_gives_roles(town, role):
    giver = town.staff[next(u.username for u in town.staff.values() if u.memberships.get().role == role)]
    with pytest.raises(NotAllowed):
        give(town.akimat, person(), Role.SECRETARY, giver)


@pytest.mark.parametrize("role", sorted(Role))
def test_auditors_and_administrators_are_given_by_the_region_alone(town, region, role):
    above = holder(region, Role.ADMINISTRATOR)
    if role in GIVEN_FROM_ABOVE:
        refused(StaffRefusal.FROM_ABOVE, town.akimat, person("one"), role, town.admin)
    else:
        give(town.akimat, person("one"), role, town.admin)
    assert give(town.akimat, person("two"), role, above).role == role


def test_nobody_gives_himself_a_role_and_nobody_gives_one_yesterday(town):
    refused(StaffRefusal.OWN_ROLE, town.akimat, town.admin, Role.CLERK, town.admin)
    refused(
        StaffRefusal.IN_THE_PAST,
        town.akimat,
        person(),
        Role.CLERK,
        town.admin,
        from_on=ON - timedelta(days=1),
    )
    refused(StaffRefusal.ENDS_BEFORE_IT_BEGINS, town.akimat, person("x"), Role.CLERK, town.admin, until_on=ON)


def test_an_administrator_of_another_akimat_gives_nothing_here(town):
    elsewhere = Akimat.objects.create(kato="273600000")
    with pytest.raises(NotAllowed):
        give(town.akimat, person(), Role.CLERK, holder(elsewhere, Role.ADMINISTRATOR))


@pytest.mark.parametrize("pair", sorted(tuple(sorted(pair)) for pair in INCOMPATIBLE))
def test_two_roles_that_exclude_each_other_are_refused_in_either_order(town, region, pair):
    above = holder(region, Role.ADMINISTRATOR)
    for number, (first, second) in enumerate((pair, pair[::-1])):
        user = person(f"p{number}")
        give(town.akimat, user, Role(first), above)
        assert refused(StaffRefusal.INCOMPATIBLE, town.akimat, user, Role(second), above).with_role == first
        assert user.memberships.count() == 1


def test_roles_that_exclude_each_other_may_follow_each_other(town):
    user = person()
    give(town.akimat, user, Role.CLERK, town.admin, until_on=TOMORROW)
    assert refused(StaffRefusal.INCOMPATIBLE, town.akimat, user, Role.MEMBER, town.admin)
    give(town.akimat, user, Role.MEMBER, town.admin, from_on=TOMORROW)
    assert user.memberships.count() == 2


def test_a_clerk_of_a_city_is_no_member_of_the_regions_commission_but_may_be_one_elsewhere(town, region):
    above = holder(region, Role.ADMINISTRATOR)
    neighbor = Akimat.objects.create(kato="273600000")
    user = person()
    give(town.akimat, user, Role.CLERK, above)

    refused(StaffRefusal.INCOMPATIBLE, region, user, Role.MEMBER, above)
    give(neighbor, user, Role.MEMBER, above)

    other = person("other")
    give(region, other, Role.AUDITOR, above)
    refused(StaffRefusal.INCOMPATIBLE, town.akimat, other, Role.CLERK, above)


def test_the_same_role_twice_is_refused(town):
    user = person()
    give(town.akimat, user, Role.CLERK, town.admin)
    refused(StaffRefusal.HELD_ALREADY, town.akimat, user, Role.CLERK, town.admin)


def test_a_role_ends_today_and_cannot_be_ended_twice(town):
    membership = town.clerk.memberships.get()
    staff.end(membership_id=membership.pk, by=town.admin, at=AT)

    assert permissions_in(town.clerk, town.akimat, ON) == frozenset()
    assert permissions_in(town.clerk, town.akimat, ON - timedelta(days=1)) == ROLES[Role.CLERK]
    assert AuditEvent.objects.get(event="staff.role_ended").data["until_on"] == ON.isoformat()
    with pytest.raises(StaffRefused, match="ENDED_ALREADY"):
        staff.end(membership_id=membership.pk, by=town.admin, at=AT)
    give(town.akimat, town.clerk, Role.MEMBER, town.admin)


def test_a_role_is_not_ended_backwards_nor_by_its_holder(town):
    with pytest.raises(StaffRefused, match="IN_THE_PAST"):
        staff.end(
            membership_id=town.clerk.memberships.get().pk,
            by=town.admin,
            at=AT,
            until_on=ON - timedelta(days=1),
        )
    with pytest.raises(StaffRefused, match="OWN_ROLE"):
        staff.end(membership_id=town.admin.memberships.get().pk, by=town.admin, at=AT)


def test_a_role_without_its_record_is_not_given(town, monkeypatch):
    def fail(**_):
        raise RuntimeError("the trail is full")

    user = person()
    monkeypatch.setattr(staff.audit, "record", fail)
    with pytest.raises(RuntimeError, match="the trail is full"):
        give(town.akimat, user, Role.CLERK, town.admin)
    assert not user.memberships.exists()


def test_the_first_administrator_is_installed_and_only_the_first(region):
    call_command("grant_role", akimat="270000000", user=person("root").username, role="ADMINISTRATOR")
    assert AuditEvent.objects.get().actor == "installation"
    with pytest.raises(CommandError, match="HAS_ADMINISTRATOR"):
        call_command("grant_role", akimat="270000000", user=person("again").username, role="ADMINISTRATOR")
    with pytest.raises(CommandError, match="given by nobody"):
        call_command("grant_role", akimat="270000000", user="again", role="CLERK")


def test_roles_are_given_and_ended_by_commands(town):
    person("new")
    call_command("grant_role", akimat=town.akimat.kato, user="new", role="CLERK", by="admin")
    assert User.objects.get(username="new").memberships.get().role == "CLERK"
    with pytest.raises(CommandError, match="INCOMPATIBLE CLERK"):
        call_command("grant_role", akimat=town.akimat.kato, user="new", role="MEMBER", by="admin")
    call_command("end_role", akimat=town.akimat.kato, user="new", role="CLERK", by="admin")
    assert User.objects.get(username="new").memberships.get().until_on is not None
    with pytest.raises(CommandError, match="may not do this"):
        call_command("grant_role", akimat=town.akimat.kato, user="new", role="MEMBER", by="clerk")


def test_an_act_named_by_the_command_has_number_and_day(town):
    person("new")
    told = {"akimat": town.akimat.kato, "user": "new", "role": "MEMBER", "by": "admin"}
    with pytest.raises(CommandError, match="DOCUMENT_MISSING"):
        call_command("grant_role", **told)
    with pytest.raises(CommandError, match="a number and a day"):
        call_command("grant_role", **told, document="17")
    call_command("grant_role", **told, document="17", document_on=ON)
    assert User.objects.get(username="new").memberships.get().document == "№ 17, 01.09.2026"


# The act behind a mandate


@pytest.mark.parametrize("role", sorted(Role))
def test_of_the_commission_is_only_whom_an_act_has_named(town, region, role):
    above, user = holder(region, Role.ADMINISTRATOR), person()
    for document in (None, staff.Document(number=" ", on=ON)):
        if role in (Role.MEMBER, Role.CHAIR):
            assert refused(StaffRefusal.DOCUMENT_MISSING, town.akimat, user, role, above, document=document)
    given = give(town.akimat, user, role, above)

    assert (given.document_number, given.document_on) == ("17", ON)
    assert AuditEvent.objects.get(event="staff.role_given").data["document"] == "№ 17, 01.09.2026"


def test_the_database_keeps_an_act_whole(town):
    for half in ({"document_number": "17"}, {"document_on": ON}):
        with (
            pytest.raises(IntegrityError, match="staff_membership_document_all_or_nothing"),
            transaction.atomic(),
        ):
            StaffMembership.objects.filter(user=town.clerk).update(**half)


# Territory


@pytest.mark.parametrize(
    ("kato", "other", "seen"),
    [
        ("270000000", "271010000", True),
        ("270000000", "270000000", True),
        ("271010000", "271010000", True),
        ("271010000", "270000000", False),
        ("271010000", "273600000", False),
        ("270000000", "231010000", False),
        # A city of republican significance is a first level of its own.
        ("750000000", "751110000", True),
        ("190000000", "750000000", False),
    ],
)
def test_staff_of_a_region_reach_every_akimat_whose_code_begins_with_the_same_two_digits(kato, other, seen):
    assert reaches(kato, other) is seen


def test_the_code_of_a_region_is_its_two_digits_and_zeros():
    assert region_of("271010000") == "270000000"
    assert is_region("270000000")
    assert not is_region("271000000")


@pytest.mark.parametrize("role", sorted(Role))
def test_staff_of_a_region_look_at_its_akimats_and_act_in_none(town, region, role):
    elsewhere = Akimat.objects.create(kato="231010000")
    user = holder(region, role)

    assert permissions_in(user, region, ON) == ROLES[role]
    assert permissions_in(user, town.akimat, ON) == ROLES[role] & REACH_DOWN
    assert permissions_in(user, elsewhere, ON) == frozenset()
    assert list(akimats_of(user, ON)) == [region, town.akimat]
    for permission in Permission:
        seen = [one for one in (region, town.akimat) if permission in permissions_in(user, one, ON)]
        assert list(akimats_with(user, permission, ON)) == seen


def test_only_looking_giving_roles_and_what_is_of_no_akimat_reach_down():
    acts = {p for p in REACH_DOWN if not p.endswith("_VIEW")}
    assert acts == {Permission.STAFF_GIVE, Permission.SOURCE_HOLD}


def test_staff_of_an_akimat_see_nothing_of_the_region_above_or_beside(town, region):
    neighbor = Akimat.objects.create(kato="273600000")
    for user in town.staff.values():
        assert list(akimats_of(user, ON)) == [town.akimat]
        assert permissions_in(user, region, ON) == permissions_in(user, neighbor, ON) == frozenset()


def test_a_role_that_has_ended_or_not_begun_reaches_nothing(town, region):
    user = holder(region, Role.AUDITOR)
    user.memberships.update(until_on=ON)
    assert not akimats_of(user, ON).exists()
    user.memberships.update(from_on=TOMORROW, until_on=None)
    assert not akimats_with(user, Permission.TRAIL_VIEW, ON).exists()


def test_whoever_left_is_not_deleted(town):
    """What he did stays his; the events of entries rely on it."""
    left = person()
    with (
        pytest.raises(ProgrammingError, match="Cannot delete rows from queue_registry_user"),
        transaction.atomic(),
    ):
        User.objects.filter(pk=left.pk).delete()
    assert User.objects.filter(pk=left.pk).exists()
