"""Consents come and go: nothing is asked without one at any door, and nobody loses a place by it."""

import uuid
from datetime import timedelta

import pytest

from integrations import services as outbox
from integrations.contract import Outcome
from integrations.models import AccessToken, CheckAttempt, CheckRequest, OutboxAct
from queue_registry.models import (
    Akimat,
    Assessment,
    AuditEvent,
    Consent,
    ConsentContact,
    ConsentWithdrawal,
    Fact,
    MissingConsent,
    QueueEntry,
    SourceAnswer,
)
from queue_registry.rules.intakes import IntakeRefusal, IntakeRefused
from queue_registry.selectors import consent_work
from queue_registry.services import assessment_requests, checks, consents, source_questions
from tests import asking, factories
from tests.factories import AT
from tests.unit.integrations.test_outbox import Scripted
from tests.unit.queue_registry.services.intaking import filed, known_worker, opened

pytestmark = pytest.mark.django_db

LATER = AT + timedelta(days=1)


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return factories.town()


def unknown(town, **changes):
    """A household of whom no source has said anything yet."""
    return factories.waiting(town, known=False, **changes)


def judge(entry, at=AT):
    assessment_requests.request_assessments(entries=[entry], at=at)
    assessment_requests.assess_due(limit=9, at=at)
    return Assessment.objects.get(entry=entry)


def record(town, entry, person=None, *, at=AT, **changes):
    given = {"channel": "PAPER", "evidence": "Form 11"} | changes
    return consents.record(
        application_id=entry.application_id,
        person_id=(person or entry.applicant).pk,
        by=town.clerk,
        at=at,
        **given,
    )


def withdraw(town, entry, person=None, *, at=LATER, **changes):
    taken = {"channel": "PAPER", "evidence": "Statement 12"} | changes
    return consents.withdraw(
        application_id=entry.application_id,
        person_id=(person or entry.applicant).pk,
        by=town.clerk,
        at=at,
        **taken,
    )


def asked(**which):
    return set(CheckRequest.objects.filter(**which).values_list("source", flat=True))


def test_judging_asks_nothing_without_a_consent_and_notes_whom_to_ask_for_it(town):
    entry = unknown(town, consented=False)

    verdict = judge(entry)

    assert (verdict.eligibility, verdict.code) == ("UNKNOWN", "NO_CONSENT")
    assert asked() == set()
    noted = MissingConsent.objects.get()
    assert (noted.entry, noted.person, noted.since) == (entry, entry.applicant, AT)


def test_judging_asks_what_the_scope_names_and_no_more(town):
    entry = unknown(town, consented=False)
    factories.consent(entry.applicant, scope=["gbd_fl"])

    judge(entry)

    assert asked() == {"gbd_fl"}


def test_a_question_names_the_consent_that_it_rests_on(town):
    entry = unknown(town)

    judge(entry)

    assert set(CheckRequest.objects.values_list("consent_ref", flat=True)) == {str(Consent.objects.get().pk)}


def test_a_consent_recorded_asks_at_once_and_ends_the_note(town):
    entry = unknown(town, consented=False)
    judge(entry)

    given = record(town, entry, at=LATER)
    assessment_requests.assess_due(limit=9, at=LATER)

    assert asked(state="DUE", consent_ref=str(given.pk)) == {"gbd_fl", "zags"}
    assert Assessment.objects.get().code == "SOURCE_UNANSWERED"
    assert not MissingConsent.objects.exists()
    event = AuditEvent.objects.get(event="consent.recorded")
    assert event.data["consent"] == given.pk


def test_a_consent_after_a_refusal_asks_again_in_the_same_month(town):
    entry = unknown(town)
    judge(entry)
    refused = CheckRequest.objects.get(source="gbd_fl")
    CheckRequest.objects.filter(pk=refused.pk).update(
        state="ANSWERED", outcome=Outcome.NO_CONSENT, closed_at=AT
    )
    SourceAnswer.objects.create(person=entry.applicant, source="gbd_fl", outcome="NO_CONSENT", answered_at=AT)
    assert judge(entry).code == "NO_CONSENT"
    assert asked(state="DUE") == {"zags"}

    given = record(town, entry, at=LATER)
    assessment_requests.assess_due(limit=9, at=LATER)

    refused.refresh_from_db()
    assert (refused.state, refused.consent_ref) == ("DUE", str(given.pk))


def test_a_consent_for_an_application_that_waits_for_its_decision_asks_at_once(town):
    application = filed(town, known_worker(town))
    SourceAnswer.objects.filter(person=application.applicant, source="egkn").delete()
    ConsentWithdrawal.objects.create(
        person=application.applicant, withdrawn_at=AT, channel="PAPER", evidence="Form 9"
    )

    given = consents.record(
        application_id=application.pk,
        person_id=application.applicant_id,
        channel="EDS",
        evidence="CMS 4",
        by=town.clerk,
        at=LATER,
    )

    assert asked(consent_ref=str(given.pk)) == {"egkn"}


