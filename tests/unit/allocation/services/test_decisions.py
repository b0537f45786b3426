"""One vote a member, closed by the chair as it came out, and never on data that are no longer true."""

from datetime import date, timedelta

import pytest

from allocation.models import Decision, Dwelling, Offer, RoundDwelling, Vote
from allocation.rules.refusals import Refusal, Refused
from allocation.services import attendance, decisions, rounds, runs, tallies
from queue_registry.models import AuditEvent, Fact, SourceAnswer, StaffMembership
from queue_registry.rules.facts import Source
from queue_registry.services import policies, queue_entries
from tests import factories
from tests.factories import AT

MEMBERS = ("member1", "member2", "member3", "member4")


@pytest.fixture
def sitting(town):
    """Three households on list 5 and two homes, of which the second fits nobody."""
    for day in (1, 2, 3):
        factories.waiting(town, day=day)
    homes = [*factories.ready(town, rooms=1, area="36.40"), *factories.ready(town, rooms=5, area="300")]
    return factories.convened(town, homes)


def attend(town, sitting, *names):
    for name in names:
        attendance.attend(sitting_id=sitting.pk, user_id=town.staff[name].pk, by=town.staff[name], at=AT)


def sign_in_and_vote(town, sitting, name, choice="FOR"):
    attend(town, sitting, name)
    return vote(town, sitting, name, choice)


def vote(town, sitting, name, choice="FOR", **changes):
    arguments = {"reason": "" if choice == "FOR" else "Tested", "result_sha256": sitting.run.result_sha256}
    return decisions.vote(
        sitting_id=sitting.pk,
        choice=Vote.Choice(choice),
        by=town.staff[name],
        at=AT,
        **arguments | changes,
    )


def close(town, sitting, act=decisions.confirm, *, by="chair", **changes):
    arguments = {"result_sha256": sitting.run.result_sha256, "at": AT}
    return act(sitting_id=sitting.pk, by=town.staff[by], **arguments | changes)


def refusal_of(act, *arguments, **named):
    before = AuditEvent.objects.count()
    with pytest.raises(Refused) as refused:
        act(*arguments, **named)
    assert AuditEvent.objects.count() == before
    return refused.value.code


@pytest.mark.parametrize("name", ["clerk", "secretary", "auditor", "admin"])
def test_an_outsider_does_not_vote(town, sitting, name):
    assert refusal_of(vote, town, sitting, name) == Refusal.NOT_A_MEMBER


def test_who_joins_the_commission_later_does_not_vote_at_this_sitting(town, sitting):
    StaffMembership.objects.create(
        user=town.clerk2, akimat=town.akimat, role="MEMBER", from_on=AT.date() - timedelta(days=1)
    )

    assert refusal_of(vote, town, sitting, "clerk2") == Refusal.NOT_A_MEMBER


def test_a_recused_member_does_not_vote(town):
    entry = factories.waiting(town)
    entry.application.entered_by = town.member1
    entry.application.save()

    assert refusal_of(vote, town, factories.convened(town), "member1") == Refusal.RECUSED


def test_nobody_votes_twice(town, sitting):
    sign_in_and_vote(town, sitting, "member1")

    assert refusal_of(vote, town, sitting, "member1", "AGAINST") == Refusal.ALREADY_VOTED
    assert Vote.objects.get().choice == "FOR"


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_vote_against_says_why(town, sitting, reason):
    attend(town, sitting, "member1")

    assert refusal_of(vote, town, sitting, "member1", "AGAINST", reason=reason) == Refusal.REASON_MISSING


def test_an_abstention_needs_no_reason(town, sitting):
    attend(town, sitting, "member1")

    assert vote(town, sitting, "member1", "ABSTAINED", reason="").choice == "ABSTAINED"


def test_who_does_not_attend_does_not_vote(town, sitting):
    attend(town, sitting, "member2")

    assert refusal_of(vote, town, sitting, "member1") == Refusal.NOT_ATTENDING


def test_whose_mandate_has_ended_since_does_not_vote(town, sitting):
    attend(town, sitting, "member1", "member2")
    StaffMembership.objects.filter(user=town.member1).update(until_on=AT.date())
    StaffMembership.objects.filter(user=town.member2).update(until_on=AT.date() + timedelta(days=1))

    assert refusal_of(vote, town, sitting, "member1") == Refusal.MANDATE_OVER
    assert vote(town, sitting, "member2")


def test_a_vote_on_another_result_is_refused(town, sitting):
    assert refusal_of(vote, town, sitting, "member1", result_sha256="0" * 64) == Refusal.OTHER_RESULT


