"""
Due questions asked of the state systems, and their answers stored.

Work is rows: questions wait in the outbox of `integrations`, entries to be assessed again in
`AssessmentRequest`. Tasks take what is due; a lost broker or a dead worker loses nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import stamina
from django.db import transaction
from psycopg import errors

from integrations import services as outbox
from integrations import withdrawals
from integrations.models import CheckRequest
from queue_registry.selectors import consents
from queue_registry.services import persons
from queue_registry.services.assessment_requests import entries_about, request_assessments
from queue_registry.services.source_answers import store

_STORE_ATTEMPTS: Final = 5


def keep_asking(*, dispatch: outbox.Dispatch, limit: int, at: datetime) -> int:
    """
    Ask due questions beside those that are under way, and store what came meanwhile; return how many came.

    :raises integrations.services.GatewayUnreachable: nothing is taken then, and nobody changes.
    """
    dispatch.ask(limit=limit, at=at, refuses=refuse)
    answered = dispatch.hear()
    _store_patiently(answered, at)
    return len(answered)


def _store_patiently(answered: Sequence[outbox.AnsweredCheck], at: datetime) -> None:
    if answered:
        # Two workers may bring answers about the same families: one of them has to wait and write again.
        for attempt in stamina.retry_context(on=_is_deadlock, attempts=_STORE_ATTEMPTS, wait_max=1.0):
            with attempt:
                store(answered=answered, at=at)


@transaction.atomic
def refuse(rows: Sequence[CheckRequest], at: datetime) -> set[int]:
    """
    Close those of the questions that no consent covers at the moment of asking, whatever it was when they
    were put; return their keys. Entries concerned are judged again: another consent may cover them.
    """
    refused = consents.list_refused(rows, at=at)
    if refused:
        withdrawals.close(rows=refused, at=at)
        people = persons.by_iin({row.subject_iin for row in rows if row.pk in refused})
        request_assessments(entries=entries_about({person.pk for person in people.values()}, at=at), at=at)
    return refused


def _is_deadlock(error: Exception) -> bool:
    return isinstance(error.__cause__, errors.DeadlockDetected)
