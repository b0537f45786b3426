"""The country in figures: they are the register's, add up, and cost the same for one akimat and for 220."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from queue_registry.models import Akimat, GateEvent, Sweep
from queue_registry.rules.calendar import TIME_ZONE
from queue_registry.selectors import country
from queue_registry.services import queue_entries
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.publishing import house, other, recorded
from tests.unit.queue_registry.services import gating

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture(autouse=True)
def _lives_at(monkeypatch):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)


def place(akimat, *, at=AT):
    return next(one for one in country.get_country(at=at).places if one.akimat == akimat)


def test_who_waits_and_who_was_housed_by_list(town):
    first, second = factories.waiting(town, day=1), factories.waiting(town, day=2)
    factories.waiting(town, number="4", day=3)
    queue_entries.mark_offered(entry_id=second.pk, by=None, at=AT, document="x")
    house(town, first)

    figures = place(town.akimat).figures
    assert {number: one.waiting for number, one in figures.lists.items() if one.waiting} == {"4": 1, "5": 1}
    assert (figures.waiting, figures.housed_total, figures.lists["5"].housed) == (2, 1, 1)
    assert figures.oldest_served == figures.lists["5"].newest_served == first.registered_at


def test_oldest_and_newest_registration_served(town):
    long_ago = AT - timedelta(days=90)
    entries = [recorded(town, day=day, at=long_ago) for day in (1, 2, 3)]
    house(town, entries[2], at=AT - timedelta(days=60))
    house(town, entries[0])

    served = place(town.akimat).figures.lists["5"]
    assert (served.oldest_served, served.newest_served) == (
        entries[0].registered_at,
        entries[2].registered_at,
    )


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2025, 9, 30, 23, 59, tzinfo=TIME_ZONE), None),
        (datetime(2025, 10, 1, 0, 0, tzinfo=TIME_ZONE), date(2025, 10, 1)),
        (datetime(2026, 8, 31, 23, 59, tzinfo=TIME_ZONE), date(2026, 8, 1)),
        (datetime(2026, 9, 1, 0, 0, tzinfo=TIME_ZONE), date(2026, 9, 1)),
    ],
)
def test_months_are_those_of_almatys_calendar(town, moment, month):
    house(town, recorded(town, at=moment - timedelta(hours=1)), at=moment)

    figures = place(town.akimat).figures
    assert list(figures.housed) == country.last_months(date(2026, 9, 1))
    assert {one for one, count in figures.housed.items() if count} == ({month} if month else set())


def test_the_last_twelve_months_end_with_this_one():
    assert country.last_months(date(2026, 1, 31))[::11] == [date(2025, 2, 1), date(2026, 1, 1)]
    assert len(country.last_months(date(2026, 12, 1))) == 12


def test_gate_and_freshness_of_an_akimat(town):
    assert (place(town.akimat).open_since, place(town.akimat).figures.unchecked) == (None, 1)
    gating.opened(town)
    Sweep.objects.filter(akimat=town.akimat).update(finished_at=AT)

    found = place(town.akimat)
    assert found.open_since == GateEvent.objects.get().at
    assert (found.figures.checked_at, found.figures.unchecked, found.figures.changed_at) == (AT, 0, AT)


def test_the_whole_is_the_sum_of_its_parts(town):
    factories.waiting(town)
    other("272010000", waiting=5)
    other("711000000", waiting=7)

    found = country.get_country(at=AT)
    whole = country.together(found.places)
    assert (whole.waiting, whole.akimats) == (1 + 30 + 42, 3)
    assert country.together(found.of_region("27")).waiting == 31
    assert whole.waiting == sum(country.together(found.of_region(prefix)).waiting for prefix in ("27", "71"))


def test_the_country_costs_as_many_queries_as_one_akimat(town):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            country.get_country(at=AT)
        return len(caught)

    one = queries()
    for number in range(20):
        other(f"{30 + number}2010000", waiting=3)
    house(town, factories.waiting(town, known=False))
    assert queries() == one <= 8


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_an_akimat_is_two_clicks_from_the_country(client, town, language):
    region = Akimat.objects.create(kato="270000000", name_kk="Ойдан облысы", name_ru="Область")
    factories.waiting(town)
    start = client.get(f"/{language}/country/").content.decode()
    name = region.name_ru if language == "ru" else region.name_kk
    (to_region,) = re.findall(rf'href="([^"]+)">{name}<', start)
    (to_akimat,) = re.findall(
        rf'href="([^"]+)">{town.akimat.name_ru if language == "ru" else town.akimat.name_kk}<',
        client.get(to_region).content.decode(),
    )

    page = client.get(to_akimat)
    assert page.status_code == 200
    assert f"/open-data/lists/{town.akimat.kato}.csv" in page.content.decode()


def test_a_page_is_made_once_and_not_sent_twice(client, town):
    first = client.get("/kk/country/")
    with CaptureQueriesContext(connection) as caught:
        second = client.get("/kk/country/")
        again = client.get("/kk/country/", headers={"If-None-Match": first.headers["ETag"]})

    assert (len(caught), second.content) == (0, first.content)
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in first.headers
    assert client.get("/ru/country/").content != first.content


@pytest.mark.parametrize("address", ["/kk/country/99/", "/kk/country/990000000/", "/kk/country/9/"])
def test_a_place_that_is_none_is_not_found(client, town, address):
    assert client.get(address).status_code == 404
