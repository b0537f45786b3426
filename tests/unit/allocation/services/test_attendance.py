"""Who takes part: invited, there, gone, or recused by his own word; the quorum follows."""

from datetime import timedelta

import pytest

from allocation.models import SittingMember, Vote
from allocation.rules.refusals import Refusal, Refused
from allocation.services import attendance, decisions, sittings, tallies
from queue_registry.models import AuditEvent, StaffMembership
from tests import factories
from tests.factories import AT

MEMBERS = ("member1", "member2", "member3", "member4")
TEXT = "My brother-in-law rents a room to a candidate."


@pytest.fixture
def sitting(town):
    factories.waiting(town)
    return factories.convened(town, factories.ready(town, rooms=1, area="36.40"))


def attend(town, sitting, *names, at=AT):
    for name in names:
        attendance.attend(sitting_id=sitting.pk, user_id=town.staff[name].pk, by=town.staff[name], at=at)


def leave(town, sitting, name):
    return attendance.leave(sitting_id=sitting.pk, user_id=town.staff[name].pk, by=town.secretary, at=AT)


def declare(town, sitting, name, text=TEXT):
    return attendance.declare(sitting_id=sitting.pk, text=text, by=town.staff[name], at=AT)


def vote(town, sitting, name, choice=Vote.Choice.FOR):
    return decisions.vote(
        sitting_id=sitting.pk,
        choice=choice,
        reason="" if choice == "FOR" else "Tested",
        result_sha256=sitting.run.result_sha256,
        by=town.staff[name],
        at=AT,
    )


def confirm(town, sitting, by="chair"):
    return decisions.confirm(
        sitting_id=sitting.pk, result_sha256=sitting.run.result_sha256, by=town.staff[by], at=AT
    )


def announce(town, sitting, **changes):
    told = {"sits_at": AT + timedelta(hours=2), "place": "Room 5", "agenda": ["Letters of citizens"]}
    return sittings.announce(sitting_id=sitting.pk, by=town.secretary, at=AT, **told | changes)


def refusal_of(act, *arguments, **named):
    before = AuditEvent.objects.count()
    with pytest.raises(Refused) as refused:
        act(*arguments, **named)
    assert AuditEvent.objects.count() == before
    return refused.value.code


def last():
    return AuditEvent.objects.order_by("seq").last()


def test_mandates_are_kept_as_they_stood(town, sitting):
    held = StaffMembership.objects.get(user=town.member1)
    StaffMembership.objects.filter(pk=held.pk).update(until_on=AT.date() + timedelta(days=9))

    seat = sitting.members.get(user=town.member1)

    assert (seat.mandate_from, seat.mandate_until) == (held.from_on, None)
    assert seat.mandate_document == held.document == "№ 1, 01.01.2026"


def test_an_invitation_names_time_place_and_agenda_until_somebody_is_there(town, sitting):
    later = AT + timedelta(hours=2)

    announce(town, sitting)

    sitting.refresh_from_db()
    assert (sitting.sits_at, sitting.place, sitting.agenda) == (later, "Room 5", ["Letters of citizens"])
    assert (last().event, last().data["place"]) == ("sitting.announced", "Room 5")
    attend(town, sitting, "member1", at=later)
    assert refusal_of(announce, town, sitting) == Refusal.HAS_BEGUN


def test_nobody_sits_before_the_time_of_the_invitation(town, sitting):
    announce(town, sitting)
    moment = timedelta(seconds=1)

    early = refusal_of(attend, town, sitting, "member1", at=AT + timedelta(hours=2) - moment)
    attend(town, sitting, "member1", at=AT + timedelta(hours=2))

    assert early == Refusal.NOT_BEGUN
    assert sitting.members.get(user=town.member1).attended_by == town.member1


def test_an_invitation_to_the_past_is_to_now(town, sitting):
    assert announce(town, sitting, sits_at=AT - timedelta(days=1)).sits_at == AT


