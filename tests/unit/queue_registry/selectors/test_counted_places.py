"""Places are counted through counters that the database keeps, whoever changes an entry and however."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from queue_registry.models import ListYearCount, QueueEntry, WaitingList
from queue_registry.rules.statuses import ACTIVE, QueueEntryStatus
from queue_registry.selectors import queue
from queue_registry.services import queue_entries, registrations
from tests import factories
from tests.guards import without_guards

pytestmark = pytest.mark.django_db

APPEND_ONLY_EVENTS = "queue_registry.QueueEntryEvent:append_only"
RANKED = """
    SELECT id, row_number() OVER (PARTITION BY waiting_list_id ORDER BY registered_at, file_number)
    FROM queue_registry_queueentry WHERE status IN ('WAITING', 'SUSPENDED', 'OFFERED')
"""


@pytest.fixture
def town():
    return factories.town()


def ranked():
    with connection.cursor() as cursor:
        cursor.execute(RANKED)
        return dict(cursor.fetchall())


def counters():
    kept = ListYearCount.objects.filter(entries__gt=0)
    counts = list(kept.values_list("waiting_list__number", "year__year", "entries", "months"))
    return (
        {(number, f"{year}"): entries for number, year, entries, _ in counts},
        {
            (number, f"{year}-{month:02}"): count
            for number, year, _, months in counts
            for month, count in enumerate(months, start=1)
            if count
        },
    )


def put(town, *moments, number="5"):
    """Entries with these registration moments, by one bulk statement as an import makes them."""
    files = [factories._file(town, family=(), facts=[], born=None, known=False) for _ in moments]
    return registrations.register_many(
        akimat=town.akimat,
        registrations=[
            registrations.Registration(
                application=file,
                waiting_list=WaitingList.objects.get(akimat=town.akimat, number=number),
                registered_at=moment,
            )
            for file, moment in zip(files, moments, strict=True)
        ],
        by=town.clerk,
        at=factories.AT,
        ground="IMPORT",
    )


NEW_YEAR = datetime(2020, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# On and beside every limit: of a year, of a month, of the tie.
LIMITS = [
    NEW_YEAR,
    NEW_YEAR - MICROSECOND,
    NEW_YEAR + MICROSECOND,
    datetime(2020, 2, 1, tzinfo=UTC),
    datetime(2020, 2, 1, tzinfo=UTC) - MICROSECOND,
    datetime(2020, 2, 29, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2020, 3, 1, tzinfo=UTC),
    NEW_YEAR,
    datetime(1991, 12, 31, 18, 59, 59, tzinfo=UTC),
]


def test_places_on_the_limits_of_years_and_months_are_the_numbers_of_the_rows(town):
    entries = put(town, *LIMITS) + put(town, *LIMITS[:3], number="4")

    places = queue.places_of(entries)

    assert places == ranked()
    assert [queue.place_of(entry) for entry in entries] == [places[entry.pk] for entry in entries]


def test_bulk_statements_of_every_kind_keep_the_counters(town):
    entries = put(town, *LIMITS)
    assert counters()[0] == {("5", "1991"): 1, ("5", "2019"): 1, ("5", "2020"): 7}

    with without_guards():
        QueueEntry.objects.filter(pk__in=[entries[0].pk, entries[8].pk]).update(status="HOUSED")
        assert counters()[0] == {("5", "2019"): 1, ("5", "2020"): 6}
        QueueEntry.objects.filter(pk=entries[1].pk).update(
            registered_at=datetime(2021, 5, 6, tzinfo=UTC),
            waiting_list=WaitingList.objects.get(akimat=town.akimat, number="4"),
        )
        assert counters()[1] == {
            ("4", "2021-05"): 1,
            ("5", "2020-01"): 3,
            ("5", "2020-02"): 2,
            ("5", "2020-03"): 1,
        }
        QueueEntry.objects.filter(pk=entries[0].pk).update(status="WAITING")
        with pgtrigger.ignore(APPEND_ONLY_EVENTS):
            entries[6].events.all().delete()
            entries[6].delete()
        assert counters()[1] == {("4", "2021-05"): 1, ("5", "2020-01"): 4, ("5", "2020-02"): 2}
    assert queue.places_of(QueueEntry.objects.all()) == ranked()


def test_rows_copied_in_are_counted(town):
    (pattern,) = put(town, LIMITS[0])
    columns = [field.column for field in QueueEntry._meta.concrete_fields if field.column != "id"]
    files = [factories._file(town, family=(), facts=[], born=None, known=False) for _ in LIMITS]
    with (
        without_guards(),
        connection.cursor() as cursor,
        cursor.copy(f"COPY queue_registry_queueentry ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for file, moment in zip(files, LIMITS, strict=True):
            row = {column: getattr(pattern, column) for column in columns} | {
                "application_id": file.pk,
                "applicant_id": file.applicant_id,
                "file_number": file.file_number,
                "registered_at": moment,
            }
            copy.write_row([row[column] for column in columns])

    assert counters()[0] == {("5", "1991"): 1, ("5", "2019"): 1, ("5", "2020"): 8}
    assert queue.places_of(QueueEntry.objects.all()) == ranked()


def test_a_move_between_active_statuses_touches_no_counter(town):
    (entry,) = put(town, LIMITS[0])
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM queue_registry_listyearcount")
        before = cursor.fetchall()
        for status in sorted(ACTIVE):
            QueueEntry.objects.filter(pk=entry.pk).update(status=status)
        cursor.execute("SELECT xmin::text FROM queue_registry_listyearcount")
        assert cursor.fetchall() == before
    assert counters()[1] == {("5", "2020-01"): 1}


# A removal needs its case: what it does to the places behind is told where removals are.
@pytest.mark.parametrize("status", sorted(set(QueueEntryStatus) - {QueueEntryStatus.DEREGISTERED}))
@pytest.mark.parametrize("ahead", [0, 4], ids=["counted by the year", "counted in its month"])
def test_whoever_has_a_place_stands_ahead_of_those_behind_whatever_the_status_is(town, ahead, status):
    """The list of active statuses stands in functions of the database, too: they say the same."""
    moments = [NEW_YEAR - timedelta(days=900), *(NEW_YEAR + timedelta(days=day) for day in (2, 3, 4, 5))]
    entries = sorted(put(town, *moments, NEW_YEAR + timedelta(days=9)), key=lambda one: one.registered_at)
    behind = entries[-1]

    with without_guards():
        QueueEntry.objects.filter(pk=entries[ahead].pk).update(status=status)

    has_place = status in ACTIVE
    assert queue.place_of(behind) == (6 if has_place else 5)
    assert queue.lengths_of([behind.waiting_list_id])[behind.waiting_list_id] == (6 if has_place else 5)


def test_lengths_are_the_active_entries_and_nothing_else(town):
    entries = put(town, *LIMITS)
    with without_guards():
        QueueEntry.objects.filter(pk=entries[3].pk).update(status="HOUSED")
    lists = WaitingList.objects.filter(akimat=town.akimat)

    lengths = queue.lengths_of([one.pk for one in lists])

    assert {one.number: lengths[one.pk] for one in lists} == {**dict.fromkeys("12346", 0), "5": 8}


def test_one_statement_gives_a_place_however_many_stand_before(town, django_assert_num_queries):
    entries = put(town, *LIMITS)
    with django_assert_num_queries(1):
        assert queue.place_of(entries[6]) == 9
    with django_assert_num_queries(1):
        assert len(queue.places_of(entries)) == 9


@pytest.mark.parametrize(
    ("kept", "constraint"),
    [
        ({"entries": -1}, "list_year_count_not_negative"),
        ({"months": [0] * 11 + [-1]}, "list_month_counts_not_negative"),
        ({"months": [0] * 13}, "list_month_counts_not_negative"),
    ],
)
def test_the_database_keeps_no_count_below_nothing(town, kept, constraint):
    put(town, LIMITS[0])
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ListYearCount.objects.update(**kept)


def checked():
    out = StringIO()
    try:
        call_command("check_register", stdout=out)
    except CommandError:
        assert "BROKEN" in out.getvalue()
    return out.getvalue()


def test_the_check_names_the_counter_that_a_recount_contradicts(town):
    put(town, *LIMITS)
    assert "The register is whole." in checked()

    ListYearCount.objects.filter(year="2019-01-01").update(entries=2)
    ListYearCount.objects.filter(year="2020-01-01").update(months=[0, 2, 1, *[0] * 9])

    said = checked()
    assert "the counters of the years are those of a recount: 1 (271010000 list 5, 2019-01-01)" in said
    assert "the counters of the months are those of a recount: 1 (271010000 list 5, 2020-01-01)" in said
    assert "a place is the number of the row in its list: 7" in said


def test_the_check_names_a_history_with_a_hole(town):
    (entry,) = put(town, LIMITS[0])
    queue_entries.suspend(entry_id=entry.pk, by=town.clerk, at=factories.AT, ground="OWN_REQUEST")
    queue_entries.resume(entry_id=entry.pk, by=town.clerk, at=factories.AT, ground="OWN_REQUEST")
    with pgtrigger.ignore(APPEND_ONLY_EVENTS):
        entry.events.filter(moved_to="SUSPENDED").delete()

    assert f"an event begins where the one before it ended: 1 ({entry.file_number})" in checked()
