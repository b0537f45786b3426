"""Questions as one worker asks them that takes whatever is due, and waits for all that comes."""

from django.db.models import Min

from integrations import due
from integrations.contract import Lane
from integrations.dispatch import LEASE, Dispatch
from integrations.models import OPEN_STATES, CheckRequest
from integrations.sources import ADAPTERS
from queue_registry.services import checks


def take_due(*, limit, at):
    """Lease up to `limit` questions that are due, of all sources and lanes."""
    rooms = {(source, lane): limit for source in ADAPTERS for lane in Lane}
    return due.lease(rooms, limit=limit, at=at, until=LEASE)


def next_attempt_at():
    """When the next open question may be asked, None if all are closed."""
    open_ones = CheckRequest.objects.filter(state__in=OPEN_STATES)
    return open_ones.aggregate(moment=Min("next_attempt_at"))["moment"]


def ask_due(*, limit, at, transport, refuses=None):
    """Ask what is due once and return all that comes; nothing is recorded."""
    with Dispatch(transport) as dispatch:
        dispatch.ask(limit=limit, at=at, refuses=refuses)
        return hear_all(dispatch)


def hear_all(dispatch):
    """The answers to everything that is under way, however long the slowest takes."""
    answered = []
    while dispatch.under_way:
        answered += dispatch.hear()
    return answered


def ask_and_store(*, limit, at, transport):
    """Ask what is due once and store all that comes; return how many came."""
    with Dispatch(transport) as dispatch:
        came = checks.keep_asking(dispatch=dispatch, limit=limit, at=at)
        while dispatch.under_way:
            came += checks.keep_asking(dispatch=dispatch, limit=0, at=at)
    return came
