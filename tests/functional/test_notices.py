"""A clerk's whole way with a notice that did not arrive, in a real browser; the pages fit a telephone."""

import pytest
from django.utils import timezone, translation

from housing_queue import founding
from queue_registry.models import NoticeDelivery
from queue_registry.notices.fake import FakeProvider
from tests import factories
from tests.browser import assert_usable
from tests.unit.queue_registry.services.sending import DEAD, ordered, reached, run, run_until_closed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def kk(text, **figures):
    """The Kazakh words of a text, as the page shows them."""
    with translation.override("kk"):
        return translation.gettext(text) % figures


@pytest.fixture
def town(transactional_db, settings, tmp_path):
    settings.DEMO = True
    settings.NOTICE_PROVIDER, settings.KEZEK_VAR = "queue_registry.notices.fake.FakeProvider", tmp_path
    made = factories.town()
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    return made


@pytest.fixture
def clerk(town, new_page, live_server):
    """A clerk's browser, signed in: clerk(width=360)."""

    def sign_in(**screen):
        page = new_page(base_url=live_server.url, **screen)
        page.goto("/desk/")
        page.get_by_label(kk("User name")).fill("clerk")
        page.get_by_label(kk("Password")).fill(town.passwords["clerk"])
        page.keyboard.press("Enter")
        page.get_by_role("button", name=kk("Sign out")).wait_for()
        return page

    return sign_in


def test_a_dead_number_is_replaced_and_the_notice_arrives(town, clerk, pictures):
    entry = factories.waiting(town)
    reached(town, entry, DEAD)
    dead = ordered(entry.application)
    fake = FakeProvider.from_settings()
    run(fake)
    for day in (5, 6):
        ordered(factories.waiting(town, day=day).application)
    wide, narrow = clerk(), clerk(width=360)
    for name, page in (("1280", wide), ("360", narrow)):
        for title, address in (
            ("list", "/desk/notices/"),
            ("case", f"/desk/applications/{entry.application_id}/notices/"),
        ):
            page.goto(address)
            assert_usable(page)
            page.screenshot(path=pictures / f"notices-{title}-{name}.png", full_page=True)

    wide.goto("/desk/work/?task=NOTICE")
    wide.get_by_role("link", name=kk("See to a notice that did not arrive")).first.click()
    wide.get_by_label(kk("Telephone or e-mail")).fill("8 700 000 11 11")
    wide.get_by_role("button", name=kk("Record"), exact=True).click()
    wide.get_by_text("+77000001111").first.wait_for()
    wide.get_by_text(kk("Send again"), exact=True).click()
    wide.get_by_label(kk("Send again by")).select_option("SMS")
    wide.get_by_role("button", name=kk("Send"), exact=True).click()
    wide.get_by_text(kk("The notice is on its way again.")).wait_for()
    wide.get_by_label(kk("What was done")).fill("Жаңа нөмір")
    wide.get_by_role("button", name=kk("Settled"), exact=True).click()
    wide.get_by_text("Жаңа нөмір").wait_for()
    run_until_closed(fake, NoticeDelivery.objects.get(state="DUE", channel="SMS"))
    wide.reload()
    wide.screenshot(path=pictures / "notices-arrived-1280.png", full_page=True)

    dead.refresh_from_db()
    assert (dead.state, dead.settled_how) == ("UNDELIVERED", "Жаңа нөмір")
    assert NoticeDelivery.objects.filter(notice=dead.notice, state="DELIVERED").exists()


def test_letters_are_printed_and_posted_together(town, clerk):
    for day in (1, 2):
        ordered(factories.waiting(town, day=day).application)
    page = clerk()
    page.goto("/desk/notices/")

    with page.expect_download() as printed:
        page.get_by_role("button", name=kk("Print the chosen ones: one PDF")).click()
    page.get_by_role("button", name=kk("The chosen ones are posted")).click()
    page.get_by_text(kk("Letters recorded as posted: %(count)s.", count=2)).wait_for()

    assert printed.value.suggested_filename == "letters.pdf"
    assert set(NoticeDelivery.objects.values_list("state", flat=True)) == {"HANDED_OVER"}
