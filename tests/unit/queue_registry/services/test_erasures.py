"""A closed case is blanked by two people; who it was is gone, the trail and what was decided stay."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, transaction
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.models import (
    Application,
    ApplicationDocument,
    AuditEvent,
    ContactPoint,
    Erasure,
    Fact,
    Person,
)
from queue_registry.rules.erasures import ErasureRefused, is_closed
from queue_registry.rules.reasons import ReviewSource
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.services import erasures, reviews, scans
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.services import moving
from tests.unit.queue_registry.services.sending import reached

pytestmark = pytest.mark.django_db
AFTER = moving.FIRST_DECISION + timedelta(days=1)
PDF = b"%PDF-1.7 a certificate"


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return factories.town()


@pytest.fixture
def removed(town):
    """A household that was removed, with a scan and a telephone."""
    entry = factories.waiting(town, day=1)
    reached(town, entry)
    scans.keep(entry.application, title="Certificate of birth", content=PDF, by=town.clerk, at=AT)
    moving.removed(town, entry)
    return entry


def proposed(town, entry, by="clerk"):
    return erasures.propose(
        application_id=entry.application_id, document="Request No 5", by=town.staff[by], at=AFTER
    )


def carried_out(town, entry, *, by="supervisor"):
    erasure = proposed(town, entry)
    with transaction.atomic():
        return erasures.carry_out(erasure_id=erasure.pk, by=town.staff[by], at=AFTER)


def test_names_scans_and_contacts_are_gone_and_the_trail_verifies(
    town, removed, tmp_path, django_capture_on_commit_callbacks
):
    person = removed.applicant
    name, number = person.last_name, ContactPoint.objects.get(person=person).value
    before = AuditEvent.objects.count()
    facts = Fact.objects.filter(person=person).count()
    assert len(list(tmp_path.rglob("*.pdf"))) == 1

    with django_capture_on_commit_callbacks(execute=True):
        erasure = carried_out(town, removed)

    person.refresh_from_db()
    assert (person.last_name, person.first_name, person.iin) == ("–", "", removed.applicant.iin)
    contact = ContactPoint.objects.get(person=person)
    assert (contact.value, contact.ended_at) == ("–", AFTER)
    document = ApplicationDocument.objects.get(application=removed.application, kind="OTHER")
    assert (document.title, document.file.name, document.sha256) == ("–", "", "")
    assert list(tmp_path.rglob("*.pdf")) == []
    assert len(erasure.erased["scans"]) == 1
    assert Fact.objects.filter(person=person).count() == facts
    call_command("verify_trail")
    call_command("check_register")
    assert AuditEvent.objects.count() == before + 2
    told = str(list(AuditEvent.objects.values_list("data", flat=True)))
    assert name not in told
    assert number not in told
    assert AuditEvent.objects.get(event="erasure.carried_out").data["scans"] == erasure.erased["scans"]


def test_an_undone_transaction_keeps_the_file(town, removed, tmp_path, django_capture_on_commit_callbacks):
    erasure = proposed(town, removed)

    def breaks_off():
        with transaction.atomic():
            erasures.carry_out(erasure_id=erasure.pk, by=town.supervisor, at=AFTER)
            raise ZeroDivisionError

    with django_capture_on_commit_callbacks(execute=True) as callbacks, pytest.raises(ZeroDivisionError):
        breaks_off()
    assert callbacks == []
    assert len(list(tmp_path.rglob("*.pdf"))) == 1


def test_who_stands_in_another_living_case_keeps_the_name_and_the_telephone(town, removed):
    person = removed.applicant
    other = factories.waiting(town, day=2)
    other.application.members.create(person=person, relation="PARENT")
    erased = carried_out(town, removed).erased
    assert (erased["names"], erased["contacts"], len(erased["scans"])) == (0, 0, 1)
    assert Person.objects.get(pk=person.pk).last_name == person.last_name


def refused(act, **told):
    with pytest.raises(ErasureRefused) as error, transaction.atomic():
        act(at=AFTER, **told)
    return error.value.code


def test_refuse_what_is_not_over_is_contested_or_rests_on_nothing(town, removed):
    living = factories.waiting(town, day=2).application
    told = {"by": town.clerk, "document": "x"}
    assert refused(erasures.propose, application_id=living.pk, **told) == "CASE_NOT_CLOSED"
    about = removed.application_id
    assert refused(erasures.propose, application_id=about, by=town.clerk, document=" ") == "DOCUMENT_MISSING"
    proposed(town, removed)
    assert refused(erasures.propose, application_id=about, **told) == "PROPOSED_ALREADY"


def test_refuse_while_the_removal_is_contested(town, removed):
    erasure = proposed(town, removed)
    reviews.open_on_removal(
        case_id=removed.removal_cases.get().pk,
        source=ReviewSource.COURT,
        claim="x",
        document="Claim No 7",
        by=town.clerk,
        at=AFTER,
    )
    assert refused(erasures.carry_out, erasure_id=erasure.pk, by=town.supervisor) == "REVIEW_OPEN"
    assert refused(erasures.propose, application_id=removed.application_id, by=town.clerk, document="x") in {
        "REVIEW_OPEN",
        "PROPOSED_ALREADY",
    }


def test_refuse_the_same_person_and_a_second_time(town, removed):
    erasure = proposed(town, removed)
    assert refused(erasures.carry_out, erasure_id=erasure.pk, by=town.clerk) == "ANOTHER_PERSON_NEEDED"
    erasures.carry_out(erasure_id=erasure.pk, by=town.supervisor, at=AFTER)
    assert refused(erasures.carry_out, erasure_id=erasure.pk, by=town.supervisor) == "DECIDED_ALREADY"
    assert refused(erasures.drop, erasure_id=erasure.pk, by=town.supervisor) == "DECIDED_ALREADY"


def test_what_was_dropped_may_be_proposed_again(town, removed):
    erasures.drop(erasure_id=proposed(town, removed).pk, by=town.supervisor, at=AFTER)
    assert Person.objects.get(pk=removed.applicant_id).last_name != "–"
    assert proposed(town, removed).decided_at is None


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"decided_by": "clerk", "erased": {}}, "erasure_carried_out_by_another_person"),
        ({"decided_by": None, "erased": {}}, "erasure_decided_at_and_by_together"),
        ({"document": ""}, "erasure_rests_on_a_document"),
    ],
)
def test_the_database_refuses_it_too(town, removed, changes, constraint):
    erasure = proposed(town, removed)
    values = dict(changes)
    if "decided_by" in values:
        values["decided_at"] = AFTER
        values["decided_by"] = town.staff.get(values["decided_by"])
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Erasure.objects.filter(pk=erasure.pk).update(**values)


def test_what_was_decided_stays(town, removed):
    erasure = carried_out(town, removed)
    with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
        Erasure.objects.filter(pk=erasure.pk).update(document="another")
    with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
        Erasure.objects.filter(pk=erasure.pk).delete()


def test_two_people_do_it_through_the_page(client, town, removed, monkeypatch):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AFTER)
    client.force_login(town.clerk)
    told = {"file_number": removed.file_number, "document": "Request No 5"}
    assert client.post("/desk/erasures/propose/", told).status_code == 302
    erasure = Erasure.objects.get()
    assert client.post(f"/desk/erasures/{erasure.pk}/", {"step": "carry_out"}).status_code == 403
    wrong = client.post("/desk/erasures/propose/", {**told, "file_number": "271010-0009999-9"})
    assert "govuk-error-summary" in wrong.content.decode()
    assert client.post("/desk/erasures/propose/", told).status_code == 409

    client.force_login(town.supervisor)
    assert removed.file_number in client.get("/desk/erasures/").content.decode()
    assert client.post(f"/desk/erasures/{erasure.pk}/", {"step": "carry_out"}).status_code == 302
    assert Person.objects.get(pk=removed.applicant_id).last_name == "–"
    # Pages of the case go on without the name.
    for path in (f"/desk/applications/{removed.application_id}/", f"/desk/entries/{removed.pk}/"):
        assert client.get(path).status_code == 200, path
    client.force_login(town.auditor)
    assert client.get(f"/desk/audit/cases/{removed.application_id}/").status_code == 200


@given(
    st.booleans(),
    st.booleans(),
    st.lists(st.sampled_from(list(QueueEntryStatus)), max_size=4),
)
def test_no_case_with_a_place_a_home_or_an_open_decision_is_over(is_accepted, is_pending, entries):
    if is_closed(is_accepted=is_accepted, is_pending=is_pending, entries=entries):
        assert not is_pending
        assert set(entries) <= {QueueEntryStatus.DEREGISTERED}
        assert bool(entries) is is_accepted


def test_an_application_that_was_refused_is_over():
    assert is_closed(is_accepted=False, is_pending=False, entries=[])
    assert not is_closed(is_accepted=True, is_pending=False, entries=[])
    assert not is_closed(is_accepted=False, is_pending=True, entries=[])
    assert Application.Status.REFUSED == "REFUSED"
