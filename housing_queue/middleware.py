"""What is done with every request: its id and acting person in the log, the language of its page."""

import uuid
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import render
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock, keepers
from queue_registry.services.audit import KeptElsewhere

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


class KeptElsewhereMiddleware:
    """Say of any page who keeps a queue that can't be changed here any more, and where."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for whatever act of a page the trail refused to record."""
        if not isinstance(exception, KeptElsewhere):
            return None
        keeper = keepers.elsewhere(exception.akimat, on=civil_day(clock.now()))
        return render(request, "kept_elsewhere.html", {"keeper": keeper}, status=HTTPStatus.CONFLICT)


class PermissionsPolicyMiddleware:
    """Tell the browser that no page of ours, and none within it, asks for anything of the device."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response


class PageCompressionMiddleware(GZipMiddleware):
    """As Django's, with lengths that tell nothing; of pages alone: files are small or compressed already."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class LanguageMiddleware(LocaleMiddleware):
    """As Django's; the pages of staff speak the languages of the state only, whatever a browser prefers."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if (
            request.path_info.startswith(settings.STAFF_PATHS)
            and translation.get_language() not in settings.DESK_LANGUAGES
        ):
            translation.activate(_preferred(request))
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE


def _preferred(request: HttpRequest) -> str:
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    codes = (code.partition("-")[0] for code, _weight in accepted)
    return next((code for code in codes if code in settings.DESK_LANGUAGES), settings.LANGUAGE_CODE)
