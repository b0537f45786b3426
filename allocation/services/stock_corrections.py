"""
Figures of a home that were entered wrong: corrected with a reason and a document, before and after on record.

Refused once a round is sealed over the home: what was sealed, offered or let stays what it was. A home of a
round that is still open is corrected, and the freeze reads the new figures. Order of locks:
`allocation.services.offers`.
"""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from allocation.models import Dwelling, DwellingEvent
from allocation.rules.refusals import Refusal, Refused
from allocation.rules.stock import CORRECTED
from allocation.services import dwellings as stock
from queue_registry.models import User
from queue_registry.services import audit

_OPEN: Final = (Dwelling.State.BUILDING, Dwelling.State.READY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a home is; its number never changes, and its programme by an act of its own."""

    address_kk: str
    address_ru: str
    rooms: int
    area: Decimal
    floor: int
    lift: bool
    accessible: bool
    finish: str = ""
    cadastral_number: str = ""
    rka: str = ""


FIELDS: Final = tuple(field.name for field in fields(Figures))


@transaction.atomic
def correct(
    *, dwelling_id: int, figures: Figures, reason: str, document: str, by: User, at: datetime
) -> Dwelling:
    """
    Correct the figures of a home.

    :raises Refused: NOT_A_HOME, DWELLING_STATE (sealed in a round, offered, let, or gone), REASON_MISSING (no
        reason or no document), NOTHING_CHANGED.
    """
    (dwelling,) = stock.lock([dwelling_id])
    reason, document = reason.strip(), document.strip()
    _check(dwelling, reason, document)
    changes = _changes(dwelling, asdict(figures))
    if not changes:
        raise Refused(Refusal.NOTHING_CHANGED)
    for name, (_was, now) in changes.items():
        setattr(dwelling, name, now)
    dwelling.save(update_fields=list(changes))
    DwellingEvent.objects.create(
        dwelling=dwelling,
        moved_from=dwelling.state,
        moved_to=dwelling.state,
        at=at,
        by=by,
        ground=f"{CORRECTED} {document}",
    )
    audit.record(
        akimat=dwelling.akimat,
        by=by,
        at=at,
        event="dwelling.corrected",
        target=f"dwelling:{dwelling.pk}",
        number=dwelling.number,
        before={name: _told(was) for name, (was, _now) in changes.items()},
        after={name: _told(now) for name, (_was, now) in changes.items()},
        reason=reason,
        document=document,
    )
    return dwelling


def can_be_corrected(dwelling: Dwelling) -> bool:
    """Whether its figures stand open to a correction now."""
    return dwelling.kind == Dwelling.Kind.HOME and dwelling.state in _OPEN


def _check(dwelling: Dwelling, reason: str, document: str) -> None:
    if dwelling.kind != Dwelling.Kind.HOME:
        raise Refused(Refusal.NOT_A_HOME, dwellings=[dwelling.number])
    if dwelling.state not in _OPEN:
        raise Refused(Refusal.DWELLING_STATE, dwellings=[dwelling.number])
    if not reason or not document:
        raise Refused(Refusal.REASON_MISSING)


def _changes(dwelling: Dwelling, figures: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    was = {name: getattr(dwelling, name) for name in FIELDS}
    return {name: (was[name], figures[name]) for name in FIELDS if was[name] != figures[name]}


def _told(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
