"""A kept query finds what the query itself would find, with other values at every call."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from queue_registry.models import QueueEntry
from queue_registry.selectors import many
from queue_registry.selectors.kept_queries import Given, KeptQuery, rows_of
from queue_registry.selectors.queue import entries_with_places
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


def test_each_call_has_its_own_values(town):
    first, second = factories.waiting(town, day=1), factories.waiting(town, day=2)
    kept = KeptQuery(lambda: QueueEntry.objects.filter(file_number=Given("number")).order_by("pk"))

    assert kept(number=first.file_number) == [first]
    assert kept(number=second.file_number) == [second]
    assert kept(number=first.file_number) == [first]
    assert kept(number="none") == []


def test_rows_are_what_the_query_itself_gives(town):
    factories.waiting(town, day=1)
    mine = factories.waiting(town, day=2)
    kept = KeptQuery(lambda: entries_with_places(Given("application")))

    (found,) = kept(application=mine.application_id)
    (plain,) = entries_with_places(mine.application)

    assert (vars(found)["counted_place"], vars(found)["counted_length"]) == (2, 2)
    with CaptureQueriesContext(connection) as asked:
        assert found.waiting_list == plain.waiting_list
    assert len(asked) == 0
    compared = [field.attname for field in QueueEntry._meta.concrete_fields]
    assert [getattr(found, name) for name in compared] == [getattr(plain, name) for name in compared]


def test_the_sql_is_built_once(town):
    mine = factories.waiting(town, day=1)
    built = []

    def build():
        built.append(1)
        return QueueEntry.objects.filter(pk__in=many.keys(Given("keys")))

    kept = KeptQuery(build)

    assert kept(keys=[]) == []
    assert kept(keys=[mine.pk]) == kept(keys=[mine.pk, -1]) == [mine]
    assert len(built) == 1


def test_a_statement_gives_the_same_where_statements_are_written_down(town):
    statement = "SELECT %(one)s::int + %(two)s::int * %(one)s::int, '100 %%', %(text)s::text"
    values = {"two": 2, "text": "%s $1", "one": 3}

    rows = rows_of(statement, values)
    with CaptureQueriesContext(connection) as asked:
        assert rows_of(statement, values) == rows == [(9, "100 %", "%s $1")]
    assert len(asked) == 1


def test_what_was_written_with_an_apostrophe_stays_a_value(town):
    factories.waiting(town, day=1)
    kept = KeptQuery(lambda: QueueEntry.objects.filter(file_number=Given("number")))

    assert kept(number="' OR 1=1 --") == kept(number="%s%%") == []


def test_a_value_that_is_missing_is_an_error_and_asks_nothing(town):
    kept = KeptQuery(lambda: QueueEntry.objects.filter(file_number=Given("number")))

    with CaptureQueriesContext(connection) as asked, pytest.raises(KeyError, match="number"):
        kept(iin="")
    assert len(asked) == 0
