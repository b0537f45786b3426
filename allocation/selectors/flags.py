"""What the detector of red flags reads of the distribution: rounds with lines, homes, shares of a year."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Count

from allocation.models import (
    AllocationLine,
    AllocationRound,
    AllocationRun,
    Decision,
    Dwelling,
    Offer,
    Tenancy,
)
from queue_registry.models import Akimat, Fact, QueueEntry
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.facts import CONFIRMED, Source
from queue_registry.rules.flags.values import Home, Line, Round, YearShare
from queue_registry.selectors.oversight import start_of


def rounds(akimat: Akimat) -> Iterator[Round]:
    """Every round that was not cancelled, with the lines of its current run unless that was refused."""
    found = AllocationRound.objects.filter(akimat=akimat, cancelled_at__isnull=True).defer("input")
    decisions = {one.sitting.run.round_id: one for one in _decisions(akimat)}
    lines = _lines(akimat)
    for one in found.annotate(homes=Count("round_dwellings")).order_by("pk"):
        decision = decisions.get(one.pk)
        is_refused = decision is not None and decision.outcome == Decision.Outcome.REFUSED
        clerks = {one.opened_by_id, one.frozen_by_id, decision.decided_by_id if decision else None}
        yield Round(
            subject=f"allocation_round:{one.pk}",
            akimat=akimat.kato,
            announced_at=one.opened_at,
            frozen_at=one.frozen_at,
            decided_at=decision.decided_at if decision else None,
            homes=one.homes,
            lines=() if is_refused else tuple(lines[one.pk]),
            clerks=tuple(sorted(str(key) for key in clerks if key is not None)),
        )


def _decisions(akimat: Akimat) -> list[Decision]:
    rows = Decision.objects.filter(sitting__run__round__akimat=akimat).order_by("decided_at", "pk")
    return list(
        rows.select_related("sitting__run__round").defer("sitting__run__result", "sitting__run__round__input")
    )


def _lines(akimat: Akimat) -> dict[int, list[Line]]:
    """Lines by round; whoever was called from the reserve and took the home has one that says so."""
    called = set(
        Offer.objects.filter(run__round__akimat=akimat, call__gt=0, state=Offer.State.ACCEPTED).values_list(
            "run", "entry"
        )
    )
    lines: dict[int, list[Line]] = defaultdict(list)
    rows = AllocationLine.objects.filter(run__round__akimat=akimat, run__superseded_at__isnull=True)
    for run, round_id, entry, number, moment, turn, code in rows.values_list(
        "run", "run__round", "entry", "list_number", "registered_at", "turn", "code"
    ).order_by("pk"):
        line = Line(
            entry=f"queue_entry:{entry}",
            waiting_list=f"{akimat.kato}:{number}",
            moment=moment,
            turn=turn,
            code=code,
            called=(run, entry) in called,
        )
        lines[round_id].append(line)
    return lines


def homes(akimat: Akimat) -> Iterator[Home]:
    """Homes that are ready, and homes that were taken with where the family is registered since."""
    ready = Dwelling.objects.filter(akimat=akimat, kind=Dwelling.Kind.HOME, state=Dwelling.State.READY)
    for dwelling in ready.order_by("pk"):
        yield Home(subject=f"dwelling:{dwelling.pk}", number=dwelling.number, ready_since=dwelling.idle_since)
    taken = Offer.objects.filter(
        dwelling__akimat=akimat,
        dwelling__kind=Dwelling.Kind.HOME,
        state=Offer.State.ACCEPTED,
        ended_at__isnull=True,
    )
    offers = list(taken.select_related("entry", "dwelling", "tenancy").order_by("dwelling", "pk"))
    facts = {
        fact.person_id: fact
        for fact in Fact.objects.filter(
            person__in=[offer.entry.applicant_id for offer in offers],
            kind="REGISTRATION",
            answer__source=Source.GBD_FL,
            answer__outcome__in=sorted(CONFIRMED),
            answer__superseded_at__isnull=True,
        ).select_related("answer")
    }
    for offer in offers:
        yield _taken(offer, facts.get(offer.entry.applicant_id))


def _taken(offer: Offer, fact: Fact | None) -> Home:
    """
    Registered anew since the day the home was taken: the family moved in. The population register names no
    home of ours, so a new registration is taken for the home's.
    """
    tenancy: Tenancy | None = getattr(offer, "tenancy", None)
    # Nobody can live there before the keys.
    at = (tenancy.keys_at if tenancy else None) or offer.answered_at
    known = fact is not None and at is not None and fact.answer.answered_at > at
    since = str(fact.value.get("since") or "") if fact is not None and known else ""
    moved = at is not None and since >= civil_day(at).isoformat()
    return Home(
        subject=f"dwelling:{offer.dwelling_id}",
        number=offer.dwelling.number,
        taken_at=at,
        lived_in_since=at if moved else None,
        known_at=fact.answer.answered_at if fact is not None and known else None,
    )


@dataclass(kw_only=True)
class _Year:
    homes: int = 0
    by_list: dict[str, int] = field(default_factory=dict)
    floors: dict[tuple[str, ...], Fraction] = field(default_factory=dict)


def shares(akimat: Akimat) -> Iterator[YearShare]:
    """For every year and every lawful floor of its policies: homes in all, those of the floor's lists."""
    years: dict[int, _Year] = defaultdict(_Year)
    confirmed = AllocationRun.objects.filter(
        round__akimat=akimat, sitting__decision__outcome=Decision.Outcome.CONFIRMED
    )
    for run in confirmed.select_related("round__policy", "sitting__decision").defer("result", "round__input"):
        year = years[civil_day(run.sitting.decision.decided_at).year]
        _count(year, run, run.round.policy.document["tiers"])
    for number, year in sorted(years.items()):
        end = start_of(date(number + 1, 1, 1))
        for lists, floor in sorted(year.floors.items()):
            waiting = QueueEntry.objects.active().filter(
                akimat=akimat, waiting_list__number__in=lists, registered_at__lt=end
            )
            yield YearShare(
                subject=f"akimat_year:{akimat.kato}-{number}-{'-'.join(lists)}",
                floor=floor,
                homes=year.homes,
                received=sum(year.by_list.get(one, 0) for one in lists),
                waiting=waiting.count(),
            )


def _count(year: _Year, run: AllocationRun, tiers: list[dict[str, Any]]) -> None:
    given = run.lines.filter(dwelling__isnull=False).values_list("list_number").annotate(count=Count("pk"))
    for number, count in given.order_by("list_number"):
        year.homes += count
        year.by_list[number] = year.by_list.get(number, 0) + count
    for tier in tiers:
        if tier["kind"] == "floor":
            year.floors[tuple(tier["lists"])] = Fraction(tier["share"])
