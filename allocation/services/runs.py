"""
Runs of the engine on a round's frozen input. A run is a proposal: it changes nothing in the register.

Requested by a person as a row, executed by the worker that takes the row; an executed run is never
changed, only superseded. Order of locks: `allocation.services.offers`.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from allocation import engine_io, piecemeal, run_progress
from allocation.engine.bundle import Form, bundle_of
from allocation.engine.document import ReadInput
from allocation.engine.running import document_of_result
from allocation.engine.strict_json import canonical_bytes, digest
from allocation.engine.verify import verify_bundle
from allocation.models import AllocationRound, AllocationRun, Bundle, Decision, DepartureVote, Sitting
from allocation.rules.refusals import Refusal, Refused
from allocation.run_progress import Stage
from allocation.seals import SealBroken
from allocation.services import freshness, public_inputs, round_checks, rounds, run_lines
from queue_registry import collector
from queue_registry.models import User
from queue_registry.services import audit

_COPY_BUNDLE: Final = (
    "COPY allocation_bundle (run_id, form, sha256, made_at, content) FROM STDIN WITH (FORMAT BINARY)"
)
# PostgreSQL's binary format: a signature with no flags, each field behind its length, and no more rows.
_COPY_BEGINS: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_ENDS: Final = b"\xff\xff"
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)  # of the database's moments
_PIECE: Final = 1 << 20
_CHANGES_NAMED: Final = 100
WORKER: Final = "allocation.tasks.execute_requested_runs"


class BundleBroken(RuntimeError):
    """A bundle made a moment ago does not verify: the engine is not what it claims to be."""


@transaction.atomic
def request(*, round_id: int, by: User, at: datetime) -> AllocationRun:
    """
    Ask for a run of a frozen round; the worker executes it.

    :raises Refused: ROUND_CANCELLED, ROUND_NOT_FROZEN, GATE_NOT_GREEN (of an automatic round), RUN_EXISTS
        (unless it was superseded).
    """
    round_ = rounds.lock(round_id)
    if round_.frozen_at is None:
        raise Refused(Refusal.ROUND_NOT_FROZEN)
    round_checks.gate(akimat=round_.akimat, mode=round_.mode, at=at)
    if AllocationRun.objects.filter(round=round_, superseded_at__isnull=True).exists():
        raise Refused(Refusal.RUN_EXISTS)
    run = AllocationRun.objects.create(round=round_, requested_at=at, requested_by=by)
    _record(run, "allocation_run.requested", by=by, at=at, input_sha256=round_.input_sha256)
    return run


@transaction.atomic
@collector.paused()
def execute(*, run_id: int, at: datetime, by: User | str = WORKER) -> AllocationRun | None:
    """
    Distribute the frozen input, store the result's exact bytes, its lines and its bundles; change nothing
    else.

    If anything is no longer as it was sealed, the run is refused instead: it is set aside with the changes
    named (`AllocationRun.refusal`), and nothing is distributed. Returns None if another worker holds the run,
    or it was executed, superseded or cancelled before.

    :raises SealBroken: if the stored input is not what was sealed; nothing is stored then.
    :raises BundleBroken: if the bundle does not verify; nothing is stored then.
    """
    run = (
        AllocationRun.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("round__akimat", "round__policy")
        .filter(
            pk=run_id,
            executed_at__isnull=True,
            superseded_at__isnull=True,
            round__cancelled_at__isnull=True,
        )
        .first()
    )
    if run is None:
        return None
    run_progress.tell(run, Stage.COMPARING)
    # A thread distributes and bundles while this one waits for the database.
    with ThreadPoolExecutor(1) as beside:
        distributed = beside.submit(_distributed, run.round)
        changes = freshness.changes(run.round)
        if changes:
            return _refuse(run, changes, by=by, at=at)
        run_progress.tell(run, Stage.DISTRIBUTING)
        done = distributed.result()
        full = beside.submit(_full_bundle, run, done)
        public = beside.submit(
            _public_bundle, run, public_inputs.reader(run.round, done.read), _homes(done.result)
        )
        run_progress.tell(run, Stage.STORING)
        result, answer, moments = done.result, done.answer, run_lines.moments_of(done.read)
        # Of a big queue it is worth hundreds of megabytes, and so is each bundle: none is held any longer.
        del distributed, done
        run.executed_at, run.engine = at, result["engine"]
        run.result, run.result_sha256 = engine_io.pack(answer), digest(answer)
        run.save(update_fields=["executed_at", "engine", "result", "result_sha256"])
        run_lines.store(run, result, answer, moments)
        # What all those lines refer to is looked at while the bundles are made, not at the end.
        connection.check_constraints()
        told = _told(result)
        run_progress.tell(run, Stage.BUNDLING)
        bundles = {Bundle.Form.FULL: _store_bundle(run, Bundle.Form.FULL, full.result(), at=at)}
        del full
        bundles[Bundle.Form.PUBLIC] = _store_bundle(run, Bundle.Form.PUBLIC, public.result(), at=at)
    _record(
        run,
        "allocation_run.executed",
        by=by,
        at=at,
        engine=run.engine,
        input_sha256=run.round.input_sha256,
        result_sha256=run.result_sha256,
        bundles={str(form): sha256 for form, sha256 in bundles.items()},
        **told,
    )
    return run


@transaction.atomic
def supersede(*, run_id: int, reason: str, by: User, at: datetime) -> AllocationRun:
    """
    Set a run aside before anybody has voted on it, so that the round can be run (and sat on) again:
    say, because it was broken off, or its commission has no quorum any more. It stays to be read.

    :raises Refused: ROUND_CANCELLED, RUN_SUPERSEDED, ROUND_DECIDED, HAS_BEGUN (somebody has voted),
        REASON_MISSING.
    """
    if not reason.strip():
        raise Refused(Refusal.REASON_MISSING)
    # Who votes holds the lock of the sitting, which comes first.
    sitting = Sitting.objects.select_for_update(of=("self",), no_key=True).filter(run=run_id).first()
    run = lock_current(run_id)
    if Decision.objects.filter(sitting__run=run).exists():
        raise Refused(Refusal.ROUND_DECIDED)
    if sitting is not None and _has_votes(sitting):
        raise Refused(Refusal.HAS_BEGUN)
    run.superseded_at = at
    run.save(update_fields=["superseded_at"])
    _record(run, "allocation_run.superseded", by=by, at=at, reason=reason.strip())
    return run


def _has_votes(sitting: Sitting) -> bool:
    return (
        sitting.votes.exists() or DepartureVote.objects.filter(departure__line__run=sitting.run_id).exists()
    )


def lock_current(run_id: int) -> AllocationRun:
    """
    Lock a run and its round, the round first, inside the caller's transaction.

    :raises Refused: ROUND_CANCELLED, RUN_SUPERSEDED.
    """
    round_: AllocationRound = rounds.lock(AllocationRun.objects.only("round_id").get(pk=run_id).round_id)
    run = AllocationRun.objects.select_for_update(of=("self",), no_key=True).get(pk=run_id)
    run.round = round_
    if run.superseded_at is not None:
        raise Refused(Refusal.RUN_SUPERSEDED)
    return run


def _refuse(
    run: AllocationRun, changes: list[engine_io.Change], *, by: User | str, at: datetime
) -> AllocationRun:
    """Set a run aside unexecuted, with the first of the changes; no value of a family is told."""
    named = [{"thing": one.thing, "key": one.key, "field": one.field} for one in changes[:_CHANGES_NAMED]]
    run.superseded_at = at
    run.refusal = {"code": str(Refusal.STALE), "count": len(changes), "changes": named}
    run.save(update_fields=["superseded_at", "refusal"])
    _record(run, "allocation_run.refused", by=by, at=at, **run.refusal)
    return run


_Home = tuple[object, ...]


class _Distributed(NamedTuple):
    """The sealed input as the engine reads it, what it gives, and the bytes of that."""

    read: ReadInput
    result: engine_io.Document
    answer: bytes


def _distributed(round_: AllocationRound) -> _Distributed:
    """
    Distribute the sealed input; asks nothing of the database.

    :raises SealBroken: if the stored input is not what was sealed.
    """
    data = engine_io.unpack(round_.input)
    if digest(data) != round_.input_sha256:
        raise SealBroken(round_.number)
    read = piecemeal.read(data)
    result = document_of_result(read)
    return _Distributed(read=read, result=result, answer=canonical_bytes(result))


def _full_bundle(run: AllocationRun, done: _Distributed) -> bytes:
    """The full form, looked at once more: what it encloses is distributed again."""
    content = bundle_of(done.read, done.answer, form=Form.FULL, trail_head=run.round.trail_head or None)
    verification = verify_bundle(content, done.read)
    if not verification.is_verified:
        raise BundleBroken(verification.line)
    return content


def _public_bundle(run: AllocationRun, read: Callable[[], ReadInput], homes: list[_Home]) -> bytes:
    """The public form, which has to give the same homes."""
    public = read()
    own = document_of_result(public)
    if _homes(own) != homes:
        raise BundleBroken("the public form gives other homes")
    trail_head = run.round.trail_head or None
    return bundle_of(public, canonical_bytes(own), form=Form.PUBLIC, trail_head=trail_head)


def _store_bundle(run: AllocationRun, form: Bundle.Form, content: bytes, *, at: datetime) -> str:
    """
    By COPY, in pieces: a statement with the content in it would be four times as big, and held twice, and a
    row of the driver's would be a second copy.
    """
    sha256, microseconds = digest(content), (at - _EPOCH) // timedelta(microseconds=1)
    fields = (run.pk.to_bytes(8), str(form).encode(), sha256.encode(), microseconds.to_bytes(8, signed=True))
    with connection.cursor() as cursor, cursor.copy(_COPY_BUNDLE) as copied:
        copied.write(_COPY_BEGINS + (len(fields) + 1).to_bytes(2))
        for field in (*fields, content):
            copied.write(len(field).to_bytes(4))
            for start in range(0, len(field), _PIECE):
                copied.write(field[start : start + _PIECE])
        copied.write(_COPY_ENDS)
    return sha256


def _told(result: engine_io.Document) -> dict[str, Any]:
    """What the trail keeps of a result: how many were served of each list, and how many were not."""
    return {
        "served": dict(sorted(Counter(row["list"] for row in result["allotments"]).items())),
        "passed_over": len(result["passed_over"]),
        "unallotted": len(result["unallotted"]),
    }


def _homes(result: engine_io.Document) -> list[_Home]:
    """What both forms of a result say alike, in its order: which home goes where in whose turn."""
    return [
        tuple(row[name] for name in ("turn", "dwelling", "list", "place", "tier", "level"))
        for row in result["allotments"]
    ]


def _record(run: AllocationRun, event: str, *, by: User | str, at: datetime, **data: object) -> None:
    audit.record(
        akimat=run.round.akimat,
        by=by,
        at=at,
        event=event,
        target=f"allocation_run:{run.pk}",
        round=run.round.number,
        **data,
    )
