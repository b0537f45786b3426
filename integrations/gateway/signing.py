"""
The transport signature: WS-Security over the SOAP body, exclusive C14N, the certificate as a security token.

`Signatures` is the port; `RsaSignatures` signs with RSA-SHA256. Keys of the national standard (GOST) need a
cryptographic provider of their own: its class takes the place of this one by the setting
`GATEWAY_SIGNATURES`, and nothing else changes.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final, Protocol, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature as InvalidKeySignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from django.conf import settings
from django.utils.module_loading import import_string
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from integrations.contract import Signature
from integrations.gateway.envelope import SIGNATURE_TAG, SOAP, EnvelopeError, parse_xml

_WSS: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE: Final = f"{_WSS}wssecurity-secext-1.0.xsd"
WSU: Final = f"{_WSS}wssecurity-utility-1.0.xsd"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
BODY_ID: Final = "body"
CERTIFICATE_ID: Final = "certificate"
_X509_V3: Final = f"{_WSS}x509-token-profile-1.0#X509v3"
_BASE64: Final = f"{_WSS}soap-message-security-1.0#Base64Binary"
_HEADER: Final = f"{{{SOAP}}}Header"
_BODY: Final = f"{{{SOAP}}}Body"
_SECURITY: Final = f"{{{WSSE}}}Security"
_WSU_ID: Final = f"{{{WSU}}}Id"

etree.register_namespace("wsse", WSSE)
etree.register_namespace("wsu", WSU)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """
    What a signature covers.

    `envelope` holds the signed body and nothing that was not signed; it is read instead of what came. It is
    empty unless the signature is valid.
    """

    signature: Signature
    envelope: bytes = b""


class Signatures(Protocol):
    """Signs what we send and verifies what comes; both are pure, `verify` is total."""

    @classmethod
    def from_settings(cls) -> Self:
        """Return signatures with the keys that the settings name."""

    def sign(self, envelope: bytes) -> bytes:
        """Return the question with a signature over its body in its header."""

    def verify(self, envelope: bytes, *, at: datetime) -> Verified:
        """Return what is signed by a certificate that we trust and that is valid at the moment."""


@cache
def from_settings() -> Signatures | None:
    """
    Return the signatures of this installation, read once a process; None where no key is set.

    :raises OSError: if a named file can't be read.
    :raises ValueError: if it holds no key or no certificate.
    """
    if not settings.GATEWAY_KEY_FILE:
        return None
    chosen: type[Signatures] = import_string(settings.GATEWAY_SIGNATURES)
    return chosen.from_settings()


class RsaSignatures:
    """RSA with SHA-256; trusts exactly the certificates it is given, whoever issued them."""

    def __init__(
        self, *, key: RSAPrivateKey, certificate: x509.Certificate, trusted: list[x509.Certificate]
    ) -> None:
        self._key = key
        self._token = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
        self._trusted = {found.public_bytes(Encoding.DER): found for found in trusted}

    @classmethod
    def from_settings(cls) -> Self:
        """
        Read the three PEM files of the settings.

        :raises OSError: if a file can't be read.
        :raises ValueError: if it holds no RSA key or no certificate.
        """
        return cls.from_files(
            key=Path(settings.GATEWAY_KEY_FILE),
            certificate=Path(settings.GATEWAY_CERTIFICATE_FILE),
            trusted=Path(settings.GATEWAY_TRUSTED_FILE),
        )

    @classmethod
    def from_files(cls, *, key: Path, certificate: Path, trusted: Path) -> Self:
        """
        Read a private key without password, its certificate, and the certificates whose answers are trusted.

        :raises OSError: if a file can't be read.
        :raises ValueError: if it holds no RSA key or no certificate.
        """
        private = load_pem_private_key(key.read_bytes(), password=None)
        if not isinstance(private, RSAPrivateKey):
            raise ValueError(f"{key}: not an RSA key")
        return cls(
            key=private,
            certificate=x509.load_pem_x509_certificate(certificate.read_bytes()),
            trusted=x509.load_pem_x509_certificates(trusted.read_bytes()),
        )

    def sign(self, envelope: bytes) -> bytes:
        """
        Return the envelope with a signature over its body in its header.

        :raises EnvelopeError: if the bytes are no envelope with header and body.
        """
        root = parse_xml(envelope)
        header, body = root.find(_HEADER), root.find(_BODY)
        if header is None or body is None:
            raise EnvelopeError("NOT_ENVELOPE")
        body.set(_WSU_ID, BODY_ID)
        signature = _signer().sign(
            root, key=self._key, reference_uri=f"#{BODY_ID}", key_info=_key_info(), id_attribute="Id"
        )
        security = etree.SubElement(header, _SECURITY, nsmap={"wsse": WSSE})
        security.set(f"{{{SOAP}}}mustUnderstand", "1")
        token = etree.SubElement(
            security,
            f"{{{WSSE}}}BinarySecurityToken",
            {"EncodingType": _BASE64, "ValueType": _X509_V3, _WSU_ID: CERTIFICATE_ID},
        )
        token.text = self._token
        security.append(signature)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    def verify(self, envelope: bytes, *, at: datetime) -> Verified:
        """
        Return what is signed: VALID with the signed body, ABSENT without any signature, else INVALID.

        The signature has to stand in the security header, be of a trusted certificate that is valid at the
        moment, and cover the body as a whole; a second signature in the header or a second body is refused.
        """
        try:
            root = parse_xml(envelope)
        except EnvelopeError:
            # No XML at all: whoever reads it will say what is wrong.
            return Verified(signature=Signature.ABSENT)
        if next(root.iter(SIGNATURE_TAG), None) is None:
            return Verified(signature=Signature.ABSENT)
        try:
            body = self._signed_body(root, at)
        except (SignXMLException, InvalidKeySignature, etree.LxmlError, ValueError, TypeError, LookupError):
            return Verified(signature=Signature.INVALID)
        if body is None:
            return Verified(signature=Signature.INVALID)
        return Verified(signature=Signature.VALID, envelope=_enveloped(body))

    def _signed_body(self, root: etree._Element, at: datetime) -> etree._Element | None:
        bodies = root.findall(_BODY)
        token = root.find(f"{_HEADER}/{_SECURITY}/{{{WSSE}}}BinarySecurityToken")
        certificate = self._trusted.get(base64.b64decode(token.text or "")) if token is not None else None
        if len(bodies) != 1 or certificate is None:
            return None
        result = XMLVerifier().verify(
            root, x509_cert=certificate, id_attribute="Id", expect_config=_expected(at)
        )
        if isinstance(result, list):
            return None
        signed = result.signed_xml
        # See what is signed: the reference has to lead to the only body, not to something like it elsewhere.
        if signed is None or signed.tag != _BODY or signed.get(_WSU_ID) != bodies[0].get(_WSU_ID):
            return None
        return signed


def _signer() -> XMLSigner:
    return XMLSigner(
        method=SignatureConstructionMethod.detached,
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )


def _expected(at: datetime) -> SignatureConfiguration:
    return SignatureConfiguration(
        location=f"./{_HEADER}/{_SECURITY}/",
        expect_references=1,
        signature_methods=frozenset({SignatureMethod.RSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        verification_time=at,
        default_reference_c14n_method=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )


def _key_info() -> etree._Element:
    info = etree.Element(f"{{{DS}}}KeyInfo", nsmap={"ds": DS})
    reference = etree.SubElement(info, f"{{{WSSE}}}SecurityTokenReference", nsmap={"wsse": WSSE})
    etree.SubElement(reference, f"{{{WSSE}}}Reference", {"URI": f"#{CERTIFICATE_ID}", "ValueType": _X509_V3})
    return info


def _enveloped(body: etree._Element) -> bytes:
    """
    Put a signed body into an envelope of its own.

    The signature of the owner inside `data` is left out: the gateway's own, which is verified, covers the
    data.
    """
    for inner in list(body.iter(SIGNATURE_TAG)):
        holder = inner.getparent()
        if holder is not None:
            holder.remove(inner)
    root = etree.Element(f"{{{SOAP}}}Envelope")
    root.append(body)
    return etree.tostring(root, encoding="UTF-8")
