"""A list on a past day at the desk: as known then, as corrected since, and only of the own akimat."""

from datetime import UTC, datetime, timedelta

import pytest
from lxml import html

from queue_registry.models import PersonalDataView
from queue_registry.selectors import clock
from queue_registry.services import queue_entries
from tests import factories
from tests.unit.queue_registry.selectors.histories import MOMENTS, History

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.fixture
def town(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: factories.AT)
    return factories.town()


@pytest.fixture
def auditor(client, town):
    client.force_login(town.auditor)
    return client


def numbers(page):
    rows = html.fromstring(page.content.decode()).xpath("//tbody/tr[th]")
    return [(row.xpath("string(td[1])").strip(), row.xpath("string(th)").strip()) for row in rows]


def removed_and_reinstated(town):
    """Two entries of March; the first is removed in April, and a court puts it back in June."""
    history = History(town, at=MARCH)
    first, second = history.register(MOMENTS[4], "4"), history.register(MOMENTS[0], "4")
    history.at = MARCH + timedelta(days=40)
    history.remove(first)
    queue_entries.reinstate(
        entry_id=first.pk, by=town.supervisor, at=MARCH + timedelta(days=100), document="court 1"
    )
    return first, second


def test_a_day_shows_who_was_known_then_and_who_stands_there_as_corrected_since(auditor, town):
    first, second = removed_and_reinstated(town)
    between = (MARCH + timedelta(days=60)).date().isoformat()

    known = auditor.get("/desk/as-of/", {"list": "4", "on": between})
    corrected = auditor.get("/desk/as-of/", {"list": "4", "on": between, "view": "corrected"})

    assert numbers(known) == [("1", second.file_number)]
    assert numbers(corrected) == [("1", first.file_number), ("2", second.file_number)]
    assert numbers(auditor.get("/desk/as-of/", {"list": "4", "on": "2026-03-01"})) == []
    assert numbers(auditor.get("/desk/as-of/", {"list": "4", "on": "2026-03-02"})) == numbers(corrected)
    assert PersonalDataView.objects.filter(by=town.auditor, target="register:271010000").count() == 4


def test_a_corrected_moment_counts_from_the_registration_and_not_as_known(auditor, town):
    history = History(town, at=MARCH)
    first, second = history.register(MOMENTS[4], "4"), history.register(MOMENTS[0], "4")
    history.at = MARCH + timedelta(days=40)
    history.settle(first, MOMENTS[2], "4")
    before = (MARCH + timedelta(days=10)).date().isoformat()

    def order(view):
        page = auditor.get("/desk/as-of/", {"list": "4", "on": before, "view": view})
        return [number for _place, number in numbers(page)]

    assert order("known") == [first.file_number, second.file_number]
    assert order("corrected") == [second.file_number, first.file_number]


def test_one_entry_is_told_both_ways(auditor, town):
    first, _second = removed_and_reinstated(town)
    between = (MARCH + timedelta(days=60)).date().isoformat()

    page = auditor.get("/desk/as-of/", {"list": "4", "on": between, "file_number": first.file_number})

    facts = html.fromstring(page.content.decode()).xpath("//section[@aria-labelledby='one-entry']//dd")
    known, corrected = (" ".join(fact.text_content().split()) for fact in facts)
    assert known != corrected
    assert "1996" in known
    assert "1996" in corrected


@pytest.mark.parametrize(
    "query", [{"on": "2027-01-01"}, {"on": "yesterday"}, {"list": "7"}, {"view": "both"}]
)
def test_what_is_no_past_day_or_list_is_refused_in_words(auditor, town, query):
    page = auditor.get("/desk/as-of/", query)

    assert page.status_code == 200
    assert "govuk-error-summary" in page.content.decode()
    assert not PersonalDataView.objects.exists()


@pytest.mark.parametrize("page", ["0", "x", "99999999999999999999", "²"])
def test_a_page_that_is_none_is_shown_empty_or_as_the_first(auditor, town, page):
    assert auditor.get("/desk/as-of/", {"page": page}).status_code == 200


def test_who_may_not_see_the_register_is_refused(client, town):
    client.force_login(town.member1)
    assert client.get("/desk/as-of/").status_code == 403
