"""
From a confirmed decision to the keys, by the services that do it: signatures, the akimat's decision, answers,
contracts. Built on `tests.factories`, for tests that need what comes late.
"""

import hashlib
from datetime import datetime, timedelta

from allocation.models import AkimatDecision, Decision, Offer, Signature, Sitting, Tenancy
from allocation.selectors.signatures import get_signing
from allocation.services import akimat_decisions, manifests, offers, signatures, tenancies
from allocation.signatures.dev_pki import REVOKED, DevAuthority, DevSigner, Subject
from tests import factories
from tests.factories import AT, Town

SCAN = b"%PDF-1.7 decision of the akimat"
LATER = AT + timedelta(hours=2)


def set_up_signing(settings, folder) -> DevAuthority:
    """An authority that the installation trusts."""
    authority = DevAuthority.make()
    authority.write(folder)
    settings.SIGNATURE_VERIFIER = "allocation.signatures.dev_verifier.DevPkiVerifier"
    settings.SIGNATURE_PKI_DIR = str(folder)
    settings.MEDIA_ROOT = folder / "media"
    return authority


def subject_of(user, sitting: Sitting, **changes) -> Subject:
    """The certificate that a member of the commission has."""
    return Subject(**{"iin": user.person.iin, "bin": sitting.akimat.bin} | changes)


def revoke(authority: DevAuthority, folder, serial: int, *, since: datetime) -> None:
    """The authority publishes that a certificate is revoked."""
    (folder / REVOKED).write_bytes(authority.revoking({serial: since}))


def cms_of(authority: DevAuthority, sitting: Sitting, user, *, at: datetime = AT, **changes) -> tuple:
    """What a member would send: the digest that was shown, and the signature over it."""
    sitting = reloaded(sitting)
    signing = get_signing(sitting)
    document = signatures.to_sign(sitting.manifest, signing, signing.of(user.pk))
    signer = DevSigner(authority=authority)
    subject = changes.pop("subject", None) or subject_of(user, sitting)
    cms = signer.sign(changes.pop("document", document), subject=subject, at=at, **changes)
    return hashlib.sha256(document).hexdigest(), cms


def sign(authority: DevAuthority, sitting: Sitting, user, *, at: datetime = AT, **changes) -> Signature:
    """One member signs."""
    digest, cms = cms_of(authority, sitting, user, at=at, **changes)
    return signatures.sign(sitting_id=sitting.pk, signed_sha256=digest, cms=cms, by=user, at=at)


def sign_all(authority: DevAuthority, sitting: Sitting, *, at: datetime = AT) -> Sitting:
    """Everybody who voted signs, who presides last: the protocol is locked."""
    manifests.make(sitting_id=sitting.pk, at=at)
    for signer in get_signing(reloaded(sitting)).signers:
        sign(authority, sitting, signer.member.user, at=at)
    return reloaded(sitting)


def reloaded(sitting: Sitting) -> Sitting:
    """The sitting as the database has it now, with its decision."""
    return Sitting.objects.select_related("akimat", "decision", "run__round").get(pk=sitting.pk)


def entered(town: Town, sitting: Sitting, *, number: str = "№ 12-1", at: datetime = AT) -> AkimatDecision:
    """The akimat has decided on a locked protocol."""
    act = akimat_decisions.Act(number=number, decided_on=factories.ON, scan=SCAN)
    return akimat_decisions.enter(sitting_id=sitting.pk, act=act, by=town.supervisor, at=at)


def resting_on(town: Town, authority: DevAuthority, decision: Decision) -> AkimatDecision:
    """A confirmed decision, signed, locked, and decided on by the akimat."""
    return entered(town, sign_all(authority, decision.sitting))


def accepted(town: Town, *, entry=None, at: datetime = AT) -> Offer:
    """The open offer to an entry, or the only one, accepted."""
    found = Offer.objects.filter(state=Offer.State.OPEN, **({"entry": entry} if entry else {}))
    return offers.accept(offer_id=found.get().pk, by=town.clerk, at=at)


def concluded(town: Town, offer: Offer, *, at: datetime = AT) -> Tenancy:
    """The contract on an accepted offer."""
    return tenancies.conclude(offer_id=offer.pk, concluded_on=factories.ON, by=town.clerk, at=at)


def with_keys(town: Town, tenancy: Tenancy, *, at: datetime = LATER) -> Tenancy:
    """The keys are handed over."""
    return tenancies.hand_keys(
        tenancy_id=tenancy.pk, keys_on=factories.ON, document="Act No 3", by=town.clerk, at=at
    )