def test_the_same_form_sent_twice_is_one_consent_one_withdrawal_one_contact(town):
    entry = unknown(town, consented=False)
    contact = {"channel": "PHONE", "result": "TOLD", "note": "", "seen": 0}
    for _ in range(2):
        record(town, entry)
        withdraw(town, entry)
        consents.record_contact(
            application_id=entry.application_id,
            person_id=entry.applicant_id,
            by=town.clerk,
            at=AT,
            **contact,
        )

    assert ConsentContact.objects.count() == 1
    assert ConsentWithdrawal.objects.count() == 1
    assert AuditEvent.objects.filter(event="consent.withdrawn").count() == 1


@pytest.mark.parametrize("act", [record, withdraw])
def test_a_stranger_is_refused(town, act):
    with pytest.raises(IntakeRefused) as caught:
        act(town, unknown(town), factories.PersonFactory())

    assert caught.value.code is IntakeRefusal.NOT_OF_THE_HOUSEHOLD
    assert not ConsentWithdrawal.objects.exists()


def token_of(person):
    return AccessToken.objects.create(
        message_id=uuid.uuid4(),
        iin=person.iin,
        source="gbd_fl",
        requested_at=AT,
        answered_at=AT,
        outcome="FOUND",
        code=b"sealed",
        expires_at=AT + timedelta(days=90),
    )


def test_a_withdrawal_closes_questions_revokes_tokens_and_removes_nobody(town):
    entry = unknown(town)
    judge(entry)
    token = token_of(entry.applicant)

    taken_back = withdraw(town, entry)
    assessment_requests.assess_due(limit=9, at=LATER)

    assert set(CheckRequest.objects.values_list("state", flat=True)) == {"WITHDRAWN"}
    token.refresh_from_db()
    assert token.revoked_at == LATER
    assert OutboxAct.objects.get(kind="REVOKE").by == town.clerk.username
    entry.refresh_from_db()
    assert entry.status == "WAITING"
    assert Assessment.objects.get().code == "NO_CONSENT"
    event = AuditEvent.objects.get(event="consent.withdrawn")
    assert (event.data["withdrawal"], event.data["questions_closed"]) == (taken_back.pk, 2)
    assert entry.applicant.iin not in str(event.data)


def test_what_was_known_before_a_withdrawal_stays_and_the_place_with_it(town):
    entry = factories.waiting(town, family=(factories.HUSBAND, factories.DAUGHTER))
    before = judge(entry)
    facts = Fact.objects.count()

    withdraw(town, entry)
    assessment_requests.assess_due(limit=9, at=LATER)

    after = Assessment.objects.get()
    assert (after.eligibility, after.code) == (before.eligibility, before.code) == ("ELIGIBLE", "")
    assert Fact.objects.count() == facts
    assert QueueEntry.objects.active().get() == entry
    # Her husband signed the household's paper himself; for the daughter it is her signature that is missing.
    missing = set(MissingConsent.objects.values_list("person_id", flat=True))
    assert missing == {entry.applicant_id}


def test_the_applicants_withdrawal_stops_her_and_the_minors_and_nobody_who_signed_himself(town):
    entry = factories.waiting(town, family=(factories.HUSBAND, factories.DAUGHTER))
    husband, daughter = (member.person for member in entry.application.members.order_by("pk"))
    SourceAnswer.objects.filter(source="egkn").delete()
    judge(entry)
    people = (entry.applicant, husband, daughter)
    tokens = {person.iin: token_of(person) for person in people}

    withdraw(town, entry)

    state = dict(CheckRequest.objects.values_list("subject_iin", "state"))
    assert state == {entry.applicant.iin: "WITHDRAWN", husband.iin: "DUE", daughter.iin: "WITHDRAWN"}
    for token in tokens.values():
        token.refresh_from_db()
    revoked = {iin for iin, token in tokens.items() if token.revoked_at is not None}
    assert revoked == {entry.applicant.iin, daughter.iin}
    # Nor is he refused when his turn comes, and the same question is not put twice.
    judge(entry, at=LATER)
    rows = list(CheckRequest.objects.filter(subject_iin=husband.iin))
    assert checks.refuse(rows, LATER) == set()
    assert [row.state for row in rows] == ["DUE"]
    # What he takes back himself stops him, too.
    withdraw(town, entry, husband, at=LATER + timedelta(hours=1))
    assert CheckRequest.objects.get(subject_iin=husband.iin).state == "WITHDRAWN"


def test_a_member_s_withdrawal_leaves_the_others_covered(town):
    entry = factories.waiting(town, family=(factories.HUSBAND,))
    husband = entry.application.members.get().person
    SourceAnswer.objects.filter(source="egkn").delete()
    judge(entry)

    withdraw(town, entry, husband)

    state = dict(CheckRequest.objects.values_list("subject_iin", "state"))
    assert state == {entry.applicant.iin: "DUE", husband.iin: "WITHDRAWN"}


