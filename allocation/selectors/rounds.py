"""Rounds for pages: where each stands, the split step by step, and what the public may see."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When

from allocation import engine_io
from allocation.models import AllocationRound, AllocationRun, Decision, Sitting
from allocation.rules.floors import FloorSum, floor_sum
from allocation.selectors.remembered import remembered
from queue_registry.models import Akimat

_SHOWN: Final = Decimal("0.0001")


class RoundState(StrEnum):
    """Where a round stands; told by its timestamps and rows, stored nowhere."""

    OPEN = "OPEN"
    FROZEN = "FROZEN"
    RUNNING = "RUNNING"
    RUN = "RUN"
    SITTING = "SITTING"
    DECIDED = "DECIDED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareStep:
    """
    How a proportional tier came to the seats of a list; a decimal of four places stands beside each
    fraction.
    """

    list_number: str
    count: int
    share: Fraction
    share_decimal: Decimal
    owed_before: Fraction
    owed_before_decimal: Decimal
    by_share_before: int
    seats: int
    served: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TierStep:
    """
    One tier of a split, from 0: dwellings available to it, what it was to serve and served.

    `rule` is the tier of the policy as frozen (kind, lists, share, document …); `target` only of floors and
    quotas; `floor` only of floors; `shares` only of proportional tiers; `missing` and `shortfall` where a
    target was not reached.
    """

    number: int
    kind: str
    lists: tuple[str, ...]
    rule: engine_io.Document
    available: int
    served: int
    target: int | None
    missing: int
    shortfall: str
    shares: tuple[ShareStep, ...]
    floor: FloorSum | None

    @property
    def counted(self) -> int:
        """Everybody whom a proportional tier counts."""
        return sum(share.count for share in self.shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """
    The whole split of a run: `list_sizes` and the tiers; `served` + `unallotted` = `dwellings`.

    `passed_over` counts codes; `not_reached` counts entries by list; `year_to_date` is the account after
    the round.
    """

    dwellings: int
    list_sizes: dict[str, int]
    served: dict[str, int]
    tiers: tuple[TierStep, ...]
    passed_over: dict[str, int]
    not_reached: dict[str, int]
    unallotted: tuple[str, ...]
    year_to_date: engine_io.Document

    @property
    def counted(self) -> int:
        """Entries on all lists of the round."""
        return sum(self.list_sizes.values())

    @property
    def waiting(self) -> int:
        """Entries that the round never came to."""
        return sum(self.not_reached.values())

    @property
    def given(self) -> int:
        """Homes given."""
        return self.dwellings - len(self.unallotted)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAllotment:
    """
    One served file number, its list and place, its registration moment as frozen, and the dwelling's
    number.
    """

    turn: int
    file_number: str
    list_number: str
    place: int
    registered_at: datetime
    dwelling: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRound:
    """What anybody may see of a decided round; `bundle_sha256` is by form."""

    round: AllocationRound
    run: AllocationRun
    decision: Decision
    split: Split
    allotments: tuple[PublicAllotment, ...]
    bundle_sha256: dict[str, str]


def with_state(rounds: QuerySet[AllocationRound] | None = None) -> QuerySet[AllocationRound]:
    """Add `state` (a `RoundState`) and `dwelling_count` to rounds, so that both can be filtered and shown."""
    runs = AllocationRun.objects.filter(round=OuterRef("pk"), superseded_at__isnull=True)
    sittings = Sitting.objects.filter(run__round=OuterRef("pk"), run__superseded_at__isnull=True)
    decided = Decision.objects.filter(sitting__run__round=OuterRef("pk"))
    steps = (
        (Q(cancelled_at__isnull=False), RoundState.CANCELLED),
        (Exists(decided), RoundState.DECIDED),
        (Exists(sittings), RoundState.SITTING),
        (Exists(runs.filter(executed_at__isnull=False)), RoundState.RUN),
        (Exists(runs), RoundState.RUNNING),
        (Q(frozen_at__isnull=False), RoundState.FROZEN),
    )
    found = AllocationRound.objects.all() if rounds is None else rounds
    return found.defer("input").annotate(
        state=Case(
            *(When(condition, then=Value(str(state))) for condition, state in steps),
            default=Value(str(RoundState.OPEN)),
            output_field=CharField(),
        ),
        dwelling_count=Count("round_dwellings", distinct=True),
    )


def list_rounds(akimat: Akimat) -> QuerySet[AllocationRound]:
    """Return the akimat's rounds with their state, newest first."""
    rounds = with_state(AllocationRound.objects.filter(akimat=akimat))
    return rounds.select_related("akimat", "policy").order_by("-opened_at", "-pk")


def list_decided() -> QuerySet[AllocationRound]:
    """Return every decided round of every akimat, newest decision first: what the public page lists."""
    rounds = with_state(AllocationRound.objects.filter(runs__sitting__decision__isnull=False))
    return rounds.select_related("akimat", "policy").order_by("-runs__sitting__decision__decided_at", "-pk")


