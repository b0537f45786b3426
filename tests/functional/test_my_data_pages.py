"""
A household on its telephone: the place, what the state knows, what is wrong, the consent; in Kazakh and
Russian, with the keyboard, narrow and wide.
"""

import re

import pytest
from django.utils import timezone, translation

from housing_queue import founding
from queue_registry.models import ConsentWithdrawal, DataDispute
from queue_registry.notices.fake import FakeProvider
from queue_registry.views import look_up_limits
from tests import factories, situations
from tests.browser import assert_usable
from tests.unit.queue_registry.services.sending import reached

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def entry(transactional_db, settings, tmp_path):
    settings.DEMO = True
    settings.NOTICE_PROVIDER, settings.KEZEK_VAR = "queue_registry.notices.fake.FakeProvider", tmp_path
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    town = factories.town()
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    situations.office(town)
    family = (factories.HUSBAND, factories.DAUGHTER)
    facts = [factories.dwelling_owned(share="1/3"), *factories.income(tenge_a_month="90000.50")]
    made = factories.waiting(town, number="4", family=family, facts=facts)
    reached(town, made)
    return made


def newest_code():
    texts = [message["text"] for message in FakeProvider.from_settings().list_sent()]
    return re.search(r"(?<![\d-])\d{6}(?![\d-])", texts[-1]).group()


@pytest.mark.parametrize(("language", "other", "width"), [("kk", "ru", 360), ("ru", "kk", 1280)])
def test_a_household_reads_its_data_says_what_is_wrong_and_takes_its_consent_back(
    entry, new_page, live_server, pictures, language, other, width
):
    page = new_page(base_url=live_server.url, width=width, locale=language)
    own_name = {"kk": "Қазақша", "ru": "Русский"}[language]

    def say(text):
        with translation.override(language):
            return translation.gettext(text)

    def press(text):
        page.get_by_role("button", name=say(text), exact=True).click()

    def show(name):
        assert_usable(page)
        page.screenshot(path=pictures / f"my-data-{name}-{language}-{width}.png", full_page=True)

    page.goto(f"/{other}/")
    page.locator("#id_file_number").fill(entry.file_number)
    page.get_by_role("button", name=own_name, exact=True).click()
    page.wait_for_url(f"**/{language}/")
    assert page.locator("#id_file_number").input_value() == entry.file_number
    page.locator("#id_iin").fill(entry.applicant.iin)
    # Enter sends the form; it does not change the language.
    page.keyboard.press("Enter")
    page.locator(".kz-place").wait_for()
    assert page.url.endswith(f"/{language}/")
    show("place")

    press("See my data")
    press("Send me a code")
    page.locator("#id_code").wait_for()
    show("code")
    page.locator("#id_code").fill(newest_code())
    page.keyboard.press("Enter")
    page.get_by_text("1/3").first.wait_for()
    show("data")

    row = page.locator(".kz-row", has_text="1/3")
    row.get_by_role("button").click()
    page.locator("#id_claim").fill("Үлесімді 2024 жылы саттым")
    show("wrong")
    press("Tell the akimat")
    page.get_by_text(say("The akimat was told. Its answer will stand beside the row.")).wait_for()
    assert DataDispute.objects.get().fact.kind == "PROPERTY_RIGHT"

    press("I take my consent back")
    page.get_by_text(say("You keep your place, and nobody is removed for it.")).wait_for()
    show("consent")
    assert not ConsentWithdrawal.objects.exists()
    press("Take my consent back")
    page.get_by_text(say("Your consent is taken back. You keep your place.")).wait_for()
    show("taken-back")

    assert entry.applicant.iin not in page.content()
    assert entry.applicant.iin not in page.url
    assert page.context.cookies() == []
