"""
A round: dwellings distributed together. Opened, frozen (candidates, dwellings and policy as they stand),
or cancelled.

What is frozen is never mended: a round overtaken by changes is cancelled, its dwellings are free again,
and a new round is opened. Order of locks: `allocation.services.offers`.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from allocation import engine_io, piecemeal, seals
from allocation.engine import ReadInput
from allocation.models import AllocationRound, Decision, Dwelling, PublicInput, RoundDwelling, Sitting
from allocation.rules.periods import Period
from allocation.rules.refusals import Refusal, Refused
from allocation.services import dwellings as stock
from allocation.services import inputs, ledger, round_checks, silence
from queue_registry import collector
from queue_registry.models import Akimat, TrailHead, User
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import Policy
from queue_registry.services import audit
from queue_registry.services.policies import policy_in_force

_FROZEN: Final = (
    "frozen_at",
    "frozen_by",
    "input",
    "input_sha256",
    "seal",
    "unanswered",
    "period_from",
    "period_until",
    "taken_back",
    "fingerprint",
    "trail_head",
)


@transaction.atomic
def open_round(
    *,
    akimat: Akimat,
    dwelling_ids: Sequence[int],
    quotas: Mapping[str, Any],
    by: User,
    at: datetime,
    rung: str = "",
    programme: str = "",
    mode: AllocationRound.Mode = AllocationRound.Mode.COMMISSION,
    period: Period | None = None,
) -> AllocationRound:
    """
    Open a round of ready dwellings under the policy that the akimat distributes by today; none is lawful,
    too.

    :param quotas: of each tier with an outside quota, by its lists: {"3": {"dwellings": 15, "document":
    "..."}}.
    :param rung: which rung of the ladder a round of a ladder policy serves; empty: the policy's own.
    :param programme: code of the programme whose homes or loans are distributed; empty: homes of none.
    :param mode: automatic only while the akimat's gate is green; the commission decides without it, too.
    :param period: whose confirmed rounds its running account counts; None: the calendar year of the freeze.
    :raises Refused: GATE_NOT_GREEN, DWELLING_NOT_READY, DWELLING_TWICE, QUOTA_MISSING, QUOTA_UNKNOWN,
        QUOTA_INVALID, RUNG_UNKNOWN, PROGRAMME_MISSING, PROGRAMME_UNKNOWN, PROGRAMME_OF_OTHER_RUNG,
        DWELLING_OF_OTHER_KIND, DWELLING_OF_OTHER_PROGRAMME, PERIOD_BACKWARDS, PERIOD_WITHOUT_FREEZE,
        PERIOD_OVERLAPS.
    :raises queue_registry.services.policies.PolicyNotFound: if the akimat has no policy today.
    """
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    round_checks.gate(akimat=locked, mode=mode, at=at)
    version = policy_in_force(akimat=locked, on=civil_day(at))
    policy = Policy.from_document(version.document)
    round_checks.rung(policy, rung)
    round_checks.programme(policy, rung, programme, at=at)
    round_checks.quotas(policy, quotas)
    if period is not None:
        round_checks.period_to_come(period, civil_day(at))
    year = civil_day(at).year
    count = AllocationRound.objects.filter(akimat=locked, number__startswith=f"R-{year}-").count()
    round_ = AllocationRound.objects.create(
        akimat=locked,
        number=f"R-{year}-{count + 1}",
        policy=version,
        quotas=dict(quotas),
        rung=rung,
        programme=programme,
        mode=mode,
        period_from=period.first if period else None,
        period_until=period.last if period else None,
        opened_at=at,
        opened_by=by,
    )
    if period is not None:
        round_checks.period_alone(round_, period)
    numbers = put_in(round_, dwelling_ids)
    _record(
        round_,
        "allocation_round.opened",
        by=by,
        at=at,
        policy=version.code,
        policy_sha256=version.sha256,
        quotas=dict(quotas),
        rung=rung,
        dwellings=numbers,
        **({"programme": programme} if programme else {}),
        **({"period": _period_record(period)} if period else {}),
        # The commission decides as a rule.
        **({"mode": str(mode)} if mode == AllocationRound.Mode.AUTOMATIC else {}),
    )
    return round_


@transaction.atomic
def freeze(
    *, round_id: int, by: User, at: datetime, tell: Callable[[int, int], None] = inputs.tell_nobody
) -> AllocationRound:
    """
    Freeze and seal who stands on the lists, which dwellings there are and under which figures; reserve the
    dwellings.

    The exact bytes of the engine's input are stored with their digest, the seal over their parts and the
    head of the trail at this moment. From now on the round is announced to everybody with its seal.

    :raises Refused: ROUND_NOT_OPEN, ROUND_CANCELLED, GATE_NOT_GREEN, POLICY_NOT_IN_FORCE, DWELLING_NOT_READY,
        DWELLING_OF_OTHER_KIND, DWELLING_OF_OTHER_PROGRAMME, QUOTA_MISSING, QUOTA_OVER_DWELLINGS,
        PERIOD_WITHOUT_FREEZE, PERIOD_OVERLAPS, SOURCES_SILENT (a register was not asked often enough about a
        family that the round would pass over for its silence).
    :raises allocation.services.second_reader.SecondReaderDied: as it says.
    """
    return freeze_within(round_id=round_id, by=by, at=at, tell=tell)


@collector.paused()
def freeze_within(
    *, round_id: int, by: User, at: datetime, tell: Callable[[int, int], None] = inputs.tell_nobody
) -> AllocationRound:
    """Freeze a round inside the caller's transaction, in which nothing that a freeze reads was written."""
    round_ = lock_open(round_id)
    round_checks.gate(akimat=round_.akimat, mode=round_.mode, at=at)
    round_checks.policy(round_, at)
    reserved = stock.lock(held(round_))
    round_checks.ready(reserved)
    round_checks.purpose(round_, reserved)
    round_checks.quota_sum(round_, len(reserved))
    period = round_checks.period(round_, civil_day(at))
    round_.period_from, round_.period_until = period.first, period.last
    round_.taken_back = ledger.opening_of(round_=round_, on=civil_day(at)).taken_back
    with inputs.read(round_=round_, frozen_at=at, tell=tell) as (read, fingerprint):
        _seal(round_, read, at=at)
        round_.fingerprint = fingerprint()
    head = TrailHead.objects.filter(pk=round_.akimat.kato).first()
    round_.frozen_at, round_.frozen_by = at, by
    round_.trail_head = head.sha256 if head else ""
    round_.save(update_fields=_FROZEN)
    stock.move(reserved, Dwelling.State.RESERVED, at=at, by=by, ground=round_.number)
    _record(
        round_,
        "allocation_round.frozen",
        by=by,
        at=at,
        input_sha256=round_.input_sha256,
        seal=round_.seal,
        trail_head=round_.trail_head,
        candidates=dict(sorted(Counter(entry.list_code for entry in read.values.entries).items())),
        dwellings=len(reserved),
        period=_period_record(period),
        **({"taken_back": round_.taken_back} if round_.taken_back else {}),
        **({"unanswered": len(round_.unanswered)} if round_.unanswered else {}),
    )
    return round_


