"""A recheck in a real browser: begun, watched while it goes on, paused and resumed, also without scripts."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from housing_queue import founding
from queue_registry.models import Sweep
from queue_registry.selectors import clock
from queue_registry.services import sweeps
from tests import factories
from tests.browser import assert_usable
from tests.unit.queue_registry.services.sweeping import Systems, go_on, walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AT = factories.AT


def kk(text, **figures):
    """The Kazakh words of a text, as the page shows them."""
    with translation.override("kk"):
        return translation.gettext(text) % figures


@pytest.fixture
def town(transactional_db, settings):
    """An akimat whose installation lives in the days of its invented register."""
    settings.DEMO = True
    made = factories.town()
    founding.set_demo_clock(lives_at=AT, machine_now=timezone.now())
    return made


@pytest.fixture
def people(town, new_page, live_server):
    """Opens the browser of a member of staff, signed in by the page: people("supervisor", width=360)."""

    def sign_in(name, **screen):
        page = new_page(base_url=live_server.url, **screen)
        page.goto("/desk/")
        page.get_by_label(kk("User name")).fill(name)
        page.get_by_label(kk("Password")).fill(town.passwords[name])
        page.get_by_role("button", name=kk("Sign in")).click()
        page.get_by_role("button", name=kk("Sign out")).wait_for()
        return page

    return sign_in


@pytest.fixture
def systems():
    return Systems()


@pytest.fixture
def entries(town, systems):
    """Eight households; the second bought a home."""
    made = [factories.waiting(town, day=day) for day in range(1, 9)]
    for entry in made:
        systems.tell_as(entry.applicant, factories.status(*factories.GROUNDS["5"]))
    systems.tell_as(made[1].applicant, factories.dwelling_owned())
    return made


def press(page, text):
    page.get_by_role("button", name=kk(text), exact=True).click()


def open_details(page, text):
    page.locator("summary").filter(has_text=kk(text)).first.click()


def bar(page, percent):
    """The bar with so many hundredths, as soon as it shows them."""
    return page.locator(f'[role="progressbar"][aria-valuenow="{percent}"]')


def test_a_recheck_is_begun_watched_paused_and_resumed(town, people, systems, entries, pictures):
    page = people("supervisor")
    page.get_by_role("link", name=kk("Rechecks"), exact=True).click()
    press(page, "Begin the recheck")
    assert "govuk-error-summary" in page.evaluate("document.activeElement.className")
    assert_usable(page)
    page.locator("#id_first").fill("100")
    press(page, "Begin the recheck")
    bar(page, 0).wait_for()
    sweep = Sweep.objects.get()
    page.get_by_text(kk("not known yet")).wait_for()

    # The page follows by itself; nobody loads it again.
    page.evaluate("window.same = true")
    go_on(sweep, at=clock.now(), limit=4)
    systems.answer(at=clock.now())
    go_on(sweep, at=clock.now(), limit=2)
    bar(page, 25).wait_for()
    assert page.evaluate("window.same") is True
    page.get_by_role("link", name=kk("owns a dwelling or a share of one")).wait_for()
    assert_usable(page)
    page.screenshot(path=pictures / "sweep-1280.png", full_page=True)

    open_details(page, "Pause it")
    press(page, "Yes, pause it")
    page.get_by_text(
        kk("The recheck is paused. Nothing new is asked until somebody lets it go on.")
    ).wait_for()
    assert_usable(page)
    assert go_on(sweep) == 0
    open_details(page, "Let it go on")
    press(page, "Yes, let it go on")
    page.get_by_text(kk("The recheck goes on from where it stood.")).wait_for()

    walk(sweep, systems, at=clock.now())
    bar(page, 100).wait_for()
    page.get_by_text(kk("Ended"), exact=True).wait_for()
    page.get_by_role("link", name=kk("owns a dwelling or a share of one")).first.click()
    page.get_by_role("link", name=entries[1].file_number).wait_for()
    assert_usable(page)
    page.screenshot(path=pictures / "sweep-findings-1280.png", full_page=True)


def test_a_clerk_without_scripts_watches_by_loading_again(town, people, systems, entries, pictures):
    sweep = sweeps.start_inventory(akimat=town.akimat, by=town.supervisor, at=AT - timedelta(minutes=4))
    clerk = people("clerk", javascript=False, width=360, height=740)
    clerk.goto("/desk/sweeps/")
    clerk.screenshot(path=pictures / "sweeps-360.png", full_page=True)
    clerk.get_by_role("link", name=kk("Quarterly inventory")).click()
    bar(clerk, 0).wait_for()
    assert clerk.get_by_text(kk("Pause it")).count() == 0

    go_on(sweep, limit=4)
    systems.answer(at=AT)
    go_on(sweep, limit=4)
    clerk.reload()
    bar(clerk, 50).wait_for()
    clerk.screenshot(path=pictures / "sweep-360.png", full_page=True)


def test_the_pages_fit_a_phone(town, people, systems, entries, pictures):
    sweep = sweeps.start_inventory(akimat=town.akimat, by=town.supervisor, at=AT - timedelta(minutes=4))
    walk(sweep, systems, at=AT)
    phone = people("supervisor", width=360, height=740)

    for path, name in (("", "list"), (f"{sweep.pk}/", "page"), (f"{sweep.pk}/findings/", "findings")):
        phone.goto(f"/desk/sweeps/{path}")
        assert_usable(phone)
        phone.screenshot(path=pictures / f"sweep-{name}-360.png", full_page=True)
    phone.set_viewport_size({"width": 1280, "height": 900})
    phone.goto("/desk/sweeps/")
    assert_usable(phone)
    phone.screenshot(path=pictures / "sweeps-1280.png", full_page=True)
