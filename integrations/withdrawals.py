"""
Questions that may not be put any more, because nobody consents to them: closed before anybody asks them, and
opened again by the next consent.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TypeAlias

from django.db import transaction
from django.db.models import QuerySet

from integrations.models import OPEN_STATES, CheckRequest, CheckState

Refuses: TypeAlias = Callable[[Sequence[CheckRequest], datetime], Collection[int]]
"""Says which of some questions may not be asked at a moment, by key; closing them is the caller's."""


@transaction.atomic
def close_about(*, iins: Collection[str], at: datetime, sources: Collection[str] | None = None) -> int:
    """
    Close the open questions about people, those of some sources if these are named; return how many.

    What is under way is evidence when it comes, and makes no facts: whoever took it holds it no more.
    """
    rows = CheckRequest.objects.filter(subject_iin__in=iins)
    return _close(rows if sources is None else rows.filter(source__in=sources), at)


@transaction.atomic
def close(*, rows: Collection[int], at: datetime) -> int:
    """Close open questions by key, whoever has taken them; return how many."""
    return _close(CheckRequest.objects.filter(pk__in=rows), at)


def _close(rows: QuerySet[CheckRequest], at: datetime) -> int:
    found = rows.filter(state__in=OPEN_STATES).select_for_update(no_key=True).order_by("pk")
    keys = list(found.values_list("pk", flat=True))
    return CheckRequest.objects.filter(pk__in=keys).update(
        state=CheckState.WITHDRAWN, leased_at=None, leased_by=None, closed_at=at
    )