def test_the_secretary_enters_who_is_there_and_who_has_gone(town, sitting):
    attendance.attend(sitting_id=sitting.pk, user_id=town.member1.pk, by=town.secretary, at=AT)

    assert (last().event, last().data["member"], last().actor) == ("sitting.attended", "member1", "secretary")
    assert refusal_of(attend, town, sitting, "member1") == Refusal.ALREADY_ATTENDS
    leave(town, sitting, "member1")
    assert (last().event, last().data["member"]) == ("sitting.left", "member1")
    assert refusal_of(leave, town, sitting, "member1") == Refusal.NOT_ATTENDING
    attend(town, sitting, "member1")
    vote(town, sitting, "member1")
    assert refusal_of(leave, town, sitting, "member1") == Refusal.ALREADY_VOTED


def test_who_has_no_seat_or_no_mandate_does_not_attend(town, sitting):
    StaffMembership.objects.filter(user=town.member1).update(until_on=AT.date())

    assert refusal_of(attend, town, sitting, "clerk") == Refusal.NOT_A_MEMBER
    assert refusal_of(attend, town, sitting, "member1") == Refusal.MANDATE_OVER


def test_whose_mandate_ends_between_coming_and_voting_does_not_vote(town, sitting):
    """On the day itself no more: the day of the end is not a day of the mandate."""
    attend(town, sitting, "member1", "member2")
    StaffMembership.objects.filter(user=town.member1).update(until_on=AT.date())
    StaffMembership.objects.filter(user=town.member2).update(until_on=AT.date() + timedelta(days=1))

    assert refusal_of(vote, town, sitting, "member1") == Refusal.MANDATE_OVER
    vote(town, sitting, "member2")


def test_after_the_decision_nobody_comes_goes_or_declares(town, sitting):
    factories.vote_all(town, sitting)
    confirm(town, sitting)

    assert refusal_of(attend, town, sitting, "member1") == Refusal.ALREADY_DECIDED
    assert refusal_of(leave, town, sitting, "member1") == Refusal.ALREADY_DECIDED
    assert refusal_of(declare, town, sitting, "member1") == Refusal.ALREADY_DECIDED
    assert refusal_of(announce, town, sitting) == Refusal.ALREADY_DECIDED


def test_who_declares_an_interest_is_recused_and_the_quorum_is_of_the_others(town, sitting):
    attend(town, sitting, *MEMBERS)
    before = tallies.count_votes(sitting)

    member = declare(town, sitting, "member1")

    counted = tallies.count_votes(sitting)
    assert (before.needed, before.present) == (4, 4)
    assert (counted.recused, counted.needed, counted.present) == (1, 3, 3)
    assert (member.recusal_ground, member.recusal_detail["text"]) == ("DECLARED", TEXT)
    assert last().data | {"text": TEXT, "voted_before": False, "recused": 1, "needed": 3} == last().data
    assert refusal_of(vote, town, sitting, "member1") == Refusal.RECUSED
    assert refusal_of(declare, town, sitting, "member1") == Refusal.RECUSED


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_interest_is_said_in_words(town, sitting, text):
    assert refusal_of(declare, town, sitting, "member1", text) == Refusal.REASON_MISSING
    assert refusal_of(declare, town, sitting, "clerk") == Refusal.NOT_A_MEMBER


def test_the_vote_of_who_declares_later_stays_and_is_not_counted(town, sitting):
    attend(town, sitting, *MEMBERS, "chair")
    for name in ("member1", "member2", "chair"):
        vote(town, sitting, name)
    for name in ("member3", "member4"):
        vote(town, sitting, name, Vote.Choice.AGAINST)
    assert tallies.count_votes(sitting).in_favor == 3

    declare(town, sitting, "member1")

    counted = tallies.count_votes(sitting)
    assert (counted.voted, counted.in_favor, counted.against) == (4, 2, 2)
    assert Vote.objects.get(member__user=town.member1).choice == "FOR"
    assert SittingMember.objects.get(user=town.member1).recusal_detail["voted_before"]
    # The tie is broken by who presides.
    assert confirm(town, sitting).arithmetic["chair_broke_tie"]


def test_a_chair_who_declares_an_interest_hands_the_sitting_over(town, sitting):
    attend(town, sitting, *MEMBERS, "chair")
    assert tallies.presiding_over(sitting).user == town.chair

    declare(town, sitting, "chair")

    assert tallies.presiding_over(sitting).user == town.member1
    factories.vote_all(town, sitting)
    assert refusal_of(confirm, town, sitting) == Refusal.RECUSED
    assert confirm(town, sitting, "member1").decided_by == town.member1
