"""
Anyone: every sealed round with its digests before the commission sits, and every decided one with its
division, who was served, why others were passed over, and how to check it.

No names and no IIN: a family is shown by its file number and registration moment, which are public.
"""

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from allocation.documents import policy_words
from allocation.models import AllocationRound, Bundle, Decision, Sitting
from allocation.selectors import announced, homes, lines, rounds
from allocation.selectors.bundles import engine_source_sha256
from allocation.selectors.remembered import remembered
from allocation.services import protocols
from allocation.views.reasons import passed_over_of
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock, keepers
from queue_registry.views import cacheable


@require_safe
def round_list(request: HttpRequest) -> HttpResponseBase:
    """Every round that is sealed, and every one that a commission decided on, the newest first."""
    decided = rounds.list_decided().annotate(decided_at=F("runs__sitting__decision__decided_at"))
    context = {"announced": announced.list_announced(), "rounds": decided, "section": "rounds"}
    return cacheable.made(request, render(request, "allocation/public_rounds.html", context))


@require_safe
def round_page(request: HttpRequest, round_id: int) -> HttpResponseBase:
    """One decided round, or what is announced of one that is sealed."""
    try:
        shown = rounds.get_public_round(round_id)
    except Decision.DoesNotExist:
        return _announced(request, round_id)
    frozen_at = shown.round.frozen_at or shown.decision.decided_at
    run = shown.run
    context = {
        "shown": shown,
        "round": shown.round,
        "run": run,
        "engine_source": remembered(run, "engine-source", lambda: engine_source_sha256(run)),
        "split": shown.split,
        "served": lines.list_served(run),
        "homes": homes.list_types(run),
        "passed_over": passed_over_of(run),
        "policy": policy_words.rows(shown.round.policy.document, civil_day(frozen_at)),
        "keeper": keepers.elsewhere(shown.round.akimat, on=civil_day(clock.now())),
        "protocols": _protocols(shown.round),
        "section": "rounds",
    }
    return cacheable.made(request, render(request, "allocation/public_round.html", context))


def _protocols(of: AllocationRound) -> list[tuple[str, str]]:
    """Each language in which there is a protocol, with the address of that."""
    found = []
    for language in protocols.LANGUAGES:
        with override(language):
            found.append((language, reverse("allocation_public:protocol", args=[of.pk])))
    return found


def _announced(request: HttpRequest, round_id: int) -> HttpResponseBase:
    try:
        found = announced.get_announced(round_id)
    except AllocationRound.DoesNotExist as missing:
        raise Http404 from missing
    sealed_at = found.round.frozen_at
    context = {
        "announced": found,
        "round": found.round,
        "policy": policy_words.rows(found.round.policy.document, civil_day(sealed_at)) if sealed_at else [],
        "keeper": keepers.elsewhere(found.round.akimat, on=civil_day(clock.now())),
        "section": "rounds",
    }
    return cacheable.made(request, render(request, "allocation/announced_round.html", context))


@require_safe
def bundle(request: HttpRequest, round_id: int) -> HttpResponseBase:
    """The public form of a decided round's bundle: anyone checks it at home."""
    found = Bundle.objects.filter(
        run__round_id=round_id, run__sitting__decision__isnull=False, form=Bundle.Form.PUBLIC
    )
    row = found.select_related("run__round").defer("run__result", "run__round__input").first()
    if row is None:
        raise Http404
    response = HttpResponse(bytes(row.content), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{row.run.round.number}-public.zip"'
    return cacheable.tagged(request, response, version=row.sha256)


@require_safe
def protocol(request: HttpRequest, round_id: int) -> HttpResponseBase:
    """
    The protocol of a decided round in its public form, in the language of the address.

    A protocol is a document of the commission and exists in its two languages: in English there is none, and
    nobody is given another under an English name.
    """
    language = get_language()
    if language not in protocols.LANGUAGES:
        raise Http404
    sitting = Sitting.objects.filter(run__round=round_id, decision__isnull=False).first()
    if sitting is None:
        raise Http404
    response = cacheable.page(
        request,
        key=f"protocol:{sitting.pk}:{language}",
        make=lambda: HttpResponse(protocols.public_content(sitting, language)),
        content_type="application/pdf",
    )
    name = f"protocol-{sitting.number}-{language}-public.pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
