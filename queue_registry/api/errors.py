"""Why the API does not answer, beside what Django and DRF raise themselves."""

from typing import Any, Final

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException

TRY_AGAIN_SECONDS: Final = 60


class Unavailable(APIException):
    """Nobody can say whether this may be answered now: the counters do not answer."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "UNAVAILABLE"
    wait = TRY_AGAIN_SECONDS

    def __init__(self) -> None:
        super().__init__(_("This cannot be answered now. Try again in a minute."))


class Conflict(APIException):
    """What was asked for does not go together with what is there; `code` says why, `known` what helps."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, code: str, detail: str, **known: Any) -> None:
        super().__init__(detail, code)
        self.known = known


class TooLarge(APIException):
    """The body is longer than what is read."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "TOO_LARGE"

    def __init__(self) -> None:
        super().__init__(_("The request is too long."))


class SameKeyOtherBody(APIException):
    """The idempotency key belongs to another request."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "KEY_OF_ANOTHER_REQUEST"

    def __init__(self) -> None:
        super().__init__(_("This Idempotency-Key was sent with another request."))
