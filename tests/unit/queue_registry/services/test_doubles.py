"""One person in two akimats' lists."""

from datetime import timedelta

import pytest

from integrations.models import CheckRequest
from queue_registry.models import Akimat, FormerIin, IinChange, RecheckFinding, RemovalCase, WaitingList
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.services import doubles, rechecks
from tests import factories

AT = factories.AT
LATER = AT + timedelta(hours=3)
SECOND = AT + timedelta(hours=4)
THIRD = AT + timedelta(hours=5)

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entry(town):
    return factories.waiting(town)


@pytest.fixture
def other(town):
    akimat = Akimat.objects.create(kato="751010000", name_kk="Алматы", name_ru="Алматы")
    WaitingList.objects.bulk_create(WaitingList(akimat=akimat, number=number) for number in ListNumber)
    return factories.Town(akimat=akimat, staff=town.staff, passwords={})


def test_both_entries_are_found_for_a_person_and_name_nobody(town, other, entry):
    second = factories.waiting(other)
    entry.application.members.create(person=second.applicant, relation="OTHER")
    found = {one.entry_id: one for one in doubles.see(at=LATER)}

    assert set(found) == {entry.pk, second.pk}
    assert found[entry.pk].detail == {"others": [{"file_number": second.file_number, "akimat": "751010000"}]}
    assert {(one.code, one.state, one.why_held) for one in found.values()} == {("DOUBLE", "HELD", "DOUBLE")}
    assert not RemovalCase.objects.exists()
    assert CheckRequest.objects.count() == 0


def test_a_spouse_whom_only_the_civil_acts_name_makes_a_double(other):
    home = factories.Town(akimat=Akimat.objects.get(kato=factories.KATO), staff=other.staff, passwords={})
    mine, theirs = factories.waiting(home, day=3), factories.waiting(other, day=4)
    factories.relate(mine.applicant, theirs.applicant, "spouse")
    assert {one.entry_id for one in doubles.see(at=LATER)} == {mine.pk, theirs.pk}


@pytest.mark.parametrize(("relation", "until"), [("spouse", "2026-09-01"), ("child", None), ("parent", None)])
def test_who_was_a_spouse_and_adult_kin_make_none(town, other, relation, until):
    mine, theirs = factories.waiting(town, day=3), factories.waiting(other, day=4)
    factories.relate(mine.applicant, theirs.applicant, relation, until=until)
    assert doubles.see(at=LATER) == []


def test_a_marriage_that_ends_tomorrow_is_one_today(town, other):
    mine, theirs = factories.waiting(town, day=3), factories.waiting(other, day=4)
    factories.relate(mine.applicant, theirs.applicant, "spouse", until="2026-09-02")
    assert len(doubles.see(at=LATER)) == 2


def test_one_that_is_none_any_more_waits_for_nobody_and_is_found_again_when_it_is(town, other, entry):
    second = factories.waiting(other)
    member = entry.application.members.create(person=second.applicant, relation="OTHER")
    doubles.see(at=LATER)
    assert doubles.end_over(at=LATER) == 0
    member.until_on = factories.ON
    member.save()
    assert doubles.end_over(at=SECOND) == 2
    assert set(RecheckFinding.objects.values_list("state", "closed_how", "closed_by")) == {
        ("CLOSED", "NO_DOUBLE", None)
    }
    entry.application.members.create(person=second.applicant, relation="OTHER")
    assert len(doubles.see(at=THIRD)) == 2


def test_two_numbers_of_one_person_are_one_person(town, other, entry):
    old = factories.PersonFactory()
    second = factories.waiting(other)
    second.application.members.create(person=old, relation="OTHER")
    change = IinChange.objects.create(
        akimat=town.akimat,
        person=entry.applicant,
        former_iin=old.iin,
        current_iin=entry.applicant.iin,
        told={},
        told_at=AT,
        check_request_id=1,
    )
    assert doubles.see(at=LATER) == []
    FormerIin.objects.create(iin=old.iin, person=entry.applicant, change=change, since=AT)
    assert {one.entry_id for one in doubles.see(at=LATER)} == {entry.pk, second.pk}


def test_what_was_found_or_settled_is_not_found_again(town, other, entry):
    second = factories.waiting(other)
    entry.application.members.create(person=second.applicant, relation="OTHER")
    for finding in doubles.see(at=LATER):
        assert doubles.see(at=LATER) == []
        rechecks.close(finding_id=finding.pk, how="Left the other list", by=town.clerk, at=SECOND)
    assert doubles.see(at=THIRD) == []


def test_a_member_who_left_and_two_lists_of_one_akimat_are_no_doubles(town, other, entry):
    factories.waiting(town, number="4", application=entry.application)
    second = factories.waiting(other)
    entry.application.members.create(person=second.applicant, relation="OTHER", until_on=factories.ON)
    assert doubles.see(at=LATER) == []
