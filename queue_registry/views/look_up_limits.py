"""
How often somebody may try to look a place up: counters in Redis, shared by all processes.

If Redis does not answer nobody looks anything up: never unlimited. If it has forgotten what it counted,
nobody knows which IIN was guessed at, so none is looked up until those who guessed would be free again.
"""

import functools
import ipaddress
import time
from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

_BY_ADDRESS: Final = "look_up_address"
_BY_FILE_NUMBER: Final = "look_up_file_number"
_BY_IIN: Final = "look_up_iin"
# When counting began: as long as this stands in Redis nothing was forgotten.
_COUNTED_SINCE: Final = "kezek:look_ups_counted_since"
_TRY_AGAIN_SECONDS: Final = 60
# A household's or a hotel's line of IPv6 is a /64: whoever has one has all its addresses.
_IPV6_LINE: Final = 64


class TooManyLookUps(Exception):
    """The limit is reached; `retry_after` says in how many seconds another attempt is possible."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many look-ups.")
        self.retry_after = retry_after


class LimitsUnavailable(Exception):
    """Nobody can say how often this was tried; `retry_after` says when to ask again, in seconds."""

    def __init__(self, retry_after: int = _TRY_AGAIN_SECONDS) -> None:
        super().__init__("The counters of look-ups do not answer, or forgot.")
        self.retry_after = retry_after


def count_look_up(request: HttpRequest) -> None:
    """
    Count one look-up from the request's address.

    :raises TooManyLookUps: if the address has no look-up left.
    :raises LimitsUnavailable: if the counters do not answer.
    """
    take(settings.LOOK_UPS_PER_ADDRESS, _BY_ADDRESS, client_address(request))


def check_failures(number: str, iin: str) -> None:
    """
    Pass if wrong answers have used up neither the limit of a number nor the one of an IIN.

    :raises TooManyLookUps: if they have.
    :raises LimitsUnavailable: if the counters do not answer, or forgot what they counted.
    """
    limits = (
        (_rate(settings.FAILURES_PER_FILE_NUMBER), _BY_FILE_NUMBER, number),
        (_rate(settings.FAILURES_PER_IIN), _BY_IIN, hidden(iin)),
    )
    now = time.time()
    since, *used_up = _read(limits)
    _check_memory(since, now=now)
    for (limit, kind, key), counted in zip(limits, used_up, strict=True):
        if counted is not None and float(counted) >= now - limit.get_expiry():
            raise _reached(limit, kind, key)


def count_failure(number: str, iin: str) -> None:
    """
    Count one wrong answer for this number and this IIN.

    :raises TooManyLookUps: if it is one too many.
    :raises LimitsUnavailable: if the counters do not answer.
    """
    take(settings.FAILURES_PER_FILE_NUMBER, _BY_FILE_NUMBER, number)
    take(settings.FAILURES_PER_IIN, _BY_IIN, hidden(iin))


def begin_counting(*, since: float) -> None:
    """Note from when on everything is counted, unless that is known; 0 says that nothing was ever lost."""
    _redis().set(_COUNTED_SINCE, since, nx=True)


def _read(limits: Iterable[tuple[RateLimitItem, str, str]]) -> list[Any]:
    """
    Since when everything is counted; and of each limit the count that uses it up, or None: in one question.
    """
    storage: Any = _limiter(settings.REDIS_URL).storage
    asked = _redis().pipeline(transaction=False)
    asked.get(_COUNTED_SINCE)
    for limit, kind, key in limits:
        # The newest count stands first.
        asked.lindex(storage.prefixed_key(limit.key_for(kind, key)), limit.amount - 1)
    try:
        answers: list[Any] = asked.execute()
    except (RedisError, OSError) as error:
        raise LimitsUnavailable from error
    return answers


def _check_memory(since: bytes | None, *, now: float) -> None:
    """Pass if what was guessed at before the counters began would be free again by now."""
    if since is None:
        try:
            begin_counting(since=now)
        except (RedisError, OSError) as error:
            raise LimitsUnavailable from error
    closed = settings.LOOK_UPS_CLOSED_AFTER_LOSS - (now - float(since or now))
    if closed > 0:
        raise LimitsUnavailable(int(closed) + 1)


def hidden(text: str) -> str:
    """Return what counts for a text that itself must not stand in the counters, such as an IIN."""
    return salted_hmac(_BY_IIN, text, algorithm="sha256").hexdigest()


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
    limit = _rate(rate)
    try:
        if _limiter(settings.REDIS_URL).hit(limit, kind, key):
            return
    except StorageError as error:
        raise LimitsUnavailable from error
    raise _reached(limit, kind, key)


def _reached(limit: RateLimitItem, kind: str, key: str) -> TooManyLookUps:
    """
    What is to be said of a limit that is used up.

    :raises LimitsUnavailable: if the counters do not answer.
    """
    try:
        reset = _limiter(settings.REDIS_URL).get_window_stats(limit, kind, key).reset_time
    except StorageError as error:
        raise LimitsUnavailable from error
    return TooManyLookUps(_seconds_until(reset))


def _seconds_until(reset: float) -> int:
    return max(1, int(reset - time.time()) + 1)


def _redis() -> Any:
    """The very connection of the counters: what forgets the one has forgotten the other."""
    storage: Any = _limiter(settings.REDIS_URL).storage
    return storage.storage


@functools.cache
def _rate(text: str) -> RateLimitItem:
    return parse(text)


@functools.cache
def _limiter(redis_url: str) -> MovingWindowRateLimiter:
    url = redis_url.replace("unix://", "redis+unix://", 1)
    return MovingWindowRateLimiter(storage_from_string(url, wrap_exceptions=True))
