"""Who keeps a queue from when: two people, a day in the future, and then nothing is done here any more."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from allocation import tasks as allocation_tasks
from allocation.models import Offer
from allocation.rules.stock import GoneGround
from allocation.services import offer_withdrawals, offers, rounds, stock_acts
from queue_registry import tasks
from queue_registry.models import (
    Akimat,
    AssessmentRequest,
    AuditEvent,
    NoticeDelivery,
    PersonalDataView,
    QueueEntry,
    QueueKeeper,
    QueueTakeover,
    Sweep,
    TrailHead,
)
from queue_registry.rules.keepers import KeeperRefused
from queue_registry.rules.reasons import RemovalGround, SuspensionGround
from queue_registry.selectors import keepers as selectors
from queue_registry.selectors import rechecks, sweep_work, trail
from queue_registry.services import (
    application_decisions,
    applications,
    assessment_requests,
    audit,
    certificates,
    consents,
    intakes,
    keepers,
    list_seals,
    offices,
    removals,
    seals,
    suspensions,
    sweeps,
)
from tests import factories
from tests.factories import AT, KATO
from tests.unit.queue_registry.services import intaking
from tests.whole_akimat import AFTER, HANDED_OVER_ON, KEEPER

pytestmark = pytest.mark.django_db
# The last moment of September and the first of October, by Almaty's calendar.
MIDNIGHT = datetime(2026, 9, 30, 19, tzinfo=UTC)
LAST_MOMENT = MIDNIGHT - timedelta(microseconds=1)
# An offer of today can still be answered tomorrow.
TOMORROW, NEXT_MIDNIGHT = date(2026, 9, 2), datetime(2026, 9, 1, 19, tzinfo=UTC)


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return factories.town()


def proposed(town, **changes):
    given = {"akimat": town.akimat, "keeper": KEEPER, "from_on": HANDED_OVER_ON, "by": town.admin, "at": AT}
    return keepers.propose(**given | changes)


def approved(town, *, at=AT, **changes):
    proposed(town, at=at, **changes)
    return keepers.approve(akimat=town.akimat, by=town.supervisor, at=at)


def refusal(act, **arguments):
    with pytest.raises(KeeperRefused) as refused:
        act(**arguments)
    return refused.value.code.value


# The setting


def test_a_keeper_is_proposed_by_one_and_approved_by_another_each_with_a_record(town):
    keeper = proposed(town)
    assert selectors.is_kept_here(town.akimat, on=HANDED_OVER_ON)
    assert refusal(keepers.approve, akimat=town.akimat, by=town.admin, at=AT) == "ANOTHER_PERSON_NEEDED"

    keepers.approve(akimat=town.akimat, by=town.supervisor, at=AT)

    assert selectors.elsewhere(town.akimat, on=HANDED_OVER_ON) == selectors.Elsewhere(
        name_kk=KEEPER.name_kk, name_ru=KEEPER.name_ru, address=KEEPER.address, since=HANDED_OVER_ON
    )
    assert selectors.is_kept_here(town.akimat, on=HANDED_OVER_ON - timedelta(days=1))
    records = AuditEvent.objects.filter(target=f"queue_keeper:{keeper.pk}").order_by("seq")
    assert [(row.event, row.actor) for row in records] == [
        ("queue_keeper.proposed", "admin"),
        ("queue_keeper.approved", "supervisor"),
    ]
    assert records[0].data["document"] == KEEPER.document
    assert trail.walk(KATO).fault == ""


def test_the_day_is_never_today_or_past_when_proposed_or_approved(town):
    for day in (factories.ON, factories.ON - timedelta(days=1)):
        assert refusal(proposed, town=town, from_on=day) == "NOT_IN_FUTURE"
    proposed(town, from_on=factories.ON + timedelta(days=1))

    late = AT + timedelta(days=1)

    assert refusal(keepers.approve, akimat=town.akimat, by=town.supervisor, at=late) == "NOT_IN_FUTURE"


def test_one_proposal_at_a_time_and_one_keeper_a_day(town):
    assert refusal(keepers.approve, akimat=town.akimat, by=town.supervisor, at=AT) == "NOTHING_PROPOSED"
    proposed(town)
    assert refusal(proposed, town=town) == "PROPOSED_ALREADY"
    keepers.approve(akimat=town.akimat, by=town.supervisor, at=AT)

    proposed(town)

    assert refusal(keepers.approve, akimat=town.akimat, by=town.supervisor, at=AT) == "DAY_TAKEN"


def test_refuse_to_approve_another_proposal_than_the_one_that_was_read(town):
    read = proposed(town)
    keepers.drop(keeper_id=read.pk, by=town.admin, at=AT)
    other = proposed(town, keeper=replace(KEEPER, name_ru="Другой"))
    told = {"akimat": town.akimat, "by": town.supervisor, "at": AT}

    assert refusal(keepers.approve, keeper_id=read.pk, **told) == "NOTHING_PROPOSED"
    assert keepers.approve(keeper_id=other.pk, **told).approved_at == AT


@pytest.mark.parametrize(
    ("on", "standings"),
    [
        (HANDED_OVER_ON - timedelta(days=1), ["PROPOSED", "TO_COME", "DROPPED"]),
        (HANDED_OVER_ON, ["PROPOSED", "IN_FORCE", "DROPPED"]),
    ],
)
def test_the_dated_list_says_how_each_stands_on_the_day(town, on, standings):
    dropped = proposed(town)
    keepers.drop(keeper_id=dropped.pk, by=town.admin, at=AT)
    approved(town)
    proposed(town, from_on=HANDED_OVER_ON + timedelta(days=90))

    rows = selectors.list_dated(town.akimat, on=on)

    assert [row.standing for row in rows] == standings
    assert [row.is_open for row in rows] == [standing in {"PROPOSED", "TO_COME"} for standing in standings]


def test_of_those_whose_day_has_come_the_newest_keeps_the_queue(town):
    approved(town)
    later = HANDED_OVER_ON + timedelta(days=90)
    approved(town, from_on=later, keeper=replace(KEEPER, name_ru="Другой"))

    def standings(on):
        return [row.standing for row in selectors.list_dated(town.akimat, on=on)]

    assert standings(later - timedelta(days=1)) == ["TO_COME", "IN_FORCE"]
    assert standings(later) == ["IN_FORCE", "PAST"]


def test_a_keeper_can_be_taken_back_until_its_day(town):
    keeper = approved(town)
    assert TrailHead.objects.get(pk=KATO).closed_from == MIDNIGHT

    keepers.drop(keeper_id=keeper.pk, by=town.admin, at=LAST_MOMENT)

    assert TrailHead.objects.get(pk=KATO).closed_from is None
    assert selectors.is_kept_here(town.akimat, on=HANDED_OVER_ON)
    assert refusal(keepers.drop, keeper_id=keeper.pk, by=town.admin, at=AT) == "NOTHING_PROPOSED"
    again = approved(town)
    assert refusal(keepers.drop, keeper_id=again.pk, by=town.admin, at=MIDNIGHT) == "IN_FORCE"
    assert AuditEvent.objects.filter(event="queue_keeper.dropped").count() == 1


@pytest.mark.parametrize(
    ("broken", "constraint"),
    [
        ({"approved_by": "admin", "approved_at": AT}, "queue_keeper_approved_by_another_person"),
        ({"approved_by": "supervisor"}, "queue_keeper_approved_at_and_by_together"),
        ({"dropped_at": AT}, "queue_keeper_dropped_at_and_by_together"),
        ({"name_kk": ""}, "queue_keeper_is_named_with_its_act"),
        ({"document": ""}, "queue_keeper_is_named_with_its_act"),
        ({"address": ""}, "queue_keeper_is_named_with_its_act"),
    ],
)
def test_the_database_refuses_a_keeper_without_second_person_name_or_act(town, broken, constraint):
    row = {
        "akimat": town.akimat,
        "from_on": HANDED_OVER_ON,
        "proposed_by": town.admin,
        "proposed_at": AT,
        **vars_of(KEEPER),
    } | {
        name: town.staff.get(value, value) if name.endswith("_by") else value
        for name, value in broken.items()
    }

    with pytest.raises(IntegrityError, match=constraint):
        QueueKeeper.objects.create(**row)


def vars_of(keeper):
    return {name: getattr(keeper, name) for name in ("name_kk", "name_ru", "address", "document")}


@pytest.mark.parametrize(
    ("constraint", "second"),
    [
        ("one_open_queue_keeper_proposal_per_akimat", {}),
        ("one_queue_keeper_a_day", {"approved_by": "supervisor", "approved_at": AT}),
    ],
)
def test_the_database_has_one_proposal_and_one_keeper_a_day(town, constraint, second):
    people = {name: town.staff.get(value, value) for name, value in second.items()}
    row = {
        "akimat": town.akimat,
        "from_on": HANDED_OVER_ON,
        "proposed_by": town.admin,
        "proposed_at": AT,
        **vars_of(KEEPER),
        **people,
    }
    QueueKeeper.objects.create(**row)

    with pytest.raises(IntegrityError, match=constraint):
        QueueKeeper.objects.create(**row)


def test_what_was_proposed_stays_and_nothing_is_deleted(town):
    keeper = approved(town)
    for change in (
        lambda: QueueKeeper.objects.filter(pk=keeper.pk).update(address="https://other.example.kz"),
        keeper.delete,
    ):
        with pytest.raises(IntegrityError.__mro__[1]), transaction.atomic():
            change()


def test_a_takeover_names_its_digests_and_stays(town):
    keeper = approved(town)
    told = {"keeper": keeper, "taken_at": AT, "handed_over_by": "x", "trail_head": "0" * 64}
    with pytest.raises(IntegrityError, match="queue_takeover_names_its_digests"), transaction.atomic():
        QueueTakeover.objects.create(manifest_sha256="0" * 63, **told)
    taken = QueueTakeover.objects.create(manifest_sha256="0" * 64, **told)

    with pytest.raises(IntegrityError.__mro__[1]), transaction.atomic():
        QueueTakeover.objects.filter(pk=taken.pk).update(handed_over_by="y")


# Nothing is done any more


def test_no_act_on_the_queue_is_done_from_the_day_on_and_every_one_until_then(town):
    """Acts of every kind: by staff, by the household, by a task; single, in bulk, on stock and rounds."""
    register = factories.register(town)
    decision = factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM)
    entry, other = factories.waiting(town, day=41), factories.waiting(town, day=42)
    suspended = factories.waiting(town, day=43)
    suspensions.suspend(
        entry_id=suspended.pk, ground=SuspensionGround.OWN_REQUEST, document="№ 1", by=town.clerk, at=AT
    )
    application = intaking.filed(town)
    intake = intaking.ready(town)
    offer = Offer.objects.filter(run=decision.sitting.run).order_by("pk").first()
    home = factories.ready(town)[0]
    approved(town, from_on=TOMORROW)
    by_clerk, by_supervisor = {"by": town.clerk}, {"by": town.supervisor}
    acts = {
        "an intake": partial(
            intakes.open_intake, akimat=town.akimat, iin=factories.invented_iin(9_077), **by_clerk
        ),
        "a filing": partial(
            applications.file, intake_id=intake.pk, version=intaking.current(intake), **by_clerk
        ),
        "a withdrawal": partial(
            application_decisions.withdraw, application_id=application.pk, document="x", **by_clerk
        ),
        "a return": partial(
            suspensions.resume,
            entry_id=suspended.pk,
            ground=SuspensionGround.OWN_REQUEST,
            document="№ 2",
            **by_clerk,
        ),
        "a removal": partial(
            removals.propose,
            entry_id=entry.pk,
            ground=RemovalGround.ACQUIRED_DWELLING,
            evidence="x",
            evidence_source="egkn",
            evidence_as_of=AT,
            **by_clerk,
        ),
        "a consent": partial(
            consents.withdraw,
            application_id=other.application_id,
            person_id=other.applicant_id,
            channel="PAPER",
            evidence="x",
            **by_clerk,
        ),
        "an answer to an offer": partial(offers.accept, offer_id=offer.pk, **by_clerk),
        "the end of an offer": partial(
            offer_withdrawals.withdraw, offer_id=offer.pk, reason="x", document="x", **by_clerk
        ),
        "a home that leaves": partial(
            stock_acts.take_out, dwelling_id=home.pk, ground=GoneGround.DEMOLISHED, document="x", **by_clerk
        ),
        "a round": partial(
            rounds.open_round,
            akimat=town.akimat,
            dwelling_ids=[home.pk],
            quotas=factories.QUOTAS,
            by=town.secretary,
        ),
        "a seal of the lists": partial(list_seals.seal, akimat=town.akimat, **by_supervisor),
        "an inventory": partial(sweeps.start_inventory, akimat=town.akimat, **by_supervisor),
        "an office": partial(
            offices.record,
            akimat=town.akimat,
            from_on=HANDED_OVER_ON,
            address_kk="x",
            address_ru="x",
            telephone="",
            by=town.admin,
        ),
        "a certificate": partial(certificates.issue, application_id=entry.application_id, language="kk"),
        "a keeper": partial(
            keepers.propose,
            akimat=town.akimat,
            keeper=KEEPER,
            from_on=HANDED_OVER_ON + timedelta(days=90),
            by=town.admin,
        ),
        "many records": lambda *, at: audit.record_many(
            akimat=town.akimat, by="x", at=at, acts=[audit.Act(event="x.done", target="x:1")] * 2
        ),
    }
    head = TrailHead.objects.get(pk=KATO).sha256
    states = list(QueueEntry.objects.order_by("pk").values())

    for name, act in acts.items():
        assert is_refused(act, at=NEXT_MIDNIGHT), name

    assert TrailHead.objects.get(pk=KATO).sha256 == head
    assert list(QueueEntry.objects.order_by("pk").values()) == states
    for name, act in acts.items():
        assert not is_refused(act, at=NEXT_MIDNIGHT - timedelta(microseconds=1)), name


def is_refused(act, *, at):
    """Say whether an act, undone afterwards, is refused because the queue is kept elsewhere."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                act(at=at)
        except audit.KeptElsewhere:
            return True
        transaction.set_rollback(True)
    return False


