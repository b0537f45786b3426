"""People decide open questions of old lists: with a document, a second person for dates, a record each."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from integrations.models import CheckRequest
from queue_registry.models import (
    Application,
    ApplicationDocument,
    AuditEvent,
    Consent,
    ImportCase,
    ImportCaseAssignment,
    ImportDecision,
    ImportSettlement,
    QueueEntry,
)
from queue_registry.rules.digitization.gate import rules_in_force
from queue_registry.rules.legacy.codes import Code
from queue_registry.rules.legacy.decision_values import DecisionRefusal, DecisionRefused
from queue_registry.selectors import gate, invariants
from queue_registry.selectors import import_decisions as selectors
from queue_registry.selectors.applications import get_application_of, list_waiting_file
from queue_registry.services import audit, import_assignments, import_decisions, settlements
from queue_registry.services.import_decisions import Answer
from tests.unit.queue_registry.services.intaking import PDF
from tests.unit.queue_registry.services.test_imports import (
    ANNA,
    AT,
    BOTA,
    DANA,
    known,
    put_in_and_confirm,
    rshep,
    spp,
)

LATER = AT + timedelta(hours=1)


def answer(code, *, scan=b"", reason="Looked at the file", document="File 12, page 3", **value):
    return Answer(code=code, value=value, reason=reason, document=document, scan=scan)


def decide(founded, iin, code, *, by="clerk", at=AT, seen=None, **value):
    application = Application.objects.get(applicant__iin=iin)
    return import_decisions.decide(
        application_id=application.pk,
        answer=answer(code, **value),
        by=founded.staff[by],
        at=at,
        seen=seen,
    )


def settle(at=LATER + timedelta(hours=1)):
    """What the task does."""
    for requested in ImportSettlement.objects.select_related("akimat"):
        assert settlements.settle_due(requested=requested, at=at)


def open_codes(iin):
    cases = ImportCase.objects.filter(application__applicant__iin=iin, closed_at__isnull=True)
    return sorted(cases.values_list("code", flat=True))


def refused(act):
    with pytest.raises(DecisionRefused) as refusal, transaction.atomic():
        act()
    return refusal.value.code


@pytest.fixture
def conflict(founded):
    """Anna's days of registration differ between two lists."""
    known(ANNA, BOTA, DANA)
    put_in_and_confirm(
        founded, spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)), rshep(("7", ANNA, "03.04.2015", 5))
    )
    assert open_codes(ANNA) == ["DATE_CONFLICT"]
    return founded


def test_a_day_counts_with_a_second_person_and_moves_the_entry_by_a_typed_event(conflict):
    decision = decide(conflict, ANNA, Code.DATE_CONFLICT, day="2015-04-03", time="09:30")
    settle()
    before = QueueEntry.objects.get()
    import_decisions.approve(decision_id=decision.pk, by=conflict.staff["supervisor"], at=LATER)
    settle()

    entry = QueueEntry.objects.get()
    assert (before.registered_at.year, before.provisional) == (2019, True)
    assert entry.registered_at == datetime(2015, 4, 3, 3, 30, tzinfo=UTC)
    assert (entry.time_known, entry.provisional, open_codes(ANNA)) == (True, False, [])
    event = entry.events.order_by("pk").last()
    assert (event.kind, event.ground) == ("REGISTERED_AT_CHANGED", "DIGITIZATION")
    assert event.document.startswith("File 12, page 3; spp.csv")
    assert invariants.impossible() == []


def test_who_decided_a_day_does_not_approve_it(conflict):
    decision = decide(conflict, ANNA, Code.DATE_CONFLICT, day="2015-04-03")

    def approve(by):
        return import_decisions.approve(decision_id=decision.pk, by=conflict.staff[by], at=AT)

    assert refused(lambda: approve("clerk")) == DecisionRefusal.SECOND_PERSON_NEEDED
    assert open_codes(ANNA) == ["DATE_CONFLICT"]
    first, second = approve("supervisor"), approve("supervisor")
    assert first == second
    assert AuditEvent.objects.filter(event="import_decision.approved").count() == 1


