"""Encryption at rest of what other systems sent and gave: Fernet, with keys made of the settings' secrets."""

import base64
import hashlib
import zlib
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class Unreadable(Exception):
    """None of the keys opens it: a key is missing from ENVELOPE_KEYS, or the bytes were changed."""


def seal(plain: bytes) -> bytes:
    """Compress and encrypt with the newest key."""
    return _fernet(tuple(settings.ENVELOPE_KEYS)).encrypt(zlib.compress(plain))


def unseal(sealed: bytes) -> bytes:
    """
    Return what was sealed, with whichever key it was.

    :raises Unreadable: if no key fits.
    """
    try:
        return zlib.decompress(_fernet(tuple(settings.ENVELOPE_KEYS)).decrypt(bytes(sealed)))
    except InvalidToken as error:
        raise Unreadable from error


def opens_with_newest(sealed: bytes) -> bool:
    """Say whether the newest key alone opens it."""
    try:
        _fernet(tuple(settings.ENVELOPE_KEYS[:1])).decrypt(sealed)
    except InvalidToken:
        return False
    return True


def seal_anew(sealed: bytes) -> bytes:
    """
    Return the same, sealed with the newest key.

    :raises Unreadable: if no key fits.
    """
    try:
        return _fernet(tuple(settings.ENVELOPE_KEYS)).rotate(sealed)
    except InvalidToken as error:
        raise Unreadable from error


@cache
def _fernet(secrets: tuple[str, ...]) -> MultiFernet:
    """Make keys of secrets of any length; the word in front keeps them apart from other uses of the same."""
    if not secrets or not all(secrets):
        raise ImproperlyConfigured("ENVELOPE_KEYS: at least one secret is needed, and none may be empty")
    digests = (hashlib.sha256(f"kezek envelope\x1f{secret}".encode()).digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
