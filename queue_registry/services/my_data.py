"""
The household sees what the state knows of it: by a code from its telephone, and every look is on record.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from queue_registry.models import Application, ConsentChannel, OneTimeCode
from queue_registry.rules.intakes import IntakeRefusal, IntakeRefused
from queue_registry.rules.one_time_codes import CodeRefused, Purpose
from queue_registry.services import audit, consents, one_time_codes


def unlock(*, application_id: int, code: str, at: datetime) -> None:
    """
    Take the code by which a household opens its data; a wrong one is counted, and nothing else happens.

    :raises CodeRefused: NONE_SENT, OVER, TRIES_OVER, WRONG.
    """
    with transaction.atomic():
        application = _locked(application_id)
        problem: CodeRefused | None = one_time_codes.take(
            application_id=application.pk, purpose=Purpose.MY_DATA, code=code, at=at
        )
        if problem is None:
            _record(application, "my_data.unlocked", at)
    if problem is not None:
        raise problem


@transaction.atomic
def record_read(*, application: Application, at: datetime) -> None:
    """Record that the household read its data."""
    _record(application, "my_data.read", at)


def give_consent(*, application: Application, at: datetime) -> None:
    """
    The applicant agrees on the household's page to the registers being asked; the code stands for a
    signature.

    :raises IntakeRefused: NOT_OF_THE_HOUSEHOLD.
    """
    consents.record(**_signed(application), at=at)


def take_consent_back(*, application: Application, at: datetime) -> None:
    """
    The applicant takes every consent back on the household's page; nobody is removed.

    :raises IntakeRefused: NOT_OF_THE_HOUSEHOLD.
    """
    consents.withdraw(**_signed(application), at=at)


def answer_for_oneself(*, application_id: int, person_id: int, gives: bool, code: str, at: datetime) -> None:
    """
    An adult of the household consents to the registers being asked, or takes the consent back, by a code from
    his own telephone. It speaks for nobody else, but for the minors of an applicant; a wrong code is counted,
    and nothing else happens.

    :raises CodeRefused: NONE_SENT, OVER, TRIES_OVER, WRONG.
    :raises IntakeRefused: NOT_OF_THE_HOUSEHOLD.
    """
    with transaction.atomic():
        application = _locked(application_id)
        problem: CodeRefused | None = one_time_codes.take(
            application_id=application.pk, person_id=person_id, purpose=Purpose.CONSENT, code=code, at=at
        )
        if problem is None:
            act = consents.record if gives else consents.withdraw
            act(**_signed_by(application, person_id), at=at)
    if problem is not None:
        raise problem


def _signed_by(application: Application, person_id: int) -> dict[str, Any]:
    used = application.one_time_codes.filter(
        person=person_id, purpose=Purpose.CONSENT, used_at__isnull=False
    ).latest("used_at", "pk")
    return {
        "application_id": application.pk,
        "person_id": person_id,
        "channel": ConsentChannel.PAGE,
        "evidence": f"one_time_code:{used.pk}",
        "by": one_time_codes.CITIZEN,
    }


def _signed(application: Application) -> dict[str, Any]:
    """What shows the applicant's will: the newest code that was taken."""
    used = OneTimeCode.objects.filter(application=application, purpose=Purpose.MY_DATA, used_at__isnull=False)
    code = used.order_by("-used_at", "-pk").values_list("pk", flat=True).first()
    if code is None or application.applicant_id is None:
        raise IntakeRefused(IntakeRefusal.NOT_OF_THE_HOUSEHOLD)
    return {
        "application_id": application.pk,
        "person_id": application.applicant_id,
        "channel": ConsentChannel.PAGE,
        "evidence": f"one_time_code:{code}",
        "by": one_time_codes.CITIZEN,
    }


def _locked(application_id: int) -> Application:
    return (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat")
        .get(pk=application_id)
    )


def _record(application: Application, event: str, at: datetime) -> None:
    audit.record(
        akimat=application.akimat,
        by=one_time_codes.CITIZEN,
        at=at,
        event=event,
        target=f"application:{application.pk}",
        file_number=application.file_number,
    )
