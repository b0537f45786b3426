"""
Applications that another state system hands in: taken into the register as a clerk would, all or nothing.

What is complete is filed, and gets its number and moment; what is not stays an intake, which a clerk
completes. The same request sent twice, or by two connections at once, acts once and gets the same answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from queue_registry.models import Akimat, ApiClient, ApiRequest, Application, Intake
from queue_registry.rules.intakes import IntakeRefusal, IntakeRefused
from queue_registry.services import applications, intakes
from queue_registry.services.persons import by_iin


class KeyOfAnotherRequest(Exception):
    """The key was sent before, with another body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person who would live with the applicant."""

    iin: str
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A consent that a member of the household gave where the application was filled in."""

    iin: str
    channel: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document with its scan."""

    kind: str
    title: str
    scan: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What another system says of a household."""

    akimat_kato: str
    iin: str
    claims: Sequence[dict[str, str]]
    members: Sequence[Member]
    consents: Sequence[Agreed]
    papers: Sequence[Paper]


@transaction.atomic
def take_in(*, client: ApiClient, key: str, body_digest: str, told: Told, at: datetime) -> ApiRequest:
    """
    Take an application in, and file it if it lacks nothing.

    :raises KeyOfAnotherRequest: if the key was sent with another body.
    :raises IntakeRefused: as an intake and its filing; INTAKE_OPEN also where somebody else has begun it.
    """
    akimat = _akimat(client, told.akimat_kato)
    before = ApiRequest.objects.filter(client=client, key=key).first()
    if before is not None:
        if before.body_digest != body_digest:
            raise KeyOfAnotherRequest(key)
        return before
    intake = _intake(client, akimat, told, at)
    application, missing = _filed(client, intake, at)
    return ApiRequest.objects.create(
        client=client,
        key=key,
        body_digest=body_digest,
        intake=intake,
        application=application,
        answer=_answer(application, missing),
        received_at=at,
    )


def _akimat(client: ApiClient, kato: str) -> Akimat:
    """The akimat under its lock: two requests with one key are taken one after the other."""
    rows = Akimat.objects.select_for_update(of=("self",), no_key=True)
    akimat = rows.filter(kato=kato, pk__in=client.akimats.values("pk")).first()
    if akimat is None:
        raise IntakeRefused(IntakeRefusal.NOT_YOUR_AKIMAT)
    return akimat


def _intake(client: ApiClient, akimat: Akimat, told: Told, at: datetime) -> Intake:
    act: dict[str, Any] = {"by": client.user, "at": at}
    intake = intakes.open_intake(akimat=akimat, iin=told.iin, **act)
    if intake.version != 1 or intake.opened_by_id != client.user_id:
        raise IntakeRefused(IntakeRefusal.INTAKE_OPEN, intake=None)
    intake = intakes.set_claims(intake_id=intake.pk, version=intake.version, claims=told.claims, **act)
    for member in told.members:
        intake = intakes.add_member(
            intake_id=intake.pk, version=intake.version, iin=member.iin, relation=member.relation, **act
        )
    people = by_iin([one.iin for one in told.consents])
    for one in told.consents:
        intakes.record_consent(
            intake_id=intake.pk,
            person_id=people[one.iin].pk,
            channel=one.channel,
            evidence=one.evidence,
            **act,
        )
    for paper in told.papers:
        intakes.add_document(intake_id=intake.pk, kind=paper.kind, title=paper.title, scan=paper.scan, **act)
    intake.refresh_from_db()
    return intake


def _filed(client: ApiClient, intake: Intake, at: datetime) -> tuple[Application | None, dict[str, Any]]:
    """File an intake; what it lacks is said in the place of an application."""
    try:
        application = applications.file(
            intake_id=intake.pk,
            version=intake.version,
            by=client.user,
            at=at,
            origin=Application.Origin.PORTAL,
        )
    except IntakeRefused as refused:
        if refused.code is not IntakeRefusal.INCOMPLETE:
            raise
        return None, _missing(refused)
    return application, _missing(None)


def _missing(refused: IntakeRefused | None) -> dict[str, Any]:
    """The kinds of papers and the number of consents that an intake lacks."""
    detail = refused.detail if refused else {}
    return {
        "documents": sorted(str(kind) for kind in detail.get("papers", ())),
        "consents": len(detail.get("consents", ())),
    }


def _answer(application: Application | None, missing: dict[str, Any]) -> dict[str, Any]:
    return {
        "state": "FILED" if application else "INTAKE",
        "file_number": application.file_number if application else None,
        "filed_at": (
            application.complete_at.isoformat() if application and application.complete_at else None
        ),
        "decide_by": application.decide_by.isoformat() if application and application.decide_by else None,
        "missing": missing,
    }


def get_state(request: ApiRequest) -> dict[str, Any]:
    """Return what has become of an application since it was handed in, in the form of the first answer."""
    intake = Intake.objects.select_related("application").get(pk=request.intake_id)
    if intake.application is None:
        return {**request.answer, "state": "DROPPED" if intake.dropped_at else "INTAKE"}
    found = _answer(intake.application, _missing(None))
    if intake.application.status != Application.Status.PENDING:
        found["state"] = str(intake.application.status)
    return found
