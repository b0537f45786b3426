"""The pages of old lists: from the upload through columns and a try to confirming and taking back."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from queue_registry import import_upload_presenters as presenters
from queue_registry import tasks
from queue_registry.legacy_files.errors import FileProblem
from queue_registry.models import ImportBatch, ImportUpload, PersonalDataView, QueueEntry
from queue_registry.rules.legacy import uploads
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.uploads import UploadRefusal
from queue_registry.selectors import clock
from queue_registry.services import import_uploads, imports
from queue_registry.services.import_undo import UndoRefusal, UndoRefused
from tests.unit.queue_registry.conftest import AT
from tests.unit.queue_registry.legacy.lists import ONE, RU, workbook
from tests.unit.queue_registry.services.listing import (
    ANNA,
    BOTA,
    known,
    spp,
    strange_paper,
    upload,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def visit(founded, client, monkeypatch):
    """Asks for pages as somebody of staff: visit("clerk").get("/desk/imports/")."""
    monkeypatch.setattr(clock, "now", lambda: AT)

    def enter(name):
        client.force_login(founded.staff[name])
        return client

    return enter


def address(name, *keys):
    return reverse(f"queue_registry:{name}", args=keys)


def send(visitor, content, *, name="list.csv", source="spp", document="Act No 1"):
    return visitor.post(
        address("import_start"),
        {"source": source, "consent_document": document, "file": SimpleUploadedFile(name, content)},
    )


def text(response):
    return response.content.decode()


def test_a_list_goes_from_the_upload_to_the_queue_and_back_through_the_pages(founded, visit):
    known(ANNA, BOTA)
    clerk = visit("clerk")
    sent = send(clerk, strange_paper(ANNA, BOTA), name="C:\\lists\\paper.xlsx", source="paper")
    one = ImportUpload.objects.get()
    page = address("import_upload", one.pk)
    assert (sent.status_code, sent["Location"], one.file_name) == (302, page, "paper.xlsx")

    with translation.override("en"):
        shown = text(clerk.get(page))
    assert "Кем является" in shown
    assert ANNA in shown
    assert PersonalDataView.objects.filter(target=f"import_upload:{one.pk}").count() == 1

    said = {"s0-c0": "ordinal", "s0-c1": "name", "s0-c2": "iin", "s0-c3": "date", "s0-c4": "category"}
    clerk = visit("clerk")
    clerk.post(address("import_columns", one.pk), said)
    tried = clerk.post(address("import_try", one.pk))
    assert tried.context["tried"].rows == 2
    assert not ImportBatch.objects.exists()

    clerk.post(address("import_want", one.pk))
    waiting = text(clerk.get(page))
    assert 'role="progressbar"' in waiting
    assert "hx-get" in waiting
    tasks.take_in_uploads()
    assert clerk.get(page)["Location"] == address("imports")
    batch = ImportBatch.objects.get()
    assert not QueueEntry.objects.exists()

    assert clerk.post(address("import_confirm", batch.pk)).status_code == 403
    supervisor = visit("supervisor")
    supervisor.post(address("import_confirm", batch.pk))
    supervisor.post(address("import_confirm", batch.pk))
    under_way = text(supervisor.get(address("imports")))
    assert 'role="progressbar"' in under_way
    assert f'hx-select="#order-{batch.pk}"' in under_way
    assert address("import_confirm", batch.pk) not in under_way
    tasks.carry_out_import_orders()
    assert 'role="progressbar"' not in text(supervisor.get(address("imports")))
    assert QueueEntry.objects.active().count() == 2
    refused = visit("supervisor").post(address("import_undo", batch.pk), {"reason": "Wrong list"})
    assert refused.status_code == 409
    assert refused.context["problem"]
    assert ImportBatch.objects.get().undone_at is None


def test_the_background_takes_a_file_back_and_the_page_says_so(founded, visit):
    clerk = founded.staff["clerk"]
    file = imports.GivenFile(
        source=Source.SPP, name="spp.csv", content=spp(("A-1", ANNA, "2019-05-06T10:00:00", 5))
    )
    batch = imports.put_in(akimat=founded.akimat, file=file, by=clerk, at=AT)
    supervisor = visit("supervisor")

    supervisor.post(address("import_undo", batch.pk), {"reason": "Wrong list"})
    assert 'role="progressbar"' in text(supervisor.get(address("imports")))
    tasks.carry_out_import_orders()

    assert "Wrong list" in text(supervisor.get(address("imports")))
    assert ImportBatch.objects.get().undone_at is not None


def test_a_big_file_is_tried_out_in_the_background(founded, visit, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_TRIED", 10)
    known(ANNA)
    clerk = visit("clerk")
    send(clerk, spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)))
    one = ImportUpload.objects.get()
    page = address("import_upload", one.pk)

    for _ in range(2):
        assert clerk.post(address("import_try", one.pk))["Location"] == page
    assert 'role="progressbar"' in text(clerk.get(page))
    tasks.take_in_uploads()

    tried = clerk.get(page).context["tried"]
    assert (tried.rows, tried.states["imported"]) == (1, 1)
    assert not ImportBatch.objects.exists()
    clerk.post(address("import_want", one.pk))
    tasks.take_in_uploads()
    assert ImportBatch.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("list.csv", b"  ", "EMPTY"),
        ("list.exe", b"MZ", "WRONG_KIND"),
        ("list.xlsx", b"PK\x03\x04 and more", "UNREADABLE"),
    ],
)
def test_a_file_that_is_no_list_is_refused_on_the_form_in_words(visit, name, content, code):
    response = send(visit("clerk"), content, name=name, source="paper")

    assert response.status_code == 200
    (error,) = response.context["form"].errors["file"]
    assert error == presenters.file_problem({"code": code})
    assert not ImportUpload.objects.exists()


def test_a_file_that_was_put_in_is_refused_by_its_name(founded, visit):
    clerk = visit("clerk")
    content = spp(("A-1", ANNA, "2019-05-06T10:00:00", 5))
    send(clerk, content)
    one = ImportUpload.objects.get()
    import_uploads.want(upload_id=one.pk, by=founded.staff["clerk"], at=AT)
    tasks.take_in_uploads()

    again = send(clerk, content, name="renamed.csv")

    assert again.status_code == 409
    assert ImportUpload.objects.count() == 1


def test_what_failed_is_told_with_its_place_and_never_with_a_cell(founded, visit):
    content = workbook([RU, [*ONE[:1], None, *ONE[2:]]])
    one = upload(founded, content, name="paper.xlsx", source=Source.PAPER)
    import_uploads.want(upload_id=one.pk, by=founded.staff["clerk"], at=AT)
    tasks.take_in_uploads()

    with translation.override("en"):
        told = presenters.file_problem(ImportUpload.objects.get().error)
    page = text(visit("clerk").get(address("import_upload", one.pk)))

    assert told == (
        "A cell is empty that a record can't do without. "
        "(sheet “2005-2013”, row 2, column Фамилия, имя, отчество)"
    )
    assert 'role="alert"' in page
    assert ONE[2] not in told


def test_a_sheet_may_be_called_no_list_and_a_header_pointed_at(founded, visit):
    one = upload(
        founded,
        workbook([["Кто", "что"], RU, ONE], [["Справка"], ["текст", "текст"]]),
        name="paper.xlsx",
        source=Source.PAPER,
    )

    visit("clerk").post(
        address("import_columns", one.pk), {"s1-none": "1", "s0-first": "2", "s0-last": "900"}
    )

    one.refresh_from_db()
    first, second = one.columns
    assert (first["first"], first["last"]) == (2, 3)
    assert second["fields"] == []


def test_another_clerk_or_akimat_does_not_touch_an_upload(founded, visit):
    one = upload(founded, spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)))
    ImportUpload.objects.filter(pk=one.pk).update(uploaded_by=founded.staff["chair"])

    response = visit("clerk").post(address("import_want", one.pk))

    assert response.status_code == 409
    assert response.context["problem"] == presenters.upload_refusal(
        import_uploads.UploadRefused(UploadRefusal.NOT_YOURS)
    )
    assert ImportUpload.objects.get().state == "UPLOADED"
    assert visit("clerk").get(address("import_upload", one.pk + 1)).status_code == 404


def test_every_code_has_words():
    with translation.override("en"):
        for code in (*FileProblem, UploadRefusal.TOO_LONG, UploadRefusal.BROKEN_OFF):
            assert presenters.file_problem({"code": code.value}) != code.value
        for code in UndoRefusal:
            assert presenters.undo_refusal(UndoRefused(code)) != code.value
        numbers = [f"271-{number}" for number in range(7)]
        told = presenters.undo_refusal(UndoRefused(UndoRefusal.SOMETHING_RESTS_ON_IT, numbers))
    assert told.endswith("271-0, 271-1, 271-2, 271-3, 271-4 and 2 more.")
