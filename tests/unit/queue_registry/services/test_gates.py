"""The gate opens by two people while every criterion holds, and is red again as soon as one fails."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from queue_registry.models import (
    Akimat,
    AuditEvent,
    CategoryMappingVersion,
    GateEvent,
    ImportBatch,
    ImportCase,
    ImportDecision,
    ListSeal,
    MatchGroup,
    QueueEntry,
    RedFlag,
    StatedTotal,
)
from queue_registry.rules.digitization.gate import Criterion, Light
from queue_registry.rules.digitization.gate_refusals import GateRefusal, GateRefused
from queue_registry.selectors.gate import get_gate, list_gates
from queue_registry.services import gates, list_seals, reconciliations
from tests import factories
from tests.unit.queue_registry.services import gating

AT = factories.AT
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


def look(town, at=AT):
    return get_gate(town.akimat, at=at)


def refused(act):
    with pytest.raises(GateRefused) as error:
        act()
    return error.value


def test_an_empty_akimat_is_red(town):
    assert look(town).light is Light.RED


def test_all_criteria_hold_and_the_light_is_amber_until_two_people_open(town):
    gating.ready(town)

    assert (look(town).failing, look(town).light) == ((), Light.AMBER)
    proposal = gates.propose(akimat=town.akimat, by=town.supervisor, at=AT)
    assert look(town).light is Light.AMBER
    event = gates.approve(proposal_id=proposal.pk, by=town.chair, at=AT)

    assert look(town).light is Light.GREEN
    assert event.seal == ListSeal.objects.get()
    assert [one["criterion"] for one in event.criteria] == list(Criterion)
    acts = AuditEvent.objects.filter(target=f"gate:{town.akimat.kato}").order_by("seq")
    assert [act.event for act in acts] == ["gate.proposed", "gate.opened"]
    assert acts[1].data["root"] == event.seal.root


def _wait(town):
    late = factories.waiting(town, day=50)
    QueueEntry.objects.filter(pk=late.pk).update(provisional=True)


def _case(town):
    application = town.akimat.applications.first()
    ImportCase.objects.create(application=application, code="NO_DATE", opened_at=AT)


def _match(town):
    members = [one.pk for one in town.akimat.applications.order_by("pk")[:2]]
    MatchGroup.objects.create(akimat=town.akimat, members=members, reasons=[], proposed_at=AT)


def _total(town):
    reconciliations.state_total(
        akimat=town.akimat, stated=2, as_of=factories.ON, document="Letter 5", by=town.clerk, at=AT
    )


def _flag(town):
    RedFlag.objects.create(
        akimat=town.akimat, kind="JUMP", target="queue_entry:1", cause="x", strength=1, seen_at=AT
    )


def _file(town):
    ImportBatch.objects.create(
        akimat=town.akimat,
        source="spp",
        file_name="late.csv",
        sha256="1" * 64,
        imported_on=factories.ON,
        imported_by=town.clerk,
        imported_at=AT,
        confirmed_by=town.supervisor,
        confirmed_at=AT + timedelta(minutes=1),
    )


def _decision(town):
    ImportDecision.objects.create(
        application=town.akimat.applications.first(),
        code="NO_DATE",
        rows=[],
        value={},
        reason="x",
        document="x",
        decided_by=town.clerk,
        decided_at=AT + timedelta(minutes=1),
    )


def _match_decided(town):
    members = [one.pk for one in town.akimat.applications.order_by("pk")[:2]]
    MatchGroup.objects.create(
        akimat=town.akimat,
        members=members,
        reasons=[],
        proposed_at=AT,
        outcome="DIFFERENT",
        document="x",
        decided_by=town.clerk,
        decided_at=AT + timedelta(minutes=1),
    )


def _mapping(town):
    CategoryMappingVersion.objects.create(
        akimat=town.akimat,
        document={},
        sha256="1" * 64,
        drafted_by=town.clerk,
        drafted_at=AT,
        approved_by=town.supervisor,
        approved_at=AT,
        approved_second_by=town.secretary,
        in_force_at=AT + timedelta(minutes=1),
    )


@pytest.mark.parametrize(
    ("act", "criteria"),
    [
        (_wait, {Criterion.VERIFIED_SHARE, Criterion.CHECKED_LATELY}),
        (_case, {Criterion.OPEN_CASES}),
        (_match, {Criterion.OPEN_MATCHES}),
        (_total, {Criterion.RECONCILED}),
        (_flag, {Criterion.NO_BACKDATING_FLAGS}),
        # The seal and the sample are of lists that are no more.
        (_decision, {Criterion.SEALED}),
        (_match_decided, {Criterion.SEALED}),
        (_mapping, {Criterion.SEALED}),
        (_file, {Criterion.SEALED, Criterion.SAMPLE_SIZE, Criterion.SAMPLE_ERROR}),
    ],
)
def test_an_open_gate_whose_criteria_fail_is_red_again_and_opening_is_refused_by_name(town, act, criteria):
    gating.opened(town)

    act(town)

    gate = look(town)
    assert (gate.light, gate.is_open, set(gate.failing)) == (Light.RED, True, criteria)
    refusal = refused(lambda: gates.propose(akimat=town.akimat, by=town.supervisor, at=AT))
    assert (refusal.code, set(refusal.detail["criteria"])) == (GateRefusal.CRITERIA_FAIL, criteria)


def test_a_check_counts_for_92_days_and_not_a_moment_longer(town):
    gating.ready(town)

    assert look(town, AT + timedelta(days=92)).failing == ()
    late = look(town, AT + timedelta(days=92, seconds=1))
    assert late.failing == (Criterion.CHECKED_LATELY,)


def test_a_recheck_that_did_not_get_all_answers_is_no_check(town):
    entry = factories.waiting(town)
    gating.checked_lately(town, [entry], complete=False)

    assert Criterion.CHECKED_LATELY in look(town).failing


def test_nobody_opens_what_he_proposed_nor_twice_nor_on_another_day(town):
    gating.ready(town)
    proposal = gates.propose(akimat=town.akimat, by=town.supervisor, at=AT)

    own = refused(lambda: gates.approve(proposal_id=proposal.pk, by=town.supervisor, at=AT))
    again = refused(lambda: gates.propose(akimat=town.akimat, by=town.supervisor, at=AT))
    late = refused(lambda: gates.approve(proposal_id=proposal.pk, by=town.chair, at=AT + DAY))

    assert [one.code for one in (own, again, late)] == [
        GateRefusal.ANOTHER_PERSON_NEEDED,
        GateRefusal.PROPOSED_ALREADY,
        GateRefusal.SEAL_OF_ANOTHER_DAY,
    ]
    assert look(town).light is Light.AMBER


def test_a_proposal_of_yesterday_gives_way_to_one_with_a_seal_of_today(town):
    gating.ready(town)
    first = gates.propose(akimat=town.akimat, by=town.supervisor, at=AT)
    list_seals.seal(akimat=town.akimat, by=town.supervisor, at=AT + DAY)

    second = gates.propose(akimat=town.akimat, by=town.supervisor, at=AT + DAY)

    gone = refused(lambda: gates.approve(proposal_id=first.pk, by=town.chair, at=AT + DAY))
    assert gone.code is GateRefusal.PROPOSAL_CLOSED
    gates.approve(proposal_id=second.pk, by=town.chair, at=AT + DAY)
    assert look(town, AT + DAY).light is Light.GREEN


def test_between_proposal_and_opening_the_criteria_are_looked_at_again(town):
    gating.ready(town)
    proposal = gates.propose(akimat=town.akimat, by=town.supervisor, at=AT)
    _case(town)

    refusal = refused(lambda: gates.approve(proposal_id=proposal.pk, by=town.chair, at=AT))

    assert (refusal.code, refusal.detail["criteria"]) == (GateRefusal.CRITERIA_FAIL, [Criterion.OPEN_CASES])
    gates.drop(proposal_id=proposal.pk, by=town.supervisor, at=AT)
    assert not GateEvent.objects.exists()


def test_the_gate_is_closed_with_a_reason_and_can_be_opened_again(town):
    gating.opened(town)

    blank = refused(lambda: gates.close(akimat=town.akimat, reason=" ", by=town.supervisor, at=AT + DAY))
    gates.close(akimat=town.akimat, reason="Fire in the archive", by=town.supervisor, at=AT + DAY)
    again = refused(lambda: gates.close(akimat=town.akimat, reason="x", by=town.supervisor, at=AT + DAY))

    assert [blank.code, again.code] == [GateRefusal.REASON_MISSING, GateRefusal.NOT_OPEN]
    assert look(town, AT + DAY).light is Light.AMBER


def test_the_database_refuses_a_gate_opened_by_one_person_or_without_a_seal(town):
    gating.ready(town)
    told = {"akimat": town.akimat, "kind": "OPENED", "at": AT, "proposed_by": town.supervisor}
    for changes in (
        {"approved_by": town.supervisor, "seal": ListSeal.objects.get()},
        {"approved_by": town.chair},
    ):
        with (
            pytest.raises(IntegrityError, match="gate_opened_by_two_people_with_a_seal"),
            transaction.atomic(),
        ):
            GateEvent.objects.create(**told, **changes)


def test_a_whole_country_takes_as_many_queries_as_one_akimat(town):
    gating.opened(town)
    others = [Akimat.objects.create(kato=f"1{n}1010000", name_kk="x", name_ru="x") for n in range(5)]
    StatedTotal.objects.create(
        akimat=others[0], stated=4, as_of=factories.ON, document="x", recorded_by=town.clerk, recorded_at=AT
    )

    with CaptureQueriesContext(connection) as one:
        list_gates([town.akimat], at=AT)
    with CaptureQueriesContext(connection) as all_of_them:
        found = list_gates([town.akimat, *others], at=AT)

    assert len(all_of_them) == len(one) < 20
    assert [gate.light for gate in found] == [Light.GREEN] + [Light.RED] * 5
