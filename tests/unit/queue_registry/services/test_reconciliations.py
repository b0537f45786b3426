"""What is counted of confirmed files, against each other and against what authorities stated."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from queue_registry import gate_presenters
from queue_registry.models import AuditEvent, ImportBatch, QueueEntry, ReconciliationExplanation, StatedTotal
from queue_registry.rules.digitization.gate_refusals import GateRefusal, GateRefused
from queue_registry.rules.digitization.reconciliation import Part
from queue_registry.selectors import reconciliation as selectors
from queue_registry.services import reconciliations
from tests import factories
from tests.unit.queue_registry.conftest import AT
from tests.unit.queue_registry.services.test_imports import (
    ANNA,
    BOTA,
    DANA,
    known,
    put_in_and_confirm,
    rshep,
    spp,
)


@pytest.fixture
def lists(founded):
    """Anna stands on two lists, Bota on one, both of the service product; the gateway names Bota and Dana."""
    known(ANNA, BOTA)
    put_in_and_confirm(
        founded,
        spp(
            ("A-1", ANNA, "2019-05-06T10:00:00", 5),
            ("A-2", ANNA, "2019-05-06T10:00:00", 4),
            ("A-3", BOTA, "2019-05-07T10:00:00", 5),
        ),
        rshep(("B-1", BOTA, "07.05.2019", 5), ("B-2", DANA, "08.05.2019", 5)),
    )
    return founded


def lines(founded):
    return {one.line.key: one for one in selectors.list_lines(founded.akimat)}


def state(founded, stated, **scope):
    return reconciliations.state_total(
        akimat=founded.akimat,
        stated=stated,
        as_of=AT.date(),
        document="Letter 7",
        by=founded.staff["clerk"],
        at=AT,
        **scope,
    )


def explain(founded, line, difference, **changes):
    told = {"explanation": "A book was lost", "document": "Act 2", "by": founded.staff["clerk"]} | changes
    return reconciliations.explain(akimat=founded.akimat, line=line, difference=difference, at=AT, **told)


def refused(act):
    with pytest.raises(GateRefused) as error:
        act()
    return error.value.code


def test_people_on_two_lists_explain_the_lists_that_add_up_to_more(lists):
    state(lists, 2, source="spp")
    state(lists, 2, list_number="5", source="spp")

    found = lines(lists)

    assert found["stated:all/spp"].line.parts == {Part.ON_TWO_LISTS: 1}
    assert found["stated:5/spp"].line.counted == 3
    assert found["rows:spp"].line.parts == {Part.ON_TWO_LISTS: 1}
    assert found["two_lists"].line.difference == 1


def test_sources_are_compared_person_by_person(lists):
    found = lines(lists)

    assert (found["only:spp/rshep"].line.counted, found["only:spp/rshep"].line.difference) == (2, 1)
    assert (found["only:rshep/spp"].line.counted, found["only:rshep/spp"].line.difference) == (2, 1)
    assert not found["only:spp/rshep"].is_settled


def test_what_happens_to_people_later_changes_no_line(lists):
    before = {key: (one.line.stated, one.line.counted) for key, one in lines(lists).items()}
    town = factories.Town(akimat=lists.akimat, staff=dict(lists.staff), passwords={})
    factories.waiting(town)

    assert {key: (one.line.stated, one.line.counted) for key, one in lines(lists).items()} == before


def test_a_file_that_is_taken_back_counts_no_more(lists):
    state(lists, 3, source="spp")
    ImportBatch.objects.filter(source="rshep").update(
        undone_at=AT, undone_by=lists.staff["supervisor"], why_undone="Another town's"
    )

    found = lines(lists)

    assert "rows:rshep" not in found
    assert "only:spp/rshep" not in found
    assert found["stated:all/spp"].line.difference == 0


def test_a_total_inside_a_file_is_a_line_of_its_own(founded):
    known(ANNA)
    put_in_and_confirm(founded, spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)))
    batch = ImportBatch.objects.get()
    batch.others = [{"kind": "total", "sheet": "", "sheet_no": 0, "row": 9, "stated": 2, "counted": 1}]
    batch.save()

    one = lines(founded)[f"file:{batch.pk}/0/9"]
    line = one.line
    assert batch.file_name in gate_presenters.line_name(one)

    assert (line.stated, line.counted, line.difference, line.is_explained) == (2, 1, -1, False)


def test_an_explanation_needs_a_reason_a_document_the_line_as_it_is_and_a_second_person(lists):
    line = "only:spp/rshep"

    assert refused(lambda: explain(lists, line, 1, explanation=" ")) is GateRefusal.REASON_MISSING
    assert refused(lambda: explain(lists, line, 1, document=" ")) is GateRefusal.DOCUMENT_MISSING
    assert refused(lambda: explain(lists, line, 2)) is GateRefusal.LINE_CHANGED
    assert refused(lambda: explain(lists, "two_lists", 1)) is GateRefusal.LINE_CHANGED
    written = explain(lists, line, 1)
    assert refused(lambda: explain(lists, line, 1)) is GateRefusal.EXPLAINED_ALREADY
    own = {"explanation_id": written.pk, "by": lists.staff["clerk"], "at": AT}
    assert refused(lambda: reconciliations.approve(**own)) is GateRefusal.ANOTHER_PERSON_NEEDED
    assert not lines(lists)[line].is_settled

    reconciliations.approve(explanation_id=written.pk, by=lists.staff["supervisor"], at=AT)

    assert lines(lists)[line].is_settled
    assert selectors.count_unexplained([lists.akimat.pk]) == {lists.akimat.pk: 1}
    acts = AuditEvent.objects.filter(target=f"reconciliation:{written.pk}").order_by("seq")
    assert [act.event for act in acts] == ["reconciliation.explained", "reconciliation.approved"]


def test_a_difference_that_changes_is_open_again(lists):
    state(lists, 9)
    before = lines(lists)["stated:all/all"].line.difference
    written = explain(lists, "stated:all/all", before)
    reconciliations.approve(explanation_id=written.pk, by=lists.staff["supervisor"], at=AT)
    assert lines(lists)["stated:all/all"].is_settled

    state(lists, 10)

    changed = lines(lists)["stated:all/all"]
    assert (changed.line.difference, changed.is_settled) == (before - 1, False)


def test_what_an_authority_says_anew_takes_the_place_of_what_it_said(lists):
    state(lists, 5)
    state(lists, 6)
    state(lists, 1, list_number="4")

    assert [(one.list_number, one.stated) for one in selectors.list_stated(lists.akimat)] == [
        ("", 6),
        ("4", 1),
    ]
    assert StatedTotal.objects.filter(superseded_at=AT).count() == 1


def test_the_database_keeps_one_current_total_and_two_people_on_an_explanation(lists):
    first = state(lists, 5)
    written = explain(lists, "only:spp/rshep", 1)

    told = {"stated": 1, "as_of": first.as_of, "document": "x", "recorded_by": first.recorded_by}
    with (
        pytest.raises(IntegrityError, match="one_current_stated_total_per_list_and_source"),
        transaction.atomic(),
    ):
        StatedTotal.objects.create(akimat=first.akimat, recorded_at=AT, **told)
    with (
        pytest.raises(IntegrityError, match="reconciliation_approved_by_another_person"),
        transaction.atomic(),
    ):
        ReconciliationExplanation.objects.filter(pk=written.pk).update(
            approved_by=written.explained_by, approved_at=AT
        )


def test_counting_takes_as_many_questions_for_many_rows_as_for_few(founded):
    with CaptureQueriesContext(connection) as empty:
        selectors.count_unexplained([founded.akimat.pk])
    known(ANNA, BOTA)
    put_in_and_confirm(
        founded, spp(("A-1", ANNA, "2019-05-06T10:00:00", 5), ("A-2", BOTA, "2019-05-07T10:00:00", 4))
    )
    with CaptureQueriesContext(connection) as filled:
        selectors.count_unexplained([founded.akimat.pk])

    assert QueueEntry.objects.count() == 2
    assert len(filled) == len(empty) == 4
