"""
What a clerk puts together before an application is filed: people, claims, documents, consents.

Every act names the version that its clerk saw: the second of two clerks is told, and nothing is lost. The
same form sent twice finds its work done and changes nothing.
"""

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction

from integrations.contract import Lane
from queue_registry.models import Akimat, ApplicationDocument, Consent, Intake, User
from queue_registry.rules.iin import is_iin
from queue_registry.rules.intakes import (
    LARGEST_SCAN,
    IntakeRefusal,
    IntakeRefused,
    categories_of,
    scan_type,
)
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.selectors import intakes as selectors
from queue_registry.services import audit, persons, source_questions

CONSENT_TEXT = "2026-1"


@transaction.atomic
def open_intake(*, akimat: Akimat, iin: str, by: User, at: datetime, apart: str = "") -> Intake:
    """
    Begin an application of the person with this IIN; the open intake of the same person is returned.

    `apart` says why somebody who is a member of a household that is known applies alone (a grown child).

    :raises IntakeRefused: NOT_AN_IIN, ALREADY_REGISTERED, INTAKE_OPEN (in another akimat, or of the
        household), IN_ANOTHER_HOUSEHOLD without `apart`.
    """
    if not is_iin(iin):
        raise IntakeRefused(IntakeRefusal.NOT_AN_IIN)
    # Two clerks at once: the second sees what the first opened.
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    person = persons.by_iin([iin])[iin]
    known = selectors.find_known([person.pk], akimat=locked)
    own = next((one.intake for one in known if one.intake and one.own and one.applicant), None)
    if own is not None:
        return own
    _refuse_known(known, apart)
    intake = Intake.objects.create(akimat=locked, applicant=person, opened_by=by, opened_at=at)
    _record(intake, "intake.opened", by=by, at=at, **({"apart": apart} if apart else {}))
    return intake


def _refuse_known(known: Sequence[selectors.Known], apart: str = "") -> None:
    for one in known:
        if one.applicant and one.application:
            raise IntakeRefused(IntakeRefusal.ALREADY_REGISTERED, file_number=one.file_number)
        if one.applicant and one.intake:
            raise IntakeRefused(IntakeRefusal.INTAKE_OPEN, intake=one.intake.pk if one.own else None)
    if known and not apart:
        one = known[0]
        if one.intake:
            raise IntakeRefused(IntakeRefusal.INTAKE_OPEN, intake=one.intake.pk if one.own else None)
        raise IntakeRefused(IntakeRefusal.IN_ANOTHER_HOUSEHOLD, file_number=one.file_number)


@transaction.atomic
def set_claims(
    *, intake_id: int, version: int, claims: Sequence[Mapping[str, str]], by: User, at: datetime
) -> Intake:
    """
    Say on which lists the household has grounds, and by which category on each: [{"list", "category"}].

    :raises IntakeRefused: CLAIMS_MISSING, CATEGORY_OF_ANOTHER_LIST, CHANGED_MEANWHILE, INTAKE_CLOSED.
    """
    intake = lock(intake_id)
    wanted = sorted(({"list": one["list"], "category": one["category"]} for one in claims), key=_by_list)
    if intake.claims == wanted and wanted:
        return intake
    check_version(intake, version)
    if not wanted:
        raise IntakeRefused(IntakeRefusal.CLAIMS_MISSING)
    numbers = {one["list"] for one in wanted}
    if len(numbers) < len(wanted) or any(
        one["category"] not in categories_of(ListNumber(one["list"])) for one in wanted
    ):
        raise IntakeRefused(IntakeRefusal.CATEGORY_OF_ANOTHER_LIST)
    intake.claims = wanted
    return _changed(intake, ["claims"], "intake.claims_set", by=by, at=at, claims=wanted)


def _by_list(claim: Mapping[str, str]) -> str:
    return claim["list"]


