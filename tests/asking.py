"""The outbox as one worker sees it that takes whatever is due, whoever's it is."""

from django.db.models import Min

from integrations import due
from integrations.contract import Lane
from integrations.dispatch import LEASE
from integrations.models import OPEN_STATES, CheckRequest
from integrations.sources import ADAPTERS


def take_due(*, limit, at):
    """Lease up to `limit` questions that are due, of all sources and lanes."""
    rooms = {(source, lane): limit for source in ADAPTERS for lane in Lane}
    return due.lease(rooms, limit=limit, at=at, until=LEASE)


def next_attempt_at():
    """When the next open question may be asked, None if all are closed."""
    open_ones = CheckRequest.objects.filter(state__in=OPEN_STATES)
    return open_ones.aggregate(moment=Min("next_attempt_at"))["moment"]
