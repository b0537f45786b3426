"""
Public pages of nobody in particular, remembered as they were sent for some seconds in each process.

Such an answer says of itself that caches may keep it (`queue_registry/views/cacheable.py`); what is personal
says `no-store` and is never remembered. Where a cache stands in front of the server this is one more; where
none does, a page that everybody asks for at once costs one pass through all that is behind it.
"""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Final, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

# At most so many answers of at most so many bytes: 64 MB a process.
_ANSWERS: Final = 128
_BYTES: Final = 512_000
_OK: Final = 200


class PublicPagesMiddleware:
    """Stands behind the one that insists on HTTPS, and before all that reads sessions and languages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._kept: OrderedDict[str, tuple[float, int, bytes, dict[str, str]]] = OrderedDict()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            request.method != "GET"
            or request.META.get("QUERY_STRING")
            or "HTTP_AUTHORIZATION" in request.META
        ):
            return self._get_response(request)
        key = request.get_host() + request.path
        kept = self._kept.get(key)
        if kept is not None and kept[0] > monotonic():
            _, status, content, headers = kept
            return _conditional(request, HttpResponse(content, status=status, headers=headers))
        response = self._get_response(request)
        if settings.PUBLIC_PAGES_REMEMBERED_SECONDS and _is_public(response):
            self._keep(key, response)
        return response

    def _keep(self, key: str, response: HttpResponse) -> None:
        until = monotonic() + settings.PUBLIC_PAGES_REMEMBERED_SECONDS
        self._kept[key] = (until, response.status_code, response.content, dict(response.headers))
        self._kept.move_to_end(key)
        while len(self._kept) > _ANSWERS:
            self._kept.popitem(last=False)


def _is_public(response: HttpResponse) -> bool:
    """Say whether an answer is the same for everybody who asks for its address."""
    return (
        response.status_code == _OK
        and not response.streaming
        and response.headers.get("Cache-Control", "").startswith("public")
        and "ETag" in response.headers
        and "Vary" not in response.headers
        and not response.cookies
        and len(response.content) <= _BYTES
    )


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Spare whoever has this version its bytes."""
    known = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    return cast(HttpResponse, known)
