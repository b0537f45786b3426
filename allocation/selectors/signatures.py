"""Signatures under a protocol: whose are there, whose are missing, who signs last."""

from dataclasses import dataclass
from datetime import datetime

from allocation.models import AkimatDecision, Manifest, Signature, Sitting, SittingMember
from queue_registry.models import AuditEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A member who voted, with the signature, if there is one."""

    member: SittingMember
    presides: bool
    signature: Signature | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """All who may sign, who presides last; `needed` is the quorum in members."""

    signers: tuple[Signer, ...]
    needed: int

    @property
    def signed(self) -> int:
        return sum(signer.signature is not None for signer in self.signers)

    @property
    def missing_before_closing(self) -> int:
        """How many others have to sign before who presides may."""
        others = sum(signer.signature is not None for signer in self.signers if not signer.presides)
        return max(0, self.needed - 1 - others)

    def of(self, user_id: int) -> Signer | None:
        """Return a person's own line, or None if the person did not vote."""
        return next((signer for signer in self.signers if signer.member.user_id == user_id), None)


def get_signing(sitting: Sitting) -> Signing:
    """Return who may sign the protocol of a decided sitting: whoever voted and was not recused."""
    members = (
        sitting.members.filter(vote__isnull=False, recusal_ground="")
        .select_related("user__person", "vote", "signature")
        .order_by("user__username")
    )
    signers = [
        Signer(
            member=member,
            presides=member.user_id == sitting.presiding_id,
            signature=getattr(member, "signature", None),
        )
        for member in members
    ]
    return Signing(
        signers=tuple(sorted(signers, key=lambda signer: signer.presides)),
        needed=sitting.decision.arithmetic["needed"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicActs:
    """
    What anybody may know of how a protocol was signed and decided on; the akimat's decision only once it is
    published.
    """

    locked_at: datetime | None
    signed: int
    manifest_sha256: str
    decision: AkimatDecision | None


def get_public_acts(sitting: Sitting) -> PublicActs:
    """Return it of a decided sitting."""
    published = AkimatDecision.objects.filter(sitting=sitting, published_at__isnull=False)
    digests = Manifest.objects.filter(sitting=sitting).values_list("sha256", flat=True)
    return PublicActs(
        locked_at=sitting.locked_at,
        signed=Signature.objects.filter(member__sitting=sitting).count(),
        manifest_sha256=digests.first() or "",
        decision=published.first(),
    )


def decided_at_head(sitting: Sitting) -> str:
    """Return the digest of the decision's own record: the head of the akimat's trail at that moment."""
    record = AuditEvent.objects.filter(
        akimat_kato=sitting.akimat.kato, target=f"sitting:{sitting.pk}", event__startswith="decision."
    )
    return record.values_list("sha256", flat=True).first() or ""
