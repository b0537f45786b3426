"""What pages of the register show of the distribution; the register itself knows nothing of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import template
from django.forms import Form

from allocation import explanation_presenters, offer_presenters, presenters
from allocation.explanation_presenters import PublicExplanation
from allocation.models import AllocationLine, Departure, Offer, Sitting
from allocation.selectors import departures, explanations, lines, offers
from allocation.selectors.lines import Witness
from allocation.selectors.rounds import RoundState, ShareStep, TierStep
from queue_registry.models import Akimat, Application, QueueEntry
from queue_registry.rules.policy import Policy
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.views.look_up import token_of

register = template.Library()

for _words in (
    presenters.passed_over,
    presenters.witness,
    presenters.witness_by_rooms,
    presenters.departure_ground,
    offer_presenters.finish,
    offer_presenters.high_floor,
    offer_presenters.why_withdrawn,
    presenters.tier_name,
    presenters.tier_rule,
    presenters.level,
    presenters.dwelling_state,
    presenters.offer_state,
    presenters.stage,
    presenters.mode,
    presenters.allocation_tone,
    presenters.decision,
    presenters.policy_name,
    presenters.exact_share,
    presenters.rounded_share,
    presenters.floor_sum,
    presenters.thousandths,
):
    register.filter(_words.__name__, _words)


@register.simple_tag
def homes_to_look_at(akimat: Akimat) -> int:
    """Return how many homes were refused as not fitting and nobody has looked at."""
    return offers.list_to_look_at(akimat).count()


@register.simple_tag
def consequences_of(offer: Offer) -> tuple[str, ...]:
    """What each answer to an offer means for the household."""
    return offer_presenters.consequences(Policy.from_document(offer.run.round.policy.document))


@register.simple_tag
def answer_token(offer: Offer) -> str:
    """What leads a household that has shown its two numbers to the page of its offer."""
    return token_of(offer.application_id)


@register.simple_tag
def open_offers(entries: Iterable[QueueEntry]) -> dict[int, Offer]:
    """Open offers by key of the entry, with their dwellings; a query only where an entry has an offer."""
    offered = [entry.pk for entry in entries if entry.status == QueueEntryStatus.OFFERED]
    return {offer.entry_id: offer for offer in offers.list_open(offered)} if offered else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryAllocations:
    """What rounds came to for one entry: their lines and the offers made."""

    lines: list[AllocationLine]
    offers: list[Offer]


@register.simple_tag
def entry_allocations(entry: QueueEntry) -> EntryAllocations:
    """Every run that looked at the entry, and every offer made to it, the newest first."""
    return EntryAllocations(
        lines=list(lines.list_of_entry(entry).filter(run__superseded_at__isnull=True)),
        offers=list(offers.list_of_entry(entry)),
    )


@register.simple_tag
def past_rounds(application: Application) -> list[PublicExplanation]:
    """What every decided round said of an application's entries, in sentences."""
    return [explanation_presenters.told(one) for one in explanations.list_public(application)]


@register.simple_tag
def carried_departures(sitting: Sitting) -> list[Departure]:
    """The departures from the computed order that a sitting's decision applied."""
    return list(departures.list_carried(sitting))


@register.filter
def of_entry(by_entry: Mapping[int, Offer], entry_id: int) -> Offer | None:
    """The offer of one entry, if it has one."""
    return by_entry.get(entry_id)


@register.filter
def figure(figures: Mapping[str, int], key: str) -> int:
    """One figure of a table by its key, 0 where there is none."""
    return figures.get(key, 0)


@register.filter
def found_under(found: Mapping[str, Any], key: str) -> Any:
    """What stands under a key, or None."""
    return found.get(key)


@register.filter
def shortfall(tier: TierStep) -> str:
    """By how many homes a tier missed its target, and why; empty where it did not."""
    found = {"missing": tier.missing, "reason": tier.shortfall} if tier.shortfall else None
    return presenters.shortfall(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a round's life, and whether it lies behind or is the present one."""

    words: str
    done: bool
    current: bool


_STEPS: Final = (
    RoundState.OPEN,
    RoundState.FROZEN,
    RoundState.RUN,
    RoundState.SITTING,
    RoundState.DECIDED,
)


@register.simple_tag
def round_steps(state: str) -> list[Step]:
    """The way of a round from its opening to its decision, with the step where it stands."""
    at = _STEPS.index(RoundState.FROZEN if state == RoundState.RUNNING else RoundState(state))
    return [
        Step(words=presenters.step(step), done=number <= at, current=number == at)
        for number, step in enumerate(_STEPS)
    ]


@register.simple_tag
def witness_of(line: AllocationLine, witnesses: Mapping[str, Witness]) -> Witness | None:
    """The proof that no rearrangement could have housed the line's family."""
    return witnesses.get(line.witness)


@register.filter
def chosen_in(dwelling_id: int, form: Form) -> bool:
    """Whether a home was ticked in the form that was sent."""
    return str(dwelling_id) in (form["dwellings"].value() or [])


@register.simple_tag
def days_left(offer: Offer, *, at: datetime) -> int:
    """How many working days of an offer's term come after today."""
    return offers.working_days_left(offer, at=at)


@register.filter
def owed_from_before(step: ShareStep) -> str:
    """What earlier rounds of the year left owed to a list (below 0: it got more than its share)."""
    return presenters.rounded_share(step.owed_before - step.by_share_before)
