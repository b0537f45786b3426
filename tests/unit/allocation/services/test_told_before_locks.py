"""Tens of thousands are told that they were passed over before a decision locks anything, and told right."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allocation.models import Decision, Offer
from allocation.rules.refusals import Refused
from allocation.services import decisions
from queue_registry.models import Notice
from tests import factories
from tests.factories import AT


@pytest.fixture
def sitting(town):
    """Two families that own a home stand before one that does not: they are passed over."""
    for day in (1, 2):
        factories.waiting(town, day=day, facts=[factories.dwelling_owned()])
    factories.waiting(town, day=3)
    sitting = factories.convened(town, factories.ready(town, rooms=1, area="36.40"))
    factories.vote_all(town, sitting)
    return sitting


def confirm(town, sitting):
    return decisions.confirm(
        sitting_id=sitting.pk, result_sha256=sitting.run.result_sha256, by=town.chair, at=AT
    )


def told():
    passed = Notice.objects.filter(kind=Notice.Kind.PASSED_OVER)
    return sorted(passed.values_list("application_id", flat=True))


def left_out(sitting):
    lines = sitting.run.lines.filter(dwelling__isnull=True)
    return sorted(lines.values_list("entry__application_id", flat=True))


def test_the_passed_over_are_told_before_the_first_lock(town, sitting):
    with CaptureQueriesContext(connection) as caught:
        confirm(town, sitting)

    statements = [query["sql"] for query in caught]
    first_notice = next(n for n, sql in enumerate(statements) if "INSERT INTO queue_registry_notice " in sql)
    first_lock = next(n for n, sql in enumerate(statements) if " FOR " in sql and "UPDATE" in sql)
    assert first_notice < first_lock
    assert told() == left_out(sitting) != []


def test_what_was_told_before_is_undone_if_homes_go_to_others(town, sitting, monkeypatch):
    tell, calls = decisions._tell_passed_over, []

    def told_wrongly(seen, at):
        calls.append(tell(seen, at))
        return frozenset({-1})

    monkeypatch.setattr(decisions, "_tell_passed_over", told_wrongly)

    assert confirm(town, sitting).outcome == Decision.Outcome.CONFIRMED

    assert len(calls) == 1
    assert None not in calls
    assert told() == left_out(sitting)
    assert (Decision.objects.count(), Offer.objects.count()) == (1, 1)


def test_nobody_is_told_where_the_vote_is_open(town):
    factories.waiting(town, day=1, facts=[factories.dwelling_owned()])
    factories.waiting(town, day=2)
    open_vote = factories.convened(town, factories.ready(town, rooms=1, area="36.40"))

    with pytest.raises(Refused):
        confirm(town, open_vote)

    assert told() == []
