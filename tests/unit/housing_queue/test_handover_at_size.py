"""What lets a big queue be written out: no more statements for many than for few; portions and pieces."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from housing_queue.handover import writing
from queue_registry.models import Person, SourceAnswer
from queue_registry.selectors.facts import people_facts
from queue_registry.selectors.kinship import ages_and_kin
from tests import factories
from tests.factories import AT, ON
from tests.unit.housing_queue.handing_over import written

FAMILY = (factories.HUSBAND, factories.DAUGHTER, factories.SON)


def statements(town, folder):
    """How many statements it took to write the queue out."""
    done = []

    def note(execute, sql, *rest):
        done.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        written(town, folder, at=AT)
    return len(done)


def test_more_households_take_no_more_statements(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    town = factories.town()
    factories.waiting(town, day=1, family=FAMILY)
    few = statements(town, tmp_path / "few")
    for day in range(2, 6):
        factories.waiting(town, day=day, family=FAMILY)

    assert statements(town, tmp_path / "many") == few


def test_of_a_person_only_age_and_kin_are_read_and_these_as_ever(db):
    entry = factories.waiting(factories.town(), family=FAMILY)
    people = {*Person.objects.values_list("pk", flat=True)}
    SourceAnswer.objects.filter(person__in=entry.application.members.values("person"), source="zags").update(
        superseded_at=AT
    )

    read, known = ages_and_kin(people), people_facts(people)

    assert read.keys() == known.keys() == people
    for key, facts in known.items():
        assert (read[key].person, read[key].identity, read[key].kin) == (key, facts.identity, facts.kin)
        assert read[key].age(ON) == facts.age(ON)
        assert (read[key].receipts, read[key].income, read[key].statuses) == ({}, {}, ())
    assert read[entry.applicant_id].kin
    assert known[entry.applicant_id].receipts
    assert ages_and_kin([]) == {}


@given(rows=st.lists(st.integers(1, 400_000).map(lambda size: b"x" * (size - 1) + b"\n"), max_size=12))
def test_rows_come_in_portions_of_a_megabyte_in_their_order(rows):
    portions = list(writing._portions(map(memoryview, rows)))

    assert b"".join(portions) == b"".join(rows)
    assert all(1 << 20 <= len(one) < (1 << 20) + 400_000 for one in portions[:-1])
    assert all(one.endswith(b"\n") for one in portions if one)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
ROWS = """
SELECT row_to_json(given) FROM (
    SELECT number, text, convert_to(text, 'UTF8') AS content
    FROM unnest(%s::text[]) WITH ORDINALITY AS texts (text, number) ORDER BY number
) AS given
"""


@pytest.mark.django_db
@given(rows=st.lists(TEXTS, max_size=4), size=st.integers(1, 60))
def test_a_row_that_comes_in_pieces_is_the_same_line(rows, size):
    with TemporaryDirectory() as folder, mock.patch.object(writing, "_PIECE", size):
        one, other = Path(folder) / "whole", Path(folder) / "pieces"
        whole = writing.write(one, ROWS, [rows])
        pieces = writing.write(other, ROWS, [rows], in_pieces=True)

        assert other.read_bytes() == one.read_bytes()
        assert (pieces.rows, pieces.size, pieces.sha256) == (len(rows), whole.size, whole.sha256)
        lines = one.read_bytes().splitlines()
    assert [json.loads(line)["text"] for line in lines] == rows
