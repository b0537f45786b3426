"""
What the members of the commission sign: a manifest, and for who presides the manifest with the others'
signatures.

A manifest is made once, from rows that do not change any more and the bytes of both protocols; made again it
has the same bytes.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from allocation.engine.strict_json import canonical_bytes, digest
from allocation.models import Departure, Manifest, Signature, Sitting, SittingMember
from allocation.selectors.bundles import engine_source_sha256
from allocation.selectors.departures import list_departures
from allocation.selectors.signatures import decided_at_head
from allocation.services import protocols, sittings
from queue_registry.models import User
from queue_registry.services import audit

FORMAT: Final = "manifest/1"
CLOSING_FORMAT: Final = "closing/1"


class ManifestDiffers(Exception):
    """Made again, the manifest has other bytes than the stored one."""


@transaction.atomic
def make(*, sitting_id: int, at: datetime, by: User | str = audit.SYSTEM) -> Manifest:
    """
    Make and keep both protocols of a decided sitting and their manifest; made again it is compared, never
    replaced.

    :raises allocation.services.protocols.NotDecided: while there is no decision.
    :raises allocation.services.protocols.ProtocolDiffers: if a protocol no longer has the stored bytes.
    :raises ManifestDiffers: if the manifest has not.
    """
    sitting = sittings.lock(sitting_id)
    # Set before the first record, which takes the head of the trail: setting takes long.
    made = {language: protocols.content(sitting, language) for language in protocols.LANGUAGES}
    papers = {
        language: protocols.keep(sitting, language, content, at=at, by=by).sha256
        for language, content in made.items()
    }
    content = content_of(sitting, papers)
    stored = Manifest.objects.filter(sitting=sitting).first()
    if stored is not None:
        if bytes(stored.content) != content:
            raise ManifestDiffers(f"stored {stored.sha256}, made again {digest(content)}")
        return stored
    manifest = Manifest.objects.create(sitting=sitting, content=content, sha256=digest(content), made_at=at)
    audit.record(
        akimat=sitting.akimat,
        by=by,
        at=at,
        event="manifest.made",
        target=f"sitting:{sitting.pk}",
        sha256=manifest.sha256,
        protocols=papers,
    )
    return manifest


def content_of(sitting: Sitting, papers: Mapping[str, str]) -> bytes:
    """Return the manifest of a decided sitting; `papers` are digests of its protocols by language."""
    return canonical_bytes(_document(sitting, papers))


def closing_bytes(manifest: Manifest, signatures: Iterable[Signature]) -> bytes:
    """
    Return what who presides signs, last: the manifest's digest and those of the other members' signatures.
    """
    others = {one.member.user.username: one.sha256 for one in signatures}
    return canonical_bytes(
        {
            "format": CLOSING_FORMAT,
            "manifest": manifest.sha256,
            "signatures": [{"user": name, "sha256": others[name]} for name in sorted(others)],
        }
    )


def _document(sitting: Sitting, papers: Mapping[str, str]) -> dict[str, Any]:
    run, round_, decision = sitting.run, sitting.run.round, sitting.decision
    members = list(sitting.members.select_related("user", "vote").order_by("user__username"))
    return {
        "format": FORMAT,
        "akimat": {"kato": sitting.akimat.kato, "bin": sitting.akimat.bin},
        "sitting": {
            "number": sitting.number,
            "convened_at": sitting.convened_at.isoformat(),
            "sits_at": _moment(sitting.sits_at),
            "place": sitting.place,
            "agenda": sitting.agenda,
        },
        "round": {
            "number": round_.number,
            "mode": str(round_.mode),
            "policy": round_.policy.code,
            "rung": round_.rung,
            "programme": round_.programme,
        },
        "members": [_member(member) for member in members],
        "votes": [_vote(member) for member in members if hasattr(member, "vote")],
        "departures": [_departure(departure) for departure in list_departures(sitting)],
        "decision": {
            "outcome": str(decision.outcome),
            "decided_at": decision.decided_at.isoformat(),
            "decided_by": decision.decided_by.username,
            "arithmetic": decision.arithmetic,
        },
        "sha256": {
            "input": decision.input_sha256,
            "result": decision.result_sha256,
            "policy": round_.policy.sha256,
            "engine": engine_source_sha256(run),
            "bundles": dict(run.bundles.order_by("form").values_list("form", "sha256")),
            "protocols": dict(papers),
        },
        "trail": {"frozen": round_.trail_head, "decided": decided_at_head(sitting)},
    }


def _member(member: SittingMember) -> dict[str, Any]:
    # Sittings of before the acts were kept have none; their manifests keep their bytes.
    act = {"mandate_document": member.mandate_document} if member.mandate_document else {}
    return {
        "user": member.user.username,
        "chair": member.is_chair,
        "recused": member.recusal_ground,
        "attended_at": _moment(member.attended_at),
        "mandate_from": member.mandate_from.isoformat() if member.mandate_from else "",
        **act,
    }


def _vote(member: SittingMember) -> dict[str, Any]:
    vote = member.vote
    return {
        "user": member.user.username,
        "choice": str(vote.choice),
        "reason": vote.reason,
        "cast_at": vote.cast_at.isoformat(),
    }


def _departure(departure: Departure) -> dict[str, Any]:
    return {
        "file_number": departure.line.entry.file_number,
        "dwelling": departure.line.dwelling.number if departure.line.dwelling else "",
        "instead": departure.instead.file_number if departure.instead else "",
        "ground": str(departure.ground),
        "document_sha256": departure.document.sha256,
        "passed_over": departure.passed_over,
        "carried": departure.is_carried,
        "arithmetic": departure.arithmetic,
        "votes": [
            {"user": vote.member.user.username, "choice": str(vote.choice), "reason": vote.reason}
            for vote in departure.votes.all()
        ],
    }


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.isoformat()
