"""One person puts a legacy list in, another confirms it; the ledger of all rows makes the register."""

import re
from datetime import timedelta
from io import StringIO
from itertools import permutations

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from integrations.models import CheckRequest
from queue_registry.legacy_files.errors import LegacyFileError
from queue_registry.models import (
    Application,
    AssessmentRequest,
    AuditEvent,
    Consent,
    ContactPoint,
    HouseholdMember,
    ImportBatch,
    ImportCase,
    ImportRow,
    ImportSettlement,
    MissingConsent,
    Person,
    QueueEntry,
    SourceAnswer,
)
from queue_registry.rules.facts import Said, Source
from queue_registry.rules.file_number import file_number
from queue_registry.rules.legacy import codes
from queue_registry.selectors import invariants, legacy
from queue_registry.services import assessment_requests, audit, contacts, imports, settlements
from tests import factories
from tests.unit.queue_registry.conftest import AT

SPP_HEADER = (
    "application_number,iin,last_name,first_name,middle_name,registered_at,list_code,family_iins,phone,status"
)
RSHEP_HEADER = "REG_NUM;IIN;FIO;REG_DATE;CATEGORY_CODE;FAMILY_COUNT;STATUS"
ANNA, BOTA, DANA = (factories.invented_iin(number) for number in (7_001, 7_002, 7_003))
NAMES = {ANNA: "Ойдан Анна", BOTA: "Ойдан Бота", DANA: "Ойдан Дана"}


def spp(*rows, name="spp.csv"):
    """A file of the service product; a row is (number, IIN, registered_at, list, family)."""
    lines = [SPP_HEADER]
    for number, iin, moment, number_of_list, *family in rows:
        last, first = NAMES[iin].split()
        lines.append(
            f"{number},{iin},{last},{first},,{moment},{number_of_list},{';'.join(family)},+77000000001,active"
        )
    return imports.GivenFile(
        source=codes.Source.SPP, name=name, content=("\n".join(lines) + "\n").encode("utf-8-sig")
    )


def rshep(*rows):
    """A file of the Regional Gateway; a row is (number, IIN, day, list)."""
    lines = [RSHEP_HEADER]
    for number, iin, day, number_of_list in rows:
        lines.append(f"{number};{iin};{NAMES[iin].upper()};{day};{number_of_list};1;ДЕЙСТВУЮЩИЙ")
    return imports.GivenFile(
        source=codes.Source.RSHEP, name="rshep.csv", content=("\n".join(lines) + "\n").encode("cp1251")
    )


def known(*iins, name=None):
    """The registers answered: these people exist under their names and have no relatives."""
    for iin in iins:
        person, _ = Person.objects.get_or_create(iin=iin)
        last, first = (name or NAMES[iin]).split()
        person.last_name, person.first_name = last, first
        factories.answer_everything(person)


SIGNED = "Consents in the files of the list"


def put_in_and_confirm(founded, *files, at=AT):
    for file in files:
        imports.put_in(
            akimat=founded.akimat, file=file, by=founded.staff["clerk"], at=at, consent_document=SIGNED
        )
    return imports.confirm(akimat=founded.akimat, by=founded.staff["supervisor"], at=at)


def standing():
    """Who stands where, whatever the file numbers are."""
    rows = QueueEntry.objects.active().values_list(
        "applicant__iin", "waiting_list__number", "registered_at", "time_known", "provisional"
    )
    return sorted(rows)


def report_of(founded):
    return {
        (row.batch.file_name, row.row): (row.state, tuple(row.codes), tuple(row.questions))
        for row in legacy.list_rows(founded.akimat)
    }


