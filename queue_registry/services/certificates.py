"""A certificate of place: what a household's page says, as a PDF whose code anybody can check."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from queue_registry.documents import certificate_paper
from queue_registry.models import Application, Certificate
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.certificates import new_code
from queue_registry.selectors.queue import Standing, list_standings
from queue_registry.services import audit
from queue_registry.services.one_time_codes import CITIZEN


class NoPlace(Exception):
    """The application has no place on any list, so there is nothing to certify."""


@transaction.atomic
def issue(*, application_id: int, language: str, at: datetime) -> tuple[Certificate, bytes]:
    """
    Issue a certificate of the places of an application in a language; return it with its PDF.

    Asked for again on the same day, while nothing changed, it is the same certificate.

    :raises NoPlace: if the application stands on no list.
    """
    # Two clicks of one household wait for each other, and the second gets what the first got.
    application = (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat", "applicant")
        .get(pk=application_id)
    )
    said = said_of(list_standings(application))
    if not said:
        raise NoPlace
    last = application.certificates.filter(language=language).order_by("-issued_at", "-pk").first()
    if last is not None and last.said == said and civil_day(last.issued_at) == civil_day(at):
        return last, certificate_paper.pdf(last)
    certificate = Certificate(
        code=new_code(), application=application, language=language, issued_at=at, said=said
    )
    content = certificate_paper.pdf(certificate)
    certificate.sha256 = hashlib.sha256(content).hexdigest()
    certificate.save(force_insert=True)
    audit.record(
        akimat=application.akimat,
        by=CITIZEN,
        at=at,
        event="certificate.issued",
        target=f"certificate:{certificate.pk}",
        application=application.file_number,
        language=language,
        sha256=certificate.sha256,
    )
    return certificate, content


def said_of(standings: Sequence[Standing]) -> list[dict[str, Any]]:
    """Return what a certificate says of the places that there are."""
    return [
        {
            "list": standing.entry.waiting_list.number,
            "place": standing.place,
            "length": standing.length,
            "registered_at": standing.entry.registered_at.isoformat(),
            "time_known": standing.entry.time_known,
            "status": standing.entry.status,
        }
        for standing in standings
        if standing.place is not None
    ]