def _seal(round_: AllocationRound, read: ReadInput, *, at: datetime) -> None:
    """Write an input down with its seal, and its public form; whom a register is silent about holds it up."""
    with ThreadPoolExecutor(1) as beside:
        packed = beside.submit(engine_io.pack, read.canonical)
        public = b"".join(piecemeal.public_pieces(read))
        packed_public = beside.submit(engine_io.pack, public)
        round_.unanswered = silence.unanswered(round_=round_, read=read, at=at)
        silence.check(round_, round_.unanswered)
        round_.seal = seals.of_input(read, public) | {seals.ACCOUNT: seals.of_account(round_)}
        round_.input, round_.input_sha256 = packed.result(), read.sha256
        PublicInput.objects.create(round=round_, content=packed_public.result())


@transaction.atomic
def plan_sitting(*, round_id: int, sits_at: datetime, by: User, at: datetime) -> AllocationRound:
    """
    Say when the commission is to sit on the round; the announcement tells it to everybody.

    Once it is convened, it is the sitting that is announced (`services.sittings.announce`).

    :raises Refused: ROUND_CANCELLED, ROUND_DECIDED, SITTING_EXISTS, SITTING_IN_THE_PAST.
    """
    round_ = lock(round_id)
    if Decision.objects.filter(sitting__run__round=round_).exists():
        raise Refused(Refusal.ROUND_DECIDED)
    if Sitting.objects.filter(run__round=round_, run__superseded_at__isnull=True).exists():
        raise Refused(Refusal.SITTING_EXISTS)
    if sits_at <= at:
        raise Refused(Refusal.SITTING_IN_THE_PAST)
    round_.sitting_planned_at = sits_at
    round_.save(update_fields=["sitting_planned_at"])
    _record(round_, "allocation_round.sitting_planned", by=by, at=at, sits_at=sits_at.isoformat())
    return round_


