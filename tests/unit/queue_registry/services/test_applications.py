"""An application: filed when nothing is missing, decided in working days, decided once."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from queue_registry.models import (
    Application,
    AuditEvent,
    Intake,
)
from queue_registry.rules.calendar import YearUnknown
from queue_registry.rules.intakes import IntakeRefusal, months_after
from queue_registry.services import applications, intakes
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.services.intaking import (
    at_once,
    claim,
    consent,
    current,
    file,
    filed,
    known_worker,
    opened,
    paper,
    ready,
    refused,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return factories.town()


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


@pytest.mark.django_db(transaction=True)
def test_intakes_filed_at_once_get_numbers_in_the_order_of_their_moments(town):
    chosen = [ready(town) for _ in range(3)]

    at_once(*(lambda intake=intake: file(town, intake) for intake in chosen))

    numbers = Application.objects.order_by("running_number").values_list("running_number", flat=True)
    assert list(numbers) == [1, 2, 3]
    assert Intake.objects.filter(application__isnull=True).count() == 0
    assert not Application.objects.filter(applicant=F("joined_into__applicant")).exists()
