"""A changed IIN through the pages: from the working list to both numbers; what the database refuses."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from integrations.contract import Renumbered
from queue_registry.models import (
    AuditEvent,
    ConsentWithdrawal,
    FormerIin,
    IinChange,
    PersonalDataView,
)
from queue_registry.rules.intakes import IntakeRefused
from queue_registry.rules.renumbering import RenumberingRefused
from queue_registry.selectors import clock, consents, iin_numbers
from queue_registry.selectors import iin_changes as selectors
from queue_registry.services import iin_changes, iin_claims, intakes, persons
from tests import factories

AT = factories.AT
NEW = factories.invented_iin(8_020)

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entry(town):
    return factories.waiting(town)


@pytest.fixture
def visit(town, client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)

    def sign_in(name):
        client.force_login(town.staff[name])
        return client

    return sign_in


def told(entry, *, now=NEW, **changes):
    """The register said that the applicant bears another number now."""
    person = entry.applicant
    said = {"iin": now, "last": person.last_name, "first": person.first_name, "middle": ""}
    said |= {"birth_date": date(1991, 2, 3)} | changes
    claim = iin_claims.Claim(person=person, said=Renumbered(**said), check_request_id=1)
    iin_claims.note([claim], at=AT)
    return IinChange.objects.filter(person=person).latest("pk")


def test_a_clerk_confirms_and_a_supervisor_approves_and_both_numbers_lead_to_the_case(entry, visit):
    change, old = told(entry), entry.applicant.iin
    page = f"/desk/iin-changes/{change.pk}/"
    clerk = visit("clerk")
    assert (
        '<a class="govuk-link" href="/desk/iin-changes/"><strong>1</strong></a>'
        in clerk.get("/desk/work/").content.decode()
    )
    assert page in clerk.get("/desk/iin-changes/").content.decode()
    shown = clerk.get(page).content.decode()
    assert (old in shown, NEW in shown, entry.file_number in shown) == (True, True, True)

    assert clerk.post(f"{page}confirm/", {"confirm-document": ""}).status_code == 200
    assert not IinChange.objects.get().document
    assert clerk.post(f"{page}confirm/", {"confirm-document": "Reference No 7"}).status_code == 302
    assert f"{page}decide/" not in clerk.get(page).content.decode()

    supervisor = visit("supervisor")
    assert supervisor.post(f"{page}decide/", {"step": "approve"}).status_code == 302

    assert FormerIin.objects.get().iin == old
    for iin in (old, NEW):
        found = visit("clerk").post("/desk/search/", {"text": iin})
        assert found.url == f"/desk/applications/{entry.application_id}/"
    events = list(AuditEvent.objects.filter(target=f"iin_change:{change.pk}").order_by("seq"))
    assert [event.event for event in events] == ["iin_change.confirmed", "iin_change.approved"]
    assert all(old not in str(event.data) and NEW not in str(event.data) for event in events)
    assert PersonalDataView.objects.filter(target=f"iin_change:{change.pk}").exists()


def test_the_citizen_sees_his_place_by_either_number(town, entry, client):
    change, old = told(entry), entry.applicant.iin
    iin_changes.confirm(change_id=change.pk, document="Reference", by=town.clerk, at=AT)
    iin_changes.approve(change_id=change.pk, by=town.supervisor, at=AT)

    for iin in (old, NEW):
        shown = client.post("/kk/", {"file_number": entry.file_number, "iin": iin}, follow=True)
        assert entry.file_number in shown.content.decode()
        assert 'role="alert"' not in shown.content.decode()


def test_who_confirmed_does_not_approve_and_nothing_unconfirmed_is_approved(town, entry):
    change = told(entry)
    with pytest.raises(RenumberingRefused, match="NOT_CONFIRMED"):
        iin_changes.approve(change_id=change.pk, by=town.supervisor, at=AT)
    iin_changes.confirm(change_id=change.pk, document="Reference", by=town.clerk, at=AT)
    with pytest.raises(RenumberingRefused, match="SECOND_PERSON_NEEDED"):
        iin_changes.approve(change_id=change.pk, by=town.clerk, at=AT)
    with pytest.raises(IntegrityError, match="iin_change_approved_by_another_person"), transaction.atomic():
        IinChange.objects.update(approved_by=town.clerk, approved_at=AT)
    assert not FormerIin.objects.exists()


def test_doubts_stand_on_the_page_and_no_form_confirms_it(entry, visit):
    page = f"/desk/iin-changes/{told(entry, last='Мүлде', first='Басқа').pk}/"
    clerk = visit("clerk")
    assert f"{page}confirm/" not in clerk.get(page).content.decode()
    answer = clerk.post(f"{page}confirm/", {"confirm-document": "Reference"})
    assert answer.status_code == 409

    assert clerk.post(f"{page}drop/", {"drop-why": ""}).status_code == 200
    assert clerk.post(f"{page}drop/", {"drop-why": "The register mixes two people"}).status_code == 302
    assert IinChange.objects.get().dropped_at == AT
    assert clerk.post(f"{page}drop/", {"drop-why": "Again"}).status_code == 409


def test_what_was_given_up_is_not_told_again_but_another_number_is(town, entry):
    change = told(entry)
    iin_changes.drop(change_id=change.pk, why="Wrong", by=town.supervisor, at=AT)
    assert told(entry) == change
    assert told(entry, now=factories.invented_iin(8_021)) != change


def test_a_person_who_applied_under_the_new_number_has_two_cases_to_settle_first(town, entry):
    other = factories.waiting(town, day=2)
    other.applicant.last_name, other.applicant.first_name = (
        entry.applicant.last_name,
        entry.applicant.first_name,
    )
    other.applicant.save()
    change = told(entry, now=other.applicant.iin)
    iin_changes.confirm(change_id=change.pk, document="Reference", by=town.clerk, at=AT)
    with pytest.raises(RenumberingRefused, match="NUMBER_HAS_A_CASE"):
        iin_changes.approve(change_id=change.pk, by=town.supervisor, at=AT)


def test_the_database_keeps_a_change_as_it_was_told_and_a_former_number_for_ever(town, entry):
    change = told(entry)
    with pytest.raises(DatabaseError), transaction.atomic():
        IinChange.objects.update(current_iin=factories.invented_iin(8_022))
    iin_changes.confirm(change_id=change.pk, document="Reference", by=town.clerk, at=AT)
    iin_changes.approve(change_id=change.pk, by=town.supervisor, at=AT)
    for act in (
        lambda: FormerIin.objects.all().delete(),
        lambda: FormerIin.objects.update(iin=NEW),
        lambda: IinChange.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert FormerIin.objects.count() == IinChange.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"confirmed_at": AT}, "iin_change_confirmed_with_a_document"),
        ({"document": "Reference"}, "iin_change_confirmed_with_a_document"),
        ({"dropped_at": AT}, "iin_change_dropped_with_a_reason"),
        ({"approved_at": AT}, "iin_change_approved_after_confirmed"),
    ],
)
def test_the_database_refuses_half_an_act(entry, changes, constraint):
    told(entry)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        IinChange.objects.update(**changes)


def test_one_change_of_a_person_waits_at_a_time(entry):
    told(entry)
    assert told(entry, now=factories.invented_iin(8_023)).current_iin == NEW


def changed(town, entry, now, at=AT):
    change = told(entry, now=now)
    iin_changes.confirm(change_id=change.pk, document="Reference", by=town.clerk, at=at)
    iin_changes.approve(change_id=change.pk, by=town.supervisor, at=at)
    entry.applicant.refresh_from_db()


def test_a_number_that_changed_twice_leads_to_the_person_from_each_of_the_three(town, entry):
    first, third = entry.applicant.iin, factories.invented_iin(8_024)
    changed(town, entry, NEW)
    changed(town, entry, third)

    assert entry.applicant.iin == third
    for iin in (first, NEW, third):
        assert persons.known([iin]) == {iin: entry.applicant}
        assert iin_numbers.people_with(iin).get() == entry.applicant
    assert iin_numbers.current() == {first: third, NEW: third}
    assert iin_numbers.former({third}) == {first, NEW}


def test_a_former_number_of_somebody_is_nobody_elses_new_one(town, entry):
    old = entry.applicant.iin
    changed(town, entry, NEW)
    other = factories.waiting(town, day=2)
    other.applicant.last_name = entry.applicant.last_name
    other.applicant.save()
    assert "FORMER_OF_ANOTHER" in selectors.doubts_of(told(other, now=old))


def test_who_comes_with_the_old_number_is_known_at_the_desk(town, entry):
    old = entry.applicant.iin
    changed(town, entry, NEW)
    for iin in (old, NEW):
        with pytest.raises(IntakeRefused, match="ALREADY_REGISTERED"):
            intakes.open_intake(akimat=town.akimat, iin=iin, by=town.clerk, at=AT)


def test_what_the_new_number_consented_to_or_took_back_counts_for_the_person(town, entry):
    bearer = factories.PersonFactory(iin=NEW, last_name="", first_name="")
    factories.consent(bearer, at=AT - timedelta(days=3), scope=["egkn"])
    ConsentWithdrawal.objects.create(
        person=bearer, withdrawn_at=AT - timedelta(days=2), channel="PAPER", evidence="Form 2"
    )
    changed(town, entry, NEW)

    bearer.refresh_from_db()
    given = consents.in_force([entry.applicant_id], at=AT)
    assert given.taken_back == {entry.applicant_id: AT - timedelta(days=2)}
    # Her own paper of yesterday is newer than what was taken back under the other number.
    assert len(given.covering(entry.applicant_id, applicant=entry.applicant_id)) == 1
    assert ConsentWithdrawal.objects.filter(person=bearer).count() == 1
    assert persons.by_iin([bearer.iin]) == {bearer.iin: entry.applicant}
