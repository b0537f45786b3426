"""A file on its way in: uploaded, corrected, tried out, read in the background as a whole or not at all."""

from threading import Event, Thread

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from queue_registry import tasks
from queue_registry.legacy_files.errors import LegacyFileError
from queue_registry.models import AuditEvent, ImportBatch, ImportRow, ImportUpload
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.uploads import LARGEST_UPLOAD, UploadRefused
from queue_registry.selectors import clock, legacy
from queue_registry.services import import_reading, import_uploads, imports
from tests.unit.queue_registry.conftest import AT
from tests.unit.queue_registry.services.listing import (
    ANNA,
    BOTA,
    SAID,
    SIGNED,
    known,
    spp,
    strange_paper,
    upload,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def two():
    return spp(("A-1", ANNA, "2019-05-06T10:00:00", 5), ("A-2", BOTA, "2019-05-07T10:00:00", 4))


def wanted(founded, content, **given):
    one = upload(founded, content, **given)
    return import_uploads.want(upload_id=one.pk, by=founded.staff["clerk"], at=AT)


def test_an_upload_is_kept_outside_the_web_root_under_a_name_of_ours(founded, two, tmp_path):
    one = upload(founded, two, name="Иванов список.csv")

    assert one.file.path.startswith(str(tmp_path))
    assert not one.file.path.startswith(str(settings.STATIC_ROOT))
    assert "Иванов" not in one.file.name
    with one.file.open() as kept:
        assert kept.read() == two
    assert AuditEvent.objects.filter(event="import_upload.uploaded").count() == 1
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("list.csv", b"", "EMPTY"),
        ("list.csv", b" \n ", "EMPTY"),
        ("list.exe", b"MZ", "WRONG_KIND"),
        ("list", b"a;b", "WRONG_KIND"),
        ("list.xlsx", b"a;b;c", "WRONG_KIND"),
        ("list.csv", b"PK\x03\x04 and more", "WRONG_KIND"),
        ("list.xlsx", b"PK\x03\x04 and more", "UNREADABLE"),
        ("list.csv", b"x" * (LARGEST_UPLOAD + 1), "TOO_BIG"),
    ],
)
def test_a_file_that_is_no_list_is_refused_and_not_stored(founded, tmp_path, name, content, code):
    with pytest.raises(LegacyFileError) as error:
        upload(founded, content, name=name, source=Source.PAPER)

    assert error.value.code == code
    assert not ImportUpload.objects.exists()
    assert not list(tmp_path.rglob("*.*"))


def test_the_same_file_is_the_same_upload_until_it_is_given_up(founded, two):
    one = upload(founded, two)

    assert upload(founded, two) == one
    import_uploads.drop(upload_id=one.pk, by=founded.staff["clerk"], at=AT)
    assert upload(founded, two) != one


def test_a_file_that_was_put_in_is_not_uploaded_again(founded, two):
    import_reading.take_in(upload_id=wanted(founded, two).pk, at=AT)

    with pytest.raises(UploadRefused, match="ALREADY_IMPORTED"):
        upload(founded, two)


def test_a_wanted_upload_is_put_in_as_one_batch_of_who_uploaded_it(founded, two):
    one = wanted(founded, two)

    import_reading.take_in(upload_id=one.pk, at=AT)

    one.refresh_from_db()
    assert (one.state, one.rows_done, one.rows_total) == ("PUT_IN", 2, 2)
    assert (one.batch.imported_by, one.batch.consent_document) == (founded.staff["clerk"], SIGNED)
    assert one.batch.rows.count() == 2
    assert one.batch.confirmed_at is None


def test_columns_that_a_person_corrected_are_kept_and_the_background_reads_by_them(founded):
    one = upload(founded, strange_paper(ANNA, BOTA), name="list.xlsx", source=Source.PAPER)
    clerk = founded.staff["clerk"]
    import_uploads.want(upload_id=one.pk, by=clerk, at=AT)
    import_reading.take_in(upload_id=one.pk, at=AT)
    one.refresh_from_db()
    assert (one.state, one.error["code"], one.error["row"]) == ("FAILED", "HEADER", 1)
    assert not ImportBatch.objects.exists()

    import_uploads.correct_columns(upload_id=one.pk, sheets=[SAID], by=clerk, at=AT)
    import_uploads.want(upload_id=one.pk, by=clerk, at=AT)
    import_reading.take_in(upload_id=one.pk, at=AT)

    one.refresh_from_db()
    assert one.state == "PUT_IN"
    assert [row.cells["iin"] for row in one.batch.rows.order_by("row")] == [ANNA, BOTA]


