"""Step 4 and the whole: the tiers, one after another, and the result."""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

from .choice import choose_dwellings, reserves
from .proportion import ProportionalWalk
from .serving import NOBODY, Served, Serving
from .shares import floor_target
from .suitability import members_of
from .values import (
    Allotment,
    FloorTier,
    ListLedger,
    PassedOver,
    ProportionalTier,
    QuotaTier,
    RoundInput,
    RoundResult,
    Shortfall,
    ShortfallReason,
    Tier,
    TierResult,
    Witness,
    YearLedger,
)


def distribute(round_input: RoundInput) -> RoundResult:
    """Walk the tiers: nobody served is ever unserved, and nobody is passed over without a code."""
    serving = Serving(round_input)
    tiers = tuple(
        _walk(serving, round_input, number, tier) for number, tier in enumerate(round_input.policy.tiers)
    )
    winners = sorted(serving.served.values(), key=lambda winner: (winner.tier, winner.rank))
    chosen, unallotted = choose_dwellings(serving, winners)
    return RoundResult(
        tiers=tiers,
        allotments=_allotments(serving, winners, chosen),
        passed_over=_passed_over(serving),
        witnesses=_witnesses(serving),
        not_reached=_not_reached(serving, round_input.policy.tiers),
        unallotted=unallotted,
        year_to_date=_ledger_after(round_input, tiers, serving),
    )


def _walk(serving: Serving, round_input: RoundInput, number: int, tier: Tier) -> TierResult:
    if isinstance(tier, ProportionalTier):
        return ProportionalWalk(serving, round_input, number, tier).result()
    available = serving.dwellings - len(serving.served)
    target = _target(serving, round_input, tier)
    served = _serve_in_order(serving, number, tier.lists, target)
    return TierResult(
        kind=tier.kind,
        available=available,
        served=served,
        target=target,
        shortfall=_shortfall(serving, tier.lists, missing=0 if target is None else target - served),
    )


def _target(serving: Serving, round_input: RoundInput, tier: Tier) -> int | None:
    if isinstance(tier, QuotaTier):
        return tier.dwellings
    if not isinstance(tier, FloorTier):
        return None
    entries = serving.queue.entries
    served_before = sum(entries[rank].list_code in tier.lists for rank in serving.served)
    return floor_target(
        tier,
        dwellings=serving.dwellings,
        year_to_date=round_input.year_to_date,
        served_before=served_before,
    )


def _serve_in_order(serving: Serving, number: int, lists: Sequence[str], target: int | None) -> int:
    """Look at the entries of the lists until the target (if any) is reached or the dwellings are gone."""
    served = 0
    furthest = NOBODY
    for rank in serving.queue.merged(lists):
        if served == target or serving.is_over:
            break
        furthest = rank
        if serving.is_untried(rank) and serving.try_to_serve(rank, number):
            served += 1
    serving.close_tier(number, lists, furthest)
    return served


def _shortfall(serving: Serving, lists: Sequence[str], *, missing: int) -> Shortfall | None:
    if not missing:
        return None
    reason = ShortfallReason.LIST_EXHAUSTED
    if serving.is_over:
        reason = ShortfallReason.DWELLINGS_EXHAUSTED
    elif not serving.lists_failed.isdisjoint(lists):
        reason = ShortfallReason.NO_FITTING_DWELLING
    return Shortfall(missing=missing, reason=reason)


def _allotments(
    serving: Serving, winners: Sequence[Served], chosen: Mapping[int, tuple[int, str]]
) -> tuple[Allotment, ...]:
    entries = serving.queue.entries
    kinds_by_list: dict[str, set[int]] = {}
    for winner in winners:
        kinds_by_list.setdefault(entries[winner.rank].list_code, set()).add(chosen[winner.rank][0])
    reserve = reserves(serving, kinds_by_list)
    allotments = []
    for turn, winner in enumerate(winners, start=1):
        entry, (kind, dwelling) = entries[winner.rank], chosen[winner.rank]
        allotments.append(
            Allotment(
                dwelling=dwelling,
                entry=entry.id,
                file_no=entry.file_no,
                list_code=entry.list_code,
                place=serving.queue.place(winner.rank),
                tier=winner.tier,
                turn=turn,
                level=winner.level,
                reserve=reserve[entry.list_code, kind],
            )
        )
    return tuple(allotments)


def _passed_over(serving: Serving) -> tuple[PassedOver, ...]:
    refusals = sorted(serving.refusals.values(), key=lambda refusal: (refusal.tier, refusal.rank))
    return tuple(
        PassedOver(
            entry=serving.queue.entries[refusal.rank].id,
            list_code=serving.queue.entries[refusal.rank].list_code,
            place=serving.queue.place(refusal.rank),
            tier=refusal.tier,
            code=refusal.code,
            witness=None if refusal.witness is None else witness_name(refusal.witness),
        )
        for refusal in refusals
    )


def witness_name(number: int) -> str:
    """Witnesses are named in the order in which they were made."""
    return f"W{number + 1}"


def _witnesses(serving: Serving) -> dict[str, Witness]:
    ranks_by_group: dict[int, list[int]] = {}
    for rank, served in serving.served.items():
        ranks_by_group.setdefault(served.group, []).append(rank)
    return {
        witness_name(number): Witness(
            entries=tuple(
                serving.queue.entries[rank].id
                for rank in sorted(rank for group in obstacle.groups for rank in ranks_by_group[group])
            ),
            dwellings=tuple(
                sorted(name for kind in members_of(obstacle.kinds) for name in serving.stock.ids[kind])
            ),
        )
        for number, obstacle in enumerate(serving.obstacles)
    }


def _not_reached(serving: Serving, tiers: Sequence[Tier]) -> dict[str, int]:
    """How many entries of each list of the policy no tier looked at."""
    codes = sorted({code for tier in tiers for code in tier.lists})
    entries = serving.queue.entries
    looked_at = Counter(
        entries[rank].list_code for ranks in (serving.served, serving.refusals) for rank in ranks
    )
    return {code: len(serving.queue.ranks(code)) - looked_at[code] for code in codes}


def _ledger_after(round_input: RoundInput, tiers: Sequence[TierResult], serving: Serving) -> YearLedger:
    """The account of the year with this round in it; a valid one for the next round."""
    before = round_input.year_to_date
    by_share: Counter[str] = Counter()
    owed: dict[str, Fraction] = {}
    for share in (share for tier in tiers for share in tier.lists or ()):
        by_share[share.list_code] += share.served
        owed[share.list_code] = owed.get(share.list_code, Fraction(0)) + share.share
    received = Counter(serving.queue.entries[rank].list_code for rank in serving.served)
    codes = {code for tier in round_input.policy.tiers for code in tier.lists} | before.lists.keys()
    return YearLedger(
        distributed=before.distributed + len(serving.served),
        lists={
            code: ListLedger(
                owed=before.of(code).owed + owed.get(code, Fraction(0)),
                by_share=before.of(code).by_share + by_share[code],
                received=before.of(code).received + received[code],
            )
            for code in sorted(codes)
        },
    )
