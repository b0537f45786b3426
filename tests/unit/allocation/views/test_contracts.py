"""Signatures, the akimat's decision and contracts on the pages: what is shown, and what a wrong form does."""

import base64
import hashlib
import json
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from allocation.models import AkimatDecision, Signature, Tenancy
from queue_registry import formats
from queue_registry.models import PersonalDataView, QueueEntry
from tests import contracts, factories
from tests.factories import AT


@pytest.fixture
def authority(settings, tmp_path):
    return contracts.set_up_signing(settings, tmp_path)


@pytest.fixture
def decision(town, authority):
    factories.waiting(town)
    return factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))


@pytest.fixture
def tenancy(town, authority, decision):
    contracts.resting_on(town, authority, decision)
    return contracts.concluded(town, contracts.accepted(town))


def signature_of(authority, sitting, user, **changes):
    digest, cms = contracts.cms_of(authority, sitting, user, at=AT, **changes)
    return {"signed_sha256": digest, "cms": SimpleUploadedFile("mine.p7s", cms)}


def test_the_page_gives_what_is_signed_and_takes_the_signature(town, visit, authority, decision):
    member, address = visit("member1"), f"/desk/sittings/{decision.sitting_id}"
    page = member.get(f"{address}/signing/")
    manifest = member.get(f"{address}/manifest.json")

    assert page.context["to_sign"] == hashlib.sha256(manifest.content).hexdigest()
    assert json.loads(manifest.content)["format"] == "manifest/1"
    answer = member.post(f"{address}/sign/", signature_of(authority, decision.sitting, town.member1))

    assert answer.url == f"{address}/signing/"
    (signature,) = Signature.objects.all()
    kept = member.get(f"/desk/signatures/{signature.pk}.p7s")
    assert kept.content == bytes(signature.cms)


def test_a_signature_as_text_is_read_as_well(town, visit, authority, decision):
    member, address = visit("member1"), f"/desk/sittings/{decision.sitting_id}"
    member.get(f"{address}/signing/")
    told = signature_of(authority, decision.sitting, town.member1)
    text = base64.encodebytes(told["cms"].read())
    told["cms"] = SimpleUploadedFile("mine.pem", b"-----BEGIN CMS-----\n" + text + b"-----END CMS-----\n")

    assert member.post(f"{address}/sign/", told).status_code == 302


def test_a_refused_signature_says_why_without_any_number_of_a_person(town, visit, authority, decision, says):
    member, address = visit("member1"), f"/desk/sittings/{decision.sitting_id}"
    member.get(f"{address}/signing/")
    other = contracts.subject_of(town.member2, decision.sitting)
    told = signature_of(authority, decision.sitting, town.member1, subject=other)

    answer = member.post(f"{address}/sign/", told)

    assert answer.status_code == 409
    assert says(answer, "The certificate is another person's.")
    for user in (town.member1, town.member2):
        assert user.person.iin not in answer.content.decode()


def test_who_presided_is_told_to_wait_for_the_others(visit, decision, says):
    page = visit("chair").get(f"/desk/sittings/{decision.sitting_id}/signing/")

    assert page.context["waits"]
    assert b'name="cms"' not in page.content


def test_nothing_is_shown_of_a_sitting_that_has_not_decided(town, visit, authority):
    sitting = factories.convened(town)

    assert visit("chair").get(f"/desk/sittings/{sitting.pk}/signing/").status_code == 404


def test_the_akimats_decision_is_entered_with_its_scan_and_published(town, visit, authority, decision, says):
    contracts.sign_all(authority, decision.sitting)
    supervisor, address = visit("supervisor"), f"/desk/sittings/{decision.sitting_id}/decision/"
    assert supervisor.post(address, {"number": "№ 5"}).context["form"].errors.keys() == {"decided_on", "scan"}
    told = {
        "number": "№ 5",
        "decided_on": "2026-09-01",
        "scan": SimpleUploadedFile("x.pdf", contracts.SCAN),
    }
    assert supervisor.post(address, told).url == "/desk/decisions/"
    again = {**told, "scan": SimpleUploadedFile("x.pdf", contracts.SCAN)}
    assert supervisor.post(address, again).status_code == 409

    entered = AkimatDecision.objects.get()
    assert supervisor.get(f"/desk/decisions/{entered.pk}/scan/").content == contracts.SCAN
    secretary = visit("secretary")
    assert says(secretary.get("/desk/decisions/"), "Working days left after today: %(days)s", days=10)
    assert secretary.post(f"/desk/decisions/{entered.pk}/publish/").url == "/desk/decisions/"
    assert secretary.post(f"/desk/decisions/{entered.pk}/publish/").status_code == 409


