"""
What settings are refused at every start, of web, worker, beat and commands alike.

Whoever copies .env.example and forgets to change a secret is told which, before a single page is served.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# How the examples of .env.example begin, and the manifest key of 32 zero bytes.
_EXAMPLES: Final = ("change-me", "AAAAAAAA")


def refuse_examples(secrets: Mapping[str, Sequence[str]], *, is_demo: bool) -> None:
    """
    Pass if no secret is an example; in a demo, whose people are invented, all pass.

    :raises ImproperlyConfigured: with the names of the settings, never their values.
    """
    known = sorted(name for name, values in secrets.items() if any(map(_is_example, values)))
    if known and not is_demo:
        raise ImproperlyConfigured(f"Set secrets of your own, not those of .env.example: {', '.join(known)}")


def refuse_other_hosts(url: str, *, allowed: Sequence[str]) -> None:
    """
    Pass if an address is http or https, names nobody's password, and its host is allowed.

    :raises ImproperlyConfigured: if not; the address itself is not repeated.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or parts.username is not None or parts.password is not None:
        raise ImproperlyConfigured("GATEWAY_URL: an http or https address without a user is expected")
    if parts.hostname not in allowed:
        raise ImproperlyConfigured("GATEWAY_URL: its host is not among GATEWAY_HOSTS")


def password_of(url: str) -> str:
    """Return the password in an address, or nothing."""
    return unquote(urlsplit(url).password or "")


def _is_example(value: str) -> bool:
    return value.startswith(_EXAMPLES)
