"""
How often somebody may try to look a place up: counters in Redis, shared by all processes.

If Redis does not answer nobody looks anything up: never unlimited.
"""

import functools
import ipaddress
import time
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from limits import parse
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

_BY_ADDRESS: Final = "look_up_address"
_BY_FILE_NUMBER: Final = "look_up_file_number"
# A household's or a hotel's line of IPv6 is a /64: whoever has one has all its addresses.
_IPV6_LINE: Final = 64


class TooManyLookUps(Exception):
    """The limit is reached; `retry_after` says in how many seconds another attempt is possible."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many look-ups.")
        self.retry_after = retry_after


class LimitsUnavailable(Exception):
    """Nobody can say how often this was tried."""


def count_look_up(request: HttpRequest) -> None:
    """
    Count one look-up from the request's address.

    :raises TooManyLookUps: if the address has no look-up left.
    :raises LimitsUnavailable: if the counters do not answer.
    """
    take(settings.LOOK_UPS_PER_ADDRESS, _BY_ADDRESS, client_address(request))


def check_failures(file_number: str) -> None:
    """
    Pass if wrong answers for this number have not used up its limit: a file number, or `hidden` text.

    :raises TooManyLookUps: if they have.
    :raises LimitsUnavailable: if the counters do not answer.
    """
    limit, limiter = parse(settings.FAILURES_PER_FILE_NUMBER), _limiter(settings.REDIS_URL)
    try:
        if limiter.test(limit, _BY_FILE_NUMBER, file_number):
            return
        reset = limiter.get_window_stats(limit, _BY_FILE_NUMBER, file_number).reset_time
    except StorageError as error:
        raise LimitsUnavailable from error
    raise TooManyLookUps(_seconds_until(reset))


def count_failure(file_number: str) -> None:
    """
    Count one wrong answer for this number.

    :raises TooManyLookUps: if it is one too many.
    :raises LimitsUnavailable: if the counters do not answer.
    """
    take(settings.FAILURES_PER_FILE_NUMBER, _BY_FILE_NUMBER, file_number)


def hidden(text: str) -> str:
    """Return what counts for a text that itself must not stand in the counters, such as an IIN."""
    return salted_hmac(_BY_FILE_NUMBER, text, algorithm="sha256").hexdigest()


def client_address(request: HttpRequest) -> str:
    """
    Return the address that look-ups are counted by.

    Of X-Forwarded-For only as many entries are believed, from the right, as proxies of our own stand in
    front.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = [
        part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()
    ]
    if settings.TRUSTED_PROXIES and forwarded:
        address = forwarded[-min(settings.TRUSTED_PROXIES, len(forwarded))]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_LINE), strict=False))
    return str(parsed)


def take(rate: str, kind: str, key: str) -> None:
    """
    Count one of what a rate such as "10/hour" limits, for a key of a kind.

    :raises TooManyLookUps: if it is one too many.
    :raises LimitsUnavailable: if the counters do not answer.
    """
    limit, limiter = parse(rate), _limiter(settings.REDIS_URL)
    try:
        if limiter.hit(limit, kind, key):
            return
        reset = limiter.get_window_stats(limit, kind, key).reset_time
    except StorageError as error:
        raise LimitsUnavailable from error
    raise TooManyLookUps(_seconds_until(reset))


def _seconds_until(reset: float) -> int:
    return max(1, int(reset - time.time()) + 1)


@functools.cache
def _limiter(redis_url: str) -> MovingWindowRateLimiter:
    url = redis_url.replace("unix://", "redis+unix://", 1)
    return MovingWindowRateLimiter(storage_from_string(url, wrap_exceptions=True))