def test_the_telephones_of_a_list_are_how_its_people_are_reached_until_they_say_otherwise(founded):
    known(ANNA)
    put_in_and_confirm(founded, spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)))
    taken = ContactPoint.objects.get(person__iin=ANNA)
    told = contacts.record(
        akimat=founded.akimat,
        person_id=taken.person_id,
        channel="SMS",
        value="+77000002222",
        language="ru",
        target="application:1",
        by=founded.staff["clerk"],
        at=AT,
    )

    settlements.settle(akimat=founded.akimat, by=None, at=AT, document="again")

    assert (taken.channel, taken.value, taken.recorded_by) == ("SMS", "+77000000001", None)
    current = ContactPoint.objects.filter(person=taken.person, ended_at__isnull=True)
    assert list(current) == [told]


def test_a_file_that_is_tried_out_leaves_nothing_behind(founded):
    known(ANNA)
    before = (Person.objects.count(), AuditEvent.objects.count())

    ledger = imports.preview(akimat=founded.akimat, file=spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)), at=AT)

    assert [(one.state, one.codes) for one in ledger.rows] == [("imported", ())]
    assert (Person.objects.count(), AuditEvent.objects.count()) == before
    assert not ImportBatch.objects.exists()
    assert not CheckRequest.objects.exists()


def test_a_file_put_in_is_kept_as_it_is_and_changes_no_queue_yet(founded):
    file = spp(("A-1", ANNA, "2019-05-06T10:00:00", 5), ("A-2", BOTA, "2019-05-07T10:00:00", 4))

    batch = imports.put_in(
        akimat=founded.akimat, file=file, by=founded.staff["clerk"], at=AT, consent_document=SIGNED
    )

    assert [(row.row, row.iin, row.number, row.state) for row in batch.rows.order_by("row")] == [
        (2, ANNA, "A-1", ""),
        (3, BOTA, "A-2", ""),
    ]
    asked = CheckRequest.objects.values_list("subject_iin", "source").order_by("subject_iin", "source")
    assert list(asked) == sorted((iin, source) for iin in (ANNA, BOTA) for source in ("gbd_fl", "zags"))
    assert not Application.objects.exists()


def test_who_is_on_the_list_consented_by_its_paper_and_for_the_family(founded):
    put_in_and_confirm(founded, spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)))

    given = Consent.objects.get()
    batch = ImportBatch.objects.get()
    assert (given.person.iin, given.import_batch, given.for_household) == (ANNA, batch, True)
    assert (given.evidence, batch.consent_document) == (SIGNED, SIGNED)
    refs = CheckRequest.objects.values_list("consent_ref", flat=True)
    assert set(refs) == {str(given.pk)}
    imported = AuditEvent.objects.get(event="import_batch.imported")
    assert (imported.data["consents"], imported.data["consent_document"]) == (1, SIGNED)


def test_without_a_paper_nobody_is_asked_and_the_rows_wait_for_nothing(founded):
    file = spp(("A-1", ANNA, "2019-05-06T10:00:00", 5))
    imports.put_in(akimat=founded.akimat, file=file, by=founded.staff["clerk"], at=AT)
    imports.confirm(akimat=founded.akimat, by=founded.staff["supervisor"], at=AT)
    assessment_requests.assess_due(limit=9, at=AT)

    assert not CheckRequest.objects.exists()
    assert not legacy.is_waiting_for_registers(founded.akimat)
    entry = QueueEntry.objects.get()
    assert (entry.status, entry.applicant.iin) == ("WAITING", ANNA)
    assert (entry.assessment.eligibility, entry.assessment.code) == ("UNKNOWN", "NO_CONSENT")
    assert [(one.entry, one.person.iin) for one in MissingConsent.objects.all()] == [(entry, ANNA)]


def test_without_a_paper_who_consented_elsewhere_is_asked(founded):
    factories.consent(factories.PersonFactory(iin=BOTA))
    file = spp(("A-1", ANNA, "2019-05-06T10:00:00", 5), ("A-2", BOTA, "2019-05-07T10:00:00", 4))

    imports.put_in(akimat=founded.akimat, file=file, by=founded.staff["clerk"], at=AT)

    assert set(CheckRequest.objects.values_list("subject_iin", flat=True)) == {BOTA}


