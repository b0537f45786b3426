"""Background work of the register: each task takes rows that are due and makes one service call."""

import time
from datetime import datetime, timedelta

import structlog
from celery import shared_task

from integrations import kept_envelopes
from integrations.gateway.transport import GatewayTransport
from integrations.services import Dispatch, GatewayUnreachable
from queue_registry.notices import providers as notice_providers
from queue_registry.rules.calendar import TIME_ZONE, civil_day
from queue_registry.selectors import clock, list_pasts, sweep_work, waiting
from queue_registry.selectors.legacy import list_due_settlements, list_wanted_orders, list_wanted_uploads
from queue_registry.selectors.matches import list_due as list_searches_due
from queue_registry.selectors.rechecks import list_closed_looks, list_held
from queue_registry.services import (
    assessment_requests,
    carrying,
    checks,
    consents,
    doubles,
    expected_waiting,
    held_findings,
    import_orders,
    import_reading,
    matches,
    rechecks,
    seals,
    settlements,
    sweep_portions,
    sweeps,
)
from queue_registry.services import list_pasts as pasts
from queue_registry.services.audit import KeptElsewhere

logger = structlog.get_logger(__name__)

# Not summed up yet: yesterday whole. An act records the moment at which it began, and none takes a day.
_LEFT_OUT = timedelta(days=1)
_CHUNK = 500
_SECONDS = 20
_PORTION = 200
# Three times what the biggest list of the country takes.
_READING_SECONDS = 600
_ORDER_SECONDS = 900


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def ask_due_checks(**_: object) -> None:
    """
    Ask what is due, storing answers as they come, and assess entries whose facts changed; stop after some
    seconds, when all that is under way has come.
    """
    until = time.monotonic() + _SECONDS
    with GatewayTransport.from_settings() as transport, Dispatch(transport) as dispatch:
        while dispatch.under_way or time.monotonic() < until:
            limit = _CHUNK if time.monotonic() < until else 0
            try:
                came = checks.keep_asking(dispatch=dispatch, limit=limit, at=clock.now())
            except GatewayUnreachable:
                came = 0  # the rows stay due; what is known is judged all the same
            if (
                not came
                and not assessment_requests.assess_due(limit=_CHUNK, at=clock.now())
                and not dispatch.under_way
            ):
                return


@shared_task(acks_late=True, soft_time_limit=_READING_SECONDS)  # type: ignore[untyped-decorator]
def take_in_uploads(**_: object) -> None:
    """Read the uploaded old lists that are wanted, the longest waiting first; one failure stops no other."""
    for upload_id in list_wanted_uploads():
        try:
            import_reading.take_in(upload_id=upload_id, at=clock.now())
        except KeptElsewhere:
            continue  # the row stays as it was handed over
        except Exception:
            logger.exception("import_upload.failed", upload=upload_id)


