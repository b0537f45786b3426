"""The lists and those housed as files: nobody is named or singled out, and no byte is sent twice."""

import csv
import io
import json
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from queue_registry import downloads
from queue_registry.models import HouseholdMember
from queue_registry.rules.calendar import TIME_ZONE
from queue_registry.services import queue_entries
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.publishing import house, of_category, other, recorded

pytestmark = pytest.mark.django_db

LISTS = f"/open-data/lists/{factories.KATO}"
HOUSED = f"/open-data/housed/{factories.KATO}"


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture(autouse=True)
def _lives_at(monkeypatch):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)


def rows(client, address):
    content = client.get(f"{address}.csv").getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def test_the_list_is_in_its_order_with_masked_numbers(client, town):
    later, first = factories.waiting(town, day=2), factories.waiting(town, day=1)
    other = factories.waiting(town, number="4", day=3)
    queue_entries.mark_offered(entry_id=later.pk, by=None, at=AT, document="x")

    assert rows(client, LISTS) == [
        {
            "akimat": factories.KATO,
            "list": entry.waiting_list.number,
            "place": place,
            "file_number": f"{entry.file_number[:11]}***-*",
            "registered_on": day,
            "category": "merged",
        }
        for entry, place, day in (
            (other, "1", "2015-03-04"),
            (first, "1", "2015-03-02"),
            (later, "2", "2015-03-03"),
        )
    ]


def test_two_of_a_category_never_stand_alone(client, town):
    of_category(town, "military", 2)
    of_category(town, "civil_servant", 11)
    of_category(town, "budget_worker", 12)

    found = Counter(row["category"] for row in rows(client, LISTS))
    assert found == {"merged": 13, "budget_worker": 12}


def test_ten_of_a_category_are_named(client, town):
    of_category(town, "military", 10)
    of_category(town, "budget_worker", 10)

    assert Counter(row["category"] for row in rows(client, LISTS)) == {"military": 10, "budget_worker": 10}


def test_a_list_that_is_small_as_a_whole_names_no_category(client, town):
    of_category(town, "military", 9)

    assert {row["category"] for row in rows(client, LISTS)} == {"merged"}


def test_no_full_number_name_or_iin_is_in_any_file(client, town):
    entries = of_category(town, "budget_worker", 3)
    house(town, entries[0])
    for address in (LISTS, f"{LISTS}/2026", HOUSED, "/open-data/housed/all", "/open-data/counts/all"):
        for form in ("csv", "json"):
            content = client.get(f"{address}.{form}").getvalue().decode()
            for entry in entries:
                assert entry.file_number not in content
                assert entry.applicant.iin not in content
                assert entry.applicant.last_name not in content


def test_all_formats_have_the_same_rows(client, town):
    of_category(town, "budget_worker", 3)
    told = rows(client, LISTS)

    document = json.loads(client.get(f"{LISTS}.json").getvalue())
    assert [{name: str(value) for name, value in row.items()} for row in document["rows"]] == told
    assert document["licence"] == "CC-BY-4.0"
    assert [field["name"] for field in document["fields"]] == list(told[0])
    assert datetime.fromisoformat(document["changed_at"]) == AT
    answer = client.get(f"{LISTS}.xlsx")
    head, *body = load_workbook(io.BytesIO(answer.getvalue())).active.iter_rows(values_only=True)
    assert [dict(zip(head, map(str, row), strict=True)) for row in body] == told


def test_an_empty_list_is_a_file_too(client, town):
    assert rows(client, LISTS) == []
    assert json.loads(client.get(f"{LISTS}.json").getvalue())["rows"] == []


def test_the_list_of_a_year_is_as_it_was_known_when_the_year_began(client, town):
    before, after = (datetime(2025, 12, 31, 23, 59, tzinfo=TIME_ZONE) + timedelta(minutes=m) for m in (0, 1))
    known, late = recorded(town, at=before), recorded(town, at=after)
    house(town, known)

    assert [row["file_number"][:11] for row in rows(client, f"{LISTS}/2026")] == [known.file_number[:11]]
    assert [row["file_number"][:11] for row in rows(client, LISTS)] == [late.file_number[:11]]
    assert client.get(f"{LISTS}/2027.csv").status_code == 404
    assert client.get(f"{LISTS}/2022.csv").status_code == 404


def test_those_housed_are_told_with_family_grounds_and_dates(client, town):
    entry = factories.waiting(town, family=[factories.HUSBAND, factories.DAUGHTER])
    gone = HouseholdMember.objects.filter(application=entry.application).last()
    gone.until_on = date(2026, 8, 31)
    gone.save()
    house(town, entry)

    assert rows(client, HOUSED) == [
        {
            "akimat": factories.KATO,
            "list": "5",
            "file_number": f"{entry.file_number[:11]}***-*",
            "registered_on": "2015-03-02",
            "category": "merged",
            "family_size": "merged",
            "housed_on": "2026-09-01",
        }
    ]
    assert rows(client, "/open-data/housed/all") == rows(client, HOUSED)


