"""The citizen's page: a place for the right pair, one page for every wrong one, nothing personal left."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from queue_registry.models import Application
from queue_registry.rules.file_number import file_number
from queue_registry.selectors import clock
from queue_registry.services import queue_entries
from queue_registry.views import look_up_limits
from tests import factories

pytestmark = pytest.mark.django_db

UNKNOWN = file_number(kato="271010000", running_number=9_999_999)


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture(autouse=True)
def _fresh_limits(settings):
    limiter = look_up_limits._limiter(settings.REDIS_URL)
    limiter.storage.reset()
    cache.clear()


def look_up(number, iin, *, language="kk", address="192.0.2.1"):
    return Client().post(f"/{language}/", {"file_number": number, "iin": iin}, REMOTE_ADDR=address)


def text_of(response):
    main = html.fromstring(response.content.decode()).xpath("//main")[0]
    return " ".join(main.text_content().split())


def test_the_right_pair_shows_list_place_number_ahead_and_registration(town):
    factories.waiting(town, day=1)
    mine = factories.waiting(town, day=2)
    factories.waiting(town, day=3)

    page = look_up(mine.file_number, mine.applicant.iin)

    document = html.fromstring(page.content.decode())
    assert document.xpath("string(//*[@class='kz-place'])") == "2"
    assert re.findall(r"\d+", document.xpath("string(//*[@class='kz-place__ahead'])")) == ["1", "3"]
    assert "2015" in text_of(page)
    assert mine.file_number in text_of(page)


def test_an_iin_alone_and_a_number_alone_show_nothing(town):
    mine = factories.waiting(town)

    for number, iin in ((mine.file_number, ""), ("", mine.applicant.iin)):
        page = look_up(number, iin)
        assert not html.fromstring(page.content.decode()).xpath("//*[@class='kz-place']")
        assert "govuk-error-summary" in page.content.decode()


def test_wrong_iin_unknown_number_and_wrong_check_digit_get_the_same_bytes(town):
    mine, other = factories.waiting(town, day=1), factories.waiting(town, day=2)
    wrong_digit = mine.file_number[:-1] + str((int(mine.file_number[-1]) + 1) % 10)

    pages = [
        look_up(mine.file_number, other.applicant.iin),
        look_up(UNKNOWN, mine.applicant.iin),
        look_up(wrong_digit, mine.applicant.iin),
        look_up(mine.file_number, factories.invented_iin(9_999)),
    ]

    assert {(page.status_code, page.content) for page in pages} == {(200, pages[0].content)}
    # The page's own headers, the request's number aside.
    assert len({tuple(sorted(set(page.headers) - {"X-Request-ID"})) for page in pages}) == 1
    assert mine.applicant.iin not in pages[1].content.decode()


def test_a_number_joined_to_another_application_leads_there(town):
    mine = factories.waiting(town)
    joined = Application.objects.create(
        akimat=town.akimat,
        running_number=900,
        file_number=file_number(kato=town.akimat.kato, running_number=900),
        joined_into=mine.application,
        origin=Application.Origin.IMPORT,
        entered_by=town.clerk,
        entered_at=factories.AT,
    )

    assert mine.file_number in text_of(look_up(joined.file_number, mine.applicant.iin))


def test_nothing_personal_is_kept_in_cookies_addresses_or_caches(town):
    mine = factories.waiting(town)

    page = look_up(mine.file_number, mine.applicant.iin)

    assert page.cookies == {}
    assert page.headers["Cache-Control"] == "no-store"
    assert mine.applicant.iin not in page.content.decode()
    assert mine.applicant.last_name not in page.content.decode()
    assert not [address for address in addresses_of(page) if mine.file_number in address]


def addresses_of(page):
    document = html.fromstring(page.content.decode())
    return document.xpath("//@href | //@src | //@action")


def test_both_languages_say_the_same_with_the_same_numbers_and_links(town):
    mine = factories.waiting(town)

    kk = look_up(mine.file_number, mine.applicant.iin)
    ru = look_up(mine.file_number, mine.applicant.iin, language="ru")

    def bones(page):
        """What stands on the page whatever its language; the switch shows the other one as a link."""
        document = html.fromstring(page.content.decode())
        for switch in document.xpath("//nav[@aria-label='Тіл / Язык']"):
            switch.drop_tree()
        tags = [element.tag for element in document.iter() if isinstance(element.tag, str)]
        return tags, [re.sub("/(kk|ru)/", "/", link) for link in document.xpath("//@href | //@src")]

    def numbers(page):
        return sorted(re.findall(r"\d+", text_of(page)))

    assert bones(kk) == bones(ru)
    assert numbers(kk) == numbers(ru)
    assert text_of(kk) != text_of(ru)
    assert (kk.headers["Content-Language"], ru.headers["Content-Language"]) == ("kk", "ru")


def test_the_page_is_small_and_asks_for_no_script(town):
    mine = factories.waiting(town)

    page = look_up(mine.file_number, mine.applicant.iin)

    assert len(page.content) < 100_000
    assert b"<script" not in page.content


def test_the_root_leads_to_kazakh_first(client):
    assert client.get("/").headers["Location"] == "/kk/"


def test_a_suspended_entry_shows_that_the_place_is_kept(town):
    mine = factories.waiting(town)
    queue_entries.suspend(entry_id=mine.pk, by=town.clerk, at=factories.AT, ground="DIGITIZATION")

    page = look_up(mine.file_number, mine.applicant.iin, language="ru")

    assert html.fromstring(page.content.decode()).xpath("string(//*[@class='kz-place'])") == "1"
    assert "место" in text_of(page)


def test_ten_look_ups_in_a_quarter_of_an_hour_from_one_address_and_no_more(town):
    mine = factories.waiting(town)
    for _ in range(10):
        assert look_up(mine.file_number, mine.applicant.iin).status_code == 200

    eleventh = look_up(mine.file_number, mine.applicant.iin)

    assert eleventh.status_code == 429
    assert 0 < int(eleventh.headers["Retry-After"]) <= 15 * 60
    assert look_up(mine.file_number, mine.applicant.iin, address="192.0.2.2").status_code == 200


def test_five_wrong_answers_an_hour_for_one_file_number_from_wherever_they_come(town):
    mine = factories.waiting(town)
    wrong = factories.invented_iin(9_999)
    for number in range(5):
        assert look_up(mine.file_number, wrong, address=f"192.0.2.{number}").status_code == 200

    sixth = look_up(mine.file_number, mine.applicant.iin, address="192.0.2.99")

    assert sixth.status_code == 429
    assert 0 < int(sixth.headers["Retry-After"]) <= 60 * 60


def test_without_counters_nobody_looks_anything_up(town, settings):
    mine = factories.waiting(town)
    settings.REDIS_URL = "redis://127.0.0.1:9/0"

    page = look_up(mine.file_number, mine.applicant.iin)

    assert page.status_code == 503
    assert "Retry-After" in page.headers


def test_a_look_up_asks_the_database_as_often_for_a_long_list_as_for_a_short_one(town):
    mine = factories.waiting(town, day=1)
    look_up(mine.file_number, mine.applicant.iin)
    with CaptureQueriesContext(connection) as alone:
        look_up(mine.file_number, mine.applicant.iin)
    for day in range(2, 9):
        factories.waiting(town, day=day)

    with CaptureQueriesContext(connection) as among_others:
        look_up(mine.file_number, mine.applicant.iin)

    assert 0 < len(among_others) == len(alone) <= 7


def test_the_moment_shown_is_the_one_this_installation_lives_in(town, monkeypatch):
    mine = factories.waiting(town)
    monkeypatch.setattr(clock, "now", lambda: factories.AT + timedelta(hours=2, minutes=7))

    assert "11:07" in text_of(look_up(mine.file_number, mine.applicant.iin))
