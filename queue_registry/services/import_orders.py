"""
A whole file confirmed or taken back in the background: ordered on a page, carried out by a worker.

The order is its own work order: a worker that dies leaves it wanted and the register as it was, and the next
one takes it. What was ordered is done, or refused, in one transaction with the end of the order.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, transaction
from redis.exceptions import RedisError

from queue_registry.models import Akimat, ImportBatch, ImportOrder, User
from queue_registry.rules.legacy.uploads import OrderRefusal
from queue_registry.services import audit, import_undo, imports
from queue_registry.services.import_undo import UndoRefused
from queue_registry.services.session_locks import Work, taken

logger = structlog.get_logger(__name__)

_WANTED: Final = ImportOrder.State.WANTED
# Longer than any order takes; what is forgotten is only how far it is.
_TOLD_SECONDS: Final = 3_600


@transaction.atomic
def order_confirmation(*, batch_id: int, by: User, at: datetime) -> ImportOrder:
    """
    Let the background confirm a file. Sent twice it is ordered once.

    :raises queue_registry.services.imports.NothingToConfirm: if it was confirmed or taken back.
    :raises queue_registry.services.imports.SecondPersonNeeded: if `by` put it in.
    """
    batch = _locked(batch_id)
    given = _wanted(batch)
    if given is not None:
        return given
    imports.check_second_person(batch, by=by)
    return _order(batch, ImportOrder.Act.CONFIRM, by=by, at=at)


@transaction.atomic
def order_undo(*, batch_id: int, reason: str, by: User, at: datetime) -> ImportOrder | None:
    """
    Let the background take a file back; None if it was taken back before. Sent twice it is ordered once.

    :raises queue_registry.services.import_undo.UndoRefused: as `undo` would be today.
    """
    batch = _locked(batch_id)
    given = _wanted(batch)
    if given is not None or batch.undone_at is not None:
        return given
    import_undo.check(batch, reason=reason, by=by)
    return _order(batch, ImportOrder.Act.UNDO, by=by, at=at, reason=reason.strip())


def _locked(batch_id: int) -> ImportBatch:
    akimat_id = ImportBatch.objects.values_list("akimat_id", flat=True).get(pk=batch_id)
    Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat_id)
    return ImportBatch.objects.select_related("akimat", "imported_by").get(pk=batch_id)


def _wanted(batch: ImportBatch) -> ImportOrder | None:
    return ImportOrder.objects.filter(batch=batch, state=_WANTED).first()


def _order(
    batch: ImportBatch, act: ImportOrder.Act, *, by: User, at: datetime, reason: str = ""
) -> ImportOrder:
    made = ImportOrder.objects.create(batch=batch, act=act, reason=reason, ordered_by=by, ordered_at=at)
    _record(made, "import_order.given", at=at)
    return made


def carry_out(*, order_id: int, at: datetime) -> ImportOrder | None:
    """Do what was ordered, or refuse it and keep why; None if another worker is at it."""
    with taken(Work.IMPORT_ORDER, order_id) as is_ours:
        if not is_ours:
            return None
        try:
            return _carry_out(order_id, at)
        except UndoRefused as refused:
            return _refuse(order_id, refused.code, at, file_numbers=refused.file_numbers)
        except imports.SecondPersonNeeded:
            return _refuse(order_id, OrderRefusal.SAME_PERSON, at)
        except imports.NothingToConfirm:
            return _refuse(order_id, OrderRefusal.NOTHING_TO_CONFIRM, at)
        except (DatabaseError, InterfaceError):
            raise  # it stays wanted, and is done again
        except SoftTimeLimitExceeded:
            return _refuse(order_id, OrderRefusal.TOO_LONG, at)
        except Exception:
            logger.exception("import_order.broken_off", order=order_id)
            return _refuse(order_id, OrderRefusal.BROKEN_OFF, at)


@transaction.atomic
def _carry_out(order_id: int, at: datetime) -> ImportOrder:
    order = _locked_order(order_id)
    if order.state != _WANTED:
        return order
    tell = _teller(order)
    if order.act == ImportOrder.Act.CONFIRM:
        imports.confirm(
            akimat=order.batch.akimat, by=order.ordered_by, at=at, batches=[order.batch_id], tell=tell
        )
    else:
        import_undo.undo(batch_id=order.batch_id, reason=order.reason, by=order.ordered_by, at=at, tell=tell)
    order.state, order.closed_at = ImportOrder.State.DONE, at
    order.save(update_fields=["state", "closed_at"])
    return order


@transaction.atomic
def _refuse(order_id: int, code: str, at: datetime, *, file_numbers: tuple[str, ...] = ()) -> ImportOrder:
    order = _locked_order(order_id)
    if order.state == _WANTED:
        order.state, order.closed_at = ImportOrder.State.REFUSED, at
        order.refusal, order.file_numbers = code, list(file_numbers)
        order.save(update_fields=["state", "closed_at", "refusal", "file_numbers"])
        _record(order, "import_order.refused", at=at, code=code)
    return order


def _locked_order(order_id: int) -> ImportOrder:
    """The akimat first, then the order."""
    _locked(ImportOrder.objects.values_list("batch_id", flat=True).get(pk=order_id))
    return (
        ImportOrder.objects.select_for_update(of=("self",), no_key=True)
        .select_related("batch__akimat", "ordered_by")
        .get(pk=order_id)
    )


def _teller(order: ImportOrder) -> Callable[[int, int], None]:
    """How far it is stands beside the database, whose transaction nobody sees into."""

    def tell(done: int, total: int) -> None:
        # An act does not fail because nobody can be told of it.
        with suppress(RedisError):
            cache.set(_key(order.pk), 100 * done // total, _TOLD_SECONDS)

    return tell


def percent_done(order: ImportOrder) -> int:
    """Return how far a wanted order is, in hundredths, as far as that is known."""
    percent: int = cache.get(_key(order.pk), 0)
    return min(99, percent)


def _key(order_id: int) -> str:
    return f"import_order:{order_id}"


def _record(order: ImportOrder, event: str, *, at: datetime, **data: object) -> None:
    audit.record(
        akimat=order.batch.akimat,
        by=order.ordered_by,
        at=at,
        event=event,
        target=f"import_batch:{order.batch_id}",
        act=order.act,
        **data,
    )
