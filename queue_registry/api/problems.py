"""
Errors of the API: one form for all of them (RFC 9457), which names the field that is wrong.

`code` is for programs and never translated; `title` and `errors` are for people. What was sent is not in it.
"""

from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from queue_registry.api.errors import Conflict
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock, keepers
from queue_registry.services.audit import KeptElsewhere

CONTENT_TYPE: Final = "application/problem+json"
NOT_A_FIELD: Final = "non_field_errors"
_TITLES: Final = {
    HTTPStatus.BAD_REQUEST: gettext_noop("Bad Request"),
    HTTPStatus.UNAUTHORIZED: gettext_noop("Unauthorized"),
    HTTPStatus.FORBIDDEN: gettext_noop("Forbidden"),
    HTTPStatus.NOT_FOUND: gettext_noop("Not Found"),
    HTTPStatus.METHOD_NOT_ALLOWED: gettext_noop("Method Not Allowed"),
    HTTPStatus.NOT_ACCEPTABLE: gettext_noop("Not Acceptable"),
    HTTPStatus.CONFLICT: gettext_noop("Conflict"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: gettext_noop("Content Too Large"),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: gettext_noop("Unsupported Media Type"),
    HTTPStatus.UNPROCESSABLE_ENTITY: gettext_noop("Unprocessable Content"),
    HTTPStatus.TOO_MANY_REQUESTS: gettext_noop("Too Many Requests"),
    HTTPStatus.SERVICE_UNAVAILABLE: gettext_noop("Service Unavailable"),
}


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return an error in the form of all errors; what is none of the API's is left to Django."""
    if isinstance(error, KeptElsewhere):
        error = _kept_elsewhere(error)
    response = exception_handler(error, context)
    if response is None:
        return None
    known = _as_api_error(error)
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": _title(HTTPStatus(response.status_code)),
        "status": response.status_code,
        "code": _code(known),
    }
    if isinstance(known, ValidationError):
        problem["errors"] = _errors(known.detail)
    else:
        problem["detail"] = str(known.detail)
    if isinstance(known, Conflict):
        problem |= known.known
    if "Retry-After" in response.headers:
        problem["retry_after"] = int(response.headers["Retry-After"])
    response.data = problem
    response.content_type = CONTENT_TYPE
    response["Cache-Control"] = "no-store"
    return response


def _kept_elsewhere(error: KeptElsewhere) -> Conflict:
    keeper = keepers.elsewhere(error.akimat, on=civil_day(clock.now()))
    return Conflict(
        "KEPT_ELSEWHERE",
        _("Another installation keeps this queue: nothing is changed here."),
        keeper=keeper.address if keeper else "",
    )


def _title(status: HTTPStatus) -> str:
    return _(_TITLES[status]) if status in _TITLES else status.phrase


def _as_api_error(error: Exception) -> APIException:
    if isinstance(error, APIException):
        return error
    if isinstance(error, Http404):
        found = APIException(_("There is nothing at this address."), "NOT_FOUND")
    elif isinstance(error, PermissionDenied):
        found = APIException(_("This is not allowed."), "NOT_ALLOWED")
    else:
        raise TypeError("exception_handler answers no other errors.")
    return found


def _code(error: APIException) -> str:
    if isinstance(error, ValidationError):
        return "INVALID"
    codes = error.get_codes()
    return str(codes).upper() if isinstance(codes, str) else "ERROR"


def _errors(detail: Any) -> dict[str, Any]:
    """Return what is wrong by the name of its field; in a list of things by number, from 0."""
    if isinstance(detail, dict):
        return {str(name): _part(part) for name, part in detail.items()}
    return {NOT_A_FIELD: _part(detail)}


def _part(detail: Any) -> Any:
    if isinstance(detail, dict):
        return {str(name): _part(part) for name, part in detail.items()}
    if isinstance(detail, list) and any(isinstance(one, dict) for one in detail):
        return {str(number): _part(one) for number, one in enumerate(detail) if one}
    parts = detail if isinstance(detail, list) else [detail]
    return [str(one) for one in parts if isinstance(one, (ErrorDetail, str))]
