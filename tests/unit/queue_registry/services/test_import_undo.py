"""A file is taken back as a whole while nothing rests on it; nobody is removed by that."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from integrations.models import OPEN_STATES, CheckRequest
from queue_registry.models import (
    AuditEvent,
    Consent,
    ImportBatch,
    ImportCase,
    ImportRow,
    QueueEntry,
    QueueEntryEvent,
    RemovalCase,
)
from queue_registry.rules.legacy.codes import Source
from queue_registry.selectors import invariants, legacy
from queue_registry.services import import_undo, imports, queue_entries
from queue_registry.services.import_undo import UndoRefused
from tests.unit.queue_registry.conftest import AT
from tests.unit.queue_registry.services.listing import ANNA, BOTA, DANA, SIGNED, known, spp

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=1)
FIRST = ("A-1", ANNA, "2019-05-06T10:00:00", 5)
SECOND = ("A-2", BOTA, "2019-05-07T10:00:00", 4)


@pytest.fixture
def put_in(founded):
    def act(*rows, name="spp.csv", confirmed=True, at=AT):
        file = imports.GivenFile(source=Source.SPP, name=name, content=spp(*rows))
        batch = imports.put_in(
            akimat=founded.akimat, file=file, by=founded.staff["clerk"], at=at, consent_document=SIGNED
        )
        if confirmed:
            imports.confirm(akimat=founded.akimat, by=founded.staff["supervisor"], at=at)
        return batch

    return act


@pytest.fixture
def undo(founded):
    def act(batch, by="chair", reason="The list of another akimat"):
        return import_undo.undo(batch_id=batch.pk, reason=reason, by=founded.staff[by], at=LATER)

    return act


def entry_of(iin):
    return QueueEntry.objects.get(applicant__iin=iin)


def test_a_file_that_nobody_confirmed_is_taken_back_and_may_come_again(founded, put_in, undo):
    batch = put_in(FIRST, confirmed=False)

    undo(batch)

    with pytest.raises(imports.NothingToConfirm):
        imports.confirm(akimat=founded.akimat, by=founded.staff["supervisor"], at=LATER)
    assert put_in(FIRST, confirmed=False, at=LATER).pk != batch.pk
    assert batch.rows.count() == 1


def test_entries_that_stood_only_by_the_file_keep_their_place_out_of_distribution(founded, put_in, undo):
    known(ANNA, BOTA)
    put_in(FIRST)
    batch = put_in(SECOND, name="second.csv")

    undo(batch)

    assert (entry_of(ANNA).status, entry_of(BOTA).status) == ("WAITING", "SUSPENDED")
    event = QueueEntryEvent.objects.filter(entry=entry_of(BOTA)).latest("pk")
    assert (event.kind, event.ground, event.by) == ("MOVED", "DIGITIZATION", founded.staff["chair"])
    assert event.document.startswith("second.csv")
    assert event.document.endswith("The list of another akimat")
    assert invariants.impossible() == []
    assert {row.iin for row in legacy.list_rows(founded.akimat)} == {ANNA}
    assert ImportRow.objects.filter(batch=batch).count() == 1


def test_the_right_file_gives_the_place_back_at_its_own_moment(founded, put_in, undo):
    known(BOTA)
    undo(put_in(SECOND))
    before = entry_of(BOTA)

    put_in(("A-2", BOTA, "2019-05-08T10:00:00", 4), name="right.csv", at=LATER)

    after = entry_of(BOTA)
    assert (before.pk, before.status) == (after.pk, "SUSPENDED")
    assert after.status == "WAITING"
    assert after.registered_at - before.registered_at == timedelta(days=1)


def test_a_moment_that_the_file_changed_is_as_before(founded, put_in, undo):
    known(ANNA)
    put_in(FIRST)
    first = entry_of(ANNA).registered_at
    batch = put_in(("A-1", ANNA, "2020-01-02T10:00:00", 5), name="corrected.csv")
    assert entry_of(ANNA).registered_at != first
    assert ImportRow.objects.filter(replaced_by__batch=batch).count() == 1

    undo(batch)

    assert (entry_of(ANNA).registered_at, entry_of(ANNA).status) == (first, "WAITING")
    assert not ImportRow.objects.filter(replaced_by__isnull=False).exists()


def test_open_questions_of_the_file_are_closed_with_it(founded, put_in, undo):
    known(ANNA)
    batch = put_in(("A-1", ANNA, "", 5))
    assert [case.code for case in legacy.list_open_cases(founded.akimat)] == ["NO_DATE"]

    undo(batch)

    assert not legacy.list_open_cases(founded.akimat).exists()
    assert ImportCase.objects.get().closed_at == LATER


def test_the_consent_paper_of_the_file_covers_no_question_any_more(founded, put_in, undo):
    batch = put_in(FIRST)
    asked = CheckRequest.objects.filter(subject_iin=ANNA, state__in=OPEN_STATES)
    assert asked.exists()
    assert Consent.objects.in_force(LATER).filter(person__iin=ANNA).exists()

    undo(batch)

    assert not asked.exists()
    assert not Consent.objects.in_force(LATER).filter(person__iin=ANNA).exists()
    assert Consent.objects.filter(person__iin=ANNA).exists()


def test_sent_twice_it_is_taken_back_once(founded, put_in, undo):
    batch = put_in(FIRST)
    undo(batch)
    records = AuditEvent.objects.count()

    undo(batch, reason="again")

    assert AuditEvent.objects.count() == records
    assert ImportBatch.objects.get().why_undone == "The list of another akimat"


@pytest.mark.parametrize("by", ["clerk", "supervisor"])
def test_who_put_the_file_in_or_confirmed_it_does_not_take_it_back(put_in, undo, by):
    with pytest.raises(UndoRefused, match="SAME_PERSON"):
        undo(put_in(FIRST), by=by)


def test_without_a_reason_nothing_is_taken_back(put_in, undo):
    batch = put_in(FIRST)

    with pytest.raises(UndoRefused, match="NO_REASON"):
        undo(batch, reason="  ")
    with pytest.raises(IntegrityError, match="import_batch_undone_by_somebody"), transaction.atomic():
        ImportBatch.objects.filter(pk=batch.pk).update(undone_at=LATER, undone_by=batch.imported_by)


def test_a_file_that_a_later_one_corrects_or_repeats_stays_until_that_one_is_taken_back(put_in, undo):
    known(ANNA, BOTA, DANA)
    first = put_in(FIRST, SECOND)
    corrected = put_in(
        ("A-1", ANNA, "2020-01-02T10:00:00", 5), ("A-3", DANA, "2019-06-01T10:00:00", 4), name="2.csv"
    )
    with pytest.raises(UndoRefused, match="LATER_FILE"):
        undo(first)
    undo(corrected)
    repeated = put_in(SECOND, name="3.csv")
    with pytest.raises(UndoRefused, match="LATER_FILE"):
        undo(first)
    undo(repeated)

    assert undo(first).undone_at == LATER


def test_what_a_person_decided_on_one_of_its_applications_keeps_the_file(founded, put_in, undo):
    known(ANNA, BOTA)
    batch = put_in(FIRST, SECOND)
    entry = entry_of(BOTA)
    RemovalCase.objects.create(
        entry=entry,
        ground="ACQUIRED_DWELLING",
        evidence="A statement",
        proposed_by=founded.staff["clerk"],
        proposed_at=AT,
    )

    with pytest.raises(UndoRefused, match="SOMETHING_RESTS_ON_IT") as refused:
        undo(batch)

    assert refused.value.file_numbers == (entry.file_number,)
    assert ImportBatch.objects.get(pk=batch.pk).undone_at is None


def test_an_offer_keeps_the_file_even_when_it_has_ended(founded, put_in, undo):
    known(ANNA)
    batch = put_in(FIRST)
    by = founded.staff["clerk"]
    queue_entries.mark_offered(entry_id=entry_of(ANNA).pk, by=by, at=AT, document="Decision No 1")
    with pytest.raises(UndoRefused, match="SOMETHING_RESTS_ON_IT"):
        undo(batch)
    queue_entries.return_to_waiting(entry_id=entry_of(ANNA).pk, by=by, at=AT, ground="OFFER_REFUSED")

    with pytest.raises(UndoRefused, match="SOMETHING_RESTS_ON_IT"):
        undo(batch)
