"""What an attacker tries at the doors, kind by kind; docs/threat-model.md says which test is which."""

import base64
import io
import re
import zipfile
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from allocation import stock_files
from queue_registry.legacy_files.errors import FileProblem, LegacyFileError
from queue_registry.models import Application, ApplicationDocument, Intake, User
from queue_registry.selectors import clock
from tests import factories
from tests.unit.queue_registry.outside import body, client_of, send
from tests.unit.rights import OPEN, PAGES
from tests.unit.test_rights_matrix import VIEWS, row

pytestmark = pytest.mark.django_db
EVIL = ("https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)")
HTML = b"<html><script>alert(document.cookie)</script></html>"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def town(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(clock, "now", lambda: factories.AT)
    return factories.town()


def as_staff(town, name, **options):
    client = Client(**options)
    client.force_login(town.staff[name])
    return client


# Forged requests


def _path(name):
    """An address whose keys need not exist: a forged request is refused before anything is looked up."""
    given = {"app_label": "queue_registry"} if name == "admin:app_list" else {}
    for key, converter in VIEWS[name].pattern.converters.items():
        given[key] = {"UUIDConverter": UUID(int=1), "IntConverter": 1}.get(type(converter).__name__, "1")
    for key in VIEWS[name].pattern.regex.groupindex:
        given.setdefault(key, "1")
    return reverse(name, kwargs=given)


# Of the open pages those that sign somebody in or out, or keep a choice.
BESIDES = ("sign_in", "sign_out", "set_language")
CLOSED = sorted({name for name in PAGES if row(name)[0] is not OPEN and "_api:" not in name} | set(BESIDES))


def test_no_page_acts_on_a_request_that_another_site_made(town):
    """CSRF: the session's cookie alone, which a browser sends along, moves nothing; also on pages to read."""
    assert len(CLOSED) > 200
    clients = {name: as_staff(town, name, enforce_csrf_checks=True) for name in ("clerk", "supervisor")}
    acted = [
        (name, who)
        for name in CLOSED
        for who, client in clients.items()
        if client.post(_path(name), {}, headers={"origin": "https://evil.example"}).status_code != 403
    ]
    assert acted == []


def test_the_api_takes_no_session_of_a_forged_request(town):
    client = as_staff(town, "clerk", enforce_csrf_checks=True)
    answer = send(client, "no-token", body(town))
    assert answer.status_code in {401, 403}
    assert not Application.objects.exists()


@pytest.mark.parametrize("path", ["/desk/", "/desk/work/", "/desk/sign-in/", "/desk/second-factor/new/"])
def test_no_page_of_staff_is_shown_in_a_frame(town, path):
    """Clickjacking."""
    answer = as_staff(town, "clerk").get(path)
    assert answer.status_code == 200
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


# Being led elsewhere


@pytest.mark.parametrize("elsewhere", EVIL)
def test_signing_in_and_out_lead_to_no_page_of_others(town, elsewhere):
    """Open redirect, also by the admin's own sign-in page, and by the choice of a language."""
    client = Client()
    led = client.get("/admin/login/", {"next": elsewhere}, follow=True)
    assert led.redirect_chain[-1][0].startswith("/desk/sign-in/")
    told = {"username": "clerk", "password": town.passwords["clerk"], "next": elsewhere}
    assert client.post("/desk/sign-in/", told).headers["Location"] == "/desk/"
    language = client.post("/language/setlang/", {"language": "ru", "next": elsewhere})
    assert "evil" not in language.headers["Location"]
    assert "javascript" not in language.headers["Location"]
    out = client.post("/desk/sign-out/", {"next": elsewhere})
    assert "evil" not in out.headers["Location"]


@pytest.mark.parametrize("path", ["/kk/", "/desk/sign-in/", "/admin/", "/api/v1/health/"])
def test_a_foreign_host_is_refused_and_a_forwarded_one_is_not_believed(town, path):
    """Host header: no link, no cookie, no remembered page is made for a name that is not ours."""
    client = Client(raise_request_exception=False)
    assert client.get(path, headers={"host": "evil.example"}).status_code == 400
    answer = client.get(path, headers={"x-forwarded-host": "evil.example"})
    assert answer.status_code in {200, 302, 503}
    assert b"evil.example" not in answer.content
    assert "evil.example" not in answer.headers.get("Location", "")


# Files


def handed_in(town, content, *, title="x"):
    """The answer to an application with one document of this content."""
    document = {"kind": "APPLICATION", "title": title, "content": base64.b64encode(content).decode()}
    return send(Client(), client_of(town).token, body(town, documents=[document]))


@pytest.mark.parametrize(
    "content",
    [
        HTML,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"MZ\x90\x00",
        b"PK\x03\x04",
        b" %PDF-1.7",
    ],
    ids=["html", "svg", "program", "zip", "a blank before"],
)
def test_what_is_no_scan_is_not_kept(town, content):
    assert handed_in(town, content).status_code == 400
    assert not ApplicationDocument.objects.exists()


@pytest.mark.parametrize("start", [b"%PDF-1.7\n", PNG], ids=["pdf", "png"])
def test_a_file_of_two_kinds_is_saved_and_never_run(town, start):
    """Polyglot: it begins as a scan and goes on as a page with a script."""
    assert handed_in(town, start + HTML).status_code == 201
    document = ApplicationDocument.objects.get()
    answer = as_staff(town, "clerk").get(f"/desk/documents/{document.pk}/")
    assert answer.content == start + HTML
    assert answer.headers["Content-Type"] in {"application/pdf", "image/png"}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "title", ["../../../../etc/passwd", "..\\..\\x", "/etc/passwd", "a\x1f.pdf", "x" * 200]
)
def test_no_name_that_is_sent_becomes_a_path(town, tmp_path, title):
    """Path traversal: a file is kept under a name of ours."""
    assert handed_in(town, b"%PDF-1.7", title=title).status_code in {201, 400}
    kept = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
    assert all(re.fullmatch(r"documents/[0-9a-f/]*[0-9a-f]{32}\.pdf", name) for name in kept), kept