def test_a_size_is_told_where_ten_families_of_the_category_have_it_and_nobody_stands_alone(client, town):
    sizes = [(factories.HUSBAND,)] * 10 + [(factories.HUSBAND, factories.DAUGHTER, factories.SON)]
    for day, family in enumerate(sizes, start=1):
        house(town, factories.waiting(town, day=day, family=family))
    large = [row for row in rows(client, HOUSED) if row["registered_on"] == "2015-03-11"]

    # The eleventh would be told by its size alone; with ten others it is one of eleven.
    assert [row["family_size"] for row in rows(client, HOUSED)] == ["merged"] * 11
    assert len(large) == 1
    for day in range(12, 22):
        house(town, factories.waiting(town, day=day, family=sizes[-1]))

    told = Counter(row["family_size"] for row in rows(client, HOUSED))
    assert told == {"2": 10, "4": 11}


@pytest.mark.parametrize(("days", "expected"), [(0, 1), (1, 0)])
def test_those_housed_stay_for_two_years(client, town, monkeypatch, days, expected):
    house(town, factories.waiting(town, known=False))
    later = AT.replace(year=2028) + timedelta(days=days)
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: later)

    assert len(rows(client, HOUSED)) == expected


def test_a_household_is_housed_once_and_not_on_its_other_list(client, town):
    entry = factories.waiting(town)
    other = factories.waiting(town, number="4", application=entry.application)
    house(town, entry)
    queue_entries.close_as_housed(entry_id=other.pk, by=town.clerk, at=AT, document="x")

    assert [row["list"] for row in rows(client, HOUSED)] == ["5"]


def test_whose_contract_was_annulled_is_not_housed(client, town):
    entry = factories.waiting(town)
    house(town, entry)
    queue_entries.undo_housed(entry_id=entry.pk, by=town.clerk, at=AT, document="x")

    assert rows(client, HOUSED) == []


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_the_same_file_is_not_sent_twice(client, town, form):
    entry = factories.waiting(town)
    address = f"{LISTS}.{form}"
    first = client.get(address)
    assert first.getvalue()
    etag = first.headers["ETag"]

    again = client.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, b"".join(again), again.headers["ETag"]) == (304, b"", etag)
    assert first.headers["Cache-Control"] == "public, max-age=300"
    house(town, entry)
    changed = client.get(address, headers={"If-None-Match": etag})
    assert (changed.status_code, bool(changed.getvalue())) == (200, True)


def test_a_file_takes_as_many_queries_for_many_people_as_for_few(client, town):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            for address in (LISTS, f"{LISTS}/2026", HOUSED, "/open-data/counts/all"):
                rows(client, address)
        return len(caught)

    house(town, *of_category(town, "military", 1))
    few = queries()
    for entry in of_category(town, "military", 8, number="4"):
        house(town, entry)
    of_category(town, "budget_worker", 20)
    assert queries() == few


@pytest.mark.parametrize(
    "address",
    [
        "/open-data/lists/990000000.csv",
        "/open-data/lists/27.csv",
        f"{LISTS}.exe",
        f"{LISTS}.csv/",
        "/open-data/housed/990000000.json",
    ],
)
def test_what_is_not_published_is_not_found(client, town, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text):
    line = b"".join(downloads.csv_lines(["x"], [[text]])).decode("utf-8-sig").split("\r\n", 1)[1]
    assert next(csv.reader(io.StringIO(line, newline=""))) == [f"'{text}"]
    with downloads.workbook("x", ["x"], [[text]]) as file:
        cell = load_workbook(file).active["A2"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_catalog_leads_to_every_file_with_licence_and_last_change(client, town, language):
    factories.waiting(town)
    answer = client.get(f"/{language}/open-data/")
    catalog = answer.content.decode()
    of_akimat = client.get(f"/{language}/country/{factories.KATO}/").content.decode()

    assert f'href="/{language}/country/{factories.KATO}/#files"' in catalog
    for form in ("csv", "xlsx", "json"):
        for address in ("/open-data/housed/all", "/open-data/counts/all"):
            assert f'href="{address}.{form}"' in catalog
        for address in (LISTS, HOUSED, *(f"{LISTS}/{year}" for year in (2023, 2026))):
            assert f'href="{address}.{form}"' in of_akimat
    assert "https://creativecommons.org/licenses/by/4.0/" in catalog
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = client.get(f"/{language}/open-data/", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_catalog_of_a_whole_country_is_light(client, town):
    for number in range(219):
        other(f"{10 + number // 13:02d}{number % 13 + 10}10000")

    assert len(client.get("/kk/open-data/").content) < 100 * 1024
    assert len(client.get("/kk/country/").content) < 100 * 1024
