"""Desk: the gate to automatic distribution of an akimat, and those of a region or of the whole country."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from queue_registry import gate_presenters
from queue_registry.gate_forms import Reason
from queue_registry.models import Akimat
from queue_registry.permissions import Permission, akimats_with
from queue_registry.rules.digitization.gate import Criterion, Light
from queue_registry.rules.digitization.gate_refusals import GateRefusal, GateRefused
from queue_registry.rules.territory import region_of, region_prefix
from queue_registry.selectors import gate as selectors
from queue_registry.services import gates, list_seals
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT

# Where the work for a criterion is done.
_WHERE = {
    Criterion.VERIFIED_SHARE: "queue_registry:waiting_file",
    Criterion.OPEN_CASES: "queue_registry:import_cases",
    Criterion.OPEN_MATCHES: "queue_registry:matches",
    Criterion.RECONCILED: "queue_registry:reconciliation",
    Criterion.SAMPLE_SIZE: "queue_registry:samples",
    Criterion.SAMPLE_ERROR: "queue_registry:samples",
    Criterion.CHECKED_LATELY: "queue_registry:sweeps",
    Criterion.NO_BACKDATING_FLAGS: "queue_registry:flags",
    Criterion.SEALED: "queue_registry:gate",
}
# Pages that not everybody may open who sees the gate.
_NEEDS = {Criterion.NO_BACKDATING_FLAGS: "FLAG_VIEW"}


@require_safe
@desk_page(Permission.GATE_VIEW)
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The criteria one by one, what to do for each, and the acts of sealing, proposing and closing."""
    return _page(request, desk)


@require_POST
@desk_page(Permission.GATE_PROPOSE)
def seal(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Seal the lists as they stand."""
    return _act(
        request,
        desk,
        lambda: list_seals.seal(akimat=desk.akimat, by=desk.user, at=desk.at),
        done=_("The lists are sealed, and the root is published."),
    )


@require_POST
@desk_page(Permission.GATE_PROPOSE)
def propose(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Propose to open the gate."""
    return _act(
        request,
        desk,
        lambda: gates.propose(akimat=desk.akimat, by=desk.user, at=desk.at),
        done=_("It is proposed; the chair opens the gate."),
    )


@require_POST
@desk_page(Permission.GATE_PROPOSE)
def drop(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Give the proposal up."""
    return _act(request, desk, lambda: _drop(desk), done=_("The proposal is given up."))


def _drop(desk: Desk) -> None:
    gates.drop(proposal_id=_proposal_id(desk), by=desk.user, at=desk.at)


@require_POST
@desk_page(Permission.GATE_PROPOSE)
def close(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Close the gate with a reason."""
    form = Reason(request.POST)
    if not form.is_valid():
        return _page(request, desk, form=form)
    return _act(
        request,
        desk,
        lambda: gates.close(akimat=desk.akimat, reason=form.cleaned_data["reason"], by=desk.user, at=desk.at),
        done=_("The gate is closed."),
    )


@require_safe
@desk_page(Permission.GATE_APPROVE)
def opening(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The chair: what is proposed, with the criteria as they are now."""
    return _page(request, desk)


@require_POST
@desk_page(Permission.GATE_APPROVE)
def open_gate(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The chair opens the gate."""
    return _act(
        request,
        desk,
        lambda: gates.approve(proposal_id=_proposal_id(desk), by=desk.user, at=desk.at),
        done=_("The gate is open: the machine's result may be the distribution."),
        back="queue_registry:gate_opening",
    )


def _proposal_id(desk: Desk) -> int:
    proposal = selectors.get_proposal(desk.akimat)
    if proposal is None:
        raise GateRefused(GateRefusal.PROPOSAL_CLOSED)
    return proposal.pk


@require_safe
@desk_page(Permission.GATE_VIEW)
def territory(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every akimat that the person may see; `?region=27` those of one region."""
    akimats = list(selectors.keepers(akimats_with(desk.user, Permission.GATE_VIEW, desk.on)))
    regions = _regions(selectors.list_gates(akimats, at=desk.at))
    chosen = request.GET.get("region", "")
    shown = next((one for one in regions if one.prefix == chosen), None)
    context = {
        "desk": desk,
        "regions": regions,
        "gates": shown.gates if shown else [gate for one in regions for gate in one.gates],
        "region": shown,
        "section": "gate",
        "gate_page": "territory",
    }
    return render(request, "queue_registry/gates.html", context)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Region:
    """The gates of a region, and how many have each color; its own akimat, if it is here."""

    prefix: str
    akimat: Akimat | None
    gates: list[selectors.Gate]

    @property
    def counts(self) -> list[tuple[Light, int]]:
        counted = Counter(gate.light for gate in self.gates)
        return [(light, counted[light]) for light in Light]


def _regions(found: list[selectors.Gate]) -> list[_Region]:
    """Gates by region, the regions by code."""
    names = {one.kato: one for one in Akimat.objects.filter(kato__endswith="0000000")}
    regions: dict[str, list[selectors.Gate]] = {}
    for gate in found:
        regions.setdefault(region_of(gate.akimat.kato), []).append(gate)
    return [
        _Region(prefix=region_prefix(kato), akimat=names.get(kato), gates=gates_)
        for kato, gates_ in sorted(regions.items())
    ]


def _act(
    request: HttpRequest,
    desk: Desk,
    act: Callable[[], object],
    *,
    done: str,
    back: str = "queue_registry:gate",
) -> HttpResponse:
    try:
        act()
    except GateRefused as refused:
        return _page(request, desk, problem=gate_presenters.refusal(refused), status=CONFLICT)
    messages.success(request, done)
    return redirect(back)


def _page(
    request: HttpRequest,
    desk: Desk,
    *,
    form: Reason | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    gate = selectors.get_gate(desk.akimat, at=desk.at)
    context = {
        "desk": desk,
        "gate": gate,
        "criteria": [(one, _link(desk, one.criterion)) for one in gate.judged],
        "proposal": selectors.get_proposal(desk.akimat),
        "events": selectors.list_events(desk.akimat),
        "form": form or Reason(),
        "bound": form,
        "problem": problem,
        "page_url": reverse(
            "queue_registry:gate" if desk.may["GATE_VIEW"] else "queue_registry:gate_opening"
        ),
        "section": "gate",
        "gate_page": "gate",
    }
    return render(request, "queue_registry/gate.html", context, status=status)


def _link(desk: Desk, criterion: Criterion) -> str:
    """The page where the work for a criterion is done, if the person may open it."""
    if not desk.may["GATE_VIEW"] or not desk.may[_NEEDS.get(criterion, "GATE_VIEW")]:
        return ""
    return reverse(_WHERE[criterion])