def test_a_paper_that_is_named_later_lets_the_registers_be_asked(founded):
    file = spp(("A-1", ANNA, "2019-05-06T10:00:00", 5))
    batch = imports.put_in(akimat=founded.akimat, file=file, by=founded.staff["clerk"], at=AT)
    imports.confirm(akimat=founded.akimat, by=founded.staff["supervisor"], at=AT)
    assessment_requests.assess_due(limit=9, at=AT)

    given = [
        imports.add_consents(
            batch_id=batch.pk, consent_document=SIGNED, by=founded.staff["clerk"], at=AT + timedelta(days=1)
        )
        for _ in range(2)
    ]

    assert given == [1, 0]
    batch.refresh_from_db()
    assert batch.consent_document == SIGNED
    assert set(CheckRequest.objects.values_list("source", flat=True)) == {"gbd_fl", "zags"}
    assert AuditEvent.objects.filter(event="import_batch.consents_added").count() == 1
    assessment_requests.assess_due(limit=9, at=AT + timedelta(days=1))
    assert not MissingConsent.objects.exists()


def test_the_same_file_twice_changes_nothing(founded):
    file = spp(("A-1", ANNA, "2019-05-06T10:00:00", 5))
    imports.put_in(akimat=founded.akimat, file=file, by=founded.staff["clerk"], at=AT)

    with pytest.raises(imports.AlreadyImported):
        imports.put_in(akimat=founded.akimat, file=file, by=founded.staff["clerk2"], at=AT)

    assert (ImportBatch.objects.count(), ImportRow.objects.count()) == (1, 1)


def test_who_put_a_file_in_cannot_confirm_it_and_then_none_is_confirmed(founded):
    clerk, clerk2 = founded.staff["clerk"], founded.staff["clerk2"]
    imports.put_in(akimat=founded.akimat, file=spp(("A-1", ANNA, "2019-05-06", 5)), by=clerk2, at=AT)
    imports.put_in(akimat=founded.akimat, file=rshep(("7", BOTA, "06.05.2015", 4)), by=clerk, at=AT)

    with pytest.raises(imports.SecondPersonNeeded, match="rshep"):
        imports.confirm(akimat=founded.akimat, by=clerk, at=AT)

    assert not ImportBatch.objects.filter(confirmed_at__isnull=False).exists()
    assert not QueueEntry.objects.exists()


def test_there_has_to_be_something_to_confirm(founded):
    with pytest.raises(imports.NothingToConfirm):
        imports.confirm(akimat=founded.akimat, by=founded.staff["supervisor"], at=AT)


def test_confirmed_rows_make_numbers_in_the_order_of_registration_entries_and_households(founded):
    known(ANNA, BOTA, DANA)

    put_in_and_confirm(
        founded,
        spp(
            ("A-1", ANNA, "2019-05-06T10:00:00", 5, DANA),
            ("A-2", BOTA, "2018-05-07T10:00:00", 4),
        ),
    )

    numbered = Application.objects.order_by("running_number").values_list("applicant__iin", "file_number")
    assert list(numbered) == [
        (BOTA, file_number(kato="271010000", running_number=1)),
        (ANNA, file_number(kato="271010000", running_number=2)),
    ]
    assert [(iin, number) for iin, number, *_ in standing()] == sorted([(ANNA, "5"), (BOTA, "4")])
    assert list(HouseholdMember.objects.values_list("application__applicant__iin", "person__iin")) == [
        (ANNA, DANA)
    ]
    assert AssessmentRequest.objects.count() == 2
    assert invariants.impossible() == []
    assert list(AuditEvent.objects.order_by("seq").values_list("event", flat=True))[-4:] == [
        "queue_entry.registered",
        "queue_entry.registered",
        "legacy_ledger.settled",
        "import_batch.confirmed",
    ]


