"""
An akimat with at least one row of everything that a queue can have: what backups and hand-overs carry.

What has a service is made by it; the rare rest is written as its service would. Documents lie in the store.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.apps import apps

from allocation.models import DepartureVote, Offer
from allocation.services import freeze_orders, protocols, round_documents
from housing_queue.handover.tables import EXPORTED
from integrations.contract import Outcome
from integrations.models import CheckAttempt
from queue_registry.models import (
    AssessmentRequest,
    CategoryMappingVersion,
    CategoryPeriod,
    ConsentWithdrawal,
    ExpectedWaiting,
    FormerIin,
    IinChange,
    ImportBatch,
    ImportCase,
    ImportCaseAssignment,
    ImportDecision,
    ImportOrder,
    ImportRow,
    ImportSettlement,
    MatchGroup,
    MissingConsent,
    NoticeChannel,
    Person,
    RecheckFinding,
    RedFlag,
    SourceAnswer,
    SourceHold,
    SweepQuestion,
    WaitingList,
)
from queue_registry.rules.legacy.mapping import document_of, first_mapping
from queue_registry.rules.reasons import RegistrationChangeGround, ReviewSource, SuccessionGround
from queue_registry.services import (
    assessment_requests,
    audit,
    certificates,
    consents,
    contacts,
    data_disputes,
    erasures,
    import_uploads,
    keepers,
    list_seals,
    notices,
    offices,
    reconciliations,
    registration_changes,
    reviews,
    seals,
    successions,
    sweeps,
    verification_samples,
)
from tests import contracts, factories
from tests.factories import AT, ON
from tests.unit.queue_registry.services import intaking, moving

# The queue is handed over from this day on, by Almaty's calendar.
HANDED_OVER_ON = date(2026, 10, 1)
AFTER = datetime(2026, 10, 1, 4, tzinfo=UTC)
KEEPER = keepers.Keeper(
    name_kk="Отбасы банк (ойдан)",
    name_ru="Отбасы банк (вымышленный)",
    address="https://new-keeper.example.kz/",
    document="№ 77, 2026-09-15",
)
_LATER = moving.FIRST_DECISION
_WORDS = {"reason": "x", "document": "№ 1"}


def everything(settings, folder) -> factories.Town:
    """Build it; the store of documents is in the folder."""
    authority = contracts.set_up_signing(settings, folder)
    town = factories.town()
    register = factories.register(town)
    # The first member was somebody else before the registers knew him: nobody refers to that person any more.
    Person.objects.filter(staff_users=None, last_name=town.member1.last_name).delete()
    decision = factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM)
    _depart(town, decision.sitting)
    protocols.make(sitting_id=decision.sitting.pk, language="kk", at=AT)
    contracts.resting_on(town, authority, decision)
    accepted = contracts.accepted(town, entry=Offer.objects.latest("pk").entry)
    contracts.with_keys(town, contracts.concluded(town, accepted))
    _order_freeze(town)
    _cases(town, register)
    _people(town)
    _legacy(town)
    _oversight(town, register.entries["worker"])
    assessment_requests.assess_due(limit=1_000, at=AT)
    AssessmentRequest.objects.get_or_create(entry=register.entries["worker"], requested_at=AT)
    seals.seal_yesterday(at=AT + timedelta(days=1))
    return town


def handed_over(town: factories.Town) -> None:
    """Two people say who keeps the queue from October on."""
    keepers.propose(akimat=town.akimat, keeper=KEEPER, from_on=HANDED_OVER_ON, by=town.admin, at=AT)
    keepers.approve(akimat=town.akimat, by=town.supervisor, at=AT)


def missing_tables() -> list[str]:
    """Tables that would be handed over and of which there is no row."""
    return [table.label for table in EXPORTED if not apps.get_model(table.label).objects.exists()]


def _depart(town, sitting) -> None:
    """A departure that nobody carried, with the scan of its ground and a vote on it."""
    document = round_documents.keep(
        sitting.run.round, title="№ 1", content=b"%PDF-1.7 ground", by=town.secretary, at=AT
    )
    departure = apps.get_model("allocation.Departure").objects.create(
        sitting=sitting,
        line=sitting.run.lines.exclude(dwelling=None).order_by("pk").first(),
        ground="COURT_ACT",
        explanation="x",
        document=document,
        proposed_by=town.secretary,
        proposed_at=AT,
        is_carried=False,
    )
    DepartureVote.objects.create(
        departure=departure,
        member=sitting.members.order_by("pk").first(),
        choice="AGAINST",
        reason="x",
        cast_at=AT,
    )


def _order_freeze(town) -> None:
    opened = factories.open_round(town, factories.ready(town, 2))
    freeze_orders.give(round_id=opened.pk, by=town.secretary, at=AT)


def _cases(town, register) -> None:
    """Removals, contests, a changed moment, a successor, an intake, papers, certificates, notices."""
    told = {"by": town.clerk, "at": AT}
    gone = factories.waiting(town, day=40)
    moving.removed(town, gone)
    erasure = erasures.propose(application_id=gone.application_id, document="№ 6", by=town.clerk, at=_LATER)
    erasures.carry_out(erasure_id=erasure.pk, by=town.supervisor, at=_LATER)
    back = factories.waiting(town, day=41)
    case = moving.removed(town, back)
    review = reviews.open_on_removal(
        case_id=case.pk,
        source=ReviewSource.COURT,
        claim="x",
        document="№ 2",
        by=town.clerk,
        at=_LATER,
    )
    reviews.overturn(
        review_id=review.pk, decision="№ 3", by=moving.second_supervisor(town), at=_LATER + timedelta(days=1)
    )
    moving.proposed(town, factories.waiting(town, day=42))
    entry = factories.waiting(town, day=43, family=(factories.HUSBAND,))
    registration_changes.propose(
        entry_id=entry.pk,
        ground=RegistrationChangeGround.REINSTATEMENT,
        registered_at=datetime(2010, 1, 1, tzinfo=UTC),
        document="№ 1",
        **told,
    )
    successor = entry.application.members.get().person
    successions.pass_on(
        entry_id=entry.pk,
        ground=SuccessionGround.DEATH,
        successor_id=successor.pk,
        document="№ 4",
        **told,
    )
    application = intaking.filed(town)
    intaking.ready(town)
    data_disputes.open_dispute(
        application_id=application.pk,
        person_id=application.applicant_id,
        answer_id=application.applicant.answers.order_by("pk").first().pk,
        fact_id=None,
        claim="x",
        at=AT,
    )
    CategoryPeriod.objects.create(
        entry=entry,
        category="budget_worker",
        from_on=ON,
        document="№ 5",
        recorded_by=town.clerk,
        recorded_at=AT,
    )
    certificates.issue(application_id=register.entries["worker"].application_id, language="kk", at=AT)
    contacts.record(
        akimat=town.akimat,
        person_id=application.applicant_id,
        channel=NoticeChannel.SMS,
        value="+77000001234",
        language="kk",
        target=f"application:{application.pk}",
        **told,
    )
    notices.order(
        application=application,
        kind="SUCCESSION",
        facts={"ground": "DEATH"},
        due_on=ON,
        at=AT,
    )


def _people(town) -> None:
    """Somebody whose number changed, and a family that took its consent back."""
    entry = factories.waiting(town, day=44)
    change = IinChange.objects.create(
        akimat=town.akimat,
        person=entry.applicant,
        former_iin=factories.invented_iin(8_001),
        current_iin=entry.applicant.iin,
        told={},
        told_at=AT,
        check_request_id=1,
        document="№ 6",
        confirmed_by=town.clerk,
        confirmed_at=AT,
        approved_by=town.supervisor,
        approved_at=AT,
    )
    FormerIin.objects.create(
        iin=factories.invented_iin(8_001), person=entry.applicant, change=change, since=AT
    )
    silent = factories.waiting(town, day=45)
    ConsentWithdrawal.objects.create(
        person=silent.applicant, withdrawn_at=AT, channel="PAPER", evidence="№ 7", recorded_by=town.clerk
    )
    MissingConsent.objects.create(entry=silent, person=silent.applicant, since=AT)
    consents.record_contact(
        application_id=silent.application_id,
        person_id=silent.applicant_id,
        channel="PHONE",
        result="TOLD",
        note="",
        seen=0,
        by=town.clerk,
        at=AT,
    )
    attempt = CheckAttempt.objects.order_by("pk").first()
    CheckAttempt.objects.filter(pk=attempt.pk).update(
        outcome=Outcome.TEMPORARY, envelope=b"sealed with our key", envelope_sha256="0" * 64
    )


def _legacy(town) -> None:
    """What is left of an old list: its file, rows, questions and who answers them."""
    akimat, told = town.akimat, {"by": town.clerk2}
    application = factories.waiting(town, day=46).application
    batch = ImportBatch.objects.create(
        akimat=akimat,
        source="spp",
        file_name="spp.csv",
        sha256="0" * 64,
        imported_on=ON,
        imported_by=told["by"],
        imported_at=AT,
    )
    ImportRow.objects.create(
        batch=batch,
        sheet="",
        sheet_no=1,
        row=2,
        cells={"iin": "x", "tab": "a\tb\\n\\\\", "quote": '"'},
        digest="1" * 64,
        state="needs_person",
        codes=["NO_DATE"],
        application=application,
    )
    ImportCase.objects.create(application=application, code="NO_DATE", opened_at=AT)
    ImportOrder.objects.create(batch=batch, act="UNDO", reason="x", ordered_by=town.supervisor, ordered_at=AT)
    ImportSettlement.objects.get_or_create(akimat=akimat, defaults={"requested_at": AT})
    ImportDecision.objects.create(
        application=application,
        code="NO_DATE",
        rows=[],
        value={"day": "2015-01-01"},
        decided_by=told["by"],
        decided_at=AT,
        needs_second=True,
        **_WORDS,
    )
    ImportCaseAssignment.objects.create(application=application, to=town.clerk, by=town.clerk2, at=AT)
    head = (
        "application_number,iin,last_name,first_name,middle_name,"
        "registered_at,list_code,family_iins,phone,status"
    )
    row = f"A-1,{factories.invented_iin(7)},Ойдан,Анна,,2019-05-06T10:00:00,5,,,active"
    import_uploads.upload(
        akimat=akimat,
        source="spp",
        file_name="spp.csv",
        content=f"{head}\r\n{row}\r\n".encode("utf-8-sig"),
        consent_document="",
        by=town.clerk,
        at=AT,
    )
    CategoryMappingVersion.objects.create(
        akimat=akimat,
        document=document_of(first_mapping()),
        sha256="0" * 64,
        drafted_by=told["by"],
        drafted_at=AT,
    )
    MatchGroup.objects.create(akimat=akimat, members=[application.pk], reasons=[], proposed_at=AT)


def _oversight(town, entry) -> None:
    """What is asked, counted, sealed and looked at."""
    akimat, told = town.akimat, {"by": town.clerk, "at": AT}
    offices.record(
        akimat=akimat,
        from_on=ON,
        address_kk="Көше, 1",
        address_ru="Улица, 1",
        telephone="",
        by=town.admin,
        at=AT,
    )
    audit.record_view(akimat=akimat, by=town.clerk, at=AT, target=f"queue_entry:{entry.pk}")
    reconciliations.state_total(akimat=akimat, stated=1, as_of=ON, document="№ 1", **told)
    reconciliations.explain(
        akimat=akimat, line="stated:all/all", difference=-1, explanation="x", document="№ 1", **told
    )
    sealed = list_seals.seal(akimat=akimat, by=town.supervisor, at=AT)
    apps.get_model("queue_registry.GateProposal").objects.create(
        akimat=akimat, proposed_by=town.supervisor, proposed_at=AT, seal=sealed
    )
    apps.get_model("queue_registry.GateEvent").objects.create(
        akimat=akimat, kind="CLOSED", at=AT, proposed_by=town.supervisor, reason="x", criteria=[]
    )
    seals.seal_yesterday(at=AT + timedelta(days=1))
    verification_samples.draw(akimat=akimat, size=20, by=town.supervisor, at=AT + timedelta(days=1))
    swept = sweeps.start_inventory(akimat=akimat, by=town.supervisor, at=AT).swept.order_by("pk").first()
    SweepQuestion.objects.create(sweep=swept.sweep, swept=swept, check_request_id=1, source="egkn")
    first, second = SourceAnswer.objects.filter(person=entry.applicant).order_by("pk")[:2]
    RecheckFinding.objects.create(
        entry=entry,
        code="DOUBLE",
        detail={"others": []},
        state="HELD",
        why_held="DOUBLE",
        seen_at=AT,
        first_answer=first,
        second_answer=second,
    )
    SourceHold.objects.create(source="egkn", held_at=AT, flips=1, answers=2, why_held="x", held_by=town.admin)
    RedFlag.objects.create(
        akimat=akimat,
        kind="JUMP",
        target=f"queue_entry:{entry.pk}",
        entry=entry,
        cause="x",
        strength=Decimal("1.250"),
        involved=[town.clerk.pk],
        seen_at=AT,
    )
    ExpectedWaiting.objects.get_or_create(
        waiting_list=WaitingList.objects.get(akimat=akimat, number="5"), defaults={"on": ON, "outlook": None}
    )
