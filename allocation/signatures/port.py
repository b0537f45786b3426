"""
The port through which an electronic signature is verified: a detached CMS over a document.

`DevPkiVerifier` stands behind it on a test stand (RSA and ECDSA, certificates of its own authority). Keys of
the national authority are verified by NCANode, a service of its own; its class takes the place of the other
one by the setting `SIGNATURE_VERIFIER`, and nothing else changes (docs/signatures.md).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Fault(StrEnum):
    """Why a signature is not taken: closed codes, said in words by the screens."""

    MALFORMED = "MALFORMED"
    NOT_DETACHED = "NOT_DETACHED"
    NOT_ONE_SIGNER = "NOT_ONE_SIGNER"
    UNSUPPORTED_GOST = "UNSUPPORTED_GOST"
    UNSUPPORTED_ALGORITHM = "UNSUPPORTED_ALGORITHM"
    NO_CERTIFICATE = "NO_CERTIFICATE"
    OTHER_DOCUMENT = "OTHER_DOCUMENT"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    UNKNOWN_AUTHORITY = "UNKNOWN_AUTHORITY"
    NO_TIME_STAMP = "NO_TIME_STAMP"
    BAD_TIME_STAMP = "BAD_TIME_STAMP"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    REVOCATION_UNKNOWN = "REVOCATION_UNKNOWN"
    NOT_FOR_SIGNING = "NOT_FOR_SIGNING"
    KEY_USER = "KEY_USER"
    # Not of the signature by itself, but of whose and when it is.
    OTHER_PERSON = "OTHER_PERSON"
    OTHER_ORGANIZATION = "OTHER_ORGANIZATION"
    BEFORE_SESSION = "BEFORE_SESSION"
    AFTER_SESSION = "AFTER_SESSION"
    IN_FUTURE = "IN_FUTURE"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureReport:
    """
    What was found of one CMS: `fault` is None if it is a good signature of the document.

    Whose it is (`iin`, `bin`) is there to be compared, and stands neither in `as_json` nor in the report's
    text.
    """

    fault: Fault | None = None
    algorithm: str = ""
    serial_number: str = ""
    issuer: str = ""
    key_user: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    stamped_at: datetime | None = None
    iin: str = field(default="", repr=False)
    bin: str = field(default="", repr=False)

    @property
    def is_valid(self) -> bool:
        return self.fault is None

    def as_json(self) -> dict[str, Any]:
        """Return what is kept of it: nothing by which a person could be found."""
        return {
            "algorithm": self.algorithm,
            "serial_number": self.serial_number,
            "issuer": self.issuer,
            "key_user": self.key_user,
            "valid_from": _text(self.valid_from),
            "valid_until": _text(self.valid_until),
            "stamped_at": _text(self.stamped_at),
        }


class SignatureVerifier(Protocol):
    """Verifies one detached CMS over a document."""

    def verify(self, document: bytes, cms: bytes, at: datetime) -> SignatureReport:
        """
        Return what was found; a CMS that cannot be read is a fault, never an exception.

        :param at: when it is verified; the certificate is judged by the moment of the time stamp.
        """
        ...


class VerifierMissing(RuntimeError):
    """The installation names no class that verifies signatures, so none can be taken."""


def verifier() -> SignatureVerifier:
    """
    Return the verifier that the installation uses.

    :raises VerifierMissing: if the setting is empty.
    """
    if not settings.SIGNATURE_VERIFIER:
        raise VerifierMissing("SIGNATURE_VERIFIER is not set.")
    made: SignatureVerifier = import_string(settings.SIGNATURE_VERIFIER).from_settings()
    return made


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