@transaction.atomic
def cancel(*, round_id: int, reason: str, by: User, at: datetime) -> AllocationRound:
    """
    Give a round up before its decision (say, because entries changed since the freeze); its dwellings are
    free again.

    :raises Refused: ROUND_CANCELLED, ROUND_DECIDED, REASON_MISSING.
    """
    round_ = lock(round_id)
    if not reason.strip():
        raise Refused(Refusal.REASON_MISSING)
    if Decision.objects.filter(sitting__run__round=round_).exists():
        raise Refused(Refusal.ROUND_DECIDED)
    round_.cancelled_at, round_.cancelled_by, round_.cancelled_because = at, by, reason.strip()
    round_.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_because"])
    numbers = release(round_=round_, dwelling_ids=held(round_), at=at)
    _record(round_, "allocation_round.cancelled", by=by, at=at, reason=reason.strip(), dwellings=numbers)
    return round_


def lock(round_id: int) -> AllocationRound:
    """
    Lock a round inside the caller's transaction.

    :raises Refused: ROUND_CANCELLED.
    """
    round_ = (
        AllocationRound.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat", "policy")
        .get(pk=round_id)
    )
    if round_.cancelled_at is not None:
        raise Refused(Refusal.ROUND_CANCELLED)
    return round_


def release(
    *,
    round_: AllocationRound,
    dwelling_ids: Sequence[int],
    at: datetime,
    state: Dwelling.State = Dwelling.State.READY,
) -> list[str]:
    """
    Set dwellings of a round free inside the caller's transaction; return their numbers. The caller records
    it.

    :param state: what they are from now on; BUILDING: something has to be put right first.
    """
    freed = stock.lock(dwelling_ids)
    stock.move(freed, state, at=at, ground=round_.number)
    RoundDwelling.objects.filter(round=round_, dwelling__in=dwelling_ids, released_at__isnull=True).update(
        released_at=at
    )
    return sorted(dwelling.number for dwelling in freed)


def lock_open(round_id: int) -> AllocationRound:
    """
    Lock a round that is not frozen inside the caller's transaction.

    :raises Refused: ROUND_CANCELLED, ROUND_NOT_OPEN.
    """
    round_ = lock(round_id)
    if round_.frozen_at is not None:
        raise Refused(Refusal.ROUND_NOT_OPEN)
    return round_


def held(round_: AllocationRound) -> list[int]:
    """Return the keys of the dwellings that the round still holds."""
    rows = RoundDwelling.objects.filter(round=round_, released_at__isnull=True)
    return list(rows.order_by("dwelling").values_list("dwelling_id", flat=True))


def put_in(round_: AllocationRound, dwelling_ids: Sequence[int]) -> list[str]:
    """
    Put locked, ready dwellings of the akimat, that stand in no other round, into this one; return their
    numbers. The caller holds the lock of the round, and records it.
    """
    found = stock.lock(dwelling_ids)
    strangers = set(dwelling_ids) - {row.pk for row in found if row.akimat_id == round_.akimat_id}
    if strangers:
        raise Dwelling.DoesNotExist(f"No such dwellings in this akimat: {sorted(strangers)}")
    round_checks.ready(found)
    round_checks.purpose(round_, found)
    taken = Dwelling.objects.filter(
        pk__in=dwelling_ids, round_dwellings__released_at__isnull=True, round_dwellings__isnull=False
    )
    if taken or len(set(dwelling_ids)) < len(dwelling_ids):
        raise Refused(Refusal.DWELLING_TWICE, dwellings=sorted(row.number for row in taken))
    RoundDwelling.objects.bulk_create(RoundDwelling(round=round_, dwelling=row) for row in found)
    return sorted(row.number for row in found)


def _period_record(period: Period) -> list[str]:
    """Return the first and the last day of a period as records of the trail have them."""
    return [period.first.isoformat(), period.last.isoformat()]


def _record(round_: AllocationRound, event: str, *, by: User, at: datetime, **data: Any) -> None:
    audit.record(
        akimat=round_.akimat,
        by=by,
        at=at,
        event=event,
        target=f"allocation_round:{round_.pk}",
        number=round_.number,
        **data,
    )
