"""The citizen's page says state, cause, basis, what to do, by when and where; and whom the list serves."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from lxml import html

from queue_registry import article_presenters
from queue_registry.models import AkimatOffice
from queue_registry.rules.reasons import RemovalGround
from queue_registry.selectors import clock
from queue_registry.services import queue_entries
from queue_registry.views import look_up_limits
from tests import factories, situations
from tests.factories import AT
from tests.unit.queue_registry.services import moving

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings, monkeypatch):
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    cache.clear()
    monkeypatch.setattr(clock, "now", lambda: situations.READ_AT)
    return factories.town()


def page_of(application, *, language="ru"):
    return Client().post(
        f"/{language}/", {"file_number": application.file_number, "iin": application.applicant.iin}
    )


def facts_of(page):
    """What stands beside each term of the page, by the term."""
    document = html.fromstring(page.content.decode())
    terms = [" ".join(term.text_content().split()) for term in document.xpath("//main//dt")]
    told = [" ".join(fact.text_content().split()) for fact in document.xpath("//main//dd")]
    return dict(zip(terms, told, strict=True))


def ru(text, **figures):
    with translation.override("ru"):
        return translation.gettext(text) % figures if figures else translation.gettext(text)


def place_on(page):
    return html.fromstring(page.content.decode()).xpath("string(//*[@class='kz-place'])")


@pytest.mark.parametrize("build", situations.SITUATIONS.values(), ids=situations.SITUATIONS)
def test_every_situation_has_a_page_in_both_languages(town, build):
    application = build(town)
    for language in ("kk", "ru"):
        page = page_of(application, language=language)

        assert page.status_code == 200
        assert application.file_number in page.content.decode()
        assert page.headers["Cache-Control"] == "no-store"
        assert application.applicant.iin not in page.content.decode()


def test_a_place_in_the_category_counts_those_of_the_category_alone(town):
    page = page_of(situations.on_list(town))

    assert place_on(page) == "3"
    assert facts_of(page)[ru("Your place in your category")].startswith("2 ")


def test_a_category_that_ended_counts_only_if_it_stays_and_once_however_often_it_was_held(town):
    others = [factories.waiting(town, number="4", day=day) for day in (1, 2, 3)]
    mine = factories.waiting(town, number="4", day=4)
    ended = {"until_on": date(2020, 1, 1)}
    for entry, periods in (
        (others[0], [ended]),
        (others[1], [{**ended, "sticky": True}]),
        (others[2], [{**ended, "sticky": True}, {"from_on": date(2021, 1, 1)}]),
        (mine, [{}]),
    ):
        for period in periods:
            situations.in_category(town, entry, **period)

    assert facts_of(page_of(mine.application))[ru("Your place in your category")].startswith("3 ")


@pytest.mark.parametrize("build", [situations.suspended, situations.second_refusal])
def test_who_is_frozen_reads_that_the_place_is_kept_and_where_to_ask(town, build):
    situations.office(town)

    page = page_of(build(town))
    facts = facts_of(page)

    assert place_on(page) == "1"
    assert ru("You keep your place.") in facts[ru("Status")]
    assert "улица Вымышленная, дом 1" in facts[ru("Where to go")]
    assert "+7 700 000 00 12" in facts[ru("Where to go")]


def test_who_is_to_be_removed_reads_ground_article_and_last_day_and_keeps_the_place(town):
    page = page_of(situations.removal_proposed(town))
    facts = facts_of(page)

    assert place_on(page) == "1"
    assert ru("built or bought a dwelling") in facts[ru("Cause")]
    assert "73" in facts[ru("Legal basis")]
    assert "3\N{NO-BREAK SPACE}сентября" in page.content.decode()
    assert facts[ru("By when")].startswith("3 сентября")


def test_who_was_removed_still_sees_the_decision_and_the_way_to_contest_it(town):
    page = page_of(situations.removed_himself(town))
    facts = facts_of(page)

    assert place_on(page) == ""
    assert ru("Removed from the list") in facts[ru("Status")]
    assert ru("built or bought a dwelling") in facts[ru("Cause")]
    # Decided on 7 September; a complaint within three months.
    assert facts[ru("By when")].startswith("7 декабря")


@pytest.mark.parametrize("act", [moving.notified, moving.removed])
@pytest.mark.parametrize(
    ("ground", "doubted"), [("DECEASED", True), ("CITIZENSHIP_LOST", True), ("ACQUIRED_DWELLING", False)]
)
def test_what_is_not_certain_about_the_cited_article_stands_beside_it(town, act, ground, doubted):
    entry = factories.waiting(town)
    act(town, entry, ground=RemovalGround(ground))

    facts = facts_of(page_of(entry.application))

    with translation.override("ru"):
        why = article_presenters.doubt("DECEASED")
    assert why
    assert (why in facts[ru("Legal basis")]) is doubted


def test_a_complaint_that_runs_asks_nothing_more_and_names_its_last_day(town):
    facts = facts_of(page_of(situations.removal_contested(town)))

    assert ru("By when") not in facts
    assert "октября" in facts[ru("What you should do")]


def test_no_address_is_invented_where_none_was_recorded(town):
    facts = facts_of(page_of(situations.suspended(town)))

    assert facts[ru("Where to go")] == ru("Housing department of your akimat")


def test_the_office_is_that_of_the_day(town):
    situations.office(town)
    moved = {"address_kk": "Жаңа көше, 2", "address_ru": "улица Новая, 2", "recorded_at": AT}
    day = situations.READ_AT.date()
    AkimatOffice.objects.create(akimat=town.akimat, from_on=day + timedelta(days=1), **moved)
    application = situations.suspended(town)
    assert "улица Вымышленная" in facts_of(page_of(application))[ru("Where to go")]

    AkimatOffice.objects.create(akimat=town.akimat, from_on=date(2026, 9, 15), **moved)

    assert "улица Новая" in facts_of(page_of(application))[ru("Where to go")]


def test_a_list_tells_whom_it_serves_only_where_somebody_was_housed_within_a_year(town):
    first, mine = factories.waiting(town, day=1), factories.waiting(town, day=2)
    other = factories.waiting(town, number="4", day=3)
    words = "2015"
    assert words not in paragraphs(page_of(mine.application))

    situations.housed(town, other)
    assert words not in paragraphs(page_of(mine.application))

    situations.housed(town, first)
    assert words in paragraphs(page_of(mine.application))


def test_a_home_counts_for_a_year_and_through_another_list_never(town, monkeypatch):
    first, elsewhere, mine = (factories.waiting(town, day=day) for day in (1, 2, 3))
    queue_entries.close_as_housed(entry_id=elsewhere.pk, by=town.clerk, at=AT, document="contract 2")
    assert "2015" not in paragraphs(page_of(mine.application))
    situations.housed(town, first)
    year = AT + timedelta(days=365)

    monkeypatch.setattr(clock, "now", lambda: year - timedelta(seconds=1))
    assert "2015" in paragraphs(page_of(mine.application))
    monkeypatch.setattr(clock, "now", lambda: year)
    assert "2015" not in paragraphs(page_of(mine.application))


def paragraphs(page):
    document = html.fromstring(page.content.decode())
    return " ".join(
        part.text_content() for part in document.xpath("//section[contains(@class,'ticket')]/div/p")
    )


def test_a_contested_place_of_another_is_counted_and_not_named(town):
    page = page_of(situations.place_changed(town)).content.decode()

    others = set(factories.Akimat.objects.get().entries.values_list("applicant__last_name", flat=True))
    assert not [name for name in others if name in page]