def get_round(round_id: int) -> AllocationRound:
    """
    Return a round with its state.

    :raises AllocationRound.DoesNotExist: if there is none.
    """
    return with_state().select_related("akimat", "policy", "opened_by", "frozen_by").get(pk=round_id)


def get_current_run(round_: AllocationRound) -> AllocationRun | None:
    """Return the run that is not superseded, executed or not, or None."""
    run = AllocationRun.objects.filter(round=round_, superseded_at__isnull=True).defer("result").first()
    if run is not None:
        run.round = round_
    return run


def list_requested_runs() -> list[int]:
    """Return the keys of runs that wait for the worker, oldest request first."""
    waiting = AllocationRun.objects.filter(
        executed_at__isnull=True, superseded_at__isnull=True, round__cancelled_at__isnull=True
    )
    return list(waiting.order_by("requested_at", "pk").values_list("pk", flat=True))


def get_split(run: AllocationRun) -> Split:
    """Return the split of an executed run, step by step, from its stored result and input."""
    return remembered(
        run,
        "split",
        lambda: split_of(frozen=engine_io.parsed(run.round.input), result=engine_io.parsed(run.result)),
    )


def split_of(*, frozen: engine_io.Document, result: engine_io.Document) -> Split:
    """Return the split that a result document shows, with the rules of its input."""
    rules = frozen["policy"]["tiers"]
    sizes = _counted(frozen["entries"], "list")
    return Split(
        dwellings=len(frozen["dwellings"]),
        list_sizes={number: sizes.get(number, 0) for rule in rules for number in rule["lists"]},
        served=_counted(result["allotments"], "list"),
        tiers=tuple(_tier(number, rule, frozen=frozen, result=result) for number, rule in enumerate(rules)),
        passed_over=_counted(result["passed_over"], "code"),
        not_reached=dict(sorted(result["not_reached"].items())),
        unallotted=tuple(result["unallotted"]),
        year_to_date=result["year_to_date"],
    )


def get_public_round(round_id: int) -> PublicRound:
    """
    Return what anybody may see of a decided round.

    :raises Decision.DoesNotExist: if there is no such round, or nothing is decided on it.
    """
    decisions = Decision.objects.select_related(
        "sitting__run__round__akimat", "sitting__run__round__policy", "decided_by"
    ).defer("sitting__run__result", "sitting__run__round__input")
    decision = decisions.get(sitting__run__round=round_id)
    run = decision.sitting.run
    return PublicRound(
        round=run.round,
        run=run,
        decision=decision,
        split=get_split(run),
        allotments=tuple(_allotments(run)),
        bundle_sha256=dict(run.bundles.order_by("form").values_list("form", "sha256")),
    )


def _allotments(run: AllocationRun) -> list[PublicAllotment]:
    lines = run.lines.filter(dwelling__isnull=False).select_related("entry", "dwelling").order_by("turn")
    return [
        PublicAllotment(
            turn=line.turn,
            file_number=line.entry.file_number,
            list_number=line.list_number,
            place=line.place,
            registered_at=line.registered_at,
            dwelling=line.dwelling.number,
        )
        for line in lines
        if line.dwelling is not None and line.turn is not None
    ]


def _counted(rows: list[engine_io.Document], key: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row[key]] = counts.get(row[key], 0) + 1
    return dict(sorted(counts.items()))


def _tier(
    number: int, rule: engine_io.Document, *, frozen: engine_io.Document, result: engine_io.Document
) -> TierStep:
    outcome = result["tiers"][number]
    shares = tuple(_share(row) for row in outcome.get("lists", ()))
    shortfall: dict[str, Any] = outcome["shortfall"] or {}
    return TierStep(
        number=number,
        kind=outcome["kind"],
        lists=tuple(rule["lists"]),
        rule=rule,
        available=outcome["available"],
        served=sum(share.served for share in shares) if shares else outcome.get("served", 0),
        target=outcome.get("target"),
        missing=shortfall.get("missing", 0),
        shortfall=shortfall.get("reason", ""),
        shares=shares,
        floor=floor_sum(rule=rule, tier=number, frozen=frozen, result=result)
        if rule["kind"] == "floor"
        else None,
    )


def _share(row: engine_io.Document) -> ShareStep:
    share, owed = Fraction(row["share"]), Fraction(row["owed_before"])
    return ShareStep(
        list_number=row["list"],
        count=row["count"],
        share=share,
        share_decimal=_decimal(share),
        owed_before=owed,
        owed_before_decimal=_decimal(owed),
        by_share_before=row["by_share_before"],
        seats=row["seats"],
        served=row["served"],
    )


def _decimal(fraction: Fraction) -> Decimal:
    """A rounded decimal for the eye; nothing is ever counted with it."""
    return (Decimal(fraction.numerator) / Decimal(fraction.denominator)).quantize(_SHOWN)
