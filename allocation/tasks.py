"""
Takes what is due and calls one service for each; a failure of one stops no other, and the row stays due.
"""

from datetime import datetime

import structlog
from celery import shared_task

from allocation.rules.refusals import Refused
from allocation.selectors.freeze_orders import list_wanted
from allocation.selectors.offers import list_overdue
from allocation.selectors.rounds import list_requested_runs
from allocation.services import flags, freeze_orders, offers, register_checks, runs, what_if_orders
from queue_registry.models import Akimat
from queue_registry.selectors import clock, keepers
from queue_registry.services.audit import KeptElsewhere

logger = structlog.get_logger(__name__)
# Ten times what 150,000 candidates take.
_FREEZE_SECONDS = 600


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def execute_requested_runs() -> None:
    """Execute every run that somebody asked for."""
    for run_id in list_requested_runs():
        try:
            runs.execute(run_id=run_id, at=clock.now())
        except KeptElsewhere:
            continue  # the row stays as it was handed over
        except Exception:
            logger.exception("allocation_run.failed", run=run_id)


@shared_task(acks_late=True, soft_time_limit=_FREEZE_SECONDS)  # type: ignore[untyped-decorator]
def carry_out_freeze_orders() -> None:
    """Freeze every round that somebody wants frozen."""
    for order_id in list_wanted():
        try:
            freeze_orders.carry_out(order_id=order_id, at=clock.now())
        except KeptElsewhere:
            continue  # the row stays as it was handed over
        except Exception:
            logger.exception("freeze_order.failed", order=order_id)


@shared_task(acks_late=True, soft_time_limit=_FREEZE_SECONDS)  # type: ignore[untyped-decorator]
def work_out_what_ifs() -> None:
    """Answer every what-if of a big queue that somebody asked; it stands in the cache, since no row may."""
    for key in what_if_orders.list_wanted():
        try:
            what_if_orders.work_out(key=key, at=clock.now())
        except Exception:
            logger.exception("what_if.failed")


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def expire_offers(at: str | None = None) -> None:
    """Close every offer whose term is over; `at` is an aware ISO moment, the clock's if none is given."""
    moment = datetime.fromisoformat(at) if at else clock.now()
    for offer_id in list_overdue(moment):
        try:
            offers.expire(offer_id=offer_id, at=moment)
        except Refused:
            # Answered between the look and the lock.
            logger.info("offer.not_expired", offer=offer_id)
        except Exception:
            logger.exception("offer.expiry_failed", offer=offer_id)


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def find_flags() -> None:
    """Look for red flags in every akimat; a failure in one stops no other."""
    for akimat in Akimat.objects.exclude(pk__in=keepers.resting(clock.now())).order_by("kato"):
        try:
            looked = flags.look(akimat=akimat, at=clock.now())
        except Exception:
            logger.exception("red_flags.failed", akimat=akimat.kato)
        else:
            logger.info("red_flags.looked", akimat=akimat.kato, opened=looked.opened, gone=looked.gone)


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def check_register() -> None:
    """Look at every invariant; what is broken stands on the public board and, by its rule, in the log."""
    looked = register_checks.look(at=clock.now())
    for found in looked.broken:
        logger.error("register.broken", rule=found.rule, count=len(found.whose))
    logger.info("register.checked", broken=len(looked.broken), unknown=len(looked.unknown))