def test_looks_and_seals_go_on_and_another_akimat_is_not_touched(town):
    entry = factories.waiting(town, day=1)
    approved(town)

    audit.record_view(akimat=town.akimat, by=town.auditor, at=AFTER, target=f"queue_entry:{entry.pk}")
    assert seals.seal_yesterday(at=AFTER)

    assert PersonalDataView.objects.filter(at=AFTER).count() == 1
    other = Akimat.objects.create(kato="231010000", name_kk="Бөтен", name_ru="Чужой")
    audit.record(akimat=other, by="x", at=AFTER, event="x.done", target="x:1")
    assert list(selectors.resting(AFTER)) == [town.akimat]
    assert list(selectors.resting(LAST_MOMENT)) == []


# Tasks


def test_no_task_works_on_a_queue_that_is_kept_elsewhere(town, monkeypatch):
    entry = factories.waiting(town, day=1)
    approved(town)
    assessment_requests.request_assessments(entries=[entry], at=AT)
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AFTER)
    head = TrailHead.objects.get(pk=KATO).sha256
    deliveries = list(NoticeDelivery.objects.order_by("pk").values())

    assert assessment_requests.assess_due(limit=10, at=AFTER) == 0
    assert assessment_requests.entries_about({entry.applicant_id}, at=AFTER) == []
    assert rechecks.list_closed_looks(limit=10, at=AFTER) == []
    assert list(sweep_work.list_without_inventory(AFTER)) == []
    for task in (
        tasks.deliver_notices,
        tasks.settle_legacy_lists,
        tasks.find_matches,
        tasks.go_on_with_sweeps,
        tasks.begin_inventories,
        tasks.take_second_looks,
        tasks.review_held_findings,
        tasks.find_doubles,
        tasks.notice_ended_consents,
        tasks.renew_expected_waiting,
        allocation_tasks.execute_requested_runs,
        allocation_tasks.carry_out_freeze_orders,
        allocation_tasks.find_flags,
    ):
        task()
    allocation_tasks.expire_offers(at=(AFTER + timedelta(days=60)).isoformat())

    assert TrailHead.objects.get(pk=KATO).sha256 == head
    assert not Sweep.objects.exists()
    assert list(NoticeDelivery.objects.order_by("pk").values()) == deliveries
    # It waits as it was handed over.
    assert AssessmentRequest.objects.filter(pk=entry.pk).exists()


