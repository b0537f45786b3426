"""Key pairs for a test stand, ours and the mock gateway's, each trusting the other; for no real gateway."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from integrations.gateway.signing import RsaSignatures

OURS: Final = "kezek"
THEIRS: Final = "gateway"
VALID_FROM: Final = datetime(2020, 1, 1, tzinfo=UTC)
VALID_UNTIL: Final = datetime(2050, 1, 1, tzinfo=UTC)
_BITS: Final = 2048
_EXPONENT: Final = 65537


def write_pairs(folder: Path) -> None:
    """
    Write `kezek.key`, `kezek.crt`, `gateway.key` and `gateway.crt`.

    :raises FileExistsError: if one of the keys is there already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (OURS, THEIRS):
        write_pair(folder, name)


def write_pair(
    folder: Path, name: str, *, since: datetime = VALID_FROM, until: datetime = VALID_UNTIL
) -> None:
    """
    Write an RSA key and a certificate that it signs itself.

    :raises FileExistsError: if the key is there already.
    """
    key = rsa.generate_private_key(public_exponent=_EXPONENT, key_size=_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} (test stand)")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.key"
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / f"{name}.crt").write_bytes(certificate.public_bytes(Encoding.PEM))


def of(folder: Path, name: str, *, trusting: str) -> RsaSignatures:
    """
    Return the signatures of one side, which trusts the other.

    :raises OSError: if a file can't be read.
    :raises ValueError: if it holds no key or no certificate.
    """
    return RsaSignatures.from_files(
        key=folder / f"{name}.key", certificate=folder / f"{name}.crt", trusted=folder / f"{trusting}.crt"
    )
