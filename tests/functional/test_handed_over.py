"""A queue that goes to another keeper: who decides it, and a household, on the pages in a real browser."""

import pytest
from django.test import Client
from django.utils import timezone

from allocation.models import Sitting
from housing_queue import founding
from queue_registry.views import look_up_limits
from tests import factories, whole_akimat
from tests.browser import assert_usable
from tests.desk_steps import kk, press
from tests.whole_akimat import AFTER, HANDED_OVER_ON, KEEPER

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


@pytest.fixture
def town(transactional_db, settings, tmp_path):
    """An akimat that keeps its queue itself, and whose commission has met."""
    settings.DEMO, settings.MEDIA_ROOT = True, tmp_path
    made = factories.town()
    factories.confirmed(made, factories.ready(made, 1))
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    return made


@pytest.mark.parametrize("width", [360, 1280])
def test_two_people_hand_a_queue_over_on_the_page_and_every_desk_says_so(
    town, new_page, live_server, pictures, width
):
    def at_desk(user, page):
        client = Client()
        client.force_login(user)
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        return page

    admin = at_desk(town.admin, new_page(base_url=live_server.url, width=width))
    admin.goto("/admin/")
    admin.get_by_role("link", name=kk("Keeper of the queue")).click()
    press(admin, "Propose")
    admin.get_by_role("alert").wait_for()
    assert_usable(admin)
    admin.get_by_label(kk("Name in Kazakh")).fill(KEEPER.name_kk)
    admin.get_by_label(kk("Name in Russian")).fill(KEEPER.name_ru)
    admin.get_by_label(kk("Address of its public pages")).fill(KEEPER.address)
    admin.get_by_label(kk("Act by which the queue is handed over")).fill(KEEPER.document)
    admin.get_by_label(kk("First day")).fill(HANDED_OVER_ON.isoformat())
    press(admin, "Propose")
    admin.get_by_text(kk("waits for another person")).wait_for()
    assert_usable(admin)
    admin.screenshot(path=pictures / f"keepers-proposed-{width}.png", full_page=True)

    supervisor = at_desk(town.supervisor, new_page(base_url=live_server.url, width=width))
    supervisor.goto("/desk/")
    supervisor.get_by_role("link", name=kk("Keeper of the queue")).click()
    press(supervisor, "Approve: the queue goes there")
    supervisor.get_by_text(kk("approved, its day has not come")).wait_for()
    assert_usable(supervisor)
    assert supervisor.get_by_role("link", name=KEEPER.name_kk).count() == 0

    founding.set_demo_clock(lives_at=AFTER, machine_now=timezone.now())
    chair = at_desk(town.chair, new_page(base_url=live_server.url, width=width))
    sitting = Sitting.objects.get()
    addresses = {
        "sittings": "/admin/allocation/sitting/",
        "sitting": f"/admin/allocation/sitting/{sitting.pk}/change/",
        "round": f"/desk/rounds/{sitting.run.round_id}/",
    }
    for name, address in addresses.items():
        chair.goto(address)
        banner = chair.get_by_role("link", name=KEEPER.name_kk)
        assert banner.get_attribute("href") == KEEPER.address
        assert_usable(chair)
        chair.screenshot(path=pictures / f"keepers-{name}-{width}.png", full_page=True)
    admin.goto("/desk/keepers/")
    admin.get_by_text(kk("keeps the queue"), exact=True).wait_for()
    assert_usable(admin)
    admin.screenshot(path=pictures / f"keepers-in-force-{width}.png", full_page=True)
