"""Tables of an export: codes as the rows have them, so that machines can compare them."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from django.db.models import QuerySet

from queue_registry.exports import Table
from queue_registry.models import Akimat
from queue_registry.rules.trail import canonical
from queue_registry.selectors import oversight

Row = TypeVar("Row", bound=Any)


class TooMany(Exception):
    """More rows than were allowed."""


def trail(akimat: Akimat, *, most: int, with_iin: bool, **filters: Any) -> Table:
    """Return records of the trail with everything that is hashed, the newest first."""
    rows = _limited(oversight.list_trail(akimat, **filters), most)
    return Table(
        name="trail.csv",
        columns=("seq", "at", "actor", "event", "target", "data", "previous_sha256", "sha256"),
        rows=[
            (
                row.seq,
                row.at.isoformat(),
                row.actor,
                row.event,
                row.target,
                canonical(row.data).decode(),
                row.previous_sha256,
                row.sha256,
            )
            for row in rows
        ],
    )


def looks(akimat: Akimat, *, most: int, with_iin: bool, **filters: Any) -> Table:
    """Return looks at personal data, the newest first."""
    rows = _limited(oversight.list_looks(akimat, **filters), most)
    return Table(
        name="looks.csv",
        columns=("at", "by", "target"),
        rows=[(row.at.isoformat(), row.by.username, row.target) for row in rows],
    )


def removals(
    akimat: Akimat, *, most: int, with_iin: bool, since: date | None = None, until: date | None = None
) -> Table:
    """Return the register of removals; the applicant's IIN only for whoever may take it out."""
    events = _limited(oversight.list_removal_events(akimat, since=since, until=until), most)
    columns: tuple[str, ...] = (
        *("removed_at", "file_number", "applicant", "list", "ground", "evidence", "evidence_source"),
        *("proposed_by", "notified_at", "objections_until", "objection", "heard_at", "decided_by"),
        *("decision", "appeals", "restored_at", "place_before", "place_after"),
    )
    rows: list[Sequence[object]] = [_removal(row) for row in oversight.removals(events)]
    if with_iin:
        columns = (*columns, "iin")
        rows = [(*row, event.entry.applicant.iin) for row, event in zip(rows, events, strict=True)]
    return Table(name="removals.csv", columns=columns, rows=rows)


def _removal(row: oversight.Removal) -> Sequence[object]:
    event, case = row.event, row.case
    appeals = "; ".join(f"{review.source} {review.outcome or 'OPEN'}" for review in row.reviews)
    return (
        event.recorded_at.isoformat(),
        event.entry.file_number,
        event.entry.applicant.full_name,
        event.list_number,
        case.ground if case else event.ground,
        case.evidence if case else "",
        case.evidence_source if case else "",
        case.proposed_by if case and case.proposed_by else "",
        case.notified_at.isoformat() if case and case.notified_at else "",
        case.objections_until if case else "",
        case.objection if case else "",
        case.heard_at.isoformat() if case and case.heard_at else "",
        case.decided_by if case else "",
        case.decision if case else "",
        appeals,
        row.restored.recorded_at.isoformat() if row.restored else "",
        row.place_before,
        row.place_after,
    )


def totals(akimat: Akimat, *, most: int, with_iin: bool, since: date, until: date) -> Table:
    """Return what each list had, got and lost on each day: start + in - out = end."""
    found = oversight.list_day_totals(akimat, since=since, until=until)
    if len(found) > most:
        raise TooMany(f"more than {most} rows")
    return Table(
        name="totals.csv",
        columns=("list", "day", "start", "in", "out", "end", "causes_in", "causes_out"),
        rows=[
            (
                total.list_number,
                total.since,
                total.start,
                total.came_in,
                total.went_out,
                total.end,
                _causes(total.came),
                _causes(total.went),
            )
            for total in found
        ],
    )


def _causes(counts: dict[str, int]) -> str:
    return "; ".join(f"{cause} {count}" for cause, count in sorted(counts.items()))


def _limited(rows: QuerySet[Row], most: int) -> list[Row]:
    found: list[Row] = list(rows[: most + 1])
    if len(found) > most:
        raise TooMany(f"more than {most} rows")
    return found
