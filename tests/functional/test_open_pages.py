"""The country, the files and the rounds in a real browser: usable by everybody, without scripts or others."""

import pytest
from django.utils import timezone

from housing_queue import founding
from queue_registry.models import Akimat
from tests import factories
from tests.browser import assert_usable
from tests.unit.queue_registry.publishing import house, of_category, recorded

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

_KILOBYTES = 100


@pytest.fixture
def town(transactional_db, settings):
    """An akimat of a region, with people who wait, people who were housed, and a round that was decided."""
    settings.DEMO = True
    made = factories.town()
    Akimat.objects.create(kato="270000000", name_kk="Ойдан облысы", name_ru="Вымышленная область")
    register = factories.register(made)
    factories.confirmed(made, register.homes, quotas=factories.ONE_BY_PROGRAM)
    of_category(made, "military", 12, first_day=20)
    for months, count in ((3, 2), (7, 5), (11, 1)):
        at = factories.AT.replace(month=factories.AT.month - months) if months < 9 else factories.AT
        for day in range(count):
            house(made, recorded(made, day=40 + day, at=at), at=at)
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    return made


def links(page):
    """Addresses of the pages that anybody reads, each from a link of the one before."""
    return ["country/", "country/27/", f"country/{factories.KATO}/", "open-data/", "rounds/"]


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_open_pages_are_usable_and_ask_nobody_else(town, new_page, live_server, pictures, language, width):
    page = new_page(base_url=live_server.url, width=width, locale=language)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for address in links(page):
        page.goto(f"/{language}/{address}")
        assert_usable(page)
        name = address.strip("/").replace("/", "-")
        page.screenshot(path=pictures / f"open-{name}-{language}-{width}.png", full_page=True)
    page.get_by_role("row").get_by_role("link").first.click()
    assert_usable(page)
    page.screenshot(path=pictures / f"open-round-{language}-{width}.png", full_page=True)

    assert [url for url in asked if not url.startswith(live_server.url)] == []
    assert page.context.cookies() == []


def test_from_the_country_to_an_akimat_and_its_file_in_three_clicks_without_scripts(
    town, new_page, live_server
):
    page = new_page(base_url=live_server.url, width=360, javascript=False)
    page.goto("/kk/country/")
    page.get_by_role("link", name="Ойдан облысы").click()
    page.get_by_role("link", name=town.akimat.name_kk).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").first.click()

    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "akimat,list,place,file_number,registered_on,category"
    assert len(lines) > 10


def test_a_page_of_figures_is_light(town, new_page, live_server):
    page = new_page(base_url=live_server.url, width=360)
    sizes = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.goto("/kk/country/")
    page.wait_for_load_state("networkidle")

    document = page.request.get("/kk/country/").body()
    assert len(document) < _KILOBYTES * 1024
