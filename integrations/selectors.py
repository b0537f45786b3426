"""What stands in the outbox."""

from collections.abc import Mapping
from datetime import datetime

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
