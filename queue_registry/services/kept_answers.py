"""
The answer of a state system as it came, byte for byte: opened for a purpose, by a document, on record.

The facts that a rule reads were taken out of it; who doubts them looks at what was really said, and by whom
it was signed. It is kept sealed and for a time (`integrations.kept_envelopes`).
"""

from datetime import datetime

from django.db import transaction

from integrations import kept_envelopes, sealing
from queue_registry.models import Akimat, SourceAnswer, User
from queue_registry.rules.kept_answers import KeptAnswerRefusal, KeptAnswerRefused, Purpose
from queue_registry.services import audit


@transaction.atomic
def open_answer(
    *, akimat: Akimat, answer: SourceAnswer, purpose: Purpose, document: str, by: User, at: datetime
) -> bytes:
    """
    Return an answer about somebody of the akimat's cases as it came. Nothing is given out without its record.

    :param document: on which it is opened: of the check, the complaint, the request.
    :raises KeptAnswerRefused: DOCUMENT_MISSING, NOT_KEPT (nothing came, or its time is over), UNREADABLE.
    :raises queue_registry.services.audit.KeptElsewhere: if the queue is kept in another installation by now.
    """
    if not document.strip():
        raise KeptAnswerRefused(KeptAnswerRefusal.DOCUMENT_MISSING)
    content = _content(answer)
    audit.record(
        akimat=akimat,
        by=by,
        at=at,
        event="source_answer.opened",
        target=f"source_answer:{answer.pk}",
        source=answer.source,
        envelope_sha256=answer.envelope_sha256,
        purpose=str(purpose),
        document=document.strip(),
    )
    return content


def _content(answer: SourceAnswer) -> bytes:
    content = None
    if answer.check_request_id is not None:
        try:
            content = kept_envelopes.of_answer(
                request_id=answer.check_request_id, sha256=answer.envelope_sha256
            )
        except sealing.Unreadable as error:
            raise KeptAnswerRefused(KeptAnswerRefusal.UNREADABLE) from error
    if content is None:
        raise KeptAnswerRefused(KeptAnswerRefusal.NOT_KEPT)
    return content
