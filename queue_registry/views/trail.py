"""
Anybody: the heads of the trail, sealed day by day, on a page and as JSON.

Nothing personal is in them: a number of a record and a digest. Whoever keeps them can prove later that what
was recorded up to then was not changed.
"""

from datetime import date

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from queue_registry import signing
from queue_registry.models import Akimat
from queue_registry.selectors import trail

_PAGE = 31
_MOST_HEADS = 5_000


@require_safe
def heads(request: HttpRequest) -> HttpResponse:
    """The newest sealed head of every akimat, or all days of one."""
    akimats = {akimat.kato: akimat for akimat in Akimat.objects.order_by("kato")}
    chosen = akimats.get(request.GET.get("akimat", ""))
    days = (
        Paginator(trail.list_seals(chosen.kato), _PAGE).get_page(request.GET.get("page")) if chosen else None
    )
    context = {
        "newest": [(akimats.get(seal.akimat_kato), seal) for seal in trail.list_newest_seals()],
        "chosen": chosen,
        "page": days,
        "public_key": signing.public_key(),
        "section": "trail",
    }
    return render(request, "queue_registry/trail.html", context)


@require_safe
def heads_json(request: HttpRequest) -> HttpResponse:
    """For machines: `?akimat=KATO`, `?from=2026-11-01`; the newest days first, up to a limit."""
    seals = trail.list_seals(request.GET.get("akimat", ""))
    since = request.GET.get("from", "")
    if since:
        try:
            seals = seals.filter(on__gte=date.fromisoformat(since))
        except ValueError:
            return JsonResponse({"error": "from: a day is written 2026-11-01"}, status=400)
    rows = [
        {
            "akimat": seal.akimat_kato,
            "on": seal.on.isoformat(),
            "seq": seal.seq,
            "sha256": seal.sha256,
            "sealed_at": seal.sealed_at.isoformat(),
        }
        for seal in seals[:_MOST_HEADS]
    ]
    return JsonResponse({"format": "trail-heads/1", "heads": rows})
