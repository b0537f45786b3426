"""Background work of the installation itself."""

from collections.abc import Callable
from functools import partial

import structlog
from celery import shared_task
from django.utils import timezone

from housing_queue import heartbeat, stray_files
from queue_registry.selectors import clock
from queue_registry.services import disposals

logger = structlog.get_logger(__name__)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def beat_heart(**_: object) -> None:
    """Show that beat sends and a worker works: /metrics tells how long ago that was."""
    heartbeat.beat()


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def dispose(**_: object) -> None:
    """Let go of what has a term that is over; one failure stops no other."""
    # Sessions and sign-ins are dated by the machine's clock; codes by the one that a demo sets.
    acts: dict[str, Callable[[], int]] = {
        "sessions": partial(disposals.remove_sessions, by="timer", at=timezone.now()),
        "sign_in_records": partial(disposals.remove_sign_in_records, by="timer", at=timezone.now()),
        "one_time_codes": partial(disposals.blank_codes, by="timer", at=clock.now()),
    }
    for name, act in acts.items():
        try:
            logger.info("disposal.done", what=name, count=act())
        except Exception:
            logger.exception("disposal.failed", what=name)


@shared_task(acks_late=True)  # type: ignore[untyped-decorator]
def remove_stray_files(**_: object) -> None:
    """Remove files of the media store that no row names; of very many none, for a person to look at."""
    try:
        logger.info("stray_files.removed", count=stray_files.remove(by="timer", at=timezone.now()))
    except stray_files.TooMany as found:
        logger.error("stray_files.too_many", count=found.count)
