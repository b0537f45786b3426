"""Consents through the pages, in a real browser: somebody is contacted, consents, and takes it back."""

import pytest
from django.utils import timezone, translation

from housing_queue import founding
from integrations.models import CheckRequest
from queue_registry.models import Consent, ConsentContact, ConsentWithdrawal, QueueEntry
from queue_registry.selectors import clock, invariants
from queue_registry.services import assessment_requests
from tests import factories
from tests.browser import assert_usable

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def kk(text):
    """The Kazakh words of a text, as the page shows them."""
    with translation.override("kk"):
        return translation.gettext(text)


@pytest.fixture
def town(transactional_db, settings):
    """An akimat whose installation lives in the days of its invented register."""
    settings.DEMO = True
    made = factories.town()
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    return made


@pytest.fixture
def entry(town):
    """A couple of whom nobody consented, so that nobody was asked."""
    made = factories.waiting(town, known=False, consented=False, family=(factories.HUSBAND,))
    factories.waiting(town, known=False, consented=False, day=2)
    judge(made)
    return made


def judge(*entries):
    at = clock.now()
    assessment_requests.request_assessments(entries=entries or QueueEntry.objects.all(), at=at)
    assessment_requests.assess_due(limit=9, at=at)


@pytest.fixture(params=[1280, 360])
def clerk(town, entry, new_page, live_server, request):
    """The browser of a clerk, signed in by the page, on a wide screen and on a phone."""
    page = new_page(base_url=live_server.url, width=request.param)
    page.goto("/desk/")
    page.get_by_label(kk("User name")).fill("clerk")
    page.get_by_label(kk("Password")).fill(town.passwords["clerk"])
    page.get_by_role("button", name=kk("Sign in")).click()
    page.get_by_role("button", name=kk("Sign out")).wait_for()
    page.width = request.param
    return page


def fill(page, name, **values):
    for field, value in values.items():
        box = page.locator(f"[name='{name}-{field}']")
        if box.evaluate("one => one.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)


def press(page, text):
    page.get_by_role("button", name=kk(text), exact=True).click()


def show(page, pictures, name):
    assert_usable(page)
    page.screenshot(path=pictures / f"consents-{name}-{page.width}.png", full_page=True)


def test_a_consent_is_asked_for_given_and_taken_back(clerk, entry, pictures):
    person = str(entry.applicant_id)
    judge()
    clerk.goto("/desk/work/")
    show(clerk, pictures, "work")
    clerk.locator("a[href='/desk/no-consent/']").first.click()
    show(clerk, pictures, "people")
    clerk.get_by_role("link", name=entry.file_number, exact=True).click()

    fill(clerk, "contact", person=person, channel="PHONE", result="PROMISED", note="Жұмада келеді")
    press(clerk, "Record the contact")
    assert ConsentContact.objects.get().person == entry.applicant
    fill(clerk, "consent", person=person, channel="PAPER", evidence="№ 21")
    press(clerk, "Record the consent")
    judge()
    assert CheckRequest.objects.filter(consent_ref=str(Consent.objects.get().pk)).count() == 2
    clerk.reload()
    show(clerk, pictures, "case")

    fill(clerk, "withdrawal", person=person, channel="PAPER", evidence="№ 22")
    press(clerk, "See what follows")
    show(clerk, pictures, "withdraw")
    assert not ConsentWithdrawal.objects.exists()
    press(clerk, "Record that the consents are taken back")
    clerk.wait_for_load_state()

    assert ConsentWithdrawal.objects.get().evidence == "№ 22"
    assert set(CheckRequest.objects.values_list("state", flat=True)) == {"WITHDRAWN"}
    show(clerk, pictures, "after")
    clerk.goto("/desk/imports/")
    show(clerk, pictures, "imports")
    assert QueueEntry.objects.active().count() == 2
    assert invariants.impossible() == []
