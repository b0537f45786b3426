"""An application is decided once: accepted, refused or withdrawn."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import call_command

from queue_registry.models import (
    Application,
    AssessmentRequest,
    AuditEvent,
    CategoryPeriod,
    Notice,
    QueueEntry,
)
from queue_registry.rules.ground_articles import article_of
from queue_registry.rules.intakes import IntakeRefusal, IntakeRefused
from queue_registry.rules.reasons import RefusalGround
from queue_registry.services import application_decisions, applications, audit
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.services.intaking import (
    at_once,
    file,
    filed,
    known_worker,
    paper,
    ready,
    refused,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return factories.town()


def accept(town, application, *, by=None, at=AT, decision=""):
    return application_decisions.accept(
        application_id=application.pk, by=by or town.clerk, at=at, decision=decision
    )


def refuse(town, application, *, by=None, ground=RefusalGround.OWNS_DWELLING, decision="Register extract"):
    return application_decisions.refuse(
        application_id=application.pk, ground=ground, decision=decision, by=by or town.clerk, at=AT
    )


def test_accepting_makes_entries_with_the_moment_of_filing(town):
    moment = datetime(2026, 9, 1, 4, 5, tzinfo=UTC)
    intake = ready(town, None, ("4", "pensioner"), ("5", "budget_worker"))
    paper(town, intake, "CATEGORY")
    application = file(town, intake, at=moment)

    entries = accept(town, application, decision="Pension certificate 12", by=town.supervisor)

    assert [(entry.waiting_list.number, entry.registered_at) for entry in entries] == [
        ("4", moment),
        ("5", moment),
    ]
    assert {entry.file_number for entry in entries} == {application.file_number}
    periods = CategoryPeriod.objects.order_by("entry").values_list("category", "from_on", "until_on")
    assert list(periods) == [
        ("pensioner", date(2026, 9, 1), None),
        ("budget_worker", date(2026, 9, 1), None),
    ]
    assert AssessmentRequest.objects.count() == 2
    notice = Notice.objects.get()
    assert (notice.kind, notice.due_on, notice.facts["lists"]) == (
        "REGISTERED",
        date(2026, 9, 11),
        ["4", "5"],
    )
    call_command("check_register", stdout=StringIO())


def test_one_clerk_may_enter_and_decide(town):
    accept(town, filed(town))

    application = Application.objects.get()
    assert (application.entered_by, application.decided_by) == (town.clerk, town.clerk)


def test_what_a_register_says_against_it_needs_a_reason(town):
    application = filed(town, known_worker(town, facts=[factories.dwelling_owned()]))

    assert refused(IntakeRefusal.REASON_MISSING, accept, town, application) == {"against": "OWNS_DWELLING"}
    assert QueueEntry.objects.count() == 0
    accept(town, application, decision="The dwelling burned down: act No 5")
    assert AuditEvent.objects.get(event="application.accepted").data["against"] == "OWNS_DWELLING"


def test_a_silent_register_speaks_against_nobody(town):
    application = filed(town)
    application.applicant.answers.filter(source="egkn").update(superseded_at=AT)

    assert len(accept(town, application)) == 1


def test_accepting_twice_acts_once(town):
    application = filed(town)

    assert accept(town, application) == accept(town, application)
    assert (QueueEntry.objects.count(), Notice.objects.count()) == (1, 1)


def test_refusing_twice_acts_once(town):
    application = filed(town)
    for _ in range(2):
        refuse(town, application)

    assert AuditEvent.objects.filter(event="application.refused").count() == Notice.objects.count() == 1


def test_the_second_of_two_who_decide_is_told_by_whom(town):
    application = filed(town)
    refuse(town, application, by=town.supervisor)

    assert refused(IntakeRefusal.ALREADY_DECIDED, accept, town, application) == {
        "status": "REFUSED",
        "by": "supervisor",
    }
    assert QueueEntry.objects.count() == 0


@pytest.mark.parametrize("ground", list(RefusalGround))
def test_a_refusal_names_ground_article_and_the_way_to_complain(town, ground):
    application = refuse(town, filed(town), ground=ground)

    notice = Notice.objects.get()
    assert (application.status, application.refusal_ground) == ("REFUSED", ground)
    assert notice.facts == {
        "ground": ground.value,
        "article": article_of(ground, on=factories.ON),
        "decision": "Register extract",
        "complaint_until": "2026-12-01",
        "complaint_decided": 20,
    }
    assert (notice.kind, notice.due_on) == ("REFUSED", date(2026, 9, 11))


def test_a_refusal_without_words_is_refused(town):
    refused(IntakeRefusal.REASON_MISSING, refuse, town, filed(town), decision="")


def test_a_withdrawal_needs_its_document_and_closes_the_application(town):
    application = filed(town)
    withdraw = {"application_id": application.pk, "by": town.clerk, "at": AT}
    refused(IntakeRefusal.REASON_MISSING, application_decisions.withdraw, document="", **withdraw)

    for _ in range(2):
        application_decisions.withdraw(document="Statement No 9", **withdraw)

    assert Application.objects.get().status == "WITHDRAWN"
    refused(IntakeRefusal.ALREADY_DECIDED, accept, town, application)


def test_what_was_accepted_is_not_withdrawn_here(town):
    application = filed(town)
    accept(town, application)

    refused(
        IntakeRefusal.ALREADY_DECIDED,
        application_decisions.withdraw,
        application_id=application.pk,
        document="Statement No 9",
        by=town.clerk,
        at=AT,
    )


def test_a_live_entry_on_the_list_stops_a_second_one(town):
    person = known_worker(town)
    application = filed(town, person)
    other = Application(
        applicant=person, origin="IMPORT", entered_by=town.clerk, entered_at=AT, applicant_name=""
    )
    applications.number_many(akimat=town.akimat, applications=[other])
    standing = factories.waiting(town, application=other, known=False)

    detail = refused(IntakeRefusal.ALREADY_REGISTERED, accept, town, application)

    assert detail == {"file_number": standing.file_number}


def test_a_failing_record_undoes_the_whole_acceptance(town, monkeypatch):
    application = filed(town)

    def fail(**_):
        raise RuntimeError("no room in the trail")

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(RuntimeError):
        accept(town, application)

    application.refresh_from_db()
    assert (application.status, QueueEntry.objects.count(), Notice.objects.count()) == ("PENDING", 0, 0)


@pytest.mark.parametrize(
    "name",
    [
        "Д'Артаньян",
        "Ұлықбан-Өмірбек",
        "ӘҒҚҢӨҰҮҺІ әғқңөұүһі",
        "Ж" * 120,
        "O\N{RIGHT SINGLE QUOTATION MARK}Нил",
        "<b>Ойдан</b>",
    ],
)
def test_names_are_kept_as_they_are(town, name):
    person = factories.PersonFactory(last_name=name)
    factories.answer_everything(person, facts=[factories.status(*factories.GROUNDS["5"])])

    (entry,) = accept(town, filed(town, person))

    entry.application.refresh_from_db()
    assert entry.application.applicant_name == f"{name} Адам"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_told(town):
    application = filed(town)

    answers = at_once(
        lambda: accept(town, application), lambda: refuse(town, application, by=town.supervisor)
    )

    told = [one for one in answers if isinstance(one, IntakeRefused)]
    assert [one.code for one in told] == [IntakeRefusal.ALREADY_DECIDED]
    application.refresh_from_db()
    assert QueueEntry.objects.count() == (application.status == "ACCEPTED")
    assert Notice.objects.count() == 1
