"""A look finds what happened in an akimat's rows; backdating blocks a round till another person clears it."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from allocation import tasks
from allocation.models import Decision, Dwelling, Offer
from allocation.rules.refusals import Refusal, Refused
from allocation.services import decisions, flags, offers
from queue_registry.models import (
    Akimat,
    Application,
    AuditEvent,
    Fact,
    ImportBatch,
    ImportRow,
    QueueEntryEvent,
    RedFlag,
    Review,
    SourceAnswer,
    WaitingList,
)
from queue_registry.rules.flags.refusals import FlagRefused
from queue_registry.rules.reasons import RegistrationChangeGround, ReviewSource
from queue_registry.services import applications, registration_changes, registrations, reviews
from queue_registry.services import flags as flag_rows
from tests import factories
from tests.unit.queue_registry.services import moving

AT = factories.AT
NEXT = AT + timedelta(days=1)
PROVEN_DAY = datetime(2012, 5, 6, 5, tzinfo=UTC)


@pytest.fixture
def town(db):
    return factories.town()


def typed_long_ago(*entries):
    """As if the entries were typed on the day of their moment."""
    for entry in entries:
        Application.objects.filter(pk=entry.application_id).update(entered_at=entry.registered_at)


def lawful(town, count=1):
    entries = [factories.waiting(town, day=day) for day in range(1, count + 1)]
    typed_long_ago(*entries)
    return entries


def look(town, *, at=NEXT):
    flags.look(akimat=town.akimat, at=at)
    return {(flag.kind, flag.target) for flag in RedFlag.objects.filter(cleared_at=None, gone_at=None)}


def name(entry):
    return f"queue_entry:{entry.pk}"


def redate(town, entry, ground, moment=PROVEN_DAY):
    change = registration_changes.propose(
        entry_id=entry.pk, ground=ground, registered_at=moment, document="No 3", by=town.clerk, at=AT
    )
    return registration_changes.approve(change_id=change.pk, by=town.supervisor, at=AT)


def test_a_lawful_register_and_its_round_have_no_flags(town):
    register = factories.register(town)
    typed_long_ago(*register.entries.values())
    factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM)

    assert look(town) == set()


def test_an_entry_typed_long_after_its_moment_is_flagged_once(town):
    entry = factories.waiting(town)

    assert look(town) == {("MOMENT_BEFORE_ENTRY", name(entry))}
    assert look(town, at=NEXT + timedelta(days=1)) == {("MOMENT_BEFORE_ENTRY", name(entry))}

    flag = RedFlag.objects.get()
    assert (flag.file_number, flag.seen_at) == (entry.file_number, NEXT)
    assert flag.involved == [town.clerk.pk]
    assert AuditEvent.objects.filter(event="red_flag.opened", target=name(entry)).count() == 1


def imported(town, entry, *, on="2012-05-06", number="17", **cells):
    batch = ImportBatch.objects.create(
        akimat=town.akimat,
        source="paper",
        file_name="list.xlsx",
        sha256=f"{ImportBatch.objects.count():064d}",
        imported_on=date(2026, 8, 1),
        imported_by=town.clerk2,
        imported_at=AT,
        confirmed_by=town.supervisor,
        confirmed_at=AT,
    )
    return ImportRow.objects.create(
        batch=batch,
        sheet_no=0,
        row=5,
        cells={"date": {"day": on}, "number": number, **cells},
        digest="0" * 64,
        number=number,
        state="imported",
        application=entry.application,
    )


def test_a_row_of_an_old_list_explains_an_old_moment(town):
    imported(town, factories.waiting(town))

    assert look(town) == set()


# What stands behind a changed moment


def forward(town, ground):
    """The last of thirty gets the earliest moment."""
    entries = lawful(town, 30)
    redate(town, entries[-1], ground)
    return entries[-1]


@pytest.mark.parametrize(
    "ground",
    [RegistrationChangeGround.REINSTATEMENT, RegistrationChangeGround.DIGITIZATION],
)
def test_the_ground_that_somebody_chose_proves_nothing(town, ground):
    entry = forward(town, ground)

    # The desk's numbers show it as well.
    assert look(town) == {("JUMP", name(entry)), ("NUMBER_OUT_OF_SEQUENCE", name(entry))}
    jump = RedFlag.objects.get(kind="JUMP")
    assert (jump.figures["before"], jump.figures["after"], jump.figures["length"]) == (30, 1, 30)
    assert set(jump.involved) == {town.clerk.pk, town.supervisor.pk}


def test_a_decided_review_proves_a_reinstated_moment(town):
    entries = lawful(town, 30)
    review = reviews.open_on_moment(
        entry_id=entries[-1].pk,
        source=ReviewSource.COURT,
        claim="Filed in 2012",
        document="Claim No 1",
        by=town.clerk,
        at=AT,
    )
    Review.objects.filter(pk=review.pk).update(
        outcome="OVERTURNED", decided_by=town.supervisor, decided_at=AT, decision="Judgment No 2"
    )
    redate(town, entries[-1], RegistrationChangeGround.REINSTATEMENT)

    assert look(town) == set()


def test_the_day_in_the_row_of_an_old_list_proves_a_correction(town):
    entries = lawful(town, 30)
    imported(town, entries[-1])
    redate(town, entries[-1], RegistrationChangeGround.DIGITIZATION)

    assert look(town) == set()


def test_another_day_in_the_row_does_not(town):
    entries = lawful(town, 30)
    imported(town, entries[-1], on="2015-03-31")
    redate(town, entries[-1], RegistrationChangeGround.DIGITIZATION)

    assert ("JUMP", name(entries[-1])) in look(town)


def elsewhere(town, entry):
    """The same applicant waits in another akimat, since the earliest moment of tests."""
    there = Akimat.objects.create(kato="271310000", name_kk="Басқа", name_ru="Другой")
    number = entry.waiting_list.number
    (application,) = applications.number_many(
        akimat=there,
        applications=[
            Application(
                applicant=entry.applicant,
                origin=Application.Origin.DESK,
                entered_by=town.clerk,
                entered_at=PROVEN_DAY,
            )
        ],
    )
    registration = registrations.Registration(
        application=application,
        waiting_list=WaitingList.objects.create(akimat=there, number=number),
        registered_at=PROVEN_DAY,
    )
    (made,) = registrations.register_many(
        akimat=there, registrations=[registration], by=town.clerk, at=PROVEN_DAY, ground="APPLICATION"
    )
    return made


def test_an_orphan_is_followed_from_the_other_akimat_by_the_moment_there(town):
    entries = [factories.waiting(town, number="2", day=day) for day in range(1, 31)]
    typed_long_ago(*entries)
    elsewhere(town, entries[-1])
    redate(town, entries[-1], RegistrationChangeGround.ORPHAN_TRANSFER)

    # The other entry stands still, which is another question.
    assert {kind for kind, _ in look(town)} <= {"SAME_CONTACT"}


def test_an_orphan_who_stood_nowhere_else_jumps(town):
    entries = [factories.waiting(town, number="2", day=day) for day in range(1, 31)]
    typed_long_ago(*entries)
    redate(town, entries[-1], RegistrationChangeGround.ORPHAN_TRANSFER)

    assert ("JUMP", name(entries[-1])) in look(town)


def test_who_waits_in_two_akimats_is_flagged_where_he_came_first(town):
    (entry,) = lawful(town)
    other = elsewhere(town, entry)

    assert look(town) == set()
    flags.look(akimat=other.akimat, at=NEXT)
    assert (RedFlag.objects.get().target, RedFlag.objects.get().figures["others"]) == (
        name(other),
        [name(entry)],
    )


# Who is tied to whom, who shares what


def test_the_same_phone_in_old_lists_of_three_families(town):
    entries = lawful(town, 3)
    for entry, phone in zip(entries, ("+7 701 123-45-67", "8(701)1234567", "7011234567"), strict=True):
        imported(town, entry, phone=phone, number="")

    assert look(town) == {("SAME_CONTACT", name(entries[0]))}
    assert RedFlag.objects.get().figures["others"] == [name(entries[1]), name(entries[2])]


@pytest.mark.parametrize("phone", ["", "нет", "0000000000", "701-12"])
def test_what_is_no_phone_is_shared_by_nobody(town, phone):
    for entry in lawful(town, 3):
        imported(town, entry, phone=phone, number="")

    assert look(town) == set()


def housed(town):
    """The first of three got the only home and took it."""
    entries = lawful(town, 3)
    factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))
    offer = Offer.objects.get()
    offers.accept(offer_id=offer.pk, by=town.clerk, at=AT + timedelta(hours=2))
    return entries[0], offer


def test_a_relative_of_the_staff_gets_a_home(town):
    entry, _ = housed(town)
    mother = factories.identify(town, "clerk2")
    factories.relate(entry.applicant, mother, "parent")

    assert look(town) == {("OFFICIAL_OR_RELATIVE", name(entry))}
    flag = RedFlag.objects.get()
    assert (flag.figures["degree"], flag.figures["staff"]) == (1, str(town.clerk2.pk))
    assert town.clerk2.pk in flag.involved


def test_who_was_a_spouse_once_is_no_relative(town):
    entry, _ = housed(town)
    former = factories.identify(town, "clerk2")
    factories.relate(entry.applicant, former, "spouse", until="2020-01-01")

    assert look(town) == set()


def test_a_home_is_empty_only_if_the_register_said_so_long_after(town):
    entry, offer = housed(town)
    later = AT + timedelta(days=92)

    assert look(town, at=later) == set()

    answer = Fact.objects.get(person=entry.applicant, kind="REGISTRATION").answer
    SourceAnswer.objects.filter(pk=answer.pk).update(answered_at=later)
    assert look(town, at=later) == {("FLAT_EMPTY", f"dwelling:{offer.dwelling_id}")}

    fact = Fact.objects.get(person=entry.applicant, kind="REGISTRATION")
    fact.value["since"] = "2026-10-01"
    fact.save()
    assert look(town, at=later) == set()
    assert RedFlag.objects.get().gone_at == later


def test_a_home_that_nobody_distributes(town):
    (home,) = factories.ready(town)

    assert look(town, at=AT + timedelta(days=180)) == set()
    assert look(town, at=AT + timedelta(days=181)) == {("FLAT_IDLE", f"dwelling:{home.pk}")}
    assert RedFlag.objects.get().figures["home"] == home.number

    Dwelling.objects.filter(pk=home.pk).update(state="ALLOTTED", idle_since=None)
    assert look(town, at=AT + timedelta(days=200)) == set()


# Blocking


@pytest.fixture
def sitting(town):
    """Two candidates, one home; the second was typed long after its moment."""
    lawful(town, 1)
    factories.waiting(town, day=2)
    found = factories.convened(town, factories.ready(town, rooms=1, area="36.40"))
    factories.vote_all(town, found)
    return found


def confirm(town, sitting):
    return decisions.confirm(
        sitting_id=sitting.pk, result_sha256=sitting.run.result_sha256, by=town.chair, at=NEXT
    )


def test_an_open_flag_of_backdating_on_a_candidate_blocks_the_round_until_another_person_clears_it(
    town, sitting
):
    look(town)
    flag = RedFlag.objects.get()
    before = AuditEvent.objects.count()

    with pytest.raises(Refused) as refused:
        confirm(town, sitting)

    assert refused.value.code is Refusal.FLAGGED
    # The flagged one is not even served: candidates are all of the frozen list.
    assert refused.value.detail["file_numbers"] == [flag.file_number]
    assert AuditEvent.objects.count() == before
    assert not Decision.objects.exists()

    flag_rows.clear(flag_id=flag.pk, why="Paper journal of 2015, page 7", by=town.supervisor, at=NEXT)
    assert confirm(town, sitting).outcome == Decision.Outcome.CONFIRMED


def test_other_flags_and_flags_of_others_block_nothing(town, sitting):
    look(town)
    flag = RedFlag.objects.get()
    flag_rows.clear(flag_id=flag.pk, why="Seen", by=town.supervisor, at=NEXT)
    told = {"akimat": town.akimat, "cause": "x", "strength": 1, "seen_at": NEXT}
    RedFlag.objects.create(
        kind="SAME_CONTACT", target=flag.target, entry=flag.entry, file_number=flag.file_number, **told
    )
    RedFlag.objects.create(kind="JUMP", target="queue_entry:0", file_number="271010-9999999-9", **told)

    assert confirm(town, sitting).outcome == Decision.Outcome.CONFIRMED


# Clearing


@pytest.fixture
def flag(town):
    factories.waiting(town)
    look(town)
    return RedFlag.objects.get()


def code_of(**told):
    before = AuditEvent.objects.count()
    with pytest.raises(FlagRefused) as refused:
        flag_rows.clear(at=NEXT, **told)
    assert AuditEvent.objects.count() == before
    return str(refused.value.code)


def test_whoever_entered_the_record_does_not_clear_its_flag(town, flag):
    assert code_of(flag_id=flag.pk, why="Mine", by=town.clerk) == "ANOTHER_PERSON_NEEDED"


def test_whoever_approved_a_changed_moment_does_not_clear_it_either(town, flag):
    redate(town, flag.entry, RegistrationChangeGround.REINSTATEMENT)

    assert code_of(flag_id=flag.pk, why="Mine", by=town.supervisor) == "ANOTHER_PERSON_NEEDED"


def test_whoever_put_the_old_list_in_does_not(town, flag):
    imported(town, flag.entry)

    assert code_of(flag_id=flag.pk, why="Mine", by=town.clerk2) == "ANOTHER_PERSON_NEEDED"


def test_a_flag_is_cleared_with_a_reason_and_once(town, flag):
    assert code_of(flag_id=flag.pk, why=" \n", by=town.supervisor) == "REASON_MISSING"

    flag_rows.clear(flag_id=flag.pk, why=" Journal, page 7 ", by=town.supervisor, at=NEXT)

    flag.refresh_from_db()
    assert (flag.why, flag.cleared_by, flag.cleared_at) == ("Journal, page 7", town.supervisor, NEXT)
    assert AuditEvent.objects.get(event="red_flag.cleared").data["why"] == "Journal, page 7"
    assert code_of(flag_id=flag.pk, why="Again", by=town.supervisor) == "FLAG_CLOSED"


def test_what_was_cleared_is_not_asked_again_but_a_new_cause_is(town, flag):
    flag_rows.clear(flag_id=flag.pk, why="Journal", by=town.supervisor, at=NEXT)

    assert look(town, at=NEXT + timedelta(days=1)) == set()

    Application.objects.filter(pk=flag.entry.application_id).update(entered_at=AT + timedelta(days=3))
    assert look(town, at=NEXT + timedelta(days=9)) == {("MOMENT_BEFORE_ENTRY", flag.target)}


def test_backdating_does_not_go_by_itself(town, flag):
    typed_long_ago(flag.entry)

    assert look(town) == {("MOMENT_BEFORE_ENTRY", flag.target)}


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"why": "x"}, "red_flag_cleared_at_by_and_why_together"),
        ({"cleared_at": NEXT, "cleared_by": "supervisor"}, "red_flag_cleared_at_by_and_why_together"),
        (
            {"cleared_at": NEXT, "cleared_by": "clerk", "why": "x"},
            "red_flag_cleared_by_another_person",
        ),
        (
            {"cleared_at": NEXT, "cleared_by": "supervisor", "why": "x", "gone_at": NEXT},
            "red_flag_cleared_or_gone",
        ),
        ({"kind": "GOSSIP"}, "question_stays|red_flag_kind_is_known|Cannot update"),
    ],
)
def test_the_database_refuses(town, flag, change, constraint):
    told = {
        key: town.staff.get(value, value) if key == "cleared_by" else value for key, value in change.items()
    }

    with pytest.raises(Exception, match=constraint), transaction.atomic():
        RedFlag.objects.filter(pk=flag.pk).update(**told)


def test_the_database_keeps_one_open_flag_of_a_kind_and_a_target(town, flag):
    again = {"akimat": town.akimat, "kind": flag.kind, "target": flag.target, "cause": "x"}

    with pytest.raises(IntegrityError, match="one_open_red_flag_per_kind_and_target"), transaction.atomic():
        RedFlag.objects.create(**again, strength=1, seen_at=NEXT)


@pytest.mark.parametrize("closed", [False, True])
def test_a_flag_is_never_deleted_and_a_closed_one_never_changed(town, flag, closed):
    if closed:
        flag_rows.clear(flag_id=flag.pk, why="Journal", by=town.supervisor, at=NEXT)
        with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
            RedFlag.objects.filter(pk=flag.pk).update(why="Another")
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
        RedFlag.objects.filter(pk=flag.pk).delete()


# Command and task


def test_the_command_looks_at_one_akimat_or_at_all(town):
    factories.waiting(town)
    Akimat.objects.create(kato="271310000", name_kk="Басқа", name_ru="Другой")
    output = StringIO()

    call_command("find_flags", akimat="271310000", stdout=output)
    call_command("find_flags", stdout=output)

    assert output.getvalue().splitlines() == [
        "271310000: 0 opened, 0 known already, 0 gone",
        "271010000: 1 opened, 0 known already, 0 gone",
        "271310000: 0 opened, 0 known already, 0 gone",
    ]
    with pytest.raises(CommandError, match="no akimat 999"):
        call_command("find_flags", akimat="999")


def test_a_failure_in_one_akimat_stops_no_other(town, monkeypatch):
    factories.waiting(town)
    broken = Akimat.objects.create(kato="111010000", name_kk="Басқа", name_ru="Другой")
    whole = flags.look

    def fails_there(*, akimat, at):
        if akimat == broken:
            raise RuntimeError("broken")
        return whole(akimat=akimat, at=at)

    monkeypatch.setattr(flags, "look", fails_there)

    tasks.find_flags()

    assert RedFlag.objects.get().akimat == town.akimat


def test_an_event_of_every_kind_has_a_step(town):
    """Removal by a case with a source's answer is proven; the same without an answer is not."""
    from queue_registry.selectors import flag_histories

    (entry,) = lawful(town)
    moving.removed(town, entry)
    steps = flag_histories.gather(town.akimat)[1]

    assert [(step.what, step.proof) for step in steps] == [("REGISTERED", ""), ("LEFT", "")]
    answer = SourceAnswer.objects.get(person=entry.applicant, source="egkn")
    answer.outcome = "FOUND"
    answer.save()
    assert [step.proof for step in flag_histories.gather(town.akimat)[1]] == ["", "SOURCE"]
    assert QueueEntryEvent.objects.count() == 2
    assert (steps[1].clerk, steps[1].second) == (str(town.clerk.pk), str(town.supervisor.pk))
