"""
Departures from the computed order: proposed with ground and document, voted on one by one, applied when the
distribution is confirmed. Order of locks: `allocation.services.offers`.

Only where the commission decides entry by entry; an automatic round is confirmed or refused as it was
computed. What is proposed never changes: who would not have it votes against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from allocation import engine_io, fitting
from allocation.models import (
    AllocationLine,
    AllocationRound,
    Departure,
    DepartureVote,
    Sitting,
    Vote,
)
from allocation.rules.departures import passed_over
from allocation.rules.quorum import Tally
from allocation.rules.refusals import Refusal, Refused
from allocation.services import round_documents, sittings, tallies
from queue_registry.models import QueueEntry, User
from queue_registry.services import audit


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The document that a departure rests on: its title and the bytes of its scan."""

    title: str
    content: bytes


@transaction.atomic
def propose(
    *,
    sitting_id: int,
    line_id: int,
    instead: str,
    ground: Departure.Ground,
    explanation: str,
    paper: Paper,
    by: User,
    at: datetime,
) -> Departure:
    """
    Propose to give a served line's dwelling to somebody else of its list, or to nobody; who is passed over by
    it is computed from the frozen input and kept.

    :param instead: file number of who gets it; empty: it stays in the stock.
    :raises Refused: ALREADY_DECIDED, ROUND_CANCELLED, RUN_SUPERSEDED, AUTOMATIC_MODE, HAS_BEGUN (somebody has
        voted on the whole), LINE_NOT_SERVED, DEPARTURE_EXISTS, REASON_MISSING, INSTEAD_NOT_LAWFUL,
        INSTEAD_TAKEN, SCAN_MISSING.
    """
    sitting = sittings.lock(sitting_id)
    sittings.check_live(sitting)
    line = _check_open(sitting, line_id)
    if not explanation.strip():
        raise Refused(Refusal.REASON_MISSING)
    entry, left_out = _instead(sitting, line, instead.strip())
    document = round_documents.keep(sitting.run.round, title=paper.title, content=paper.content, by=by, at=at)
    departure = Departure.objects.create(
        sitting=sitting,
        line=line,
        instead=entry,
        ground=ground,
        explanation=explanation.strip(),
        document=document,
        passed_over=left_out,
        proposed_by=by,
        proposed_at=at,
    )
    _record(
        sitting,
        "departure.proposed",
        by=by,
        at=at,
        **record_of(departure),
        explanation=departure.explanation,
        document=document.title,
        document_sha256=document.sha256,
        passed_over=left_out,
    )
    return departure


@transaction.atomic
def vote(
    *, departure_id: int, choice: Vote.Choice, result_sha256: str, by: User, at: datetime, reason: str = ""
) -> DepartureVote:
    """
    Cast a member's only vote on one departure.

    :param result_sha256: digest of the result that the member saw.
    :raises Refused: NOT_A_MEMBER, ALREADY_DECIDED, ROUND_CANCELLED, RUN_SUPERSEDED, OTHER_RESULT, RECUSED,
        MANDATE_OVER, NOT_ATTENDING, ALREADY_VOTED, REASON_MISSING (a vote against says why).
    """
    sitting = sittings.lock(Departure.objects.only("sitting_id").get(pk=departure_id).sitting_id)
    departure = _with_names().get(pk=departure_id)
    member = sittings.seat_of(sitting, by)
    sittings.check_live(sitting)
    if sitting.run.result_sha256 != result_sha256:
        raise Refused(Refusal.OTHER_RESULT)
    sittings.check_may_vote(sitting, member, at)
    if DepartureVote.objects.filter(departure=departure, member=member).exists():
        raise Refused(Refusal.ALREADY_VOTED)
    reason = reason.strip()
    if choice == Vote.Choice.AGAINST and not reason:
        raise Refused(Refusal.REASON_MISSING)
    cast = DepartureVote.objects.create(
        departure=departure, member=member, choice=choice, reason=reason, cast_at=at
    )
    _record(
        sitting,
        "departure.voted",
        by=by,
        at=at,
        **record_of(departure),
        choice=str(choice),
        reason=reason,
        result_sha256=result_sha256,
    )
    return cast


def close(sitting: Sitting) -> dict[int, Departure]:
    """
    Close the votes on all departures of a locked sitting that is being confirmed; return those that are
    carried by key of their line.

    :raises Refused: VOTES_MISSING if the outcome of one is still open.
    """
    counted = _tallies(sitting)
    for tally in counted.values():
        if not tally.is_settled:
            raise Refused(Refusal.VOTES_MISSING, missing=tally.missing)
    _write(counted)
    return {departure.line_id: departure for departure in counted if departure.is_carried}