def test_a_day_that_was_not_approved_leaves_the_question_open(conflict):
    decision = decide(conflict, ANNA, Code.DATE_CONFLICT, day="2015-04-03")
    listed = list(selectors.list_queue(conflict.akimat))

    import_decisions.drop(
        decision_id=decision.pk, why="Another page", by=conflict.staff["supervisor"], at=LATER
    )
    settle()

    assert listed == []
    assert [one.applicant.iin for one in selectors.list_queue(conflict.akimat)] == [ANNA]
    assert QueueEntry.objects.get().provisional
    assert refused(
        lambda: import_decisions.approve(decision_id=decision.pk, by=conflict.staff["supervisor"], at=LATER)
    ) == (DecisionRefusal.DECISION_CLOSED)


def test_a_new_row_that_takes_part_opens_an_answered_question_again(conflict):
    decision = decide(conflict, ANNA, Code.DATE_CONFLICT, day="2014-04-03")
    import_decisions.approve(decision_id=decision.pk, by=conflict.staff["supervisor"], at=AT)
    settle()
    assert QueueEntry.objects.get().registered_at.year == 2014

    put_in_and_confirm(
        conflict, spp(("A-9", ANNA, "2011-01-01", 5), name="more.csv"), at=LATER + timedelta(hours=2)
    )

    assert "DATE_CONFLICT" in open_codes(ANNA)
    entry = QueueEntry.objects.get()
    assert (entry.registered_at.year, entry.provisional) == (2015, True)


@pytest.fixture
def inactive(founded):
    """Anna's and Bota's rows have a status of which a person has to say whether they wait."""
    known(ANNA, BOTA, DANA)
    file = spp(("A-1", ANNA, "2019-05-06T10:00:00", 5), ("A-2", BOTA, "2018-05-06T10:00:00", 4))
    put_in_and_confirm(
        founded,
        type(file)(
            source=file.source, name=file.name, content=file.content.replace(b",active", b",archived")
        ),
    )
    assert open_codes(ANNA) == open_codes(BOTA) == ["NOT_ACTIVE"]
    return founded


def test_an_answer_closes_its_question_with_one_record_and_without_a_number(inactive):
    before = AuditEvent.objects.count()

    decision = decide(inactive, ANNA, Code.NOT_ACTIVE, active=True)

    assert open_codes(ANNA) == []
    assert AuditEvent.objects.count() == before + 1
    record = AuditEvent.objects.get(event="import_decision.made")
    assert record.target == f"application:{decision.application_id}"
    assert (record.data["code"], record.data["answer"]) == ("NOT_ACTIVE", "active")
    settle()
    entry = QueueEntry.objects.get(applicant__iin=ANNA)
    assert (entry.status, entry.provisional, open_codes(ANNA)) == ("WAITING", False, [])


def test_the_same_form_twice_acts_once(inactive):
    first = decide(inactive, ANNA, Code.NOT_ACTIVE, active=True)
    second = decide(inactive, ANNA, Code.NOT_ACTIVE, active=True)
    settle()
    third = decide(inactive, ANNA, Code.NOT_ACTIVE, active=True)

    assert first == second == third
    assert AuditEvent.objects.filter(event="import_decision.made").count() == 1


def test_another_mind_supersedes_and_who_is_set_aside_keeps_the_place_out_of_distribution(inactive):
    first = decide(inactive, ANNA, Code.NOT_ACTIVE, active=True)
    settle()
    second = decide(inactive, ANNA, Code.NOT_ACTIVE, at=LATER, set_aside=True)
    settle()

    first.refresh_from_db()
    assert (first.superseded_by, first.dropped_at) == (second, LATER)
    entry = QueueEntry.objects.get(applicant__iin=ANNA)
    assert entry.status == "SUSPENDED"
    assert entry.events.order_by("pk").last().ground == "DIGITIZATION"
    assert open_codes(ANNA) == []
    import_decisions.drop(decision_id=second.pk, why="Wrong", by=inactive.staff["clerk"], at=LATER)
    settle()
    entry.refresh_from_db()
    assert (entry.status, open_codes(ANNA)) == ("WAITING", ["NOT_ACTIVE"])


