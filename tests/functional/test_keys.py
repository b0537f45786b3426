"""From the commission's decision to the keys, and back by an annulment, on the pages in a real browser."""

import pytest
from django.utils import timezone, translation

from allocation.models import AkimatDecision, Offer, Tenancy
from allocation.selectors.signatures import get_signing
from allocation.signatures.dev_pki import DevSigner
from housing_queue import founding
from queue_registry.models import QueueEntry
from queue_registry.selectors import clock
from tests import contracts, factories
from tests.browser import assert_usable

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def kk(text, **figures):
    """The Kazakh words of a text, as the page shows them."""
    with translation.override("kk"):
        return translation.gettext(text) % figures


@pytest.fixture
def town(transactional_db, settings):
    """An akimat whose installation lives in the days of its invented register."""
    settings.DEMO = True
    made = factories.town()
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    return made


@pytest.fixture
def authority(settings, tmp_path):
    return contracts.set_up_signing(settings, tmp_path)


@pytest.fixture
def people(town, new_page, live_server):
    """Opens the browser of a member of staff, signed in by the page."""

    def sign_in(name, **screen):
        page = new_page(base_url=live_server.url, **screen)
        page.goto("/desk/")
        page.get_by_label(kk("User name")).fill(name)
        page.get_by_label(kk("Password")).fill(town.passwords[name])
        page.get_by_role("button", name=kk("Sign in")).click()
        page.get_by_role("button", name=kk("Sign out")).wait_for()
        return page

    return sign_in


def press(page, text):
    page.get_by_role("button", name=kk(text)).click()


def see(page, text, **figures):
    page.get_by_text(kk(text, **figures)).first.wait_for()


def file_of(name, content, kind="application/octet-stream"):
    return {"name": name, "mimeType": kind, "buffer": content}


def sign(page, sitting, authority, user, *, presides=False):
    """Save what is to be signed, sign it beside the browser, bring the file."""
    page.goto(f"/desk/sittings/{sitting.pk}/signing/")
    assert_usable(page)
    with page.expect_download() as saved:
        words = "Save what closes the protocol: the manifest and the others' signatures"
        page.get_by_role("link", name=kk(words if presides else "Save the manifest"), exact=True).click()
    document = saved.value.path().read_bytes()
    subject = contracts.subject_of(user, sitting)
    cms = DevSigner(authority=authority).sign(document, subject=subject, at=clock.now())
    page.locator("#id_cms").set_input_files(file_of("mine.p7s", cms))
    press(page, "Add my signature")
    see(page, "Your signature is recorded.")


def test_from_the_decision_to_the_keys_and_back(town, people, authority, tmp_path):
    entry = factories.waiting(town, number="4")
    other = factories.waiting(town, number="5", application=entry.application)
    decision = factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))
    sitting = decision.sitting

    member = people("member1", width=360)
    sign(member, sitting, authority, town.member1)
    for signer in get_signing(contracts.reloaded(sitting)).signers[1:-1]:
        contracts.sign(authority, sitting, signer.member.user, at=clock.now())
    chair = people("chair")
    sign(chair, sitting, authority, town.chair, presides=True)
    see(chair, "The protocol is locked")

    supervisor = people("supervisor")
    supervisor.goto("/desk/decisions/")
    assert_usable(supervisor)
    supervisor.get_by_role("link", name=kk("Enter the decision")).click()
    press(supervisor, "Enter the decision")
    see(supervisor, "Add the scan of the decision")
    assert_usable(supervisor)
    supervisor.locator("#id_number").fill("№ 12-1")
    supervisor.locator("#id_decided_on").fill("2026-09-01")
    supervisor.locator("#id_scan").set_input_files(file_of("decision.pdf", contracts.SCAN, "application/pdf"))
    press(supervisor, "Enter the decision")
    see(supervisor, "The decision of the akimat is entered.")

    secretary = people("secretary", width=360)
    secretary.goto("/desk/decisions/")
    press(secretary, "Publish those housed")
    see(secretary, "Those housed are published.")
    assert_usable(secretary)
    assert AkimatDecision.objects.get().published_by == town.secretary

    contracts.accepted(town, entry=entry, at=clock.now())
    clerk = people("clerk")
    clerk.goto("/desk/contracts/")
    assert_usable(clerk)
    clerk.get_by_role("link", name=kk("Conclude the contract")).click()
    assert_usable(clerk)
    press(clerk, "Conclude the contract")
    see(clerk, "The contract is concluded; its papers are ready to be printed.")
    assert_usable(clerk)
    with clerk.expect_download() as paper:
        clerk.get_by_role("link", name=kk("Contract in Kazakh (PDF)")).click()
    assert paper.value.path().read_bytes().startswith(b"%PDF-")
    press(clerk, "Record the act")
    see(clerk, "Enter the document by which the home was handed over")
    clerk.locator("#id_keys-document").fill("Акт № 3")
    press(clerk, "Record the act")
    see(clerk, "The act is recorded: the household is housed, its other entries are closed.")
    assert {QueueEntry.objects.get(pk=one.pk).status for one in (entry, other)} == {"HOUSED"}

    supervisor.goto(f"/desk/contracts/{Tenancy.objects.get().pk}/")
    supervisor.locator("#id_annul-ground").select_option("ORDER_BREACHED")
    supervisor.locator("#id_annul-document").fill("Сот актісі № 7")
    press(supervisor, "Annul the contract")
    see(supervisor, "The contract is annulled: the household stands again at its former place.")
    assert_usable(supervisor)
    assert {QueueEntry.objects.get(pk=one.pk).status for one in (entry, other)} == {"WAITING"}
    assert Offer.objects.get().state == Offer.State.WITHDRAWN