def test_nobody_votes_on_a_cancelled_round_or_a_superseded_run(town, sitting):
    other = factories.convened(town)
    runs.supersede(run_id=other.run_id, reason="Mistake", by=town.secretary, at=AT)
    rounds.cancel(round_id=sitting.run.round_id, reason="Mistake", by=town.secretary, at=AT)

    assert refusal_of(vote, town, sitting, "member1") == Refusal.ROUND_CANCELLED
    assert refusal_of(vote, town, other, "member1") == Refusal.RUN_SUPERSEDED


@pytest.mark.parametrize("act", [decisions.confirm, decisions.refuse])
def test_after_the_decision_nobody_votes_or_decides(town, sitting, act):
    for name in (*MEMBERS[:3], "chair"):
        sign_in_and_vote(town, sitting, name)
    close(town, sitting)

    assert refusal_of(vote, town, sitting, "member4") == Refusal.ALREADY_DECIDED
    assert refusal_of(close, town, sitting, act) == Refusal.ALREADY_DECIDED


@pytest.mark.parametrize("act", [decisions.confirm, decisions.refuse])
@pytest.mark.parametrize(("name", "code"), [("member1", "NOT_PRESIDING"), ("secretary", "NOT_A_MEMBER")])
def test_only_the_chair_closes_the_vote(town, sitting, act, name, code):
    factories.vote_all(town, sitting)

    assert refusal_of(close, town, sitting, act, by=name) == code


def test_if_the_chair_is_recused_the_oldest_mandate_presides_and_breaks_a_tie(town):
    StaffMembership.objects.filter(user=town.member3).update(from_on=date(2020, 1, 1))
    entry = factories.waiting(town)
    entry.application.entered_by = town.chair
    entry.application.save()
    sitting = factories.convened(town)
    for name, choice in zip(MEMBERS, ("AGAINST", "FOR", "FOR", "AGAINST"), strict=True):
        sign_in_and_vote(town, sitting, name, choice)

    assert refusal_of(close, town, sitting) == Refusal.RECUSED
    assert refusal_of(close, town, sitting, by="member1") == Refusal.NOT_PRESIDING
    decision = close(town, sitting, by="member3")
    sitting.refresh_from_db()
    assert (decision.outcome, decision.arithmetic["chair_broke_tie"]) == ("CONFIRMED", True)
    assert (sitting.presiding, decision.decided_by) == (town.member3, town.member3)


def test_the_chair_who_comes_late_presides_from_then_on(town, sitting):
    for name in MEMBERS:
        sign_in_and_vote(town, sitting, name)
    attend(town, sitting, "chair")

    assert refusal_of(close, town, sitting, by="member1") == Refusal.NOT_PRESIDING
    assert close(town, sitting).decided_by == town.chair


def test_nobody_is_hurried_who_could_still_change_the_outcome(town, sitting):
    attend(town, sitting, *MEMBERS, "chair")
    vote(town, sitting, "member1")
    vote(town, sitting, "member2", "AGAINST")
    vote(town, sitting, "chair")

    with pytest.raises(Refused) as refused:
        close(town, sitting)
    assert (refused.value.code, refused.value.detail) == ("VOTES_MISSING", {"missing": 2})
    assert refusal_of(close, town, sitting, decisions.refuse) == Refusal.VOTES_MISSING

    vote(town, sitting, "member3")
    assert close(town, sitting).arithmetic["voted"] == 4


def test_without_a_quorum_nothing_is_decided(town, sitting):
    for name in ("member1", "member2", "chair"):
        sign_in_and_vote(town, sitting, name)

    with pytest.raises(Refused) as refused:
        close(town, sitting)

    assert (refused.value.code, refused.value.detail) == ("NO_QUORUM", {"present": 3, "needed": 4})
    sign_in_and_vote(town, sitting, "member4")
    assert close(town, sitting).outcome == "CONFIRMED"


@pytest.mark.parametrize(
    ("for_", "against", "chair", "adopted"),
    [
        (3, 1, "FOR", True),
        (2, 2, "FOR", True),
        (2, 2, "AGAINST", False),
        (1, 3, "FOR", False),
        (2, 1, "AGAINST", False),
    ],
)
def test_the_vote_is_closed_only_as_it_came_out(town, sitting, for_, against, chair, adopted):
    for name, choice in zip(MEMBERS, ["FOR"] * for_ + ["AGAINST"] * against, strict=False):
        sign_in_and_vote(town, sitting, name, choice)
    sign_in_and_vote(town, sitting, "chair", chair)
    lawful, other, code = (
        (decisions.confirm, decisions.refuse, Refusal.MAJORITY_REACHED)
        if adopted
        else (decisions.refuse, decisions.confirm, Refusal.NO_MAJORITY)
    )

    assert refusal_of(close, town, sitting, other) == code
    assert close(town, sitting, lawful).outcome == ("CONFIRMED" if adopted else "REFUSED")


