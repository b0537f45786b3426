"""An application: filed when nothing is missing, decided in working days, decided once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from io import StringIO
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from queue_registry.models import (
    Application,
    AssessmentRequest,
    AuditEvent,
    CategoryPeriod,
    Intake,
    Notice,
    QueueEntry,
)
from queue_registry.rules.calendar import YearUnknown
from queue_registry.rules.ground_articles import article_of
from queue_registry.rules.intakes import IntakeRefusal, IntakeRefused, months_after
from queue_registry.rules.reasons import RefusalGround
from queue_registry.services import application_decisions, applications, audit, intakes
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.services.intaking import (
    claim,
    consent,
    current,
    file,
    filed,
    known_worker,
    opened,
    paper,
    ready,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return factories.town()


def refused(code, act, *arguments, **named):
    with pytest.raises(IntakeRefused) as caught:
        act(*arguments, **named)
    assert caught.value.code is code
    return caught.value.detail


def accept(town, application, *, by=None, at=AT, decision=""):
    return application_decisions.accept(
        application_id=application.pk, by=by or town.clerk, at=at, decision=decision
    )


def refuse(town, application, *, by=None, ground=RefusalGround.OWNS_DWELLING, decision="Register extract"):
    return application_decisions.refuse(
        application_id=application.pk, ground=ground, decision=decision, by=by or town.clerk, at=AT
    )


def test_what_is_missing_is_named_and_nothing_is_filed(town):
    person = factories.PersonFactory()
    intake = opened(town, person.iin)
    refused(IntakeRefusal.CLAIMS_MISSING, file, town, intake)
    claim(town, intake, ("5", "budget_worker"))

    detail = refused(IntakeRefusal.INCOMPLETE, file, town, intake)

    assert detail == {
        "papers": ["APPLICATION", "IDENTITY", "FAMILY", "CATEGORY"],
        "consents": [person.pk],
    }
    assert (Application.objects.count(), town.akimat.last_running_number) == (0, 0)


def test_what_a_register_confirmed_needs_no_paper(town):
    intake = opened(town, known_worker(town).iin)
    claim(town, intake, ("5", "budget_worker"), ("4", "pensioner"))
    consent(town, intake)

    assert refused(IntakeRefusal.INCOMPLETE, file, town, intake)["papers"] == ["APPLICATION", "CATEGORY"]
    claim(town, intake, ("5", "budget_worker"))
    assert refused(IntakeRefusal.INCOMPLETE, file, town, intake)["papers"] == ["APPLICATION"]
    paper(town, intake)
    assert file(town, intake).status == "PENDING"


def test_filing_gives_the_moment_the_number_and_takes_everything_over(town):
    husband = factories.PersonFactory()
    factories.answer_everything(husband, born=factories.HUSBAND.born, sex="m")
    intake = opened(town, known_worker(town, kin=[(husband, "spouse")]).iin)
    claim(town, intake, ("5", "budget_worker"))
    intakes.take_household(intake_id=intake.pk, version=current(intake), by=town.clerk, at=AT)
    consent(town, intake)
    consent(town, intake, husband)
    paper(town, intake)
    moment = datetime(2026, 9, 1, 7, 41, 12, 345_678, tzinfo=UTC)

    application = file(town, intake, at=moment)

    application.refresh_from_db()
    assert (application.complete_at, application.file_number) == (moment, "271010-0000001-0")
    assert application.claims == [{"list": "5", "category": "budget_worker"}]
    assert list(application.members.values_list("person", "relation")) == [(husband.pk, "SPOUSE")]
    assert application.documents.get().intake == application.intake == intake
    assert application.consents.count() == 2
    assert AuditEvent.objects.get(event="application.filed").data["file_number"] == application.file_number


def test_numbers_are_given_in_the_order_of_filing(town):
    late, early = ready(town), ready(town)

    numbers = [file(town, intake).running_number for intake in (early, late)]

    assert numbers == [1, 2]


def test_a_filed_form_sent_twice_is_filed_once(town):
    intake = ready(town)
    version = current(intake)

    both = [applications.file(intake_id=intake.pk, version=version, by=town.clerk, at=AT) for _ in range(2)]

    assert both[0] == both[1]
    assert Application.objects.count() == 1


def test_filing_names_the_version_that_the_clerk_saw(town):
    intake = ready(town)
    version = current(intake)
    claim(town, intake, ("5", "military"))

    refused(
        IntakeRefusal.CHANGED_MEANWHILE,
        applications.file,
        intake_id=intake.pk,
        version=version,
        by=town.clerk,
        at=AT,
    )


@pytest.mark.parametrize(
    ("at", "decide_by"),
    [
        # A Tuesday by Almaty's clock; a Friday before a weekend; the eve of the Day of the Republic.
        (datetime(2026, 9, 1, 4, tzinfo=UTC), date(2026, 9, 2)),
        (datetime(2026, 9, 4, 4, tzinfo=UTC), date(2026, 9, 7)),
        (datetime(2026, 9, 4, 19, tzinfo=UTC), date(2026, 9, 7)),
        (datetime(2026, 10, 23, 4, tzinfo=UTC), date(2026, 10, 27)),
    ],
)
def test_registers_alone_give_one_working_day(town, at, decide_by):
    assert filed(town, at=at).decide_by == decide_by


def test_papers_give_three_working_days_and_a_silent_register_five(town):
    with_papers = ready(town)
    paper(town, with_papers, "CATEGORY")
    silent = ready(town, None, ("4", "pensioner"), ("5", "budget_worker"))
    silent.applicant.answers.filter(source="egkn").update(superseded_at=AT)
    paper(town, silent, "CATEGORY")

    assert file(town, with_papers).decide_by == date(2026, 9, 4)
    assert file(town, silent).decide_by == date(2026, 9, 8)


def married(town):
    """Two people of whom the civil acts say that they are married, each fit to apply."""
    wife, husband = known_worker(town), known_worker(town)
    factories.relate(wife, husband, "spouse")
    factories.relate(husband, wife, "spouse")
    return wife, husband


def test_spouses_who_name_nobody_are_one_household_all_the_same(town):
    wife, husband = married(town)
    hers, his = ready(town, wife), ready(town, husband)
    for intake, other in ((hers, husband), (his, wife)):
        consent(town, intake, other)

    assert refused(IntakeRefusal.INTAKE_OPEN, file, town, hers) == {"intake": his.pk}
    intakes.drop(intake_id=his.pk, version=current(his), by=town.clerk, at=AT)
    application = file(town, hers)
    again = ready(town, husband)
    assert refused(IntakeRefusal.ALREADY_REGISTERED, file, town, again) == {
        "file_number": application.file_number
    }


def test_who_left_a_household_with_a_reason_files_apart_from_it(town):
    wife, husband = married(town)
    hers = ready(town, wife)
    consent(town, hers, husband)
    intakes.take_household(intake_id=hers.pk, version=current(hers), by=town.clerk, at=AT)
    file(town, hers)
    his = opened(town, husband.iin, apart="Divorce, court decision No 3")
    claim(town, his, ("5", "budget_worker"))
    consent(town, his)
    paper(town, his)

    assert file(town, his).applicant == husband


def test_a_term_into_a_year_without_holidays_is_refused_and_nothing_is_filed(town):
    intake = ready(town)

    with pytest.raises(YearUnknown):
        file(town, intake, at=datetime(2099, 12, 31, 4, tzinfo=UTC))

    intake.refresh_from_db()
    assert (intake.application, Application.objects.count()) == (None, 0)


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


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"status": "LOST"}, "application_status_is_known"),
        ({"decide_by": None}, "application_pending_has_moment_and_deadline"),
        ({"complete_at": None}, "application_pending_has_moment_and_deadline"),
        ({"status": "REFUSED", "decided_at": AT, "decided_by": 1}, "application_refused_with_ground"),
        ({"status": "WITHDRAWN", "decided_at": AT}, "application_decided_at_and_by_together"),
        ({"file_number": "271010-0000009-9", "running_number": None}, "running_number"),
    ],
)
def test_the_database_refuses_what_can_t_be(town, change, constraint):
    application = filed(town)
    change = {name: town.clerk if name == "decided_by" else value for name, value in change.items()}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(**change)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 9, 1), 3, date(2026, 12, 1)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
    ],
)
def test_a_term_of_months_ends_on_the_same_day_or_the_month_s_last(day, months, then):
    assert months_after(day, months=months) == then


def at_once(*acts):
    """Run acts in threads of their own that start together; return what each returned or raised."""
    barrier = Barrier(len(acts))

    def run(act):
        barrier.wait(5)
        try:
            return act()
        except IntakeRefused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [one.result(30) for one in [pool.submit(run, act) for act in acts]]


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


@pytest.mark.django_db(transaction=True)
def test_intakes_filed_at_once_get_numbers_in_the_order_of_their_moments(town):
    chosen = [ready(town) for _ in range(3)]

    at_once(*(lambda intake=intake: file(town, intake) for intake in chosen))

    numbers = Application.objects.order_by("running_number").values_list("running_number", flat=True)
    assert list(numbers) == [1, 2, 3]
    assert Intake.objects.filter(application__isnull=True).count() == 0
    assert not Application.objects.filter(applicant=F("joined_into__applicant")).exists()
