"""
Anybody: the gate of every akimat with the roots of its sealed lists; and the receipt of one's own line.

A receipt is got behind a look-up alone: the answer's page carries a signed note of the line, which holds for
a quarter of an hour and has neither IIN nor file number in it.
"""

from typing import Any, Final

from django.core import signing
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from queue_registry.models import SealedLeaf
from queue_registry.selectors import clock, list_seals
from queue_registry.services import list_seals as service
from queue_registry.views import look_up

_KEPT_SECONDS: Final = 60
_KEY: Final = "public-gates"
_SALT: Final = "receipt"
_GOOD_FOR_SECONDS: Final = 15 * 60


@require_safe
def seals(request: HttpRequest) -> HttpResponse:
    """Every akimat's light, its newest root, and how a receipt is checked; as of a minute ago at most."""
    page: dict[str, Any] | None = cache.get(_KEY)
    if page is None:
        at = clock.now()
        page = {"at": at, "rows": list_seals.list_published(at=at)}
        cache.set(_KEY, page, timeout=_KEPT_SECONDS)
    return render(request, "queue_registry/seals.html", {**page, "section": "seals"})


def note_of(key: int) -> str:
    """Return the note by which the answer of a look-up lets the receipt of a line be got."""
    return signing.dumps(key, salt=_SALT)


# As the look-up's own form: no session stands behind it, and it works where cookies are off.
@csrf_exempt
@require_POST
def receipt(request: HttpRequest) -> HttpResponse:
    """The receipt of the line that a look-up found a moment ago."""
    try:
        with look_up.limited(request):
            pass
    except look_up.Stopped as stopped:
        return stopped.response
    try:
        key = signing.loads(request.POST.get("note", ""), salt=_SALT, max_age=_GOOD_FOR_SECONDS)
    except signing.BadSignature:
        # Too old, or none of ours: looked up anew.
        return redirect("queue_registry_public:my_place")
    leaf = SealedLeaf.objects.select_related("seal__akimat").filter(pk=key).first()
    if leaf is None:
        raise Http404
    response = JsonResponse(service.receipt(leaf), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response.headers["Content-Disposition"] = (
        f'attachment; filename="receipt-{leaf.seal.sealed_at:%Y-%m-%d}-list-{leaf.list_number}.json"'
    )
    response.headers["Cache-Control"] = "no-store"
    return response
