"""The auditor reads everything of his akimat, changes nothing, and leaves a record of each look."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from lxml import html

from queue_registry import exports, signing, trail_words
from queue_registry.models import AuditEvent, PersonalDataView, RemovalCase
from queue_registry.rules.reasons import ReviewSource
from queue_registry.services import reviews
from queue_registry.services.exports import Kind
from tests import factories
from tests.unit.queue_registry.services import moving

pytestmark = pytest.mark.django_db
AFTER = moving.FIRST_DECISION + timedelta(days=1)


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def auditor(client, town):
    client.force_login(town.auditor)
    return client


@pytest.fixture
def back(town):
    """Three workers; the first was removed and came back by a court."""
    entries = [factories.waiting(town, day=day) for day in (1, 2, 3)]
    case = moving.removed(town, entries[0])
    review = reviews.open_on_removal(
        case_id=case.pk,
        source=ReviewSource.COURT,
        claim="The flat was never bought",
        document="Claim No 7",
        by=town.clerk,
        at=AFTER,
    )
    reviews.overturn(
        review_id=review.pk, decision="Judgment No 9", by=moving.second_supervisor(town), at=AFTER
    )
    return entries[0]


def text(page):
    assert page.status_code == 200
    return " ".join(html.fromstring(page.content.decode()).text_content().split())


def rows(page, table="records-table"):
    return html.fromstring(page.content.decode()).xpath(f"//table[caption/@id='{table}']/tbody/tr[td[2]]")


def files_of(answer):
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def table_of(answer, name):
    content = files_of(answer)[name].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


# Looks


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/desk/audit/", "trail:271010000"),
        ("/desk/audit/looks/", "looks:271010000"),
        ("/desk/audit/removals/", "removals:271010000"),
        ("/desk/audit/cases/{case}/", "application:{case}"),
        ("/desk/audit/people/{person}/", "person:{person}"),
        ("/desk/audit/staff/{officer}/", "staff:{officer}"),
    ],
)
def test_every_page_of_the_auditor_is_recorded_as_a_look_of_his(auditor, town, back, address, target):
    keys = {"case": back.application_id, "person": back.applicant_id, "officer": town.clerk.pk}
    before = AuditEvent.objects.count()

    assert auditor.get(address.format(**keys)).status_code == 200

    look = PersonalDataView.objects.get()
    assert (look.by, look.target) == (town.auditor, target.format(**keys))
    assert AuditEvent.objects.count() == before


def test_looks_are_listed_by_case_and_officer(auditor, client, town, back):
    other = factories.waiting(town, day=9)
    client.force_login(town.clerk)
    client.get(f"/desk/entries/{back.pk}/")
    client.get(f"/desk/entries/{other.pk}/")
    client.force_login(town.supervisor)
    client.get(f"/desk/entries/{back.pk}/")
    client.force_login(town.auditor)

    def count(**query):
        return len(rows(client.get("/desk/audit/looks/", query), "looks-table"))

    assert count(file_number=back.file_number) == 2
    assert count(file_number=back.file_number, actor="clerk") == 1
    assert count(actor="clerk") == 2
    assert count(actor="auditor") == 4
    assert len(rows(client.get(f"/desk/audit/people/{back.applicant_id}/"), "looks-table")) == 3


# The trail


def test_the_trail_of_a_case_has_every_act_on_it_in_words_and_no_other(auditor, town, back):
    page = auditor.get("/desk/audit/", {"file_number": back.file_number})

    found = [row.xpath("string(td[1])") for row in rows(page)]
    kinds = set(AuditEvent.objects.filter(seq__in=found).values_list("target", flat=True))
    assert f"queue_entry:{back.pk}" in kinds
    assert f"removal_case:{RemovalCase.objects.get().pk}" in kinds
    assert len(found) == AuditEvent.objects.filter(target__in=kinds).count()
    assert trail_words.act("queue_entry.registered") in text(page)
    case = auditor.get(f"/desk/audit/cases/{back.application_id}/")
    assert [row.xpath("string(td[1])") for row in rows(case)] == found


def test_the_trail_is_filtered_by_officer_act_and_day(auditor, town, back):
    def found(**query):
        page = auditor.get("/desk/audit/", query)
        return set(AuditEvent.objects.filter(seq__in=[row.xpath("string(td[1])") for row in rows(page)]))

    every = set(AuditEvent.objects.all())
    assert found() == every
    assert found(actor="supervisor") == {row for row in every if row.actor == "supervisor"}
    assert found(event="queue_entry.registered") == {
        row for row in every if row.event == "queue_entry.registered"
    }
    assert found(since="2026-09-08") == {row for row in every if row.at >= AFTER}
    assert found(until="2026-09-01") == {row for row in every if row.at == factories.AT}
    assert found(since="2026-09-02", until="2026-09-06") == set()


@pytest.mark.parametrize(
    "query",
    [
        {"file_number": "271010-0000001-9"},
        {"since": "2026-09-02", "until": "2026-09-01"},
        {"since": "yesterday"},
        {"event": "no.such"},
    ],
)
def test_a_question_that_makes_no_sense_shows_nothing_and_says_so(auditor, back, query):
    page = auditor.get("/desk/audit/", query)
    assert rows(page) == []
    assert "govuk-error-summary" in page.content.decode()


def test_a_file_number_of_another_akimat_finds_nothing(auditor, town):
    page = auditor.get("/desk/audit/", {"file_number": "271010-0000999-3"})
    assert rows(page) == []


def test_a_person_is_found_by_a_number_that_never_gets_into_an_address(auditor, town, back):
    answer = auditor.post("/desk/audit/people/", {"iin": back.applicant.iin})
    assert answer.headers["Location"] == f"/desk/audit/people/{back.applicant_id}/"
    page = auditor.get(answer.headers["Location"])
    assert back.file_number in text(page)
    assert back.applicant.iin not in page.content.decode()

    unknown = auditor.post("/desk/audit/people/", {"iin": factories.invented_iin(2_999)})
    wrong = auditor.post("/desk/audit/people/", {"iin": "123456789012"})
    assert unknown.status_code == wrong.status_code == 200
    assert "govuk-error-message" in unknown.content.decode()
    assert "govuk-error-message" in wrong.content.decode()


def test_a_person_without_a_case_here_is_not_found(auditor, town):
    stranger = factories.PersonFactory()
    assert auditor.get(f"/desk/audit/people/{stranger.pk}/").status_code == 404


def test_an_officer_is_shown_with_dated_roles_acts_and_looks(auditor, town, back):
    page = auditor.get(f"/desk/audit/staff/{town.supervisor.pk}/")
    acts = AuditEvent.objects.filter(actor="supervisor").count()
    assert len(rows(page)) == acts > 0
    assert len(rows(page, "roles-table")) == 1
    assert auditor.get(f"/desk/audit/staff/{10**9}/").status_code == 404
    assert len(rows(auditor.get("/desk/audit/staff/"), "roles-table")) == len(town.staff) + 1


# Removals


def test_the_register_of_removals_says_ground_evidence_notice_appeal_and_both_places(auditor, town, back):
    page = auditor.get("/desk/audit/removals/", {"since": "2026-09-01", "until": "2026-09-30"})

    (row,) = rows(page, "removals-table")
    words = " ".join(row.text_content().split())
    for said in (
        back.file_number,
        "Extract of the register of rights No 5",
        "Decision No 12",
        "Judgment No 9",
    ):
        assert said in words
    (exported,) = table_of(export(auditor, Kind.REMOVALS), "removals.csv")
    assert (exported["place_before"], exported["place_after"]) == ("1", "1")
    assert (exported["ground"], exported["appeals"]) == ("ACQUIRED_DWELLING", "COURT OVERTURNED")


def test_removals_of_other_days_are_not_shown(auditor, town, back):
    page = auditor.get("/desk/audit/removals/", {"since": "2026-09-08", "until": "2026-09-30"})
    assert rows(page, "removals-table") == []


# Exports


def export(client, kind, **query):
    query = {"since": "2026-09-01", "until": "2026-09-30"} | query
    answer = client.post("/desk/audit/export/", {"kind": kind, **query})
    assert answer.status_code == 200, answer.content
    return answer


def test_an_export_is_csv_with_a_signed_manifest_and_leaves_a_look_and_a_record(auditor, town, back):
    head = AuditEvent.objects.order_by("-seq").first().sha256
    answer = export(auditor, Kind.TRAIL, actor="supervisor")

    files = files_of(answer)
    assert set(files) == {"trail.csv", "manifest.json", "manifest.sig"}
    assert files["trail.csv"].startswith(b"\xef\xbb\xbfseq,")
    manifest = exports.verify(answer.content, public_key=signing.public_key())
    assert (manifest["by"], manifest["akimat"], manifest["trail_head"]) == ("auditor", "271010000", head)
    assert manifest["query"] == {
        "kind": "TRAIL",
        "actor": "supervisor",
        "since": "2026-09-01",
        "until": "2026-09-30",
    }
    (described,) = manifest["files"]
    assert described["rows"] == len(table_of(answer, "trail.csv")) > 0
    assert PersonalDataView.objects.filter(by=town.auditor, target="trail:271010000").count() == 1
    assert AuditEvent.objects.get(event="export.made").data["rows"] == described["rows"]


def test_the_rows_of_an_exported_trail_can_be_hashed_again(auditor, town, back):
    from datetime import datetime

    from queue_registry.rules.trail import link_sha256

    for row in table_of(export(auditor, Kind.TRAIL), "trail.csv"):
        again = link_sha256(
            akimat_kato="271010000",
            seq=int(row["seq"]),
            at=datetime.fromisoformat(row["at"]),
            actor=row["actor"],
            event=row["event"],
            target=row["target"],
            data=json.loads(row["data"]),
            previous_sha256=row["previous_sha256"],
        )
        assert again == row["sha256"]


def test_an_iin_is_taken_out_by_the_auditor_and_not_by_a_supervisor(client, town, back):
    iin = back.applicant.iin
    for user, may in ((town.auditor, True), (town.supervisor, False)):
        client.force_login(user)
        answer = export(client, Kind.REMOVALS)
        assert (iin.encode() in files_of(answer)["removals.csv"]) is may
        assert json.loads(files_of(answer)["manifest.json"])["with_iin"] is may


def test_looks_and_totals_are_exported_as_they_are_shown(auditor, town, back):
    auditor.get("/desk/audit/")
    (look,) = table_of(export(auditor, Kind.LOOKS, until="2099-01-01"), "looks.csv")
    assert (look["by"], look["target"]) == ("auditor", "trail:271010000")
    totals = table_of(export(auditor, Kind.TOTALS), "totals.csv")
    assert [(row["start"], row["in"], row["out"], row["end"]) for row in totals] == [
        ("0", "3", "0", "3"),
        ("3", "0", "1", "2"),
        ("2", "1", "0", "3"),
    ]


@pytest.mark.parametrize("query", [{}, {"kind": "ALL"}, {"kind": "TRAIL", "since": "x"}])
def test_an_export_of_nothing_known_is_refused(auditor, query):
    assert auditor.post("/desk/audit/export/", query).status_code == 400
    assert not AuditEvent.objects.filter(event="export.made").exists()


def test_an_export_that_is_too_big_is_refused_in_words(auditor, back, monkeypatch):
    from queue_registry.services import exports as service

    monkeypatch.setattr(service, "MOST_ROWS", 2)
    answer = auditor.post("/desk/audit/export/", {"kind": "TRAIL"})
    assert answer.status_code == 422
    assert not AuditEvent.objects.filter(event="export.made").exists()


def test_the_command_checks_an_export_and_names_what_was_changed(auditor, back, tmp_path, capsys):
    answer = export(auditor, Kind.REMOVALS)
    file, key = tmp_path / "export.zip", tmp_path / "key.pem"
    file.write_bytes(answer.content)
    key.write_text(signing.public_key())
    call_command("verify_export", str(file), key=key)
    assert "signed; made for auditor" in capsys.readouterr().out

    changed = files_of(answer) | {"removals.csv": b"another"}
    file.write_bytes(exports._zip(changed))
    with pytest.raises(CommandError, match=r"removals\.csv: not the file"):
        call_command("verify_export", str(file))


# The file of a case


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_file_of_a_case_is_a_pdf_a_that_leaves_a_record(auditor, town, back, language):
    answer = auditor.post(f"/desk/audit/cases/{back.application_id}/{language}.pdf")

    assert answer.headers["Content-Type"] == "application/pdf"
    assert b"<pdfaid:part>2</pdfaid:part>" in answer.content
    record = AuditEvent.objects.get(event="case_file.made")
    assert (record.actor, record.target) == ("auditor", f"application:{back.application_id}")
    assert PersonalDataView.objects.get().target == f"application:{back.application_id}"


def test_a_file_in_another_language_or_by_a_mere_link_is_not_made(auditor, back):
    assert auditor.post(f"/desk/audit/cases/{back.application_id}/en.pdf").status_code == 404
    assert auditor.get(f"/desk/audit/cases/{back.application_id}/kk.pdf").status_code == 405
    assert not AuditEvent.objects.filter(event="case_file.made").exists()
