"""Groups of applications that may be one person's: searched, decided, asked again only for somebody new."""

import io

import openpyxl
import pytest
from django.db import IntegrityError, transaction

from queue_registry import tasks
from queue_registry.models import (
    Application,
    ApplicationDocument,
    AuditEvent,
    ImportCase,
    ImportDecision,
    MatchGroup,
    QueueEntry,
)
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.match_refusals import MatchRefusal, MatchRefused
from queue_registry.selectors import invariants
from queue_registry.selectors import matches as selectors
from queue_registry.services import imports, matches, settlements
from tests import factories
from tests.unit.queue_registry.conftest import AT
from tests.unit.queue_registry.services.intaking import PDF
from tests.unit.queue_registry.services.test_imports import ANNA, BOTA, known, put_in_and_confirm, spp

SAME, DIFFERENT = MatchGroup.Outcome.SAME, MatchGroup.Outcome.DIFFERENT
PAPER = "Identity card, copy in file 12"


def paper(*rows, name="paper.xlsx"):
    """A paper list typed into a spreadsheet; a row is (name, IIN, day)."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["№ п/п", "ФИО", "ИИН", "Дата постановки", "Категория", "Состав семьи", "Примечание"])
    for number, (full_name, iin, day) in enumerate(rows, start=1):
        sheet.append([number, full_name, iin, day, "Бюджетник", 2, None])
    content = io.BytesIO()
    book.save(content)
    return imports.GivenFile(source=Source.PAPER, name=name, content=content.getvalue())


@pytest.fixture
def listed(founded):
    """Anna is known by the youngest list; a paper row has her name and day, and no number."""
    known(ANNA, BOTA)
    put_in_and_confirm(
        founded,
        spp(("A-1", ANNA, "2011-05-06T10:00:00", 5), ("A-2", BOTA, "2012-05-07T10:00:00", 5)),
        paper(("ОЙДАН АННА", "", "06.05.2011"), ("Басқа Адам", "", "06.05.2011")),
    )
    return founded


def search(founded):
    return matches.search(akimat=founded.akimat, at=AT)


def the_group():
    (group,) = MatchGroup.objects.filter(superseded_by=None, gone_at=None, outcome="")
    return group


def decide(group, outcome, founded, *, members=None, **said):
    return matches.decide(
        group_id=group.pk,
        outcome=outcome,
        members=group.members if members is None else members,
        by=founded.staff["clerk"],
        at=AT,
        **{"document": PAPER, **said},
    )


def settle(founded):
    settlements.settle(akimat=founded.akimat, by=None, at=AT, document="decisions")


def numbers_of(group):
    return set(Application.objects.filter(pk__in=group.members).values_list("applicant_name", flat=True))


def test_a_search_proposes_with_reasons_and_joins_nothing(listed):
    assert search(listed) == matches.Searched(proposed=1, kept=0, gone=0)

    group = the_group()
    (reason,) = group.reasons
    assert numbers_of(group) == {"Ойдан Анна", "ОЙДАН АННА"}
    assert (reason["name"], reason["signs"]) == ("SHORT", ["DAY_SAME", "LIST_SAME"])
    assert not Application.objects.filter(joined_into__isnull=False).exists()
    record = AuditEvent.objects.get(event="match_group.proposed")
    assert len(record.data["file_numbers"]) == 2
    assert ANNA not in str(record.data)


def test_searching_again_keeps_the_group_and_its_day(listed):
    search(listed)
    first = the_group()

    assert search(listed) == matches.Searched(proposed=0, kept=1, gone=0)
    assert the_group() == first


def test_the_same_person_s_row_is_led_to_the_other_by_the_ledger(listed):
    search(listed)
    group = the_group()

    decide(group, SAME, listed)
    settle(listed)

    mine = Application.objects.get(applicant__iin=ANNA)
    (paper_one,) = Application.objects.filter(joined_into__isnull=False)
    assert paper_one.joined_into == mine
    assert mine.import_rows.count() == 2
    decision = ImportDecision.objects.get()
    assert (decision.code, decision.value, decision.document) == ("NO_IIN", {"iin": ANNA}, PAPER)
    assert AuditEvent.objects.get(event="match_group.decided").data["outcome"] == "SAME"
    assert invariants.impossible() == []
    # It stays so.
    assert search(listed) == matches.Searched(proposed=0, kept=0, gone=0)


def test_a_name_spelled_as_only_clerks_do_is_no_mismatch_once_a_person_found_out_whose_it_is(founded):
    known(ANNA, name="Ойдан Анна")
    put_in_and_confirm(
        founded,
        spp(("A-1", ANNA, "2011-05-06T10:00:00", 5)),
        paper(("Анна Серікқызы Ойдань", "", "06.05.2011")),
    )
    search(founded)

    decide(the_group(), SAME, founded)
    settle(founded)

    assert Application.objects.filter(joined_into__applicant__iin=ANNA).count() == 1
    assert not ImportCase.objects.filter(code="IDENTITY_MISMATCH", closed_at__isnull=True).exists()


def test_different_people_stay_apart_and_both_keep_their_numbers(listed):
    search(listed)
    group = the_group()

    decide(group, DIFFERENT, listed)
    settle(listed)

    assert search(listed) == matches.Searched(proposed=0, kept=0, gone=0)
    assert not Application.objects.filter(joined_into__isnull=False).exists()
    assert ImportCase.objects.filter(application__in=group.members, code="NO_IIN", closed_at=None).exists()


def test_only_somebody_new_opens_a_decided_group_again(listed):
    search(listed)
    group = the_group()
    decide(group, DIFFERENT, listed)

    put_in_and_confirm(listed, paper(("Анна Ойдан", "нет", "06.05.2011"), name="second.xlsx"))
    search(listed)

    again = the_group()
    group.refresh_from_db()
    assert set(group.members) < set(again.members)
    assert group.superseded_by == again
    pairs = [tuple(reason["keys"]) for reason in again.reasons]
    assert tuple(group.members) not in pairs
    assert len(pairs) == 2


def test_a_part_of_a_group_is_decided_and_the_rest_is_asked_again(listed):
    put_in_and_confirm(listed, paper(("Анна Ойдан", "нет", "06.05.2011"), name="second.xlsx"))
    search(listed)
    group = the_group()
    known_one = Application.objects.get(applicant__iin=ANNA).pk
    first, second = (key for key in group.members if key != known_one)

    part = decide(group, SAME, listed, members=[known_one, first])
    group.refresh_from_db()
    assert (part.members, group.superseded_by) == (sorted([known_one, first]), part)
    settle(listed)
    search(listed)

    assert the_group().members == sorted([known_one, second])
    assert Application.objects.get(joined_into__isnull=False).pk == first


def test_a_group_that_is_not_found_any_more_goes_by_itself(listed):
    search(listed)
    group = the_group()
    listed.akimat.import_batches.filter(source="paper").update(
        undone_at=AT, undone_by=listed.staff["supervisor"], why_undone="Wrong file"
    )
    settle(listed)

    assert search(listed) == matches.Searched(proposed=0, kept=0, gone=1)
    group.refresh_from_db()
    assert (group.superseded_by, group.outcome, group.gone_at, group.is_open) == (None, "", AT, False)
    assert AuditEvent.objects.filter(event="match_group.gone", target=f"match_group:{group.pk}").exists()
    with pytest.raises(MatchRefused) as refused:
        decide(group, DIFFERENT, listed)
    assert refused.value.code is MatchRefusal.GROUP_CLOSED
    assert not list(selectors.list_groups(listed.akimat, is_open=True))


def test_a_group_that_was_gone_and_is_found_again_is_a_new_one(listed):
    search(listed)
    group = the_group()
    MatchGroup.objects.update(gone_at=AT)

    assert search(listed) == matches.Searched(proposed=1, kept=0, gone=0)
    group.refresh_from_db()
    assert (the_group().members, group.gone_at, group.superseded_by) == (group.members, AT, None)


def test_a_decision_that_was_taken_back_opens_the_group_again(listed):
    search(listed)
    group = the_group()
    decide(group, SAME, listed)
    ImportDecision.objects.update(dropped_at=AT)
    settle(listed)

    search(listed)

    group.refresh_from_db()
    assert the_group().members == group.members
    assert group.superseded_by == the_group()


def test_of_two_unknown_ones_the_document_has_to_say_who_it_is(founded):
    known(ANNA)
    put_in_and_confirm(founded, paper(("Ойдан Анна", "", "06.05.2011"), ("Анна Ойдан", "-", "06.05.2011")))
    search(founded)
    group = the_group()

    for iin, code in (("", MatchRefusal.IIN_NEEDED), (ANNA[:-1] + "x", MatchRefusal.NOT_AN_IIN)):
        with pytest.raises(MatchRefused) as refused:
            decide(group, SAME, founded, iin=iin)
        assert refused.value.code is code

    decide(group, SAME, founded, iin=ANNA)
    settle(founded)
    entry = QueueEntry.objects.get()
    assert (entry.applicant.iin, entry.application.import_rows.count()) == (ANNA, 2)
    assert Application.objects.filter(joined_into=entry.application).count() == 1


def test_what_is_refused_changes_nothing(listed):
    search(listed)
    group = the_group()

    for code, said in (
        (MatchRefusal.DOCUMENT_MISSING, {"document": "  "}),
        (MatchRefusal.SCAN_NOT_READABLE, {"scan": b"MZ program"}),
        (MatchRefusal.SCAN_TOO_LARGE, {"scan": PDF + b" " * 10 * 1024 * 1024}),
        (MatchRefusal.TWO_NEEDED, {"members": group.members[:1]}),
        (MatchRefusal.TWO_NEEDED, {"members": [*group.members, 999_999]}),
    ):
        with pytest.raises(MatchRefused) as refused:
            decide(group, SAME, listed, **said)
        assert refused.value.code is code
    assert not ImportDecision.objects.exists()
    assert the_group() == group

    decide(group, DIFFERENT, listed)
    assert decide(group, DIFFERENT, listed) == group
    with pytest.raises(MatchRefused) as refused:
        decide(group, SAME, listed)
    assert refused.value.code is MatchRefusal.GROUP_CLOSED


@pytest.mark.parametrize("outcome", [SAME, DIFFERENT])
def test_the_scan_of_a_decision_is_kept_in_a_file_of_the_group(listed, outcome, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    search(listed)
    group = the_group()

    decided = decide(group, outcome, listed, scan=PDF)

    scan = ApplicationDocument.objects.get()
    assert (decided.scan, scan.title, scan.added_by) == (scan, PAPER, listed.staff["clerk"])
    assert scan.application_id in group.members
    assert [one.scan for one in ImportDecision.objects.all()] == ([scan] if outcome == SAME else [])
    with scan.file.open() as kept:
        assert kept.read() == PDF
    assert ANNA not in scan.file.name


def test_two_people_whom_the_register_knows_are_never_made_one(listed):
    search(listed)
    group = the_group()
    bota = Application.objects.get(applicant__iin=BOTA)
    wide = MatchGroup.objects.create(
        akimat=listed.akimat, members=sorted([*group.members, bota.pk]), reasons=[], proposed_at=AT
    )

    with pytest.raises(MatchRefused) as refused:
        decide(wide, SAME, listed)

    assert refused.value.code is MatchRefusal.TWO_PEOPLE


def test_the_database_refuses_a_decision_without_document_and_one_group_twice(listed):
    search(listed)
    group = the_group()

    undocumented = "match_group_decided_by_somebody_with_a_document"
    with pytest.raises(IntegrityError, match=undocumented), transaction.atomic():
        MatchGroup.objects.filter(pk=group.pk).update(outcome="SAME")
    with pytest.raises(IntegrityError, match="one_current_match_group_per_members"), transaction.atomic():
        MatchGroup.objects.create(akimat=group.akimat, members=group.members, reasons=[], proposed_at=AT)


def test_the_database_knows_one_honest_end_of_a_group(listed):
    search(listed)
    rows = MatchGroup.objects.filter(pk=the_group().pk)
    other = MatchGroup.objects.create(akimat=listed.akimat, members=[], reasons=[], proposed_at=AT)
    application = Application.objects.first()
    scan = ApplicationDocument.objects.create(
        application=application, kind="OTHER", added_by=listed.staff["clerk"], added_at=AT
    )

    for name, ends in (
        ("match_group_superseded_by_another", {"superseded_by": rows.get()}),
        ("match_group_gone_or_superseded", {"superseded_by": other, "gone_at": AT}),
        ("match_group_scan_is_of_a_decision", {"scan": scan}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(**ends)


def test_the_task_searches_where_a_ledger_was_made_since_and_nowhere_else(listed):
    assert selectors.list_due() == [listed.akimat]

    tasks.find_matches()

    assert the_group()
    assert selectors.list_due() == []
    settle(listed)
    assert selectors.list_due() == [listed.akimat]


def test_a_birth_date_in_a_column_of_its_own_is_compared_with_the_register_s(founded):
    known(ANNA)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["№ п/п", "ФИО", "ИИН", "Дата постановки", "Категория", "Состав семьи", "Дата рождения"])
    sheet.append([1, "Ойдан Анна", "", "01.02.2009", "Бюджетник", 2, "03.02.1991"])
    sheet.append([2, "Ойдан Анна", "", "06.05.2011", "Бюджетник", 2, "04.02.1991"])
    content = io.BytesIO()
    book.save(content)
    file = imports.GivenFile(source=Source.PAPER, name="born.xlsx", content=content.getvalue())
    put_in_and_confirm(founded, spp(("A-1", ANNA, "2011-05-06T10:00:00", 5)), file)

    search(founded)

    (reason,) = the_group().reasons
    assert "BORN_SAME" in reason["signs"]
    assert "DAY_OTHER" in reason["differences"]
    assert factories.invented_iin(7_001) == ANNA