FILES = (
    spp(("A-1", ANNA, "2019-05-06T10:00:00", 5), ("A-2", BOTA, "2018-02-02T09:00:00", 4)),
    rshep(("7", ANNA, "03.04.2015", 4), ("8", DANA, "06.05.2015", 6)),
    spp(("A-3", DANA, "2015-05-06T00:00:00", 6), name="spp of the villages.csv"),
)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_of_the_files_gives_the_same_ledger_and_the_same_queue(founded, order):
    known(ANNA, BOTA, DANA)
    at_once = [FILES[number] for number in range(3)]
    with transaction.atomic():
        put_in_and_confirm(founded, *at_once)
        expected = (report_of(founded), standing())
        transaction.set_rollback(True)

    for step, number in enumerate(order):
        put_in_and_confirm(founded, FILES[number], at=AT + timedelta(hours=step))

    assert standing() == expected[1]
    assert report_of(founded) == expected[0]
    assert invariants.impossible() == []


def test_a_second_file_settles_list_and_moment_by_events_that_name_it(founded):
    known(ANNA)
    put_in_and_confirm(founded, rshep(("7", ANNA, "03.04.2015", 4)))

    put_in_and_confirm(founded, spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)), at=AT + timedelta(days=1))

    entry = QueueEntry.objects.get()
    assert (entry.waiting_list.number, entry.provisional, entry.registered_at.year) == ("5", True, 2019)
    events = list(entry.events.order_by("pk").values_list("kind", "ground", "document"))
    assert [kind for kind, _, _ in events] == ["REGISTERED", "LIST_CHANGED", "REGISTERED_AT_CHANGED"]
    assert all(
        re.fullmatch(r"spp\.csv, № 2 \(sha256:[0-9a-f]{16}\)", document) for _, _, document in events[1:]
    )
    assert set(ImportCase.objects.values_list("code", flat=True)) == {"DATE_CONFLICT", "LIST_CONFLICT"}


def test_in_a_corrected_file_a_changed_row_replaces_its_predecessor_and_the_others_stay(founded):
    known(ANNA, BOTA)
    kept, wrong = ("A-2", BOTA, "2018-02-02T09:00:00", 4), ("A-1", ANNA, "2019-05-06T10:00:00", 5)
    put_in_and_confirm(founded, spp(kept, wrong))
    number = Application.objects.get(applicant__iin=ANNA).file_number

    put_in_and_confirm(founded, spp(kept, ("A-1", ANNA, "2016-05-06T10:00:00", 5), name="corrected.csv"))

    in_force = legacy.list_rows(founded.akimat)
    assert [(row.batch.file_name, row.number) for row in in_force] == [
        ("spp.csv", "A-2"),
        ("corrected.csv", "A-1"),
    ]
    entry = QueueEntry.objects.get(applicant__iin=ANNA)
    assert (entry.registered_at.year, entry.file_number, entry.provisional) == (2016, number, False)
    replaced = ImportRow.objects.get(replaced_by__isnull=False)
    assert replaced.cells["date"] == "2019-05-06T10:00:00"


def test_an_answer_that_shows_another_person_suspends_the_entry_which_keeps_its_place(founded):
    put_in_and_confirm(founded, spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)))
    assert report_of(founded)["spp.csv", 2] == ("imported", ("IDENTITY_UNCHECKED",), ())
    known(ANNA, name="Басқа Адам")

    settlements.settle(akimat=founded.akimat, by=None, at=AT, document="answers")

    entry = QueueEntry.objects.get()
    assert (entry.status, entry.is_active) == ("SUSPENDED", True)
    assert report_of(founded)["spp.csv", 2] == (
        "needs_person",
        ("IDENTITY_MISMATCH",),
        ("IDENTITY_MISMATCH",),
    )

    SourceAnswer.objects.filter(person__iin=ANNA).update(superseded_at=AT)
    known(ANNA)
    settlements.settle(akimat=founded.akimat, by=None, at=AT, document="answers")

    entry.refresh_from_db()
    assert entry.status == "WAITING"
    assert ImportCase.objects.get().closed_at == AT
    assert invariants.impossible() == []


