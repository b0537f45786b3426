"""Imports are measured on lists that read as they were meant, and leave nothing behind but the whole one."""

import pytest

from housing_queue.benchmarks import imports as import_benchmarks
from housing_queue.benchmarks import synthetic_lists
from housing_queue.benchmarks.measuring import read_goals
from queue_registry.legacy_files.reader import read
from queue_registry.models import ImportBatch, QueueEntry
from queue_registry.rules.iin import is_iin
from queue_registry.rules.legacy.codes import Source


def test_the_invented_lists_have_the_rows_asked_for_and_every_person_once():
    csv = read(synthetic_lists.spp_list(200), file_name="spp.csv", source=Source.SPP)
    book = read(synthetic_lists.paper_list(200), file_name="paper.xlsx", source=Source.PAPER)

    assert len(csv.rows) == len(book.rows) == 200
    assert not any(row.malformed for row in (*csv.rows, *book.rows))
    assert (book.others[-1].stated, book.others[-1].counted) == (200, 200)
    iins = [row.cells["iin"] for row in csv.rows if row.cells["iin"]]
    assert len(set(iins)) == len(iins) == 196
    assert all(map(is_iin, iins))
    # Born in a century in which nobody lives.
    assert all(iin[6] == "1" for iin in iins)


@pytest.mark.django_db
def test_every_import_row_has_a_figure_and_only_the_whole_import_stays(tmp_path):
    figures = {one.work: one for one in import_benchmarks.measure(60)}

    assert set(figures) == {work for work in read_goals() if work.startswith("import.")}
    assert figures["import.csv"].floor
    assert ImportBatch.objects.count() == 1
    assert QueueEntry.objects.active().count() > 40