def test_a_withdrawn_question_is_opened_by_the_next_consent(town):
    entry = unknown(town)
    judge(entry)
    withdraw(town, entry)

    given = record(town, entry, at=LATER + timedelta(hours=1), evidence="Form 13")
    assessment_requests.assess_due(limit=9, at=LATER + timedelta(hours=1))

    rows = CheckRequest.objects.values_list("source", "state", "consent_ref")
    assert set(rows) == {("gbd_fl", "DUE", str(given.pk)), ("zags", "DUE", str(given.pk))}


class Overtaken(Scripted):
    """A gateway that answers after the person asked about took the consent back."""

    def __init__(self, town, entry):
        super().__init__()
        self.town, self.entry = town, entry

    def receive(self, *, enough, patience):
        came = super().receive(enough=enough, patience=patience)
        if came and not ConsentWithdrawal.objects.exists():
            withdraw(self.town, self.entry)
        return came


def test_an_answer_on_its_way_is_kept_as_evidence_and_makes_no_facts(town):
    entry = unknown(town)
    judge(entry)

    asking.ask_and_store(limit=9, at=AT, transport=Overtaken(town, entry))

    assert ConsentWithdrawal.objects.exists()
    assert CheckAttempt.objects.exclude(outcome="").count() == 2
    assert not SourceAnswer.objects.exists()
    assert not Fact.objects.exists()
    assert set(CheckRequest.objects.values_list("state", flat=True)) == {"WITHDRAWN"}


def test_a_consent_that_ends_between_putting_and_asking_lets_nothing_be_asked(town):
    entry = unknown(town, consented=False)
    factories.consent(entry.applicant, until=LATER)
    judge(entry)
    gateway = Scripted()

    assert asking.ask_and_store(limit=9, at=LATER, transport=gateway) == 0

    assert gateway.messages == []
    assert not CheckAttempt.objects.exists()
    assert set(CheckRequest.objects.values_list("state", flat=True)) == {"WITHDRAWN"}
    assessment_requests.assess_due(limit=9, at=LATER)
    assert Assessment.objects.get().code == "NO_CONSENT"
    entry.refresh_from_db()
    assert entry.status == "WAITING"


def test_another_consent_takes_the_place_of_one_that_ended(town):
    entry = unknown(town, consented=False)
    factories.consent(entry.applicant, until=LATER)
    judge(entry)
    other = factories.consent(entry.applicant, at=AT + timedelta(hours=1), evidence="Form 14")

    asking.ask_and_store(limit=9, at=LATER, transport=Scripted())
    assessment_requests.assess_due(limit=9, at=LATER)

    rows = set(CheckRequest.objects.values_list("state", "consent_ref"))
    assert rows == {("DUE", str(other.pk))}


def test_who_consented_until_yesterday_is_on_the_list_of_those_to_contact(town):
    entry = factories.waiting(town, consented=False)
    factories.consent(entry.applicant, until=AT + timedelta(days=1))
    judge(entry)
    assert consents.notice_ended(at=AT) == 0

    for _ in range(2):
        assert consents.notice_ended(at=LATER) == 1
        assessment_requests.assess_due(limit=9, at=LATER)

    assert MissingConsent.objects.get().person == entry.applicant
    verdict = Assessment.objects.get()
    assert (verdict.eligibility, entry.status) == ("ELIGIBLE", "WAITING")


def test_a_question_that_names_no_consent_is_not_asked(town):
    entry = unknown(town)
    outbox.enqueue([source_questions.query(entry.applicant.iin, "gbd_fl", at=AT, by="nobody")], at=AT)
    gateway = Scripted()

    assert asking.ask_and_store(limit=9, at=AT, transport=gateway) == 0
    assert gateway.messages == []


def test_an_intake_asks_nobody_who_took_the_consent_back(town):
    person = factories.PersonFactory()
    factories.consent(person)
    ConsentWithdrawal.objects.create(person=person, withdrawn_at=AT, channel="EDS", evidence="CMS 9")

    opened(town, person.iin)

    assert asked() == set()


def test_who_waits_longest_for_a_contact_comes_first(town):
    entries = [unknown(town, consented=False, day=day) for day in (1, 2, 3)]
    for step, entry in enumerate(entries):
        judge(entry, at=AT + timedelta(minutes=step))
    for entry, at in ((entries[0], AT), (entries[1], AT - timedelta(days=3))):
        consents.record_contact(
            application_id=entry.application_id,
            person_id=entry.applicant_id,
            channel="PHONE",
            result="NOT_REACHED",
            note="",
            seen=0,
            by=town.clerk,
            at=at,
        )

    rows = [row["person"] for row in consent_work.list_missing(town.akimat)]

    assert rows == [entries[number].applicant_id for number in (2, 1, 0)]
    assert consent_work.count_missing(town.akimat) == 3


def test_nobody_of_another_akimat_is_listed(town):
    judge(unknown(town, consented=False))
    elsewhere = Akimat.objects.create(kato="710000000", name_kk="Астана", name_ru="Астана")

    assert consent_work.count_missing(elsewhere) == 0
