"""
`DevPkiVerifier`: verifies detached CMS of the development authority (RSA and ECDSA with SHA-256).

It asks what a real verifier asks: is it this document, one signer, a good signature, a known authority, a
time stamp, a certificate that was valid and not revoked at that moment, a key made to sign for an
organization. Keys of the national standard (GOST) it names and leaves to NCANode.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings

from allocation.signatures import names
from allocation.signatures.dev_pki import AUTHORITY, REVOKED
from allocation.signatures.port import Fault, SignatureReport

_ALGORITHMS: Final = frozenset({"sha256_rsa", "sha256_ecdsa", "rsassa_pkcs1v15", "ecdsa"})
_SHA256: Final = "sha256"


class _Found(Exception):
    """A fault was found, with what was known of the signature until then."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class DevPkiVerifier:
    """Trusts one authority, and its list of revoked certificates."""

    authority: x509.Certificate
    revoked: x509.CertificateRevocationList = field(repr=False)

    @classmethod
    def from_settings(cls) -> Self:
        """
        Return the verifier of the folder that the settings name.

        :raises OSError: if its files can't be read.
        """
        return cls.from_folder(Path(settings.SIGNATURE_PKI_DIR))

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        """
        Return the verifier that trusts the authority of a folder.

        :raises OSError: if its files can't be read.
        """
        return cls(
            authority=x509.load_pem_x509_certificate((folder / f"{AUTHORITY}.crt").read_bytes()),
            revoked=x509.load_pem_x509_crl((folder / REVOKED).read_bytes()),
        )

    def verify(self, document: bytes, cms: bytes, at: datetime) -> SignatureReport:
        """See the port."""
        report = SignatureReport()
        try:
            for report in self._steps(document, cms, at):  # noqa: B007 - the last one counts
                pass
        except _Found as found:
            return replace(report, fault=found.fault)
        except Exception:  # noqa: BLE001 - two parsers read what anybody can send, and raise as they like
            return replace(report, fault=Fault.MALFORMED)
        return report

    def _steps(self, document: bytes, content: bytes, at: datetime) -> Iterator[SignatureReport]:
        """Reports that know ever more; a fault ends them."""
        signed = _signed_data(content)
        if signed["encap_content_info"]["content"].native is not None:
            raise _Found(Fault.NOT_DETACHED)
        signer, certificate = _signer(signed)
        report = _of_certificate(certificate, signer)
        yield report
        _check_signature(signer, certificate, document)
        self._check_issued(certificate)
        report = replace(report, stamped_at=self._stamped_at(signer))
        yield report
        self._check_valid(certificate, report.stamped_at or at, at)
        _check_purpose(certificate)

    def _check_issued(self, certificate: x509.Certificate) -> None:
        try:
            certificate.verify_directly_issued_by(self.authority)
        except (InvalidSignature, ValueError, TypeError):
            raise _Found(Fault.UNKNOWN_AUTHORITY) from None

    def _check_valid(self, certificate: x509.Certificate, stamped_at: datetime, at: datetime) -> None:
        """Valid and not revoked when it was stamped; what the authority does not say now is not known."""
        if stamped_at < certificate.not_valid_before_utc:
            raise _Found(Fault.NOT_YET_VALID)
        if stamped_at > certificate.not_valid_after_utc:
            raise _Found(Fault.EXPIRED)
        fresh_until = self.revoked.next_update_utc
        if fresh_until is None or at > fresh_until or not self._is_of_the_authority():
            raise _Found(Fault.REVOCATION_UNKNOWN)
        entry = self.revoked.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is not None and entry.revocation_date_utc <= stamped_at:
            raise _Found(Fault.REVOKED)

    def _is_of_the_authority(self) -> bool:
        key = self.authority.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
            return False
        return self.revoked.is_signature_valid(key)

    def _stamped_at(self, signer: Any) -> datetime:
        """Return the moment of the time stamp over the signature's own bytes."""
        token = _unsigned(signer, "signature_time_stamp_token")
        if token is None:
            raise _Found(Fault.NO_TIME_STAMP)
        try:
            return self._moment_of(token, signer["signature"].native)
        except Exception:  # noqa: BLE001 - as above
            raise _Found(Fault.BAD_TIME_STAMP) from None

    def _moment_of(self, token: Any, signature: bytes) -> datetime:
        signed = token["content"]
        stamper, certificate = _signer(signed)
        info = signed["encap_content_info"]["content"]
        _check_signature(stamper, certificate, bytes(info))
        self._check_issued(certificate)
        purposes = _purposes(certificate)
        if ExtendedKeyUsageOID.TIME_STAMPING.dotted_string not in purposes:
            raise ValueError("not a key of a time stamp")
        told = info.parsed.native
        imprint = told["message_imprint"]
        if imprint["hash_algorithm"]["algorithm"] != _SHA256:
            raise ValueError("another digest")
        if imprint["hashed_message"] != hashlib.sha256(signature).digest():
            raise ValueError("a time stamp of something else")
        moment: datetime = told["gen_time"].astimezone(UTC)
        if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
            raise ValueError("stamped outside the certificate's time")
        return moment


