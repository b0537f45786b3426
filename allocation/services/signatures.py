"""
The commission signs its protocol: each member who voted by a detached CMS over the manifest, who presides
last over the manifest and the others' signatures. Then the protocol is locked, and nothing is added.

Those who dissented sign, too: it is the protocol that they sign, and their dissent stands in it. Order of
locks: `allocation.services.offers`.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from allocation.models import Manifest, Signature, Sitting, SittingMember
from allocation.rules.refusals import Refusal, Refused
from allocation.selectors.signatures import Signer, Signing, get_signing
from allocation.services import manifests, sittings
from allocation.signatures.port import Fault, SignatureReport, VerifierMissing, verifier
from queue_registry.models import User
from queue_registry.services import audit

# Clocks of time stamps and ours may differ by so much.
SKEW: Final = timedelta(minutes=5)


@transaction.atomic
def sign(*, sitting_id: int, signed_sha256: str, cms: bytes, by: User, at: datetime) -> Signature:
    """
    Take a member's signature; that of who presides locks the protocol.

    :param signed_sha256: digest of what the member was shown and signed.
    :raises Refused: NOTHING_TO_SIGN, NOT_A_MEMBER, NOT_VOTED, SIGNED_ALREADY, SIGNER_UNKNOWN, SIGNED_LAST,
        OTHER_MANIFEST, SIGNING_NOT_SET_UP, SIGNATURE_REFUSED (its `fault` says why), PROTOCOL_LOCKED.
    """
    sitting = sittings.lock(sitting_id)
    manifest = Manifest.objects.filter(sitting=sitting).first()
    if manifest is None:
        raise Refused(Refusal.NOTHING_TO_SIGN)
    signing = get_signing(sitting)
    signer = _check_may_sign(sitting, signing, by)
    document = _document(manifest, signing, signer, signed_sha256)
    report = _verified(document, cms, sitting, manifest, signer.member, at)
    if sitting.locked_at is not None:
        raise Refused(Refusal.PROTOCOL_LOCKED)
    signature = Signature.objects.create(
        member=signer.member,
        manifest=manifest,
        cms=cms,
        signed_sha256=signed_sha256,
        sha256=hashlib.sha256(cms).hexdigest(),
        report=report.as_json(),
        signed_at=report.stamped_at or at,
        received_at=at,
    )
    if signer.presides:
        sitting.locked_at = at
        sitting.save(update_fields=["locked_at"])
    audit.record(
        akimat=sitting.akimat,
        by=by,
        at=at,
        event="protocol.signed",
        target=f"sitting:{sitting.pk}",
        number=sitting.number,
        signed_sha256=signed_sha256,
        signature_sha256=signature.sha256,
        serial_number=report.serial_number,
        signed_at=signature.signed_at.isoformat(),
        locked=signer.presides,
    )
    return signature


def to_sign(manifest: Manifest, signing: Signing, signer: Signer) -> bytes:
    """Return the bytes that a member signs: the manifest, or what closes it."""
    return closing(manifest, signing) if signer.presides else bytes(manifest.content)


def closing(manifest: Manifest, signing: Signing) -> bytes:
    """Return what who presides signs: the manifest's digest and those of the others' signatures."""
    others = [one.signature for one in signing.signers if one.signature is not None and not one.presides]
    return manifests.closing_bytes(manifest, others)


def _check_may_sign(sitting: Sitting, signing: Signing, by: User) -> Signer:
    sittings.seat_of(sitting, by)
    signer = signing.of(by.pk)
    if signer is None:
        raise Refused(Refusal.NOT_VOTED)
    if signer.signature is not None:
        raise Refused(Refusal.SIGNED_ALREADY)
    if signer.member.user.person is None or not sitting.akimat.bin:
        raise Refused(Refusal.SIGNER_UNKNOWN)
    return signer


def _document(manifest: Manifest, signing: Signing, signer: Signer, signed_sha256: str) -> bytes:
    if signer.presides and signing.missing_before_closing:
        raise Refused(Refusal.SIGNED_LAST, missing=signing.missing_before_closing)
    document = to_sign(manifest, signing, signer)
    if hashlib.sha256(document).hexdigest() != signed_sha256:
        raise Refused(Refusal.OTHER_MANIFEST)
    return document


def _verified(
    document: bytes, cms: bytes, sitting: Sitting, manifest: Manifest, member: SittingMember, at: datetime
) -> SignatureReport:
    try:
        report = verifier().verify(document, cms, at)
    except (VerifierMissing, OSError) as problem:
        raise Refused(Refusal.SIGNING_NOT_SET_UP) from problem
    fault = report.fault or _fault(report, sitting, manifest, member, at)
    if fault is not None:
        raise Refused(Refusal.SIGNATURE_REFUSED, fault=str(fault))
    return report


def _fault(
    report: SignatureReport, sitting: Sitting, manifest: Manifest, member: SittingMember, at: datetime
) -> Fault | None:
    """What is wrong with whose signature it is and when it was made."""
    person, stamped_at = member.user.person, report.stamped_at
    if person is None or report.iin != person.iin:
        return Fault.OTHER_PERSON
    if report.bin != sitting.akimat.bin:
        return Fault.OTHER_ORGANIZATION
    if stamped_at is None:
        return Fault.NO_TIME_STAMP
    if stamped_at < manifest.made_at - SKEW:
        return Fault.BEFORE_SESSION
    if sitting.locked_at is not None and stamped_at > sitting.locked_at:
        return Fault.AFTER_SESSION
    return Fault.IN_FUTURE if stamped_at > at + SKEW else None