@shared_task(acks_late=True, soft_time_limit=_ORDER_SECONDS)  # type: ignore[untyped-decorator]
def carry_out_import_orders(**_: object) -> None:
    """Confirm files and take files back as it was ordered, in that order; one failure stops no other."""
    for order_id in list_wanted_orders():
        try:
            import_orders.carry_out(order_id=order_id, at=clock.now())
        except KeptElsewhere:
            continue  # the row stays as it was handed over
        except Exception:
            logger.exception("import_order.failed", order=order_id)


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def settle_legacy_lists(**_: object) -> None:
    """Make the ledgers again that answers of the registers concern; one failure stops no other."""
    for requested in list_due_settlements():
        try:
            settlements.settle_due(requested=requested, at=clock.now())
        except KeptElsewhere:
            continue  # the row stays as it was handed over
        except Exception:
            logger.exception("legacy_ledger.failed", akimat=requested.akimat.kato)


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def find_matches(**_: object) -> None:
    """Search ledgers that were made again for applications of one person; one failure stops no other."""
    for akimat in list_searches_due():
        try:
            matches.search(akimat=akimat, at=clock.now())
        except KeptElsewhere:
            continue  # the row stays as it was handed over
        except Exception:
            logger.exception("match_groups.failed", akimat=akimat.kato)


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def deliver_notices(**_: object) -> None:
    """
    Hand due notices over and ask what became of others, one by one, for some seconds.

    One that fails the task waits for its next attempt; the next call goes on with the others.
    """
    provider, until = notice_providers.from_settings(), time.monotonic() + _SECONDS
    while time.monotonic() < until and carrying.deliver_next(provider=provider, at=clock.now()):
        pass


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def go_on_with_sweeps(**_: object) -> None:
    """Go on with sweeps, those before an allocation first, for some seconds; one failure stops no other."""
    until = time.monotonic() + _SECONDS
    for sweep in sweep_work.list_running():
        try:
            while time.monotonic() < until:
                if not sweep_portions.go_on(sweep_id=sweep.pk, limit=_PORTION, at=clock.now()):
                    break
        except KeptElsewhere:
            continue  # the row stays as it was handed over
        except Exception:
            logger.exception("sweep.failed", sweep=sweep.pk)


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def begin_inventories(**_: object) -> None:
    """Begin the inventory of the quarter wherever nobody has; one failure stops no other."""
    for akimat in sweep_work.list_without_inventory(clock.now()):
        try:
            sweeps.start_inventory(akimat=akimat, by=None, at=clock.now())
        except Exception:
            logger.exception("inventory.failed", akimat=akimat.kato)


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def purge_envelopes(**_: object) -> None:
    """Drop kept envelopes whose time is over."""
    logger.info("envelopes.purged", count=kept_envelopes.purge(by="timer", at=clock.now()))


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def take_second_looks(**_: object) -> None:
    """Conclude findings of rechecks whose second questions are closed; one failure stops no other."""
    for finding_id in list_closed_looks(limit=_CHUNK, at=clock.now()):
        try:
            rechecks.conclude(finding_id=finding_id, at=clock.now())
        except Exception:
            logger.exception("second_look.failed", finding=finding_id)


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def review_held_findings(**_: object) -> None:
    """Take up what waited and has nothing in its way any more; one failure stops no other."""
    last = 0
    while keys := list_held(after=last, limit=_CHUNK, at=clock.now()):
        for finding_id in keys:
            try:
                held_findings.review(finding_id=finding_id, at=clock.now())
            except Exception:
                logger.exception("held_finding.failed", finding=finding_id)
        last = keys[-1]


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def find_doubles(**_: object) -> None:
    """Find households with somebody in two akimats' lists, and end what is no double any more."""
    doubles.end_over(at=clock.now())
    found = doubles.see(at=clock.now())
    if found:
        logger.info("doubles.found", count=len(found))


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def notice_ended_consents(**_: object) -> None:
    """Let entries be judged again whose people's consents ended."""
    consents.notice_ended(at=clock.now())


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def seal_trail(**_: object) -> None:
    """Seal yesterday's heads of the trail, if nobody has yet."""
    for seal in seals.seal_yesterday(at=clock.now()):
        logger.info("trail.sealed", akimat=seal.akimat_kato, on=seal.on.isoformat(), seq=seal.seq)


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def renew_expected_waiting(**_: object) -> None:
    """Work out anew what is foreseen of lists, for some seconds; one failure stops no other."""
    on, until = civil_day(clock.now()), time.monotonic() + _SECONDS
    for waiting_list_id in waiting.list_due(on=on):
        if time.monotonic() >= until:
            return
        try:
            expected_waiting.renew(waiting_list_id=waiting_list_id, on=on)
        except Exception:
            logger.exception("expected_waiting.failed", waiting_list=waiting_list_id)


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def sum_up_pasts(**_: object) -> None:
    """Sum up the pasts of lists until yesterday, for some seconds; one failure stops no other."""
    until = datetime.combine(civil_day(clock.now()) - _LEFT_OUT, datetime.min.time(), tzinfo=TIME_ZONE)
    ended = time.monotonic() + _SECONDS
    for waiting_list_id in list_pasts.list_due(until=until):
        if time.monotonic() >= ended:
            return
        try:
            pasts.sum_up(waiting_list_id=waiting_list_id, until=until)
        except Exception:
            logger.exception("list_past.failed", waiting_list=waiting_list_id)
