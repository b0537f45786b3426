"""What stands in the outbox."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db.models import Count, Min

from integrations.models import OPEN_STATES, CheckRequest


def count_open() -> int:
    """Return how many questions still wait for an answer."""
    return CheckRequest.objects.filter(state__in=OPEN_STATES).count()


def get_next_attempt_at() -> datetime | None:
    """Return when the next open question may be asked, None if all are closed."""
    moment: datetime | None = CheckRequest.objects.filter(state__in=OPEN_STATES).aggregate(
        moment=Min("next_attempt_at")
    )["moment"]
    return moment


def count_by_source_and_state() -> Mapping[tuple[str, str], int]:
    """Return how many questions each source has in each state."""
    rows = CheckRequest.objects.order_by().values_list("source", "state").annotate(Count("pk"))
    return {(source, state): count for source, state, count in rows}


def get_periods(request_ids: Collection[int]) -> dict[int, tuple[date, date]]:
    """Return the period that each question asked about, by its key; questions without one are left out."""
    rows = CheckRequest.objects.filter(pk__in=request_ids, period_start__isnull=False)
    return {
        key: (start, until)
        for key, start, until in rows.values_list("pk", "period_start", "period_until")
        if start is not None and until is not None
    }
