"""
The figures of the gate to automatic distribution: of one akimat or of a whole country in the same number of
queries. What they come to is said by `rules.digitization.gate`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest

from queue_registry.models import (
    Akimat,
    Application,
    CategoryMappingVersion,
    GateEvent,
    GateProposal,
    ImportCase,
    ImportDecision,
    ListSeal,
    MatchGroup,
    QueueEntry,
    RedFlag,
    SweepEntry,
    WaitingList,
)
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.digitization import gate
from queue_registry.rules.digitization.gate import Criterion, GateFigures, GateRules, Judged, Light
from queue_registry.rules.flags.kinds import BACKDATING
from queue_registry.selectors import applications, reconciliation, samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """An akimat's gate at a moment: its criteria one by one, whether somebody opened it, its color."""

    akimat: Akimat
    judged: tuple[Judged, ...]
    light: Light
    is_open: bool
    since: datetime | None
    seal: ListSeal | None

    @property
    def failing(self) -> tuple[Criterion, ...]:
        """The criteria that do not hold."""
        return gate.failing(self.judged)


def get_gate(akimat: Akimat, *, at: datetime) -> Gate:
    """Return the gate of one akimat."""
    return list_gates([akimat], at=at)[0]


def list_gates(akimats: Iterable[Akimat], *, at: datetime) -> list[Gate]:
    """Return the gates of akimats in their order."""
    akimats = list(akimats)
    keys = [one.pk for one in akimats]
    rules = gate.rules_in_force(civil_day(at))
    figures = figures_of(keys, rules=rules, at=at)
    events = samples.newest(GateEvent.objects.filter(akimat__in=keys), "at")
    seals = samples.newest(ListSeal.objects.filter(akimat__in=keys), "sealed_at")
    return [_gate(one, figures[one.pk], rules, events.get(one.pk), seals.get(one.pk)) for one in akimats]


def _gate(
    akimat: Akimat, figures: GateFigures, rules: GateRules, event: GateEvent | None, seal: ListSeal | None
) -> Gate:
    judged = gate.judge(figures, rules)
    is_open = event is not None and event.kind == GateEvent.Kind.OPENED
    return Gate(
        akimat=akimat,
        judged=judged,
        light=gate.light(judged, is_open=is_open),
        is_open=is_open,
        since=event.at if event else None,
        seal=seal,
    )


def keepers(akimats: QuerySet[Akimat]) -> QuerySet[Akimat]:
    """Return those akimats that keep lists: that of a region, for one, keeps none."""
    return akimats.filter(Exists(WaitingList.objects.filter(akimat=OuterRef("pk"))))


def get_proposal(akimat: Akimat) -> GateProposal | None:
    """Return the open proposal to open the gate, if there is one."""
    rows = GateProposal.objects.filter(akimat=akimat, closed_at__isnull=True)
    return rows.select_related("akimat", "proposed_by", "seal").first()


def list_events(akimat: Akimat) -> list[GateEvent]:
    """Return when the gate was opened and closed, by whom, the newest first."""
    rows = GateEvent.objects.filter(akimat=akimat).select_related("proposed_by", "approved_by", "seal")
    return list(rows.order_by("-at", "-pk"))


def figures_of(akimats: Collection[int], *, rules: GateRules, at: datetime) -> dict[int, GateFigures]:
    """Return the figures of each akimat by its key."""
    standing = _standing(akimats, since=at - timedelta(days=rules.checked_within_days))
    drawn = samples.figures_of(akimats)
    waiting = _counts(applications.waiting_file(), "akimat_id", akimats)
    cases = _counts(ImportCase.objects.filter(closed_at__isnull=True), "application__akimat_id", akimats)
    matches = _counts(
        MatchGroup.objects.filter(outcome="", superseded_by=None, gone_at=None), "akimat_id", akimats
    )
    flags = _counts(
        RedFlag.objects.filter(kind__in=sorted(BACKDATING), cleared_at=None, gone_at=None),
        "akimat_id",
        akimats,
    )
    differences, sealed = reconciliation.count_unexplained(akimats), _sealed(akimats)
    found = {}
    for key in akimats:
        counted = standing.get(key, _NONE)
        sample = drawn.get(key, samples.NONE)
        found[key] = GateFigures(
            standing=counted["standing"],
            waiting_file=waiting.get(key, 0),
            provisional=counted["provisional"],
            open_cases=cases.get(key, 0),
            open_matches=matches.get(key, 0),
            unexplained_differences=differences.get(key, 0),
            sample_checked=sample.checked,
            sample_population=sample.population,
            sample_error_high=sample.error_high,
            checked_lately=counted["lately"],
            open_backdating_flags=flags.get(key, 0),
            sealed=key in sealed,
        )
    return found


_NONE: Final = {"standing": 0, "provisional": 0, "lately": 0}


def _standing(akimats: Collection[int], *, since: datetime) -> dict[int, Mapping[str, int]]:
    """
    Entries with a place: all, those with a moment that waits for a person, and those checked lately by a
    recheck that came to its end, or by the registers when their application was accepted here.
    """
    swept = SweepEntry.objects.filter(entry=OuterRef("pk"), complete=True, done_at__gte=since)
    here = [Application.Origin.DESK, Application.Origin.PORTAL]
    accepted = Q(application__origin__in=here, application__decided_at__gte=since)
    rows: Any = (
        QueueEntry.objects.filter(akimat__in=akimats)
        .active()
        .annotate(is_lately=Exists(swept) | accepted)
        .order_by()
        .values("akimat_id")
        .annotate(
            standing=Count("pk"),
            provisional=Count("pk", filter=Q(provisional=True)),
            lately=Count("pk", filter=Q(is_lately=True)),
        )
    )
    return {row["akimat_id"]: row for row in rows}


def _counts(rows: QuerySet[Any], akimat: str, akimats: Collection[int]) -> dict[int, int]:
    found = rows.filter(**{f"{akimat}__in": akimats}).order_by().values_list(akimat).annotate(Count("pk"))
    return dict(found)


def _sealed(akimats: Collection[int]) -> set[int]:
    """
    The akimats whose newest seal is not older than the last file, decision or mapping of their old lists.
    """
    changed: dict[int, list[datetime]] = {}
    files = samples.last_files(akimats).items()
    decided = (*_last_decisions(akimats), *_last_matches(akimats), *_last_mappings(akimats))
    for key, moment in (*files, *decided):
        changed.setdefault(key, []).append(moment)
    seals = (
        ListSeal.objects.filter(akimat__in=akimats)
        .order_by()
        .values_list("akimat_id")
        .annotate(last=Max("sealed_at"))
    )
    return {key for key, last in seals if all(last >= moment for moment in changed.get(key, ()))}


def _last_decisions(akimats: Collection[int]) -> Any:
    return (
        ImportDecision.objects.filter(application__akimat__in=akimats)
        .order_by()
        .values_list("application__akimat_id")
        .annotate(last=Max(Greatest("decided_at", "approved_at", "dropped_at")))
    )


def _last_mappings(akimats: Collection[int]) -> Any:
    return (
        CategoryMappingVersion.objects.filter(akimat__in=akimats, in_force_at__isnull=False)
        .order_by()
        .values_list("akimat_id")
        .annotate(last=Max("in_force_at"))
    )


def _last_matches(akimats: Collection[int]) -> Any:
    return (
        MatchGroup.objects.filter(akimat__in=akimats, decided_at__isnull=False)
        .order_by()
        .values_list("akimat_id")
        .annotate(last=Max("decided_at"))
    )
