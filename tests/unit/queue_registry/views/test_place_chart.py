"""Why my place changed: counted reasons that add up, as picture and table, and nobody's name."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import translation
from lxml import html

from queue_registry import place_presenters
from queue_registry.rules.place import Change, Reason, ReasonCode
from queue_registry.selectors.place_history import PlaceHistory
from queue_registry.services import entry_changes, queue_entries
from tests import factories

DAY = date(2026, 1, 1)


def history(days, *, effect=-1):
    """A place that gets smaller by one every so many days."""
    place = len(days) + 1
    changes = []
    for day in days:
        changes.append(
            Change(
                since=day,
                on=day,
                place_from=place,
                place_to=place + effect,
                ahead_from=place - 1,
                ahead_to=place - 1 + effect,
                effects={Reason(ReasonCode.HOUSED): effect},
            )
        )
        place += effect
    return PlaceHistory(registered_on=DAY, place=len(days) + 1, changes=tuple(changes))


def numbers_of(chart):
    return [int(line.effect.replace("\N{MINUS SIGN}", "-")) for row in chart.rows for line in row.reasons]


def test_a_few_changes_are_told_by_day_the_newest_first():
    chart = place_presenters.place_chart(
        history([DAY + timedelta(days=9 * number) for number in range(1, 13)]), on=date(2026, 9, 1)
    )

    assert [(row.place_from, row.place_to) for row in chart.rows][:2] == [(2, 1), (3, 2)]
    assert len(chart.rows) == 12
    assert (chart.highest, chart.lowest, chart.first_place) == (1, 13, 13)


@pytest.mark.parametrize("years", [1, 12])
def test_many_changes_are_told_by_month_at_the_most_two_dozen_and_the_sum_stays(years):
    days = [DAY + timedelta(days=10 * number) for number in range(1, 36 * years)]

    chart = place_presenters.place_chart(history(days), on=days[-1])

    assert len(chart.rows) <= 24
    assert sum(numbers_of(chart)) == -len(days)
    assert chart.rows[-1].place_from == len(days) + 1
    assert all(
        newer.place_from == older.place_to for newer, older in zip(chart.rows, chart.rows[1:], strict=False)
    )


def test_the_line_is_broken_where_the_entry_had_no_place():
    place, ahead = (5, None, 4), (4, 4, 3)
    changes = tuple(
        Change(
            since=DAY + timedelta(days=number),
            on=DAY + timedelta(days=number),
            place_from=place[number - 1],
            place_to=place[number],
            ahead_from=ahead[number - 1],
            ahead_to=ahead[number],
            effects={},
        )
        for number in (1, 2)
    )
    told = PlaceHistory(registered_on=DAY, place=5, changes=changes)

    chart = place_presenters.place_chart(told, on=DAY + timedelta(days=4))

    assert len(chart.lines) == 2
    assert [(row.place_from, row.place_to) for row in chart.rows] == [(None, 4), (5, None)]


def test_every_reason_has_words_in_both_languages():
    for language in ("kk", "ru"):
        with translation.override(language):
            words = {place_presenters.reason_words(Reason(code)) for code in ReasonCode}
            assert len(words) == len(ReasonCode)


@pytest.mark.django_db
def test_the_citizen_reads_how_many_got_homes_and_no_name():
    town = factories.town()
    other = factories.waiting(town, day=1)
    mine = factories.waiting(town, day=2)
    at = factories.AT + timedelta(days=3)
    queue_entries.mark_offered(entry_id=other.pk, by=town.secretary, at=at, document="protocol 1")
    queue_entries.mark_housed(entry_id=other.pk, by=town.secretary, at=at, document="contract 1")

    page = Client().post("/kk/", {"file_number": mine.file_number, "iin": mine.applicant.iin})

    document = html.fromstring(page.content.decode())
    (row,) = document.xpath("//details//tbody/tr")
    assert " ".join(row.xpath("string(td[1])").split()) == "2 → 1"
    assert row.xpath("string(.//strong)") == "\N{MINUS SIGN}1"
    assert document.xpath("//details//*[name()='svg']/*[name()='polyline']/@points")
    assert other.file_number not in page.content.decode()
    assert other.applicant.last_name not in page.content.decode()


def redated(entry, *, by, days):
    entry_changes.settle(
        entry_id=entry.pk,
        settled=entry_changes.Settled(
            waiting_list=entry.waiting_list,
            registered_at=entry.registered_at - timedelta(days=days),
            time_known=True,
            provisional=False,
        ),
        by=by,
        at=factories.AT + timedelta(days=1),
        document="book, page 1",
    )


@pytest.mark.django_db
def test_the_desk_shows_the_same_table_and_a_moment_that_passes_nobody_is_no_change(client):
    town = factories.town()
    first, passed, passing = (factories.waiting(town, day=day) for day in (1, 5, 9))
    redated(first, by=town.clerk, days=30)
    redated(passing, by=town.clerk, days=6)
    client.force_login(town.clerk)

    def rows(entry):
        document = html.fromstring(client.get(f"/desk/entries/{entry.pk}/").content.decode())
        return [
            (" ".join(row.xpath("string(td[1])").split()), row.xpath("string(.//strong)"))
            for row in document.xpath("//details[contains(@class, 'kz-chart')]//tbody/tr")
        ]

    assert rows(first) == []
    assert rows(passed) == [("2 → 3", "+1")]
    assert rows(passing) == [("3 → 2", "\N{MINUS SIGN}1")]
