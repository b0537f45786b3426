"""What was counted of the old lists of akimats, for the reconciliation: a few queries, however many rows."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from queue_registry.models import Akimat, ImportBatch, ReconciliationExplanation, StatedTotal
from queue_registry.rules.digitization import reconciliation
from queue_registry.rules.digitization.reconciliation import FileTotal, Group, Line, Statement
from queue_registry.rules.legacy.codes import Source

# Rows that count: of confirmed files that were not taken back, not replaced and not said twice.
_IN_FORCE: Final = """
    SELECT batch.akimat_id AS akimat, batch.id AS batch, batch.source, row.application_id AS application
    FROM queue_registry_importrow AS row
    JOIN queue_registry_importbatch AS batch ON batch.id = row.batch_id
    WHERE batch.akimat_id = ANY(%(akimats)s) AND batch.confirmed_at IS NOT NULL AND batch.undone_at IS NULL
        AND row.replaced_by_id IS NULL AND row.same_as_id IS NULL AND row.application_id IS NOT NULL
"""
# People of the lists by how many rows each source has of them and by the lists that they were put on.
_GROUPS: Final = f"""
WITH counted AS ({_IN_FORCE}), person AS (
    SELECT akimat, application,
        count(*) FILTER (WHERE source = 'spp') AS spp,
        count(*) FILTER (WHERE source = 'rshep') AS rshep,
        count(*) FILTER (WHERE source = 'paper') AS paper
    FROM counted GROUP BY akimat, application
), placed AS (
    SELECT entry.application_id AS application, string_agg(list.number, '' ORDER BY list.number) AS lists
    FROM queue_registry_queueentry AS entry
    JOIN queue_registry_waitinglist AS list ON list.id = entry.waiting_list_id
    WHERE entry.akimat_id = ANY(%(akimats)s)
    GROUP BY entry.application_id
)
SELECT person.akimat, spp, rshep, paper, coalesce(placed.lists, ''), count(*)
FROM person LEFT JOIN placed USING (application)
GROUP BY person.akimat, spp, rshep, paper, coalesce(placed.lists, '')
ORDER BY 1, 2, 3, 4, 5
"""  # noqa: S608 - SQL of ours
_FILES: Final = f"""
WITH counted AS ({_IN_FORCE})
SELECT counted.akimat, counted.batch, batch.others::text, count(*), count(DISTINCT counted.application)
FROM counted JOIN queue_registry_importbatch AS batch ON batch.id = counted.batch
GROUP BY counted.akimat, counted.batch, batch.others::text ORDER BY counted.batch
"""  # noqa: S608 - SQL of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciledLine:
    """A line with the explanation by people that is about exactly this difference, if there is one."""

    line: Line
    explanation: ReconciliationExplanation | None
    # Of a line about a file: its name and the sheet.
    place: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether nothing has to be explained any more."""
        return self.line.is_explained or (
            self.explanation is not None and self.explanation.approved_at is not None
        )


def list_lines(akimat: Akimat) -> list[ReconciledLine]:
    """Return every line of an akimat's reconciliation with its explanation, the open ones first."""
    explanations = {
        (row.line, row.difference): row
        for row in _standing_explanations([akimat.pk]).select_related("explained_by", "approved_by")
    }
    places = _places(akimat)
    found = [
        ReconciledLine(
            line=line,
            explanation=explanations.get((line.key, line.difference)),
            place=places.get(line.key, ""),
        )
        for line in lines_of([akimat.pk]).get(akimat.pk, ())
    ]
    return sorted(found, key=lambda one: one.is_settled)


def _places(akimat: Akimat) -> dict[str, str]:
    """File and sheet of each line that is about a total in a file, by the line's key."""
    files = ImportBatch.objects.filter(akimat=akimat, confirmed_at__isnull=False, undone_at__isnull=True)
    return {
        reconciliation.file_key(pk, one["sheet_no"], one["row"]): ", ".join(
            part for part in (name, one["sheet"]) if part
        )
        for pk, name, others in files.values_list("pk", "file_name", "others")
        for one in _stated(others)
    }


def count_unexplained(akimats: Collection[int]) -> dict[int, int]:
    """Return how many lines of each akimat nothing explains, by its key."""
    approved = defaultdict(set)
    rows = _standing_explanations(akimats).filter(approved_at__isnull=False)
    for key, line, difference in rows.values_list("akimat_id", "line", "difference"):
        approved[key].add((line, difference))
    return {
        key: len(reconciliation.unexplained(lines, approved[key])) for key, lines in lines_of(akimats).items()
    }


def lines_of(akimats: Collection[int]) -> dict[int, tuple[Line, ...]]:
    """Return the lines of each akimat by its key: three queries."""
    groups, files = _groups(akimats), _files(akimats)
    statements: dict[int, list[Statement]] = defaultdict(list)
    rows = StatedTotal.objects.filter(akimat__in=akimats, superseded_at__isnull=True)
    for row in rows.order_by("list_number", "source"):
        statements[row.akimat_id].append(
            Statement(stated=row.stated, list_number=row.list_number, source=row.source)
        )
    return {
        key: reconciliation.lines(groups[key], files=files[key], statements=statements[key])
        for key in akimats
    }


def list_stated(akimat: Akimat) -> list[StatedTotal]:
    """Return what authorities said the lists count, as it stands."""
    rows = StatedTotal.objects.filter(akimat=akimat, superseded_at__isnull=True)
    return list(rows.select_related("recorded_by").order_by("list_number", "source"))


def _standing_explanations(akimats: Collection[int]) -> Any:
    return ReconciliationExplanation.objects.filter(akimat__in=akimats, dropped_at__isnull=True)


def _groups(akimats: Collection[int]) -> Mapping[int, list[Group]]:
    groups: dict[int, list[Group]] = defaultdict(list)
    for akimat, spp, rshep, paper, lists, people in _rows(_GROUPS, akimats):
        rows = {Source.SPP: spp, Source.RSHEP: rshep, Source.PAPER: paper}
        groups[akimat].append(Group(people=people, rows=rows, lists=tuple(lists)))
    return groups


def _files(akimats: Collection[int]) -> Mapping[int, list[FileTotal]]:
    totals: dict[int, list[FileTotal]] = defaultdict(list)
    for akimat, batch, others, rows, people in _rows(_FILES, akimats):
        for other in _stated(json.loads(others)):
            # Which rows are repeated is known of the whole file alone.
            repeated = rows - people if other["counted"] == rows else 0
            totals[akimat].append(
                FileTotal(
                    batch=batch,
                    sheet=other["sheet_no"],
                    row=other["row"],
                    stated=other["stated"],
                    counted=other["counted"],
                    repeated=repeated,
                )
            )
    return totals


def _stated(others: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for one in others if one.get("stated") is not None and one.get("counted") is not None]


def _rows(sql: str, akimats: Collection[int]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"akimats": list(akimats)})
        return list(cursor.fetchall())
