"""
The installation's key for what it hands out: manifests of exports are signed with Ed25519.

The private key is a setting (32 bytes in base64); the public one stands on the page of the trail.
"""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def _private_key() -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(settings.MANIFEST_KEY, validate=True))
    except (binascii.Error, ValueError) as error:
        raise ImproperlyConfigured("MANIFEST_KEY: 32 random bytes in base64 are needed.") from error


def sign(content: bytes) -> bytes:
    """Return the 64 bytes of the signature over a content."""
    return _private_key().sign(content)


def public_key() -> str:
    """Return the public key as PEM."""
    pem = _private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


def is_signed(content: bytes, signature: bytes, *, by: str) -> bool:
    """
    Tell whether the signature over the content was made with the key whose public part is `by`, as PEM.

    :raises ValueError: if `by` is no Ed25519 key.
    """
    key = load_pem_public_key(by.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("The key is not of Ed25519.")
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True
