"""States of homes, offers and rounds that must not exist; nothing is written."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from allocation.models import AllocationRun, Decision, Dwelling, DwellingEvent, Offer, Vote
from allocation.rules.invariants import Invariant
from allocation.services.replays import replay
from queue_registry.models import QueueEntry
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.selectors.invariant_checks import Check

_LIVE: Final = Q(state=Offer.State.OPEN) | Q(state=Offer.State.ACCEPTED, ended_at__isnull=True)


def checks() -> tuple[Check, ...]:
    """Return every rule with the look that finds who breaks it."""
    return (
        Check(invariant=Invariant.HOMES, rule="a home's state is its newest event's", find=_unlike_events),
        Check(
            invariant=Invariant.HOMES,
            rule="an offered home has an open offer, an allotted one an accepted one",
            find=_homes_without_offers,
        ),
        Check(invariant=Invariant.OFFERS, rule="one live offer a home", find=_offered_twice),
        Check(invariant=Invariant.OFFERS, rule="one live offer a family", find=_families_with_two),
        Check(
            invariant=Invariant.OFFERS,
            rule="an entry is offered a home while its offer is open",
            find=_entries_unlike_offers,
        ),
        Check(invariant=Invariant.VOTES, rule="no offer without the commission's vote", find=_without_vote),
        Check(invariant=Invariant.REPLAYS, rule="every run comes out again", find=_not_replayed),
    )


def _numbers(dwellings: QuerySet[Dwelling]) -> tuple[str, ...]:
    rows = dwellings.order_by("akimat__kato", "number").values_list("akimat__kato", "number")
    return tuple(f"{kato} {number}" for kato, number in rows)


def _unlike_events() -> tuple[str, ...]:
    newest = DwellingEvent.objects.filter(dwelling=OuterRef("pk")).order_by("-at", "-pk")
    told = Dwelling.objects.annotate(told=Subquery(newest.values("moved_to")[:1]))
    return _numbers(told.filter(told__isnull=False).exclude(told=F("state")))


def _homes_without_offers() -> tuple[str, ...]:
    wanted = {
        Dwelling.State.OFFERED: Q(state=Offer.State.OPEN),
        Dwelling.State.ALLOTTED: Q(state=Offer.State.ACCEPTED, ended_at__isnull=True),
    }
    lacking = Q()
    for state, offer in wanted.items():
        lacking |= Q(state=state) & ~Q(pk__in=Offer.objects.filter(offer).values("dwelling"))
    return _numbers(Dwelling.objects.filter(lacking))


def _offered_twice() -> tuple[str, ...]:
    twice = Offer.objects.filter(_LIVE).values("dwelling").annotate(Count("pk")).filter(pk__count__gt=1)
    return _numbers(Dwelling.objects.filter(pk__in=twice.values("dwelling")))


def _families_with_two() -> tuple[str, ...]:
    rows = Offer.objects.filter(_LIVE).values("application").annotate(Count("pk")).filter(pk__count__gt=1)
    return tuple(rows.order_by("application__file_number").values_list("application__file_number", flat=True))


def _entries_unlike_offers() -> tuple[str, ...]:
    open_offers = Offer.objects.filter(state=Offer.State.OPEN).values("entry")
    unlike = Q(status=QueueEntryStatus.OFFERED) & ~Q(pk__in=open_offers)
    unlike |= ~Q(status=QueueEntryStatus.OFFERED) & Q(pk__in=open_offers)
    return tuple(
        QueueEntry.objects.filter(unlike).order_by("file_number").values_list("file_number", flat=True)
    )


def _without_vote() -> tuple[str, ...]:
    """Rounds out of whose run an offer was made that no vote on this very result carried."""
    runs = AllocationRun.objects.filter(pk__in=Offer.objects.values("run")).select_related("round__akimat")
    return tuple(
        f"{run.round.akimat.kato} {run.round.number}"
        for run in runs.defer("result", "round__input").order_by("pk")
        if not _is_carried(run)
    )


def _is_carried(run: AllocationRun) -> bool:
    decision = Decision.objects.filter(sitting__run=run).first()
    if decision is None or decision.outcome != Decision.Outcome.CONFIRMED:
        return False
    counted: Mapping[str, Any] = decision.arithmetic
    in_favor = Vote.objects.filter(sitting=decision.sitting_id, choice=Vote.Choice.FOR).count()
    return (
        decision.result_sha256 == run.result_sha256
        # A vote of who was recused later stays and does not count, so there may be more.
        and in_favor >= counted["for"] > 0
        and counted["present"] >= counted["needed"]
        and (2 * counted["for"] > counted["present"] or counted["chair_broke_tie"])
    )


def _not_replayed() -> tuple[str, ...]:
    """Runs that come out otherwise than they are stored, one after another: each may be a big one."""
    keys = AllocationRun.objects.filter(executed_at__isnull=False).order_by("pk").values_list("pk", flat=True)
    return tuple(told for key in list(keys) if (told := _differing(key)))


def _differing(key: int) -> str:
    run = AllocationRun.objects.select_related("round__akimat").get(pk=key)
    return f"{run.round.akimat.kato} {run.round.number} run {key}" if replay(run) else ""
