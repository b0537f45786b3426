"""An intake: whose it is, that a household is entered once, who is asked about, two clerks at once."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from integrations.models import CheckRequest
from queue_registry.models import Akimat, Application, AuditEvent, Consent, ConsentWithdrawal, Intake, Person
from queue_registry.rules.iin import is_iin, names_no_day
from queue_registry.rules.intakes import LARGEST_SCAN, IntakeRefusal, IntakeRefused
from queue_registry.selectors import intakes as selectors
from queue_registry.services import intakes
from tests import factories
from tests.factories import AT, ON
from tests.unit.queue_registry.services.intaking import (
    PDF,
    claim,
    consent,
    current,
    filed,
    known_worker,
    opened,
    paper,
    ready,
)

pytestmark = pytest.mark.django_db

ANNA, BOTA = "851231100002", "920330200109"


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return factories.town()


def refused(code, act, *arguments, **named):
    with pytest.raises(IntakeRefused) as caught:
        act(*arguments, **named)
    assert caught.value.code is code
    return caught.value.detail


VALID = [
    "851231100002",
    "851231200009",
    "920330200109",
    "851231100303",
    "851231201806",
    "920330200004",
    "851231100012",
    "851231100092",
]
NO_DAY = ["801301100003", "700230100004", "990229200003"]
INVALID = [
    "000000000000",
    "111111111111",
    "85123110000",
    "8512311000022",
    "\N{FULLWIDTH DIGIT EIGHT}51231100002",
    "".join(chr(0xFF10 + int(digit)) for digit in "851231100002"),
    "".join(chr(0x0660 + int(digit)) for digit in "851231100002"),
    "85123110000О",  # the Cyrillic letter O
    "8512З1100002",  # the Cyrillic letter Ze
    "8512311000o2",
    " 851231100002",
    "851231-100002",
    "",
    *(f"85123110039{digit}" for digit in range(10)),
    *(f"85123120182{digit}" for digit in range(10)),
    *(f"92033020003{digit}" for digit in range(10)),
]


@pytest.mark.parametrize("iin", VALID)
def test_a_valid_iin_opens_an_intake_without_a_warning(town, iin):
    intake = opened(town, iin)

    assert (intake.applicant.iin, intake.version, names_no_day(iin)) == (iin, 1, False)


@pytest.mark.parametrize("iin", NO_DAY)
def test_an_impossible_date_is_a_warning_and_no_error(town, iin):
    assert (opened(town, iin).applicant.iin, names_no_day(iin)) == (iin, True)


@pytest.mark.parametrize("iin", INVALID)
def test_what_is_no_iin_opens_nothing(town, iin):
    refused(IntakeRefusal.NOT_AN_IIN, opened, town, iin)

    assert (is_iin(iin), Person.objects.filter(iin=iin).exists(), Intake.objects.count()) == (False, False, 0)


def test_the_same_iin_leads_to_the_intake_that_is_open(town):
    first = opened(town, ANNA)

    assert opened(town, ANNA) == first
    assert AuditEvent.objects.filter(event="intake.opened").count() == 1


def test_the_database_holds_one_open_intake_of_an_applicant(town):
    first = opened(town, ANNA)
    with pytest.raises(IntegrityError, match="one_open_intake_per_applicant"), transaction.atomic():
        Intake.objects.create(
            akimat=town.akimat, applicant=first.applicant, opened_by=town.clerk, opened_at=AT
        )


def test_an_applicant_of_a_live_application_is_found_by_iin(town):
    entry = factories.waiting(town)

    detail = refused(IntakeRefusal.ALREADY_REGISTERED, opened, town, entry.applicant.iin)

    assert detail["file_number"] == entry.file_number


def test_another_akimat_s_application_is_found_and_its_number_not_told(town):
    elsewhere = factories.Town(
        akimat=Akimat.objects.create(kato="711000000", name_kk="Астана", name_ru="Астана"),
        staff=town.staff,
        passwords={},
    )
    entry = factories.waiting(town)

    assert refused(IntakeRefusal.ALREADY_REGISTERED, opened, elsewhere, entry.applicant.iin) == {
        "file_number": ""
    }


def test_a_member_of_a_known_household_applies_alone_only_with_a_reason(town):
    entry = factories.waiting(town, family=[factories.HUSBAND])
    husband = entry.application.members.get().person

    detail = refused(IntakeRefusal.IN_ANOTHER_HOUSEHOLD, opened, town, husband.iin)
    intake = opened(town, husband.iin, apart="Divorce, court decision No 3")

    assert detail["file_number"] == entry.file_number
    assert intake.applicant == husband
    assert AuditEvent.objects.get(event="intake.opened").data["apart"] == "Divorce, court decision No 3"


def test_a_member_of_another_open_intake_is_found(town):
    intake = opened(town, ANNA)
    intakes.add_member(intake_id=intake.pk, version=1, iin=BOTA, relation="CHILD", by=town.clerk, at=AT)

    assert refused(IntakeRefusal.INTAKE_OPEN, opened, town, BOTA) == {"intake": intake.pk}


def test_a_household_that_ended_may_apply_again(town):
    application = filed(town)
    Application.objects.filter(pk=application.pk).update(
        status="WITHDRAWN", decided_by=town.clerk, decided_at=AT
    )

    assert opened(town, application.applicant.iin).pk != application.intake.pk


def test_the_same_name_and_birth_date_under_another_iin_is_proposed(town):
    one, other, older = factories.PersonFactory.create_batch(
        3, last_name="О'Ұлықбан-Өмірбек", first_name="Әсел"
    )
    factories.answer_everything(one)
    factories.answer_everything(other)
    factories.answer_everything(older, born=factories.DAUGHTER.born)
    facts = selectors.people_facts([one.pk])[one.pk]

    assert selectors.find_alike(one, facts) == [other]


def test_nothing_is_asked_before_a_consent_and_then_identity_and_family_first(town):
    intake = opened(town, ANNA)
    assert intakes.ask(intake_id=intake.pk, by=town.clerk, at=AT) == 0

    consent(town, intake)

    asked = CheckRequest.objects.order_by("source").values_list("source", "lane", "subject_iin")
    assert list(asked) == [("gbd_fl", "INTERACTIVE", ANNA), ("zags", "INTERACTIVE", ANNA)]
    assert intakes.ask(intake_id=intake.pk, by=town.clerk, at=AT) == 0


def test_a_consent_to_one_register_asks_that_one_only(town):
    intake = opened(town, ANNA)
    consent(town, intake, scope=["zags"])

    assert [request.source for request in CheckRequest.objects.all()] == ["zags"]


def test_an_adult_s_own_consent_is_needed_and_a_child_s_is_the_applicant_s(town):
    husband, daughter = factories.PersonFactory.create_batch(2)
    factories.answer_everything(daughter, born=factories.DAUGHTER.born)
    factories.answer_everything(husband, born=factories.HUSBAND.born, sex="m")
    person = known_worker(town, kin=[(husband, "spouse"), (daughter, "child")])
    intake = opened(town, person.iin)
    consent(town, intake)

    assert selectors.get_picture(intake, at=AT).without_consent == (husband.pk,)
    consent(town, intake, husband, channel="EDS", evidence="CMS 12")
    assert selectors.get_picture(intake, at=AT).without_consent == ()


def test_a_withdrawn_consent_covers_nobody(town):
    intake = opened(town, ANNA)
    consent(town, intake, scope=["gbd_fl"])
    ConsentWithdrawal.objects.create(
        person=intake.applicant, withdrawn_at=AT, channel="PAPER", evidence="Form 8"
    )

    assert intakes.ask(intake_id=intake.pk, by=town.clerk, at=AT) == 0


def test_a_consent_of_a_stranger_is_refused(town):
    intake = opened(town, ANNA)

    refused(IntakeRefusal.NOT_OF_THE_HOUSEHOLD, consent, town, intake, factories.PersonFactory())


def test_the_household_is_proposed_by_the_registers_and_taken_once(town):
    husband, daughter, grown = factories.PersonFactory.create_batch(3)
    factories.answer_everything(daughter, born=factories.DAUGHTER.born)
    factories.answer_everything(husband, born=factories.HUSBAND.born, sex="m")
    factories.answer_everything(grown, born=ON.replace(year=ON.year - 18))
    person = known_worker(town, kin=[(husband, "spouse"), (daughter, "child"), (grown, "child")])
    intake = opened(town, person.iin)

    for _ in range(2):
        intakes.take_household(intake_id=intake.pk, version=1, by=town.clerk, at=AT)

    intake.refresh_from_db()
    assert intake.members == [
        {"person": husband.pk, "relation": "SPOUSE"},
        {"person": daughter.pk, "relation": "CHILD"},
    ]
    assert AuditEvent.objects.filter(event="intake.household_taken").count() == 1


def test_a_proposed_spouse_who_applied_already_stops_the_household(town):
    husband = filed(town).applicant
    person = known_worker(town, kin=[(husband, "spouse")])
    intake = opened(town, person.iin)

    refused(
        IntakeRefusal.ALREADY_REGISTERED,
        intakes.take_household,
        intake_id=intake.pk,
        version=1,
        by=town.clerk,
        at=AT,
    )


def test_the_second_of_two_clerks_is_told_and_nothing_is_lost(town):
    intake = opened(town, ANNA)
    claim(town, intake, ("5", "budget_worker"), version=1)

    refused(IntakeRefusal.CHANGED_MEANWHILE, claim, town, intake, ("4", "pensioner"), version=1)

    intake.refresh_from_db()
    assert intake.claims == [{"list": "5", "category": "budget_worker"}]


def test_the_same_form_sent_twice_acts_once(town):
    intake = opened(town, ANNA)
    for _ in range(2):
        claim(town, intake, ("5", "budget_worker"), version=1)
        consent(town, intake)
        paper(town, intake)

    assert (intake.documents.count(), Consent.objects.count()) == (1, 1)
    events = AuditEvent.objects.filter(target=f"intake:{intake.pk}").values_list("event", flat=True)
    assert sorted(events) == [
        "consent.recorded",
        "intake.claims_set",
        "intake.document_added",
        "intake.opened",
    ]


@pytest.mark.parametrize(
    "claims",
    [
        [("5", "pensioner")],
        [("5", "budget_worker"), ("5", "military")],
        [("1", "orphan")],
    ],
)
def test_a_category_of_another_list_is_refused(town, claims):
    refused(IntakeRefusal.CATEGORY_OF_ANOTHER_LIST, claim, town, opened(town, ANNA), *claims)


def test_two_lists_may_be_claimed(town):
    intake = claim(town, opened(town, ANNA), ("5", "military"), ("4", "disabled_child"))

    assert [one["list"] for one in intake.claims] == ["4", "5"]


@pytest.mark.parametrize(
    ("scan", "end"),
    [(PDF, ".pdf"), (b"\xff\xd8\xff\xe0", ".jpg"), (b"\x89PNG\r\n\x1a\n0", ".png")],
)
def test_a_scan_is_kept_with_its_digest_under_a_name_that_tells_nothing(town, scan, end):
    document = paper(town, opened(town, ANNA), scan=scan)

    assert document.sha256 == hashlib.sha256(scan).hexdigest()
    with document.file.open() as kept:
        assert kept.read() == scan
    assert document.file.name.endswith(end)
    assert ANNA not in document.file.name


@pytest.mark.parametrize("scan", [b"", b"MZ\x90", b"<html>", b"PK\x03\x04", b" %PDF-1.7"])
def test_what_is_no_scan_is_refused(town, scan):
    refused(IntakeRefusal.SCAN_NOT_READABLE, paper, town, opened(town, ANNA), scan=scan)


def test_the_largest_scan_passes_and_one_byte_more_does_not(town):
    intake = opened(town, ANNA)
    largest = PDF.ljust(LARGEST_SCAN, b"0")

    assert paper(town, intake, scan=largest).file.size == LARGEST_SCAN
    refused(IntakeRefusal.SCAN_TOO_LARGE, paper, town, intake, scan=largest + b"0")


def test_nothing_changes_an_intake_that_was_filed_or_dropped(town):
    for intake in (filed(town).intake, dropped(town)):
        version = current(intake)
        refused(IntakeRefusal.INTAKE_CLOSED, claim, town, intake, ("4", "pensioner"))
        refused(IntakeRefusal.INTAKE_CLOSED, paper, town, intake, "OTHER")
        refused(IntakeRefusal.INTAKE_CLOSED, consent, town, intake, evidence="Another")
        assert current(intake) == version


def dropped(town):
    intake = ready(town)
    intakes.drop(intake_id=intake.pk, version=current(intake), by=town.clerk, at=AT)
    return intake


def test_a_dropped_intake_leaves_room_for_a_new_one(town):
    first = dropped(town)

    assert opened(town, first.applicant.iin) != first


def test_the_trail_has_no_personal_data(town):
    intake = ready(town)
    told = str(list(AuditEvent.objects.values_list("data", flat=True)))

    assert intake.applicant.iin not in told
    assert intake.applicant.last_name not in told


@pytest.mark.django_db(transaction=True)
def test_two_clerks_who_open_the_same_iin_at_once_get_one_intake(town):
    barrier = Barrier(2)

    def act():
        barrier.wait(5)
        try:
            return opened(town, ANNA).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        got = {one.result(20) for one in [pool.submit(act), pool.submit(act)]}

    assert got == {Intake.objects.get().pk}
