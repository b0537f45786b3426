"""What must hold before a round is opened, changed or frozen; each check passes, or raises `Refused`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from allocation import engine_io
from allocation.models import AllocationRound, Dwelling
from allocation.rules import programmes
from allocation.rules.periods import Period
from allocation.rules.refusals import Refusal, Refused
from allocation.selectors.dwellings import kind_of
from allocation.services import ledger
from queue_registry.models import Akimat, PolicyVersion
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.digitization.gate import Light
from queue_registry.rules.policy import Policy
from queue_registry.selectors.gate import get_gate
from queue_registry.services.policies import policy_in_force


def gate(*, akimat: Akimat, mode: str, at: datetime) -> None:
    """
    Pass if the commission decides, or the akimat's gate to automatic distribution is green.

    :raises Refused: GATE_NOT_GREEN with the light and the criteria that fail.
    """
    if mode != AllocationRound.Mode.AUTOMATIC:
        return
    found = get_gate(akimat, at=at)
    if found.light is not Light.GREEN:
        raise Refused(
            Refusal.GATE_NOT_GREEN, light=str(found.light), criteria=[str(one) for one in found.failing]
        )


def ready(dwellings: Sequence[Dwelling]) -> None:
    """Every dwelling may be distributed. :raises Refused: DWELLING_NOT_READY."""
    others = [row.number for row in dwellings if row.state != Dwelling.State.READY]
    if others:
        raise Refused(Refusal.DWELLING_NOT_READY, dwellings=sorted(others))


def policy(round_: AllocationRound, at: datetime) -> None:
    """The round's policy is still that of the akimat. :raises Refused: POLICY_NOT_IN_FORCE."""
    in_force: PolicyVersion = policy_in_force(akimat=round_.akimat, on=civil_day(at))
    if in_force.pk != round_.policy_id:
        raise Refused(Refusal.POLICY_NOT_IN_FORCE, policy=str(round_.policy), in_force=str(in_force))


def period(round_: AllocationRound, on: date) -> Period:
    """
    Return the period of a round that is frozen on this day: it has the day, and no round counts in it that
    counts in another one, too.

    :raises Refused: PERIOD_WITHOUT_FREEZE, PERIOD_OVERLAPS.
    """
    found = ledger.period_of(round_, on=on)
    if not found.has(on):
        raise Refused(Refusal.PERIOD_WITHOUT_FREEZE, first=found.first, last=found.last, day=on)
    period_alone(round_, found)
    return found


def period_alone(round_: AllocationRound, found: Period) -> None:
    """
    The period is that of earlier rounds of the account, or shares no day with theirs.

    :raises Refused: PERIOD_OVERLAPS.
    """
    other = ledger.other_period(round_, found)
    if other is not None:
        raise Refused(Refusal.PERIOD_OVERLAPS, first=other.first, last=other.last)


def period_to_come(found: Period, on: date) -> None:
    """
    A round can still be frozen in the period. :raises Refused: PERIOD_BACKWARDS, PERIOD_WITHOUT_FREEZE.
    """
    if not found.is_in_order:
        raise Refused(Refusal.PERIOD_BACKWARDS, first=found.first, last=found.last)
    if found.last < on:
        raise Refused(Refusal.PERIOD_WITHOUT_FREEZE, first=found.first, last=found.last, day=on)


def rung(policy: Policy, rung: str) -> None:
    """Only a policy that helps by the ladder has rounds for a rung."""
    lawful = {name for name, _ in policy.ladder} if policy.support["rung"] else set()
    if rung and rung not in lawful:
        raise Refused(Refusal.RUNG_UNKNOWN, rung=rung)


def programme(policy: Policy, rung: str, code: str, *, at: datetime) -> None:
    """
    A round of a rung that lends is one of a programme that lends to it; no other round is of one that lends.

    :raises Refused: PROGRAMME_MISSING, PROGRAMME_UNKNOWN, PROGRAMME_OF_OTHER_RUNG.
    """
    served = rung or policy.support["rung"] or engine_io.RENT
    lender = programmes.find(code, on=civil_day(at))
    if lender is not None and lender.rung != served:
        raise Refused(Refusal.PROGRAMME_OF_OTHER_RUNG, programme=code, rung=served)
    if served != engine_io.RENT and lender is None:
        if code:
            raise Refused(Refusal.PROGRAMME_UNKNOWN, programme=code)
        raise Refused(Refusal.PROGRAMME_MISSING, rung=served)


def purpose(round_: AllocationRound, dwellings: Sequence[Dwelling]) -> None:
    """
    A round of homes takes homes, one that lends takes places; and all are of the programme of the round, or
    of none.

    :raises Refused: DWELLING_OF_OTHER_KIND, DWELLING_OF_OTHER_PROGRAMME.
    """
    others = [row.number for row in dwellings if row.kind != kind_of(round_)]
    if others:
        raise Refused(Refusal.DWELLING_OF_OTHER_KIND, dwellings=sorted(others))
    strangers = [row.number for row in dwellings if row.programme != round_.programme]
    if strangers:
        raise Refused(
            Refusal.DWELLING_OF_OTHER_PROGRAMME, programme=round_.programme, dwellings=sorted(strangers)
        )


def quotas(policy: Policy, given: Mapping[str, Any]) -> None:
    """
    There is a quota, with its document, for each tier that needs one, and for no other.

    :raises Refused: QUOTA_MISSING, QUOTA_UNKNOWN, QUOTA_INVALID.
    """
    needed = {"+".join(tier["lists"]) for tier in policy.tiers if tier["kind"] == "quota"}
    for number in sorted(needed - given.keys()):
        raise Refused(Refusal.QUOTA_MISSING, list=number)
    for number in sorted(given.keys() - needed):
        raise Refused(Refusal.QUOTA_UNKNOWN, list=number)
    for number, quota in sorted(given.items()):
        count, document = quota.get("dwellings"), quota.get("document")
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise Refused(Refusal.QUOTA_INVALID, list=number, field="dwellings")
        if not isinstance(document, str) or not document.strip():
            raise Refused(Refusal.QUOTA_INVALID, list=number, field="document")


def quota_sum(round_: AllocationRound, dwellings: int) -> None:
    """The quotas name no more dwellings than there are. :raises Refused: QUOTA_OVER_DWELLINGS."""
    quotas = sum(quota["dwellings"] for quota in round_.quotas.values())
    if quotas > dwellings:
        raise Refused(Refusal.QUOTA_OVER_DWELLINGS, quotas=quotas, dwellings=dwellings)
