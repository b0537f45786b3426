"""
What passes by itself: the database does not answer or takes nobody more, Redis is away, the disk is full.

Whoever asks meanwhile is told at once to come again, with `Retry-After`. Once the database could not be
reached, nobody else waits for it in this process for some seconds: requests that each wait for a database
which is away would pile up in front of those that could be answered.
"""

import errno
import sys
from collections.abc import Callable
from time import monotonic
from typing import Final

import structlog
from django.conf import settings
from django.db import connection
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
# These are asked in order to know whether it is over.
_ALWAYS_ASKED: Final = frozenset({"/healthz", "/readyz"})


class OutageMiddleware:
    """Let nobody wait for a database that was just away; it stands behind what needs no database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _shut.until > monotonic() and request.path not in _ALWAYS_ASKED:
            return come_again(request)
        return self.get_response(request)


class _Shut:
    """Until when this process asks the database nothing."""

    until: float = 0


_shut = _Shut()


def answer_to_error(request: HttpRequest) -> HttpResponseBase:
    """What Django calls on an error that nobody caught: one that passes is no fault of ours."""
    error = sys.exc_info()[1]
    if not passes(error):
        return server_error(request)
    if isinstance(error, OperationalError) and connection.connection is None:
        _shut.until = monotonic() + settings.OUTAGE_RETRY_SECONDS
    logger.warning("outage", path=request.path, error=type(error).__name__)
    return come_again(request)


def passes(error: BaseException | None) -> bool:
    """Say whether the same request may well be answered a little later."""
    if isinstance(error, (OperationalError, InterfaceError, RedisError)):
        return True
    return isinstance(error, OSError) and error.errno in _NO_ROOM


def come_again(request: HttpRequest) -> HttpResponse:
    """503 in the form of the page or of the API, made without anything that could be away."""
    seconds = settings.OUTAGE_RETRY_SECONDS
    response: HttpResponse
    if request.path.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": 503,
            "code": "UNAVAILABLE",
            "detail": "This cannot be answered now. Send the same request again.",
            "retry_after": seconds,
        }
        response = JsonResponse(problem, status=503, content_type="application/problem+json")
    else:
        response = HttpResponse(render_to_string("outage.html"), status=503)
    response.headers["Retry-After"] = str(seconds)
    response.headers["Cache-Control"] = "no-store"
    return response