def unknown_to_the_register(iin):
    person, _ = Person.objects.get_or_create(iin=iin)
    return SourceAnswer.objects.create(
        person=person, source=Source.GBD_FL, outcome=Said.NOT_FOUND_CONFIRMED, answered_at=AT
    )


def test_a_number_of_the_waiting_file_leads_to_the_application_it_turned_out_to_be(founded):
    unknown_to_the_register(ANNA)
    put_in_and_confirm(
        founded, spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)), rshep(("7", ANNA, "06.05.2019", 5))
    )
    assert Application.objects.filter(applicant__isnull=True, entries__isnull=True).count() == 2
    SourceAnswer.objects.filter(person__iin=ANNA).update(superseded_at=AT)
    known(ANNA)

    settlements.settle(akimat=founded.akimat, by=None, at=AT, document="answers")

    first, second = Application.objects.order_by("running_number")
    assert (first.applicant.iin, first.joined_into) == (ANNA, None)
    assert second.joined_into == first
    assert [row.application for row in legacy.list_rows(founded.akimat)] == [first, first]
    assert QueueEntry.objects.get().application == first


def test_the_ledger_waits_for_open_questions_of_identity_but_not_for_ever(founded):
    put_in_and_confirm(founded, spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)))
    requested = ImportSettlement.objects.create(akimat=founded.akimat, requested_at=AT)

    assert settlements.settle_due(requested=requested, at=AT + timedelta(minutes=9)) is False
    assert settlements.settle_due(requested=requested, at=AT + timedelta(minutes=10)) is True
    assert not ImportSettlement.objects.exists()


def test_an_act_whose_record_fails_is_not_done(founded, monkeypatch):
    def fail(**_):
        raise RuntimeError("no record")

    monkeypatch.setattr(audit, "record", fail)

    with pytest.raises(RuntimeError, match="no record"):
        put_in_and_confirm(founded, spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)))

    assert not ImportBatch.objects.exists()