@transaction.atomic
def add_member(
    *, intake_id: int, version: int, iin: str, relation: str, by: User, at: datetime, apart: str = ""
) -> Intake:
    """
    Name a person who would live with the applicant.

    :raises IntakeRefused: NOT_AN_IIN, ALREADY_REGISTERED, INTAKE_OPEN, IN_ANOTHER_HOUSEHOLD without `apart`,
        CHANGED_MEANWHILE, INTAKE_CLOSED.
    """
    if not is_iin(iin):
        raise IntakeRefused(IntakeRefusal.NOT_AN_IIN)
    intake = lock(intake_id)
    person = persons.by_iin([iin])[iin]
    if person.pk in {intake.applicant_id, *selectors.named_in(intake)}:
        return intake
    check_version(intake, version)
    _refuse_known(selectors.find_known([person.pk], akimat=intake.akimat, but=intake), apart)
    intake.members = [*intake.members, {"person": person.pk, "relation": relation}]
    return _changed(intake, ["members"], "intake.member_added", by=by, at=at, relation=relation)


@transaction.atomic
def take_household(*, intake_id: int, version: int, by: User, at: datetime) -> Intake:
    """
    Name everybody whom the registers propose: spouse and minor children by the civil acts.

    :raises IntakeRefused: ALREADY_REGISTERED, INTAKE_OPEN, IN_ANOTHER_HOUSEHOLD, CHANGED_MEANWHILE,
        INTAKE_CLOSED.
    """
    intake = lock(intake_id)
    proposed = list_proposed(intake, at=at)
    if not proposed:
        return intake
    check_version(intake, version)
    _refuse_known(
        selectors.find_known([int(one["person"]) for one in proposed], akimat=intake.akimat, but=intake)
    )
    intake.members = [*intake.members, *proposed]
    return _changed(intake, ["members"], "intake.household_taken", by=by, at=at, members=len(proposed))


def list_proposed(intake: Intake, *, at: datetime) -> list[dict[str, int | str]]:
    """Return the members whom the registers name and the intake does not yet, as the intake keeps them."""
    named = {intake.applicant_id, *selectors.named_in(intake)}
    members = selectors.get_picture(intake, at=at).household.members
    return [
        {"person": member.facts.person, "relation": member.role.upper()}
        for member in members
        if member.facts.person not in named
    ]


@transaction.atomic
def remove_member(*, intake_id: int, version: int, person_id: int, by: User, at: datetime) -> Intake:
    """
    Take a named person off the household again.

    :raises IntakeRefused: CHANGED_MEANWHILE, INTAKE_CLOSED.
    """
    intake = lock(intake_id)
    kept = [member for member in intake.members if member["person"] != person_id]
    if len(kept) == len(intake.members):
        return intake
    check_version(intake, version)
    intake.members = kept
    return _changed(intake, ["members"], "intake.member_removed", by=by, at=at)


@transaction.atomic
def add_document(
    *, intake_id: int, kind: str, title: str, scan: bytes, by: User, at: datetime
) -> ApplicationDocument:
    """
    Keep the scan of a document with its digest. Documents only come: one clerk's takes nothing of another's.

    :raises IntakeRefused: SCAN_NOT_READABLE, SCAN_TOO_LARGE, INTAKE_CLOSED.
    """
    if len(scan) > LARGEST_SCAN:
        raise IntakeRefused(IntakeRefusal.SCAN_TOO_LARGE)
    found = scan_type(scan)
    if found is None:
        raise IntakeRefused(IntakeRefusal.SCAN_NOT_READABLE)
    intake = lock(intake_id)
    digest = hashlib.sha256(scan).hexdigest()
    twice = intake.documents.filter(kind=kind, sha256=digest).first()
    if twice is not None:
        return twice
    check_open(intake)
    # The name that the clerk's machine gave it may tell whose it is.
    document = ApplicationDocument(
        intake=intake, kind=kind, title=title, sha256=digest, added_by=by, added_at=at
    )
    document.file.save(f"{uuid.uuid4().hex}.{found[1]}", ContentFile(scan), save=False)
    document.save()
    _changed(
        intake, [], "intake.document_added", by=by, at=at, kind=kind, document=document.pk, sha256=digest
    )
    return document