def test_the_chairs_vote_for_breaks_a_tie(town, sitting):
    for name, choice in (("member1", "FOR"), ("member2", "AGAINST"), ("member3", "AGAINST")):
        sign_in_and_vote(town, sitting, name, choice)
    sign_in_and_vote(town, sitting, "chair")

    assert close(town, sitting).arithmetic["chair_broke_tie"]


def test_a_confirmed_decision_offers_what_was_allotted_and_frees_the_rest(town, sitting):
    factories.vote_all(town, sitting)

    decision = close(town, sitting)

    served = sitting.run.lines.get(dwelling__isnull=False)
    offer = Offer.objects.get()
    assert (offer.entry, offer.dwelling, offer.call) == (served.entry, served.dwelling, 0)
    assert served.entry.status == "OFFERED"
    assert sorted(Dwelling.objects.values_list("state", flat=True)) == ["OFFERED", "READY"]
    assert RoundDwelling.objects.filter(released_at__isnull=False).count() == 1
    recorded = AuditEvent.objects.get(event="decision.confirmed")
    assert recorded.data["arithmetic"] == decision.arithmetic
    assert recorded.data["result_sha256"] == sitting.run.result_sha256


def test_a_refused_run_frees_every_home_and_moves_nobody(town, sitting):
    factories.vote_all(town, sitting, choice=Vote.Choice.AGAINST)

    close(town, sitting, decisions.refuse)

    assert set(Dwelling.objects.values_list("state", flat=True)) == {"READY"}
    assert not Offer.objects.exists()
    assert AuditEvent.objects.order_by("seq").last().event == "dwelling.released"


def suspend(town, sitting):
    entry = sitting.run.lines.first().entry
    queue_entries.suspend(entry_id=entry.pk, by=town.clerk, at=AT, ground="TESTED")


def buy_a_home(town, sitting):
    person = sitting.run.lines.first().entry.applicant
    answer = SourceAnswer.objects.get(person=person, source=Source.EGKN, superseded_at__isnull=True)
    source, kind, value = factories.dwelling_owned()
    assert source == Source.EGKN
    Fact.objects.create(answer=answer, person=person, kind=kind, value=value)


def lose_a_home(town, sitting):
    Dwelling.objects.filter(area="36.40").update(floor=9)


def take_a_home_away(town, sitting):
    Dwelling.objects.filter(area="36.40").update(state=Dwelling.State.ALLOTTED, idle_since=None)


@pytest.mark.parametrize(
    ("change", "thing", "field"),
    [
        (suspend, "entry", "eligibility"),
        (buy_a_home, "entry", "eligibility"),
        (lose_a_home, "dwelling", "floor"),
        (take_a_home_away, "dwelling", "state"),
    ],
)
def test_a_run_on_data_that_changed_since_the_freeze_is_refused(town, sitting, change, thing, field):
    factories.vote_all(town, sitting)
    change(town, sitting)

    with pytest.raises(Refused) as refused:
        close(town, sitting)

    assert refused.value.code == Refusal.STALE
    assert (thing, field) in {(one.thing, one.field) for one in refused.value.detail["changes"]}
    assert not Decision.objects.exists()
    assert not Offer.objects.exists()


def test_who_was_registered_after_the_freeze_makes_no_run_stale(town, sitting):
    factories.vote_all(town, sitting)
    hour_later = (AT.date() - date(2015, 3, 1)).days
    late = factories.waiting(town, day=hour_later)

    assert late.registered_at - sitting.run.round.frozen_at == timedelta(hours=1)
    assert close(town, sitting).outcome == "CONFIRMED"


def test_a_stale_run_can_still_be_refused_by_its_vote(town, sitting):
    factories.vote_all(town, sitting, choice=Vote.Choice.AGAINST)
    suspend(town, sitting)

    assert close(town, sitting, decisions.refuse).outcome == "REFUSED"


def test_a_policy_put_in_force_since_the_freeze_does_not_change_the_round(town, sitting):
    policies.put_in_force(
        akimat=town.akimat, code="ladder-2022", from_on=AT.date() + timedelta(days=1), by=town.admin, at=AT
    )
    factories.vote_all(town, sitting)

    assert close(town, sitting, at=AT + timedelta(days=1)).outcome == "CONFIRMED"


def test_what_a_page_shows_before_the_vote_is_what_confirmation_finds(town, sitting):
    assert decisions.stale_changes(sitting.run.round) == []

    suspend(town, sitting)

    assert {one.thing for one in decisions.stale_changes(sitting.run.round)} == {"entry"}
    assert tallies.count_votes(sitting).voted == 0