@pytest.fixture
def row(founded):
    known(ANNA)
    put_in_and_confirm(founded, spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)))
    return ImportRow.objects.get()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM queue_registry_importrow",
        "UPDATE queue_registry_importrow SET cells = '{}'",
        "UPDATE queue_registry_importrow SET row = 77",
        "DELETE FROM queue_registry_importbatch",
    ],
)
def test_raw_sql_neither_removes_nor_rewrites_what_a_file_said(row, statement):
    with (
        pytest.raises(DatabaseError, match=r"Cannot (delete|update)"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    row.refresh_from_db()
    assert (row.row, row.cells["iin"]) == (2, ANNA)


@pytest.mark.parametrize(
    ("model", "change", "constraint"),
    [
        (ImportBatch, {"confirmed_by": None}, "import_batch_confirmed_at_and_by_together"),
        (ImportBatch, {"source": "fax"}, "import_batch_source_is_known"),
        (ImportRow, {"state": "lost"}, "import_row_state_with_application"),
        (ImportRow, {"state": ""}, "import_row_state_with_application"),
    ],
)
def test_the_database_refuses_an_import_that_can_t_be(row, model, change, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.update(**change)


def test_the_database_refuses_a_batch_confirmed_by_who_put_it_in(founded, row):
    with (
        pytest.raises(IntegrityError, match="import_batch_confirmed_by_another_person"),
        transaction.atomic(),
    ):
        ImportBatch.objects.update(confirmed_by=founded.staff["clerk"])


class TestCommands:
    """What other programs call."""

    def call(self, *arguments, **options):
        out = StringIO()
        call_command(*arguments, **options, stdout=out)
        return out.getvalue()

    @pytest.fixture
    def file(self, tmp_path):
        path = tmp_path / "spp.csv"
        path.write_bytes(spp(("A-1", ANNA, "2019-05-06T10:00:00", 5), ("A-2", BOTA, "", 4)).content)
        return str(path)

    def test_without_wet_run_the_full_report_is_printed_and_nothing_written(self, founded, file):
        known(ANNA, BOTA)

        printed = self.call("import_list", file, akimat="271010000", source="spp", by="clerk")

        assert "row 2: imported; -" in printed
        assert "row 3: needs_person; NO_DATE" in printed
        assert "spp: 2 rows: imported 1, merged 0, needs_person 1" in printed
        assert not ImportBatch.objects.exists()

    def test_the_report_has_every_row_with_case_and_application_and_no_iin(self, founded, file):
        known(ANNA, BOTA)
        self.call("import_list", file, akimat="271010000", source="spp", by="clerk", wet_run=True)
        self.call("confirm_import", akimat="271010000", by="supervisor")

        printed = self.call("import_report", akimat="271010000", json=True)

        numbers = dict(Application.objects.values_list("applicant__iin", "file_number"))
        assert len(printed.splitlines()) == 2
        assert f'"application": "{numbers[ANNA]}", "case": [], "codes": []' in printed
        assert f'"case": ["{numbers[BOTA]}/NO_DATE"], "codes": ["NO_DATE"]' in printed
        assert ANNA not in printed
        assert "HEADER 1; TOTAL_DIFFERS 0" in self.call("import_report", akimat="271010000")

    @pytest.mark.parametrize(
        ("options", "document"),
        [
            ({}, "Consents in the files of the list spp.csv"),
            ({"consent_document": "Consents of 2019, folder 3"}, "Consents of 2019, folder 3"),
            ({"without_consents": True}, ""),
        ],
    )
    def test_the_paper_of_the_consents_is_that_of_the_list_unless_another_is_named(
        self, founded, file, options, document
    ):
        self.call("import_list", file, akimat="271010000", source="spp", by="clerk", wet_run=True, **options)

        assert ImportBatch.objects.get().consent_document == document
        assert Consent.objects.count() == (2 if document else 0)
        assert CheckRequest.objects.exists() == bool(document)

    @pytest.mark.parametrize(
        ("options", "named"),
        [
            ({"akimat": "999999999"}, "--akimat: there is no akimat with the KATO 999999999"),
            ({"by": "nobody"}, "--by: there is no user nobody"),
            ({"by": "auditor"}, "--by: auditor may not do this"),
        ],
    )
    def test_a_wrong_option_is_named(self, founded, file, options, named):
        with pytest.raises(CommandError, match=named):
            self.call(
                "import_list", file, **{"akimat": "271010000", "source": "spp", "by": "clerk", **options}
            )

    def test_a_file_that_is_not_there_or_not_readable_is_named_and_nothing_is_kept(self, founded, tmp_path):
        given = {"akimat": "271010000", "source": "spp", "by": "clerk", "wet_run": True}
        broken = tmp_path / "broken.csv"
        broken.write_bytes(spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)).content.replace(b",active", b""))

        with pytest.raises(CommandError, match=r"absent\.csv: No such file"):
            self.call("import_list", str(tmp_path / "absent.csv"), **given)
        with pytest.raises(
            CommandError, match=r"broken\.csv, row 2, column status: The row has a cell too few"
        ):
            self.call("import_list", str(broken), **given)

        assert not ImportBatch.objects.exists()
        assert not Person.objects.filter(iin=ANNA).exists()

    def test_the_same_file_twice_is_told(self, founded, file):
        given = {"akimat": "271010000", "source": "spp", "by": "clerk", "wet_run": True}
        self.call("import_list", file, **given)

        assert "Nothing is changed." in self.call("import_list", file, **given)


def test_an_unreadable_file_is_refused_whole(founded):
    file = imports.GivenFile(source=codes.Source.SPP, name="spp.csv", content=b"")

    with pytest.raises(LegacyFileError, match=r"spp\.csv"):
        imports.put_in(akimat=founded.akimat, file=file, by=founded.staff["clerk"], at=AT)