def expected(sitting: Sitting) -> dict[int, Departure] | None:
    """Return what is carried as the votes stand, by key of the line; None if the outcome of one is open."""
    counted = _tallies(sitting)
    if not all(tally.is_settled for tally in counted.values()):
        return None
    return {departure.line_id: departure for departure, tally in counted.items() if tally.is_adopted}


def drop(sitting: Sitting) -> None:
    """Close the votes on all departures of a locked sitting whose run is refused: none is carried."""
    _write(_tallies(sitting), is_void=True)


def record_of(departure: Departure) -> dict[str, Any]:
    """Return a departure as it stands in records of the trail."""
    instead = departure.instead
    return {
        "departure": departure.pk,
        "file_number": departure.line.entry.file_number,
        "dwelling": departure.line.dwelling.number if departure.line.dwelling else "",
        "ground": str(departure.ground),
        "instead": instead.file_number if instead else "",
    }


def outcome_records(sitting: Sitting) -> list[dict[str, Any]]:
    """Return what became of all departures of a sitting, for the record of its decision."""
    return [
        {**record_of(departure), "carried": departure.is_carried, "arithmetic": departure.arithmetic}
        for departure in _with_names().filter(sitting=sitting)
    ]


def _check_open(sitting: Sitting, line_id: int) -> AllocationLine:
    """The served line that may still be left."""
    if sitting.run.round.mode == AllocationRound.Mode.AUTOMATIC:
        raise Refused(Refusal.AUTOMATIC_MODE)
    if Vote.objects.filter(sitting=sitting).exists():
        raise Refused(Refusal.HAS_BEGUN)
    line = (
        AllocationLine.objects.filter(run=sitting.run, pk=line_id, dwelling__isnull=False)
        .select_related("entry", "dwelling")
        .first()
    )
    if line is None:
        raise Refused(Refusal.LINE_NOT_SERVED)
    if Departure.objects.filter(sitting=sitting, line=line).exists():
        raise Refused(Refusal.DEPARTURE_EXISTS)
    return line


def _instead(sitting: Sitting, line: AllocationLine, file_number: str) -> tuple[QueueEntry | None, list[str]]:
    """The entry that gets the dwelling, or None, and the public keys of who is passed over."""
    left = engine_io.entry_key(file_number=line.entry.file_number, list_number=line.list_number)
    if not file_number:
        return None, passed_over(left=left, instead=None, takers=()) or []
    frozen, result = engine_io.parsed(sitting.run.round.input), engine_io.parsed(sitting.run.result)
    found = passed_over(
        left=left,
        instead=engine_io.entry_key(file_number=file_number, list_number=line.list_number),
        takers=takers_of(line, frozen=frozen, result=result),
    )
    entry = QueueEntry.objects.filter(
        akimat=sitting.akimat, file_number=file_number, waiting_list__number=line.list_number
    ).first()
    if found is None or entry is None:
        raise Refused(Refusal.INSTEAD_NOT_LAWFUL, file_number=file_number)
    if Departure.objects.filter(sitting=sitting, instead__file_number=file_number).exists():
        raise Refused(Refusal.INSTEAD_TAKEN, file_number=file_number)
    return entry, found


def takers_of(line: AllocationLine, *, frozen: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    """Return the public keys of who could take a served line's dwelling instead, in the order of the list."""
    if line.dwelling is None:
        return []
    return fitting.takers(
        frozen=frozen,
        list_number=line.list_number,
        dwelling=line.dwelling.number,
        served={row["file_no"] for row in result["allotments"]},
    )


def _with_names() -> Any:
    return Departure.objects.select_related("line__entry", "line__dwelling", "instead").order_by("pk")


def _tallies(sitting: Sitting) -> dict[Departure, Tally]:
    return {
        departure: tallies.count_departure_votes(sitting, departure.pk)
        for departure in _with_names().filter(sitting=sitting)
    }


def _write(counted: Mapping[Departure, Tally], *, is_void: bool = False) -> None:
    for departure, tally in counted.items():
        departure.is_carried = tally.is_adopted and not is_void
        departure.arithmetic = tally.as_json()
        departure.save(update_fields=["is_carried", "arithmetic"])


def _record(sitting: Sitting, event: str, *, by: User, at: datetime, **data: Any) -> None:
    audit.record(akimat=sitting.akimat, by=by, at=at, event=event, target=f"sitting:{sitting.pk}", **data)
