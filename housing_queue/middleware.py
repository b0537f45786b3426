"""Puts a request id and the acting person into the log context of each request."""

import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

logger = structlog.get_logger(__name__)


class RequestContextMiddleware:
    """
    Give each request an id, log its end, and mark pages with personal data as not to be stored.

    The path is logged without its query string: nothing that a person typed gets into the log.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            structlog.contextvars.bind_contextvars(user_id=user.pk)
            response.headers.setdefault("Cache-Control", "no-store, private")
        response.headers["X-Request-ID"] = request_id
        logger.info("request.finished", method=request.method, path=request.path, status=response.status_code)
        return response