def _signed_data(content: bytes) -> Any:
    info = cms.ContentInfo.load(content, strict=True)
    if info["content_type"].native != "signed_data":
        raise _Found(Fault.MALFORMED)
    return info["content"]


def _signer(signed: Any) -> tuple[Any, x509.Certificate]:
    """Return the only signer with its certificate, whose algorithms are ours to verify."""
    if len(signed["signer_infos"]) != 1:
        raise _Found(Fault.NOT_ONE_SIGNER)
    signer = signed["signer_infos"][0]
    found = _certificate_of(signer, signed)
    _check_algorithms(signer, found)
    return signer, x509.load_der_x509_certificate(found.dump())


def _certificate_of(signer: Any, signed: Any) -> Any:
    wanted = signer["sid"].chosen
    for choice in signed["certificates"]:
        one = choice.chosen
        if signer["sid"].name != "issuer_and_serial_number" or choice.name != "certificate":
            continue
        same_number = one.serial_number == wanted["serial_number"].native
        if same_number and one.issuer.dump() == wanted["issuer"].dump():
            return one
    raise _Found(Fault.NO_CERTIFICATE)


def _check_algorithms(signer: Any, certificate: Any) -> None:
    numbers = [
        signer["signature_algorithm"]["algorithm"].dotted,
        signer["digest_algorithm"]["algorithm"].dotted,
        certificate.public_key["algorithm"]["algorithm"].dotted,
    ]
    if any(number.startswith(names.GOST) for number in numbers):
        raise _Found(Fault.UNSUPPORTED_GOST)
    known = signer["signature_algorithm"]["algorithm"].native in _ALGORITHMS
    if not known or signer["digest_algorithm"]["algorithm"].native != _SHA256:
        raise _Found(Fault.UNSUPPORTED_ALGORITHM)


def _check_signature(signer: Any, certificate: x509.Certificate, document: bytes) -> None:
    """The signed attributes hold the document's digest, and the key signed those attributes."""
    digests = [
        attribute["values"][0].native
        for attribute in signer["signed_attrs"]
        if attribute["type"].native == "message_digest"
    ]
    if len(digests) != 1:
        raise _Found(Fault.MALFORMED)
    if digests[0] != hashlib.sha256(document).digest():
        raise _Found(Fault.OTHER_DOCUMENT)
    # The bytes that are signed are those of a SET; inside the structure the attributes bear another tag.
    signed = signer["signed_attrs"].untag().dump()
    key, signature = certificate.public_key(), signer["signature"].native
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
        else:
            raise _Found(Fault.UNSUPPORTED_ALGORITHM)
    except InvalidSignature:
        raise _Found(Fault.BAD_SIGNATURE) from None


def _of_certificate(certificate: x509.Certificate, signer: Any) -> SignatureReport:
    users = [names.KEY_USERS[number] for number in _purposes(certificate) if number in names.KEY_USERS]
    return SignatureReport(
        algorithm=signer["signature_algorithm"]["algorithm"].native,
        serial_number=f"{certificate.serial_number:x}",
        issuer=_first(certificate.issuer, NameOID.COMMON_NAME),
        key_user=", ".join(users),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        iin=_first(certificate.subject, NameOID.SERIAL_NUMBER).removeprefix(names.IIN),
        bin=_first(certificate.subject, NameOID.ORGANIZATIONAL_UNIT_NAME).removeprefix(names.BIN),
    )


def _check_purpose(certificate: x509.Certificate) -> None:
    """A key that binds its owner (SIGN, not AUTH), made for somebody who may sign for an organization."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        raise _Found(Fault.NOT_FOR_SIGNING) from None
    if not usage.content_commitment:
        raise _Found(Fault.NOT_FOR_SIGNING)
    if not names.MAY_SIGN & set(_purposes(certificate)):
        raise _Found(Fault.KEY_USER)


def _purposes(certificate: x509.Certificate) -> list[str]:
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return []
    return [purpose.dotted_string for purpose in purposes]


def _first(name: x509.Name, kind: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(kind)
    return str(found[0].value) if found else ""


def _unsigned(signer: Any, kind: str) -> Any:
    for attribute in signer["unsigned_attrs"]:
        if attribute["type"].native == kind:
            return attribute["values"][0]
    return None
