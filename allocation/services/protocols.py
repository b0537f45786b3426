"""The sitting's protocol: one JSON document made from rows and the stored run, and its PDF/A."""

import hashlib
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from allocation import engine_io
from allocation.documents import departure_sections, run_sections, sitting_sections, split_section
from allocation.documents.figures import ZONE, moment
from allocation.documents.material import Material
from allocation.models import Protocol, Sitting
from allocation.selectors.bundles import engine_source_sha256
from allocation.selectors.departures import list_departures
from allocation.selectors.signatures import decided_at_head
from queue_registry.documents import typesetting
from queue_registry.models import User
from queue_registry.services import audit

LANGUAGES: Final = ("kk", "ru")


class NotDecided(Exception):
    """The commission has not decided, so there is nothing to write down."""


class ProtocolDiffers(Exception):
    """Made again, the protocol has other bytes than the stored one."""


@transaction.atomic
def make(*, sitting_id: int, language: str, at: datetime, by: User | str = audit.SYSTEM) -> Protocol:
    """
    Make and keep the protocol of a decided sitting; made again it is compared, never replaced.

    :raises NotDecided: while there is no decision.
    :raises ProtocolDiffers: if rows, input or result no longer make the stored bytes.
    """
    sitting = (
        Sitting.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat")
        .get(pk=sitting_id)
    )
    return keep(sitting, language, content(sitting, language), at=at, by=by)


def content(sitting: Sitting, language: str) -> bytes:
    """Return the PDF of a decided sitting's protocol. :raises NotDecided: while there is no decision."""
    return typesetting.pdf(document(sitting, language))


def keep(sitting: Sitting, language: str, content: bytes, *, at: datetime, by: User | str) -> Protocol:
    """
    Keep a protocol that was made a moment ago, inside the caller's transaction, which holds the sitting.

    :raises ProtocolDiffers: if another one is kept.
    """
    digest = hashlib.sha256(content).hexdigest()
    stored = Protocol.objects.filter(sitting=sitting, language=language).first()
    if stored is not None:
        if stored.sha256 != digest:
            raise ProtocolDiffers(f"{language}: stored {stored.sha256}, made again {digest}")
        return stored
    protocol = Protocol.objects.create(
        sitting=sitting, language=language, content=content, sha256=digest, made_at=at
    )
    audit.record(
        akimat=sitting.akimat,
        by=by,
        at=at,
        event="protocol.made",
        target=f"sitting:{sitting.pk}",
        language=language,
        sha256=digest,
    )
    return protocol


def document(sitting: Sitting, language: str) -> dict[str, Any]:
    """
    Return the protocol as the JSON document that is set as PDF (form: `documents.blocks`).

    :raises NotDecided: while there is no decision.
    """
    with translation.override(language):
        return _document(_material(sitting, language))


def public_content(sitting: Sitting, language: str) -> bytes:
    """Return the PDF of the protocol's public form. :raises NotDecided: while there is no decision."""
    return typesetting.pdf(public_document(sitting, language))


def public_document(sitting: Sitting, language: str) -> dict[str, Any]:
    """
    Return the protocol without what tells of a family, or of a member's relatives, what only they may know.

    :raises NotDecided: while there is no decision.
    """
    with translation.override(language):
        material = _material(sitting, language)
        title = _("Protocol No %(number)s, public form") % {"number": material.sitting.number}
        return _form(material, title, "protocol-public/1", _public_sections(material))


def _public_sections(material: Material) -> list[dict[str, Any]]:
    return [
        sitting_sections.left_out(material),
        sitting_sections.agenda(material),
        sitting_sections.quorum(material),
        sitting_sections.decision(material),
        run_sections.policy(material),
        run_sections.dwellings(material),
        split_section.split(material),
        run_sections.allotments(material),
        run_sections.check(material),
        sitting_sections.signatures(material),
    ]


def _document(material: Material) -> dict[str, Any]:
    title = _("Protocol No %(number)s") % {"number": material.sitting.number}
    return _form(material, title, "protocol/1", _sections(material))


def _sections(material: Material) -> list[dict[str, Any]]:
    return [
        sitting_sections.agenda(material),
        sitting_sections.members(material),
        sitting_sections.recusals(material),
        sitting_sections.votes(material),
        departure_sections.departures(material),
        sitting_sections.decision(material),
        run_sections.policy(material),
        run_sections.dwellings(material),
        split_section.split(material),
        run_sections.allotments(material),
        run_sections.passed_over(material),
        departure_sections.unanswered(material),
        run_sections.witnesses(material),
        run_sections.check(material),
        sitting_sections.signatures(material),
    ]


def _form(material: Material, title: str, form: str, sections: list[dict[str, Any]]) -> dict[str, Any]:
    sitting, day = material.sitting, material.decision.decided_at.astimezone(ZONE)
    return {
        "format": form,
        "language": material.language,
        "title": title,
        "subtitle": _("of the sitting of the housing commission of %(moment)s")
        % {"moment": moment(sitting.convened_at)},
        "akimat": material.akimat_name,
        "author": material.akimat_name,
        "date": {"year": day.year, "month": day.month, "day": day.day},
        "header": {"left": material.akimat_name, "right": f"{title}, {material.round.number}"},
        "footer": {
            "left": _("Result: SHA-256 %(digest)s") % {"digest": material.decision.result_sha256},
            "page": _("page {page} of {pages}"),
        },
        "sections": sections,
    }


def _material(sitting: Sitting, language: str) -> Material:
    decided = Sitting.objects.select_related(
        "akimat", "convened_by", "presiding", "run__round__policy__approved_by", "decision__decided_by"
    ).get(pk=sitting.pk)
    if not hasattr(decided, "decision"):
        raise NotDecided("The commission has not decided yet.")
    round_ = decided.run.round
    members = decided.members.select_related("user", "vote").order_by("-is_chair", "user__username")
    return Material(
        sitting=decided,
        members=tuple(members),
        departures=tuple(list_departures(decided)),
        decision=decided.decision,
        round=round_,
        policy=round_.policy,
        input=engine_io.parsed(round_.input),
        result=engine_io.parsed(decided.run.result),
        bundles=dict(decided.run.bundles.values_list("form", "sha256")),
        engine_source=engine_source_sha256(decided.run),
        decided_head=decided_at_head(decided),
        language=language,
        url=f"{settings.PUBLIC_URL}/{language}/rounds/{round_.pk}/",
    )