def test_a_try_tells_states_and_codes_and_writes_nothing(founded, two):
    known(ANNA)
    one = upload(founded, two)
    before = (AuditEvent.objects.count(), ImportUpload.objects.get(pk=one.pk).state)

    tried = import_reading.try_out(one, at=AT)

    assert {state.value: count for state, count in tried.states.items()} == {
        "imported": 2,
        "merged": 0,
        "needs_person": 0,
    }
    assert (tried.rows, tried.codes, tried.totals_differ) == (2, {"IDENTITY_UNCHECKED": 1}, 0)
    assert (AuditEvent.objects.count(), ImportUpload.objects.get(pk=one.pk).state) == before
    assert not ImportRow.objects.exists()


def test_only_who_uploaded_a_file_corrects_wants_or_gives_it_up(founded, two):
    one = upload(founded, two)
    other = founded.staff["supervisor"]

    for act in (
        lambda: import_uploads.correct_columns(upload_id=one.pk, sheets=[SAID], by=other, at=AT),
        lambda: import_uploads.want(upload_id=one.pk, by=other, at=AT),
        lambda: import_uploads.drop(upload_id=one.pk, by=other, at=AT),
    ):
        with pytest.raises(UploadRefused, match="NOT_YOURS"):
            act()


def test_what_is_under_way_or_over_is_not_changed_any_more(founded, two):
    clerk = founded.staff["clerk"]
    one = wanted(founded, two)
    records = AuditEvent.objects.count()

    assert import_uploads.want(upload_id=one.pk, by=clerk, at=AT).state == "WANTED"
    assert AuditEvent.objects.count() == records
    for act in (import_uploads.drop, lambda **who: import_uploads.correct_columns(sheets=[SAID], **who)):
        with pytest.raises(UploadRefused, match="NOT_OPEN"):
            act(upload_id=one.pk, by=clerk, at=AT)


@pytest.mark.parametrize(
    ("error", "code"), [(RuntimeError("bug"), "BROKEN_OFF"), (SoftTimeLimitExceeded(), "TOO_LONG")]
)
def test_a_reading_that_breaks_off_keeps_its_code_and_no_row(founded, two, monkeypatch, error, code):
    one = wanted(founded, two)

    def break_off(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(imports, "_record", break_off)
    import_reading.take_in(upload_id=one.pk, at=AT)

    one.refresh_from_db()
    assert (one.state, one.error) == ("FAILED", {"code": code})
    assert not ImportRow.objects.exists()
    assert not ImportBatch.objects.exists()


def test_when_the_database_goes_away_the_upload_stays_wanted_and_is_read_again(founded, two, monkeypatch):
    one = wanted(founded, two)
    whole = imports.read_in

    def lose(**_):
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(imports, "read_in", lose)
    monkeypatch.setattr(clock, "now", lambda: AT)
    tasks.take_in_uploads()
    assert legacy.list_wanted_uploads() == [one.pk]

    monkeypatch.setattr(imports, "read_in", whole)
    tasks.take_in_uploads()

    one.refresh_from_db()
    assert (one.state, one.batch.rows.count()) == ("PUT_IN", 2)
    assert legacy.list_wanted_uploads() == []


def test_a_stored_file_that_was_changed_is_not_read(founded, two):
    one = wanted(founded, two)
    with open(one.file.path, "ab") as kept:  # noqa: PTH123 - a stranger with a shell
        kept.write(b"more")

    import_reading.take_in(upload_id=one.pk, at=AT)

    one.refresh_from_db()
    assert (one.state, one.error["code"]) == ("FAILED", "UNREADABLE")


@pytest.mark.django_db(transaction=True)
def test_a_second_worker_passes_by_and_progress_is_seen_while_the_file_is_read(founded, two, monkeypatch):
    one = wanted(founded, two)
    reading, go_on = Event(), Event()
    read_in = imports.read_in

    def slowly(*, tell, **given):
        tell(1, 2)
        reading.set()
        assert go_on.wait(20)
        return read_in(tell=tell, **given)

    monkeypatch.setattr(imports, "read_in", slowly)

    def work():
        try:
            import_reading.take_in(upload_id=one.pk, at=AT)
        finally:
            connection.close()

    worker = Thread(target=work)
    worker.start()
    assert reading.wait(20)
    one.refresh_from_db()
    assert (one.state, one.rows_done, one.rows_total) == ("WANTED", 1, 2)
    assert import_reading.take_in(upload_id=one.pk, at=AT) is None
    go_on.set()
    worker.join(20)

    one.refresh_from_db()
    assert one.state == "PUT_IN"
    assert ImportBatch.objects.count() == 1


def test_an_upload_is_never_deleted_and_put_in_only_as_a_batch(founded, two):
    one = upload(founded, two)

    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        one.delete()
    one.state = "PUT_IN"
    with pytest.raises(IntegrityError, match="import_upload_put_in_as_a_batch"), transaction.atomic():
        one.save()