# The commands


def test_two_administrators_hand_over_by_commands(town, monkeypatch, capsys):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)
    told = {
        "akimat": KATO,
        "name_kk": KEEPER.name_kk,
        "name_ru": KEEPER.name_ru,
        "document": KEEPER.document,
        "by": "admin",
    }
    for wrong, words in (
        ({"address": "somewhere", "from_on": HANDED_OVER_ON}, "no address of a page"),
        ({"address": "javascript:alert(1)", "from_on": HANDED_OVER_ON}, "no address of a page"),
        ({"address": KEEPER.address, "from_on": None}, "say from which day on"),
        ({"address": KEEPER.address, "from_on": factories.ON}, "NOT_IN_FUTURE"),
        ({"address": KEEPER.address, "from_on": HANDED_OVER_ON, "document": " "}, "--document: is empty"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("propose_keeper", **told | wrong)
    call_command("propose_keeper", **told, address=KEEPER.address, from_on=HANDED_OVER_ON)
    call_command("approve_keeper", akimat=KATO, by="supervisor")

    assert "then it is only read here" in capsys.readouterr().out
    assert not selectors.is_kept_here(town.akimat, on=HANDED_OVER_ON)
    keeper = QueueKeeper.objects.get()
    assert keeper.approved_by == town.supervisor
    with pytest.raises(CommandError, match="no keeper 0"):
        call_command("drop_keeper", keeper=0, akimat=KATO, by="admin")
    call_command("drop_keeper", keeper=keeper.pk, akimat=KATO, by="admin")
    assert selectors.is_kept_here(town.akimat, on=HANDED_OVER_ON)
    with pytest.raises(CommandError, match="NOTHING_PROPOSED"):
        call_command("approve_keeper", akimat=KATO, by="supervisor")


def test_the_first_keeper_elsewhere_closes_the_trail_whatever_comes_later(town):
    approved(town)
    approved(town, from_on=HANDED_OVER_ON + timedelta(days=90), keeper=replace(KEEPER, name_ru="Другой"))

    assert TrailHead.objects.get(pk=KATO).closed_from == MIDNIGHT