@transaction.atomic
def record_consent(
    *,
    intake_id: int,
    person_id: int,
    channel: str,
    evidence: str,
    by: User,
    at: datetime,
    scope: Collection[str] = (),
) -> Consent:
    """
    Record that a member of the household agreed to the registers being asked; then what it covers is asked.

    :raises IntakeRefused: NOT_OF_THE_HOUSEHOLD, INTAKE_CLOSED.
    """
    intake = lock(intake_id)
    check_open(intake)
    members = selectors.get_picture(intake, at=at).household.members
    if person_id not in {intake.applicant_id, *(member.facts.person for member in members)}:
        raise IntakeRefused(IntakeRefusal.NOT_OF_THE_HOUSEHOLD)
    same = {"person_id": person_id, "channel": channel, "evidence": evidence, "scope": sorted(scope)}
    given = Consent.objects.in_force(at).filter(**same).first()
    if given is None:
        given = Consent.objects.create(text_version=CONSENT_TEXT, given_at=at, recorded_by=by, **same)
        _changed(intake, [], "consent.recorded", by=by, at=at, consent=given.pk, channel=channel)
    return given


@transaction.atomic
def ask(*, intake_id: int, by: User, at: datetime) -> int:
    """
    Put every question that the household needs now, and that a consent covers, into the outbox: before the
    others, because somebody waits. Return how many were new.
    """
    return _ask(Intake.objects.select_related("akimat").get(pk=intake_id), by=by, at=at)


def _ask(intake: Intake, *, by: User, at: datetime) -> int:
    if intake.application_id or intake.dropped_at:
        return 0
    askable = selectors.get_picture(intake, at=at).askable
    return source_questions.put(askable, at=at, by=by.username, lane=Lane.INTERACTIVE)


@transaction.atomic
def drop(*, intake_id: int, version: int, by: User, at: datetime) -> Intake:
    """
    Give an intake up before it is filed; its rows stay.

    :raises IntakeRefused: CHANGED_MEANWHILE, or INTAKE_CLOSED if it was filed.
    """
    intake = lock(intake_id)
    if intake.dropped_at:
        return intake
    check_version(intake, version)
    intake.dropped_at = at
    return _changed(intake, ["dropped_at"], "intake.dropped", by=by, at=at)


def lock(intake_id: int) -> Intake:
    """Lock an intake inside the caller's transaction and return it."""
    return (
        Intake.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat", "applicant")
        .get(pk=intake_id)
    )


def check_open(intake: Intake) -> None:
    """:raises IntakeRefused: INTAKE_CLOSED if it was filed or dropped."""
    if intake.application_id or intake.dropped_at:
        raise IntakeRefused(IntakeRefusal.INTAKE_CLOSED)


def check_version(intake: Intake, version: int) -> None:
    """
    Pass if nobody changed the intake since the version that the clerk saw.

    :raises IntakeRefused: INTAKE_CLOSED, CHANGED_MEANWHILE.
    """
    check_open(intake)
    if intake.version != version:
        raise IntakeRefused(IntakeRefusal.CHANGED_MEANWHILE)


def _changed(
    intake: Intake, fields: Sequence[str], event: str, *, by: User, at: datetime, **data: object
) -> Intake:
    intake.version += 1
    intake.save(update_fields=[*fields, "version"])
    _ask(intake, by=by, at=at)  # before the record: it may wait for another's questions
    _record(intake, event, by=by, at=at, **data)
    return intake


def _record(intake: Intake, event: str, *, by: User, at: datetime, **data: object) -> None:
    audit.record(
        akimat=intake.akimat,
        by=by,
        at=at,
        event=event,
        target=f"intake:{intake.pk}",
        version=intake.version,
        **data,
    )
