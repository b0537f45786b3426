"""
The button "back" after a form was sent, in a browser without scripts and cookies: nothing personal is kept to
go back to, sending again does nothing twice, and a page of its own leads back where a person wants to be.
"""

import contextlib
import re

import playwright.sync_api as playwright
import pytest
from django.utils import timezone

from housing_queue import founding
from queue_registry.models import DataDispute, OneTimeCode
from queue_registry.notices.fake import FakeProvider
from queue_registry.views import look_up_limits
from tests import factories, situations
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
    made = factories.waiting(town, number="4", facts=[factories.dwelling_owned(share="1/3")])
    reached(town, made)
    return made


@pytest.fixture
def page(new_page, live_server):
    return new_page(base_url=live_server.url, width=360, locale="ru", javascript=False)


def enter(page, entry, path="/ru/"):
    page.goto(path)
    page.locator("#id_file_number").fill(entry.file_number)
    page.locator("#id_iin").fill(entry.applicant.iin)
    page.locator("main form button").first.click()


def back(page):
    """Press "back": the browser has kept nothing, and shows a page of its own until the form goes again."""
    with contextlib.suppress(playwright.Error):
        page.go_back()
    page.wait_for_url("chrome-error://**")


def test_back_from_another_page_shows_nothing_until_the_form_is_sent_again(entry, page):
    enter(page, entry)
    page.locator(".kz-place").wait_for()
    page.locator("header a", has_text="Распределения").click()
    page.wait_for_url("**/ru/rounds/")

    back(page)

    assert entry.file_number not in page.content()
    page.reload()
    assert page.locator(".kz-place").inner_text() == "1"
    assert (page.url.endswith("/ru/"), page.context.cookies()) == (True, [])


def test_back_to_the_form_finds_it_without_the_iin(entry, page):
    enter(page, entry)
    page.locator(".kz-place").wait_for()

    page.go_back()

    assert page.locator("#id_iin").input_value() == ""
    assert page.locator(".govuk-error-summary").count() == 0


def newest_code():
    texts = [message["text"] for message in FakeProvider.from_settings().list_sent()]
    return re.search(r"(?<![\d-])\d{6}(?![\d-])", texts[-1]).group()


def unlock(page, entry):
    enter(page, entry, "/ru/my-data/")
    page.locator("button[name=send]").click()
    page.locator("#id_code").fill(newest_code())
    page.locator("#kept button").click()
    page.locator(".kz-row").first.wait_for()


def test_a_code_that_is_sent_again_opens_nothing(entry, page):
    unlock(page, entry)

    page.reload()

    assert page.locator(".govuk-error-summary").count() == 1
    assert page.locator("input[name=pass]").count() == 0
    assert entry.applicant.last_name not in page.content()
    assert OneTimeCode.objects.filter(used_at__isnull=False).count() == 1


def test_a_claim_that_is_sent_again_is_one_claim(entry, page):
    unlock(page, entry)
    page.locator(".kz-row", has_text="1/3").get_by_role("button").click()
    page.locator("#id_claim").fill("Доля продана")
    page.locator("#kept button").click()
    page.locator("[role=status]").wait_for()

    page.reload()
    page.locator("[role=status]").wait_for()
    back(page)
    page.reload()

    # Where "back" leads the same row can be looked at, and nothing was told a second time.
    assert page.locator("main h1").count() == 1
    assert DataDispute.objects.count() == 1
