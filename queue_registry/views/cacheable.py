"""
Public pages and files of nobody in particular: plain bytes that caches keep, and that are not sent twice.
"""

import hashlib
from collections.abc import Callable
from typing import Final, cast

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from redis.exceptions import RedisError

_HTML: Final = "text/html; charset=utf-8"


def page(
    request: HttpRequest, *, key: str, make: Callable[[], HttpResponse], content_type: str = _HTML
) -> HttpResponseBase:
    """Answer with the bytes of a page, which are made at most once in `PUBLIC_MAX_AGE` seconds."""
    content = _kept(f"public-page:{key}", lambda: make().content)
    return made(request, HttpResponse(content, content_type=content_type))


def made(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    """Mark an answer that is made each time anew: its bytes are its version."""
    return tagged(request, response, version=hashlib.sha256(response.content).hexdigest())


def unchanged(request: HttpRequest, *, version: str) -> HttpResponseBase | None:
    """Return the answer to whoever has this version already, before anything is made."""
    return get_conditional_response(request, etag=f'"{version}"')


def tagged(request: HttpRequest, response: HttpResponseBase, *, version: str) -> HttpResponseBase:
    """Mark an answer as public with its version; whoever has it gets none of its bytes."""
    response.headers["ETag"] = f'"{version}"'
    response.headers["Cache-Control"] = f"public, max-age={settings.PUBLIC_MAX_AGE}"
    known: HttpResponseBase | None = get_conditional_response(
        request, etag=f'"{version}"', response=cast(HttpResponse, response)
    )
    return known or response


def _kept(key: str, make: Callable[[], bytes]) -> bytes:
    try:
        content: bytes | None = cache.get(key)
    except (RedisError, OSError):
        return make()
    if content is None:
        content = make()
        cache.set(key, content, timeout=settings.PUBLIC_MAX_AGE)
    return content
