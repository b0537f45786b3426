"""A household whose queue went to another keeper: its own way through the pages, in a real browser."""

import pytest
from django.utils import timezone

from housing_queue import founding
from queue_registry.views import look_up_limits
from tests import factories, whole_akimat
from tests.browser import assert_usable
from tests.whole_akimat import AFTER, KEEPER

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def entry(transactional_db, settings, tmp_path):
    """An entry of a queue that is kept elsewhere since this morning."""
    settings.DEMO, settings.MEDIA_ROOT = True, tmp_path
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    town = factories.town()
    factories.waiting(town, day=1)
    mine = factories.waiting(town, day=2)
    whole_akimat.handed_over(town)
    founding.set_demo_clock(lives_at=AFTER, machine_now=timezone.now())
    return mine


@pytest.mark.parametrize(("language", "keeper"), [("kk", KEEPER.name_kk), ("ru", KEEPER.name_ru)])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_household_reads_its_place_and_is_led_to_the_new_keeper(
    entry, new_page, live_server, pictures, language, keeper, width
):
    page = new_page(base_url=live_server.url, width=width, locale=language)

    page.goto(f"/{language}/country/{factories.KATO}/")
    assert page.get_by_role("link", name=keeper).get_attribute("href") == KEEPER.address
    page.goto(f"/{language}/")
    page.locator("#id_file_number").fill(entry.file_number)
    page.locator("#id_iin").fill(entry.applicant.iin)
    page.locator("#kept button").click()

    assert page.locator(".kz-place").inner_text() == "2"
    assert page.get_by_role("link", name=keeper).get_attribute("href") == KEEPER.address
    assert_usable(page)
    page.screenshot(path=pictures / f"handed-over-place-{language}-{width}.png", full_page=True)
    # Something that would be an act: it is not done here any more.
    page.locator("form[action*='certificate/pdf'] button").first.click()
    assert page.get_by_role("link", name=keeper).get_attribute("href") == KEEPER.address
    assert_usable(page)
    page.screenshot(path=pictures / f"handed-over-act-{language}-{width}.png", full_page=True)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_desk_shows_who_keeps_the_queue(entry, client, new_page, live_server, pictures, width):
    page = new_page(base_url=live_server.url, width=width)
    client.force_login(entry.application.entered_by)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])

    page.goto("/desk/")

    assert page.get_by_role("link", name=KEEPER.name_kk).get_attribute("href") == KEEPER.address
    assert_usable(page)
    page.screenshot(path=pictures / f"handed-over-desk-{width}.png", full_page=True)