def test_what_is_not_open_is_not_decided(inactive):
    assert (
        refused(lambda: decide(inactive, ANNA, Code.DATE_CONFLICT, day="2015-01-01"))
        == DecisionRefusal.CASE_CLOSED
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": " "}, DecisionRefusal.REASON_MISSING),
        ({"document": " "}, DecisionRefusal.DOCUMENT_MISSING),
        ({"scan": b"MZ program"}, DecisionRefusal.SCAN_NOT_READABLE),
        ({"scan": PDF + b" " * 10 * 1024 * 1024}, DecisionRefusal.SCAN_TOO_LARGE),
        ({"accepted": True}, DecisionRefusal.FIELD_UNKNOWN),
    ],
)
def test_without_reason_document_or_a_readable_scan_nothing_is_decided(inactive, changes, code):
    assert refused(lambda: decide(inactive, ANNA, Code.NOT_ACTIVE, active=True, **changes)) == code
    assert not ImportDecision.objects.exists()
    assert open_codes(ANNA) == ["NOT_ACTIVE"]


def test_the_scan_is_kept_with_its_digest_under_a_name_that_tells_nothing(inactive, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    decision = decide(inactive, ANNA, Code.NOT_ACTIVE, active=True, scan=PDF)

    scan = ApplicationDocument.objects.get()
    assert decision.scan == scan
    assert scan.application_id == decision.application_id
    with scan.file.open() as kept:
        assert kept.read() == PDF
    assert ANNA not in scan.file.name


def test_a_page_that_is_out_of_date_decides_nothing(inactive):
    application = Application.objects.get(applicant__iin=ANNA)
    seen = selectors.seen_of(application)
    put_in_and_confirm(inactive, rshep(("7", ANNA, "03.04.2015", 5)), at=LATER)

    assert (
        refused(lambda: decide(inactive, ANNA, Code.NOT_ACTIVE, seen=seen, active=True))
        == DecisionRefusal.CHANGED_MEANWHILE
    )


def test_equal_cases_are_answered_together_each_with_its_own_decision(inactive):
    keys = list(Application.objects.values_list("pk", flat=True))
    told = {"akimat": inactive.akimat, "by": inactive.staff["clerk"], "at": AT}

    made = import_decisions.decide_many(
        application_ids=[*keys, 999], answer=answer(Code.NOT_ACTIVE, active=True), **told
    )
    again = import_decisions.decide_many(
        application_ids=keys, answer=answer(Code.NOT_ACTIVE, active=True), **told
    )

    assert (made, again) == (2, 0)
    assert ImportDecision.objects.count() == 2
    assert AuditEvent.objects.filter(event="import_decision.made").count() == 2
    assert not ImportCase.objects.filter(closed_at__isnull=True).exists()


@pytest.mark.parametrize(
    "value", [{"day": "2015-01-01"}, {"set_aside": True, "only": ["spp:x"]}], ids=["a day", "some rows"]
)
def test_what_is_one_person_s_own_is_not_decided_for_many(inactive, value):
    code = Code.DATE_CONFLICT if "day" in value else Code.NOT_ACTIVE

    def act():
        import_decisions.decide_many(
            akimat=inactive.akimat,
            application_ids=[],
            answer=answer(code, **value),
            by=inactive.staff["clerk"],
            at=AT,
        )

    assert refused(act) == DecisionRefusal.NOT_IN_BULK


def test_a_right_iin_is_asked_about_by_the_paper_of_its_list(founded):
    known(ANNA)
    file = spp(("A-1", ANNA, "2019-05-06T10:00:00", 5), ("A-2", BOTA, "2018-05-06T10:00:00", 4))
    put_in_and_confirm(
        founded,
        type(file)(source=file.source, name=file.name, content=file.content.replace(BOTA.encode(), b"123")),
    )
    (application,) = Application.objects.filter(applicant__isnull=True)

    import_decisions.decide(
        application_id=application.pk,
        answer=answer(Code.BAD_IIN, iin=BOTA),
        by=founded.staff["clerk"],
        at=AT,
    )
    asked = set(CheckRequest.objects.filter(subject_iin=BOTA).values_list("source", flat=True))
    known(BOTA)
    CheckRequest.objects.update(state="ANSWERED", closed_at=AT)
    settle()

    assert asked == {"gbd_fl", "zags"}
    assert Consent.objects.filter(person__iin=BOTA).count() == 1
    application.refresh_from_db()
    assert application.applicant.iin == BOTA
    entry = QueueEntry.objects.get(applicant__iin=BOTA)
    assert (entry.file_number, entry.waiting_list.number) == (application.file_number, "4")


def test_a_row_of_nobody_leaves_the_waiting_file(founded):
    known(ANNA)
    file = spp(("A-1", ANNA, "2019-05-06T10:00:00", 5))
    put_in_and_confirm(
        founded,
        type(file)(source=file.source, name=file.name, content=file.content.replace(ANNA.encode(), b"123")),
    )
    (application,) = list_waiting_file(founded.akimat)

    import_decisions.decide(
        application_id=application.pk,
        answer=answer(Code.BAD_IIN, set_aside=True),
        by=founded.staff["clerk"],
        at=AT,
    )
    settle()

    assert not list_waiting_file(founded.akimat).exists()
    assert waiting_for_the_gate(founded) == 0
    row = application.import_rows.get()
    assert (row.state, row.answered, row.remarks) == ("merged", ["BAD_IIN"], ["DECIDED", "SET_ASIDE"])


def test_of_one_household_the_later_application_is_held_until_a_case_decides(founded):
    known(ANNA, BOTA)
    put_in_and_confirm(
        founded,
        spp(("A-1", ANNA, "2019-05-06T10:00:00", 5, BOTA), ("A-2", BOTA, "2018-05-06T10:00:00", 4)),
    )
    assert open_codes(ANNA) == open_codes(BOTA) == ["HOUSEHOLD_TWICE"]

    decide(founded, ANNA, Code.HOUSEHOLD_TWICE, one=True)
    settle()

    assert open_codes(ANNA) == open_codes(BOTA) == []
    statuses = dict(QueueEntry.objects.values_list("applicant__iin", "status"))
    assert statuses == {ANNA: "SUSPENDED", BOTA: "WAITING"}
    assert invariants.impossible() == []


@pytest.fixture
def household(founded):
    """Anna, in whose household Bota is, has a list that nobody knows, and no place; Bota has one."""
    known(ANNA, BOTA)
    put_in_and_confirm(
        founded,
        spp(("A-1", ANNA, "2019-05-06T10:00:00", 9, BOTA), ("A-2", BOTA, "2018-05-06T10:00:00", 4)),
    )
    return founded


def test_of_one_household_a_later_application_without_a_place_leads_to_the_earlier(household):
    later, earlier = (Application.objects.get(applicant__iin=iin) for iin in (ANNA, BOTA))
    decide(household, ANNA, Code.HOUSEHOLD_TWICE, one=True)
    settle()
    assert [one.pk for one in list_waiting_file(household.akimat)] == [later.pk]
    assert open_codes(ANNA) == ["LIST_CODE_UNKNOWN"]

    decide(household, ANNA, Code.LIST_CODE_UNKNOWN, lists=["5"])
    settle()
    settle()

    later.refresh_from_db()
    assert (later.joined_into, list(list_waiting_file(household.akimat))) == (earlier, [])
    assert list(QueueEntry.objects.values_list("applicant__iin", "status")) == [(BOTA, "WAITING")]
    assert Application.objects.count() == 2
    assert list(earlier.import_rows.order_by("row").values_list("state", flat=True)) == ["merged", "imported"]
    for iin in (ANNA, BOTA):
        assert get_application_of(file_number=later.file_number, iin=iin) == earlier
    assert invariants.impossible() == []


def test_two_households_after_all_get_their_own_numbers_back(household):
    later = Application.objects.get(applicant__iin=ANNA)
    one = decide(household, ANNA, Code.HOUSEHOLD_TWICE, one=True)
    decide(household, ANNA, Code.LIST_CODE_UNKNOWN, lists=["5"])
    settle()

    import_decisions.drop(decision_id=one.pk, why="Divorced", by=household.staff["clerk2"], at=LATER)
    settle()

    later.refresh_from_db()
    assert (later.joined_into, Application.objects.count()) == (None, 2)
    assert open_codes(ANNA) == open_codes(BOTA) == ["HOUSEHOLD_TWICE"]
    numbers = dict(QueueEntry.objects.values_list("applicant__iin", "file_number"))
    assert numbers[ANNA] == later.file_number
    assert set(QueueEntry.objects.values_list("status", flat=True)) == {"WAITING"}
    assert invariants.impossible() == []


def waiting_for_the_gate(founded):
    key = founded.akimat.pk
    return gate.figures_of([key], rules=rules_in_force(AT.date()), at=AT)[key].waiting_file


def test_the_gate_counts_the_waiting_file_and_nobody_else_without_a_place(household):
    filed = Application.objects.get(applicant__iin=ANNA)
    filed.pk, filed.running_number, filed.file_number = None, 77, "271010-0000077-1"
    filed.origin, filed.applicant = Application.Origin.DESK, None
    filed.save(force_insert=True)

    assert waiting_for_the_gate(household) == len(list_waiting_file(household.akimat)) == 1
    household.akimat.import_batches.update(
        undone_at=AT, undone_by=household.staff["supervisor"], why_undone="Wrong file"
    )
    assert waiting_for_the_gate(household) == len(list_waiting_file(household.akimat)) == 0


def test_a_failing_record_undoes_the_decision(inactive, monkeypatch):
    def fail(**_):
        raise RuntimeError("no trail")

    monkeypatch.setattr(audit, "record_many", fail)

    with pytest.raises(RuntimeError, match="no trail"):
        decide(inactive, ANNA, Code.NOT_ACTIVE, active=True)

    assert not ImportDecision.objects.exists()
    assert open_codes(ANNA) == ["NOT_ACTIVE"]


def test_the_database_keeps_a_decision_as_it_was_made(inactive):
    decision = decide(inactive, ANNA, Code.NOT_ACTIVE, active=True)

    for change in ({"value": {}}, {"document": "x"}, {"rows": []}):
        with (
            pytest.raises(DatabaseError, match="Cannot update"),
            transaction.atomic(),
        ):
            ImportDecision.objects.filter(pk=decision.pk).update(**change)
    with pytest.raises(IntegrityError, match="approved_by_another_person"), transaction.atomic():
        ImportDecision.objects.filter(pk=decision.pk).update(approved_by=decision.decided_by, approved_at=AT)
    again = ImportDecision.objects.get(pk=decision.pk)
    again.pk = None
    with pytest.raises(IntegrityError, match="one_current_import_decision_per_case"), transaction.atomic():
        ImportDecision.objects.bulk_create([again])


def test_a_case_is_given_to_one_person_at_a_time(inactive):
    keys = list(Application.objects.order_by("pk").values_list("pk", flat=True))

    def assign(to, ids=keys):
        return import_assignments.assign(
            akimat=inactive.akimat,
            application_ids=ids,
            to=inactive.staff[to],
            by=inactive.staff["clerk"],
            at=AT,
        )

    assert [assign("clerk"), assign("clerk"), assign("clerk2", keys[:1])] == [2, 0, 1]
    current = ImportCaseAssignment.objects.filter(ended_at__isnull=True)
    assert dict(current.values_list("application_id", "to__username")) == {
        keys[0]: "clerk2",
        keys[1]: "clerk",
    }
    mine = selectors.list_queue(inactive.akimat, to=inactive.staff["clerk"])
    assert [one.pk for one in mine] == keys[1:]
    assert AuditEvent.objects.filter(event="import_case.assigned").count() == 3


def test_the_queue_is_by_code_and_source_the_longest_waiting_first(inactive):
    put_in_and_confirm(inactive, rshep(("7", DANA, "03.04.2015", 9)), at=LATER)

    def listed(**chosen):
        return [one.applicant.iin for one in selectors.list_queue(inactive.akimat, **chosen)]

    assert listed() == [BOTA, ANNA, DANA]
    assert listed(code="NOT_ACTIVE") == [BOTA, ANNA]
    assert listed(source="rshep") == [DANA]
    assert selectors.count_open(inactive.akimat) == {"NOT_ACTIVE": 2, "LIST_CODE_UNKNOWN": 1}
