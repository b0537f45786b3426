"""Answers that nobody's rights change: kept by caches for a while, and asked for again by their ETag."""

import hashlib
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from queue_registry.api.shapes import plain

_SAFE: Final = frozenset({"GET", "HEAD"})


class Pages(LimitOffsetPagination):
    """Fifty rows at once; never more than five hundred."""

    default_limit = 50
    max_limit = 500


class Conditional(APIView):
    """
    A view whose answers bear an ETag; whoever has the same bytes already is told so (304).

    What staff see is theirs alone; what everybody sees may be kept by caches.
    """

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        found = super().finalize_response(request, response, *args, **kwargs)
        if request.method in _SAFE and found.status_code == 200:
            if request.user.is_authenticated:
                found.headers["Cache-Control"] = "private, no-cache"
            else:
                found.headers["Cache-Control"] = f"public, max-age={settings.PUBLIC_MAX_AGE}"
            patch_vary_headers(found, ["Cookie"])
            found.add_post_render_callback(_tagged(request))
        return found


def _tagged(request: Request) -> Callable[[Any], Any]:
    def tag(response: Response) -> HttpResponseBase:
        etag = f'"{hashlib.sha256(response.content).hexdigest()}"'
        response.headers["ETag"] = etag
        return get_conditional_response(plain(request), etag=etag, response=response) or response

    return tag
