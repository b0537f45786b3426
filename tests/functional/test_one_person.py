"""
Old lists in a real browser: a clerk leads two applications of one person together, by the keyboard alone; a
citizen finds the permanent number by each of the old ones, without JavaScript, on a phone.
"""

import pytest
from django.core.cache import cache
from django.utils import timezone, translation

from housing_queue import founding
from queue_registry.models import Application, MatchGroup
from queue_registry.selectors import clock
from queue_registry.services import matches, settlements
from queue_registry.views import look_up_limits
from tests import factories
from tests.browser import assert_usable
from tests.unit.queue_registry.services.test_imports import ANNA, known, put_in_and_confirm, rshep, spp
from tests.unit.queue_registry.services.test_matches import paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def kk(text):
    """The Kazakh words of a text, as the page shows them."""
    with translation.override("kk"):
        return translation.gettext(text)


@pytest.fixture
def town(transactional_db, settings):
    """An akimat with three old lists that have Anna, once without her number."""
    settings.DEMO = True
    made = factories.town()
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    cache.clear()
    known(ANNA)
    put_in_and_confirm(
        made,
        spp(("271-2019-000123", ANNA, "2011-05-06T10:00:00", 5)),
        rshep(("Ц-2016-000045", ANNA, "06.05.2011", 5)),
        paper(("Анна ОЙДАН", "б/н", "06.05.2011")),
    )
    matches.search(akimat=made.akimat, at=clock.now())
    return made


def show(page, pictures, name):
    assert_usable(page)
    page.screenshot(path=pictures / f"one-person-{name}-{page.viewport_size['width']}.png", full_page=True)


def settle(town):
    settlements.settle(akimat=town.akimat, by=None, at=clock.now(), document="decisions")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_clerk_leads_two_applications_together_with_the_keyboard(
    town, new_page, live_server, pictures, width
):
    page = new_page(base_url=live_server.url, width=width)
    page.goto("/desk/")
    page.get_by_label(kk("User name")).fill("clerk")
    page.get_by_label(kk("Password")).fill(town.passwords["clerk"])
    page.get_by_role("button", name=kk("Sign in")).click()
    page.get_by_role("button", name=kk("Sign out")).wait_for()

    page.goto("/desk/matches/")
    show(page, pictures, "list")
    group = MatchGroup.objects.get()
    page.locator(f"#group-{group.pk} a").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=kk("Decide"), exact=True).wait_for()
    show(page, pictures, "group")
    page.locator("input[name=outcome]").first.focus()
    page.keyboard.press("Space")
    page.locator("input[name=document]").focus()
    page.keyboard.type("Жеке куәлік № 12")
    page.keyboard.press("Enter")
    page.get_by_text(kk("The decision is written down. The ledger is made again in a moment.")).wait_for()

    settle(town)
    mine = Application.objects.get(applicant__iin=ANNA)
    assert Application.objects.get(joined_into__isnull=False).joined_into == mine
    assert mine.import_rows.count() == 3
    page.goto("/desk/matches/?decided=1")
    assert "Жеке куәлік № 12" in page.locator("main").inner_text()
    show(page, pictures, "decided")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_citizen_finds_the_permanent_number_by_each_old_one(
    town, new_page, live_server, pictures, javascript
):
    matches.decide(
        group_id=MatchGroup.objects.get().pk,
        outcome=MatchGroup.Outcome.SAME,
        members=MatchGroup.objects.get().members,
        document="No 12",
        by=town.clerk,
        at=clock.now(),
    )
    settle(town)
    mine = Application.objects.get(applicant__iin=ANNA)
    page = new_page(base_url=live_server.url, width=360, javascript=javascript)
    for source, number in (("spp", "271-2019-000123"), ("rshep", "ц 2016 000045"), ("paper", "1")):
        page.goto("/kk/")
        page.get_by_role("link", name=kk("I only have the number of an old list")).click()
        # What looks for barriers is itself a script.
        if javascript:
            show(page, pictures, "old-number")
        page.locator(f"input[name=source][value={source}]").check()
        page.locator("input[name=number]").fill(number)
        page.locator("input[name=iin]").fill(ANNA)
        page.get_by_role("button", name=kk("Show my file number")).click()

        assert page.locator(".kz-number-plate").inner_text() == mine.file_number
        assert ANNA not in page.url
        assert mine.file_number not in page.url
        if javascript:
            show(page, pictures, "answer")
    page.get_by_role("link", name=kk("See my place in the queue")).click()
    assert page.url.endswith("/kk/")
