"""A household takes its home on a telephone with a code; a clerk records a refusal by a scan, in Russian."""

import re

import pytest
from django.utils import timezone, translation

from allocation.models import Offer
from housing_queue import founding
from queue_registry.notices.fake import FakeProvider
from queue_registry.views import look_up_limits
from tests import factories
from tests.browser import assert_usable
from tests.unit.queue_registry.services.sending import reached

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCAN = {"name": "answer.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 signed answer"}


def said(language, text, **figures):
    with translation.override(language):
        return translation.gettext(text) % figures


@pytest.fixture
def town(transactional_db, settings, tmp_path):
    settings.DEMO = True
    settings.NOTICE_PROVIDER, settings.KEZEK_VAR = "queue_registry.notices.fake.FakeProvider", tmp_path
    settings.MEDIA_ROOT = tmp_path
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    made = factories.town()
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    return made


@pytest.fixture
def offer(town):
    for day in (1, 2):
        reached(town, factories.waiting(town, day=day))
    factories.confirmed(town, factories.ready(town, rooms=1, area="36.40", floor=2, finish="FINISHED"))
    return Offer.objects.get()


def newest_code():
    texts = [message["text"] for message in FakeProvider.from_settings().list_sent()]
    return re.search(r"(?<![\d-])\d{6}(?![\d-])", texts[-1]).group()


def test_a_household_accepts_on_its_telephone(offer, new_page, live_server, pictures):
    phone = new_page(base_url=live_server.url, width=360, javascript=True, locale="kk")

    def press(text):
        phone.get_by_role("button", name=said("kk", text), exact=True).click()

    def see(text, **figures):
        phone.get_by_text(said("kk", text, **figures)).first.wait_for()

    phone.goto("/kk/offer/")
    assert_usable(phone)
    phone.locator("#id_file_number").fill(offer.entry.file_number)
    phone.locator("#id_iin").fill(offer.entry.applicant.iin)
    press("Show the offer")
    see("Working days left after today: %(days)s", days=5)
    assert_usable(phone)
    phone.screenshot(path=pictures / "offer-360.png", full_page=True)
    press("Send me a code")
    see("Your answer")
    assert_usable(phone)
    code = newest_code()

    phone.get_by_label(said("kk", "I accept the home")).check()
    phone.locator("#id_code").fill("000000" if code != "000000" else "000001")
    press("Send my answer")
    see("The code is wrong. Tries left: %(left)s", left=4)
    assert_usable(phone)
    phone.get_by_label(said("kk", "I accept the home")).check()
    phone.locator("#id_code").fill(code)
    press("Send my answer")
    see("Your acceptance is recorded. The home is kept for you; the akimat calls you for the contract.")
    assert_usable(phone)
    phone.screenshot(path=pictures / "offer-accepted-360.png", full_page=True)

    offer.refresh_from_db()
    assert (offer.state, offer.channel) == ("ACCEPTED", "CITIZEN")
    assert offer.entry.applicant.iin not in phone.content()


def test_a_clerk_records_a_refusal_by_its_scan_in_russian(town, offer, new_page, live_server, pictures):
    page = new_page(base_url=live_server.url, locale="ru")

    def press(text):
        page.get_by_role("button", name=said("ru", text), exact=True).click()

    page.goto("/desk/")
    page.locator("input[name=username]").fill("clerk")
    page.locator("input[name=password]").fill(town.passwords["clerk"])
    page.keyboard.press("Enter")
    page.get_by_role("button", name=said("ru", "Sign out")).wait_for()
    page.goto(f"/desk/offers/{offer.pk}/")
    page.locator("#id_refusal-reason").fill("Слишком далеко от работы")
    page.locator("#id_refusal-document").fill("Заявление от 02.09.2026, № 15")
    press("Record the refusal")
    page.get_by_text(said("ru", "Add the scan of the signed answer")).first.wait_for()
    assert_usable(page)
    page.locator("#id_refusal-scan").set_input_files(SCAN)
    press("Record the refusal")
    page.get_by_text("Слишком далеко от работы").first.wait_for()
    assert_usable(page)
    page.screenshot(path=pictures / "offer-refused-ru.png", full_page=True)

    offer.refresh_from_db()
    assert (offer.state, offer.channel, offer.scan.title) == (
        "REFUSED",
        "CLERK",
        "Заявление от 02.09.2026, № 15",
    )
    assert Offer.objects.get(call=1).state == Offer.State.OPEN
