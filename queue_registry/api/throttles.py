"""
How often the API may be asked: counted in Redis by all processes, by address or by the system that asks.

If Redis does not answer nobody is answered: never unlimited.
"""

from typing import Any, Final

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from queue_registry.api.errors import Unavailable
from queue_registry.api.shapes import plain
from queue_registry.models import ApiClient, User
from queue_registry.views import look_up_limits

_BY_ADDRESS: Final = "api_address"
_BY_CLIENT: Final = "api_client"


class ApiThrottle(BaseThrottle):
    """Strangers by their address, other systems by their token; staff who are signed in are not counted."""

    retry_after: float | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, ApiClient):
            rate, kind, key = settings.API_REQUESTS_PER_CLIENT, _BY_CLIENT, str(request.auth.pk)
        elif isinstance(request.user, User):
            return True
        else:
            rate, kind = settings.API_REQUESTS_PER_ADDRESS, _BY_ADDRESS
            key = look_up_limits.client_address(plain(request))
        try:
            look_up_limits.take(rate, kind, key)
        except look_up_limits.TooManyLookUps as reached:
            self.retry_after = reached.retry_after
            return False
        except look_up_limits.LimitsUnavailable as unavailable:
            raise Unavailable from unavailable
        return True

    def wait(self) -> float | None:
        return self.retry_after