def test_an_overdue_publication_is_counted(town, visit, authority, decision, monkeypatch, says):
    contracts.resting_on(town, authority, decision)
    secretary = visit("secretary")
    assert not secretary.get("/desk/decisions/").context["overdue"]
    late = AT.replace(day=16)
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: late)

    page = secretary.get("/desk/decisions/")

    assert page.context["overdue"] == 1
    assert says(page, "Overdue")


def test_the_public_page_names_the_decision_once_it_is_published(town, client, authority, decision):
    public = f"/kk/rounds/{decision.sitting.run.round_id}/"
    entered = contracts.resting_on(town, authority, decision)
    assert entered.number not in client.get(public).content.decode()

    AkimatDecision.objects.update(published_at=AT, published_by=town.secretary)

    page = client.get(public).content.decode()
    assert entered.number in page
    assert decision.sitting.manifest.sha256 in page


def test_a_contract_is_concluded_printed_and_ended_by_the_keys(town, visit, authority, decision):
    contracts.resting_on(town, authority, decision)
    offer, clerk = contracts.accepted(town), visit("clerk")
    address = f"/desk/offers/{offer.pk}/contract/"
    assert clerk.get(address).status_code == 200
    assert clerk.post(address, {"concluded_on": "2026-09-01"}).status_code == 302
    assert clerk.post(address, {"concluded_on": "2026-09-01"}).status_code == 409
    tenancy = Tenancy.objects.get()
    page = f"/desk/contracts/{tenancy.pk}/"

    for language in ("kk", "ru"):
        assert clerk.get(f"{page}contract-{language}.pdf").content.startswith(b"%PDF-")
    assert clerk.get(f"{page}contract-en.pdf").status_code == 404
    assert PersonalDataView.objects.filter(target=f"tenancy:{tenancy.pk}").count() == 2
    assert clerk.post(f"{page}keys/", {"keys-keys_on": "2026-09-01"}).status_code == 200
    keys = {"keys-keys_on": "2026-09-01", "keys-document": "Act No 3"}
    assert clerk.post(f"{page}keys/", keys).url == page
    assert clerk.post(f"{page}keys/", keys).status_code == 409
    assert QueueEntry.objects.get().status == "HOUSED"


def test_an_unsigned_contract_is_ended_on_the_pages_by_two_people(
    town, visit, authority, decision, monkeypatch, says
):
    contracts.resting_on(town, authority, decision)
    offer = contracts.accepted(town)
    address = f"/desk/offers/{offer.pk}"
    clerk = visit("clerk")
    assert says(clerk.get("/desk/contracts/"), "The household does not come")
    assert clerk.post(f"{address}/invite/").url == f"{address}/unsigned/"
    assert clerk.post(f"{address}/invite/").status_code == 409
    assert b"not-signed" not in visit("supervisor").get(f"{address}/unsigned/").content

    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT.replace(day=16))
    with translation.override("kk"):
        last = formats.day(date(2026, 9, 15))
    assert says(clerk.get("/desk/contracts/"), "Invited until %(day)s: the term is over", day=last)
    supervisor = visit("supervisor")
    assert b"not-signed" in supervisor.get(f"{address}/unsigned/").content
    assert supervisor.post(f"{address}/not-signed/", {}).context["form"].errors.keys() == {"document"}
    assert visit("clerk").post(f"{address}/not-signed/", {"document": "Note"}).status_code == 403
    supervisor = visit("supervisor")
    assert supervisor.post(f"{address}/not-signed/", {"document": "Note"}).url == "/desk/contracts/"
    assert supervisor.get(f"{address}/unsigned/").status_code == 404
    assert QueueEntry.objects.get().status == "WAITING"


def test_a_supervisor_annuls_a_contract_by_a_ground_of_the_list(visit, tenancy):
    supervisor, address = visit("supervisor"), f"/desk/contracts/{tenancy.pk}/"
    told = {
        "annul-ground": "UNLAWFUL_ACTS",
        "annul-annulled_on": "2026-09-01",
        "annul-document": "Court act 7",
    }
    assert supervisor.post(f"{address}annul/", told | {"annul-ground": "WISH"}).status_code == 200
    assert supervisor.post(f"{address}annul/", told).url == address

    assert QueueEntry.objects.get().status == "WAITING"
    assert supervisor.post(f"{address}annul/", told).status_code == 409