@pytest.mark.parametrize(
    "path",
    [
        "/static/../housing_queue/settings.py",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%2f..%2fetc/passwd",
        "/media/documents/x.pdf",
        "/open-data/../../etc/passwd",
        "/.env",
        "/.git/config",
    ],
)
def test_no_address_leads_to_a_file_of_the_machine(town, path):
    answer = Client(raise_request_exception=False).get(path)
    assert answer.status_code in {301, 302, 400, 404}
    assert b"SECRET_KEY" not in answer.content


def _bomb():
    """A workbook of some kilobytes whose sheet unpacks to 60 MB."""
    plain = io.BytesIO()
    Workbook().save(plain)
    tight = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(tight, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content + b" " * 60_000_000 if name.endswith("sheet1.xml") else content)
    return tight.getvalue()


def test_a_list_of_homes_that_unpacks_a_thousandfold_is_refused_before_it_is_unpacked():
    """Zip bomb; that of an old list is tests/unit/queue_registry/legacy/test_workbooks.py."""
    with pytest.raises(LegacyFileError) as refused:
        stock_files.read(_bomb(), file_name="homes.xlsx")
    assert refused.value.code == FileProblem.PACKED_TOO_TIGHT


# What is not one's own


FOREIGN_FIELDS = {
    "state": "FILED",
    "file_number": "271010-0000001",
    "registered_at": "1990-01-01T00:00:00Z",
    "filed_at": "1990-01-01T00:00:00Z",
    "entered_by": 1,
    "origin": "DESK",
    "id": 1,
    "place": 1,
    "status": "HOUSED",
    "is_superuser": True,
}


@pytest.mark.parametrize("field", FOREIGN_FIELDS)
def test_the_api_takes_no_field_that_is_not_the_applicants_to_fill(town, field):
    """Mass assignment."""
    answer = send(Client(), client_of(town).token, body(town, **{field: FOREIGN_FIELDS[field]}))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not Intake.objects.exists()


@pytest.mark.parametrize("inside", ["claims", "consents", "documents"])
def test_no_part_of_an_application_takes_one_either(town, inside):
    sent = body(town)
    sent[inside] = [{**sent[inside][0], "registered_at": "1990-01-01", "state": "IN_FORCE"}]
    assert send(Client(), client_of(town).token, sent).status_code == 400
    assert not Intake.objects.exists()


def test_a_form_of_staff_takes_no_field_of_the_row_behind_it(town):
    client = as_staff(town, "admin")
    key = town.clerk.pk
    told = {"is_superuser": "on", "username": "root", "user_permissions": "1", "_save": "1"}
    assert client.post(f"/admin/queue_registry/user/{key}/change/", told).status_code in {403, 405}
    assert client.post("/desk/second-factor/new/", {**told, "code": "1"}).status_code == 200
    assert User.objects.get(pk=key).is_superuser is False
    assert not User.objects.filter(is_superuser=True).exists()


def test_a_file_number_alone_or_with_anothers_iin_opens_nothing(town):
    """IDOR: file numbers are public, and count up."""
    own, other = factories.waiting(town), factories.waiting(town, day=41)
    right = {"file_number": own.file_number, "iin": own.applicant.iin}
    shown = Client().post("/ru/", right).content.decode()
    for sent in (
        {**right, "iin": other.applicant.iin},
        {"file_number": other.file_number, "iin": own.applicant.iin},
        {"file_number": own.file_number},
        {"file_number": own.file_number, "iin": ""},
    ):
        page = Client().post("/ru/", sent).content.decode()
        assert 'name="token"' not in page
        assert own.applicant.last_name not in page
    # What proves that the test can fail: with both numbers the page tells the place.
    assert 'name="token"' in shown
