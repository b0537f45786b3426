"""
An authority for a test stand: its keys, its list of revoked certificates, a time stamp, a signer.

For no real signature: whoever holds the folder can sign as anybody.
"""

import hashlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from allocation.signatures import names

VALID_FROM: Final = datetime(2020, 1, 1, tzinfo=UTC)
VALID_UNTIL: Final = datetime(2050, 1, 1, tzinfo=UTC)
AUTHORITY: Final = "ca"
STAMPER: Final = "tsa"
REVOKED: Final = "ca.crl"
_STAMP_POLICY: Final = "1.2.398.3.3.2.6.1"
_DIGEST: Final = {"algorithm": "sha256"}
_SIGNED_WITH: Final = {"algorithm": "sha256_ecdsa"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A private key with its certificate."""

    private: ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate

    def sign(self, data: bytes) -> bytes:
        """Return the ECDSA signature of the data."""
        return self.private.sign(data, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose key is made, of which kind, for how long; the defaults are those of a member who may sign."""

    iin: str = field(repr=False)
    bin: str
    key_user: str = names.EMPLOYEE
    for_signing: bool = True
    valid_from: datetime = VALID_FROM
    valid_until: datetime = VALID_UNTIL


@dataclass(frozen=True, slots=True, kw_only=True)
class DevAuthority:
    """The development authority: it issues keys of people, stamps times, and revokes."""

    own: Key
    stamper: Key

    @classmethod
    def make(cls) -> Self:
        """Make a new authority."""
        private = ec.generate_private_key(ec.SECP256R1())
        name = _name(NameOID.COMMON_NAME, "Kezek development CA (test stand)")
        basic = x509.BasicConstraints(ca=True, path_length=0)
        built = _builder(name, name, private, VALID_FROM, VALID_UNTIL).add_extension(basic, critical=True)
        own = Key(private=private, certificate=built.sign(private, hashes.SHA256()))
        return cls(own=own, stamper=_stamper(own))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """
        Return the authority of a folder.

        :raises OSError: if a file can't be read.
        """
        return cls(own=_load(folder, AUTHORITY), stamper=_load(folder, STAMPER))

    def write(self, folder: Path) -> None:
        """
        Write keys, certificates, and an empty list of revoked certificates.

        :raises FileExistsError: if a key is there already.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for name, key in ((AUTHORITY, self.own), (STAMPER, self.stamper)):
            path = folder / f"{name}.key"
            path.touch(mode=0o600, exist_ok=False)
            path.write_bytes(key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            (folder / f"{name}.crt").write_bytes(key.certificate.public_bytes(Encoding.PEM))
        (folder / REVOKED).write_bytes(self.revoking({}))

    def issue(self, subject: Subject) -> Key:
        """Issue a key for a person of an organization."""
        private = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.SERIAL_NUMBER, f"{names.IIN}{subject.iin}"),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, f"{names.BIN}{subject.bin}"),
            ]
        )
        built = _builder(name, self.own.certificate.subject, private, subject.valid_from, subject.valid_until)
        uses = [x509.ObjectIdentifier(subject.key_user)]
        if not subject.for_signing:
            uses.append(ExtendedKeyUsageOID.CLIENT_AUTH)
        built = built.add_extension(_usage(for_signing=subject.for_signing), critical=True)
        built = built.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        return Key(private=private, certificate=built.sign(self.own.private, hashes.SHA256()))

    def revoking(self, revoked: dict[int, datetime], *, until: datetime = VALID_UNTIL) -> bytes:
        """Return the list of revoked certificates (PEM): serial numbers, since when each."""
        built = x509.CertificateRevocationListBuilder().issuer_name(self.own.certificate.subject)
        built = built.last_update(VALID_FROM).next_update(until)
        for serial, since in revoked.items():
            one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
            built = built.add_revoked_certificate(one.build())
        return built.sign(self.own.private, hashes.SHA256()).public_bytes(Encoding.PEM)

    def stamp(self, data: bytes, *, at: datetime) -> cms.ContentInfo:
        """Return a time stamp token (RFC 3161) over the data."""
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": _STAMP_POLICY,
                "message_imprint": {
                    "hash_algorithm": _DIGEST,
                    "hashed_message": hashlib.sha256(data).digest(),
                },
                "serial_number": secrets.randbits(64),
                "gen_time": at.astimezone(UTC).replace(microsecond=0),
            }
        ).dump()
        content = {"content_type": "tst_info", "content": core.ParsableOctetString(info)}
        return _signed_data(self.stamper, info, content=content)


@dataclass(frozen=True, slots=True, kw_only=True)
class DevSigner:
    """Signs as anybody, for tests and for a demo alone."""

    authority: DevAuthority

    def sign(
        self, document: bytes, *, subject: Subject, at: datetime, stamped: bool = True, key: Key | None = None
    ) -> bytes:
        """Return a detached CMS over the document, with a time stamp unless told otherwise."""
        signed = _signed_data(
            key or self.authority.issue(subject), document, content={"content_type": "data"}
        )
        if stamped:
            signer = signed["content"]["signer_infos"][0]
            token = self.authority.stamp(signer["signature"].native, at=at)
            signer["unsigned_attrs"] = [{"type": "signature_time_stamp_token", "values": [token]}]
        made: bytes = signed.dump(force=True)
        return made


def without_signing(subject: Subject) -> Subject:
    """Return the same person's key for signing in alone (AUTH)."""
    return replace(subject, for_signing=False)


def _signed_data(key: Key, data: bytes, *, content: dict[str, Any]) -> cms.ContentInfo:
    certificate = asn1_x509.Certificate.load(key.certificate.public_bytes(Encoding.DER))
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": [content["content_type"]]},
            {"type": "message_digest", "values": [hashlib.sha256(data).digest()]},
        ]
    )
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                name="issuer_and_serial_number",
                value={"issuer": certificate.issuer, "serial_number": certificate.serial_number},
            ),
            "digest_algorithm": algos.DigestAlgorithm(_DIGEST),
            "signed_attrs": attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm(_SIGNED_WITH),
            "signature": key.sign(attributes.dump()),
        }
    )
    signed = {
        "version": "v1" if content["content_type"] == "data" else "v3",
        "digest_algorithms": [_DIGEST],
        "encap_content_info": content,
        "certificates": [certificate],
        "signer_infos": [signer],
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})


def _stamper(authority: Key) -> Key:
    private = ec.generate_private_key(ec.SECP256R1())
    name = _name(NameOID.COMMON_NAME, "Kezek development TSA (test stand)")
    built = _builder(name, authority.certificate.subject, private, VALID_FROM, VALID_UNTIL)
    stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    built = built.add_extension(stamping, critical=True)
    return Key(private=private, certificate=built.sign(authority.private, hashes.SHA256()))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    private: ec.EllipticCurvePrivateKey,
    since: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(max(until, since + timedelta(seconds=1)))
    )


def _usage(*, for_signing: bool) -> x509.KeyUsage:
    """SIGN keys say that they bind their owner (non-repudiation); AUTH keys open a session."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=for_signing,
        key_encipherment=not for_signing,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(kind: x509.ObjectIdentifier, text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(kind, text)])


def _load(folder: Path, name: str) -> Key:
    private = load_pem_private_key((folder / f"{name}.key").read_bytes(), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{name}.key is no key of the development authority")
    certificate = x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())
    return Key(private=private, certificate=certificate)
