"""Red flags: what a look at the akimat found is written down; another person clears it with a reason."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final

from django.db import transaction

from queue_registry.models import Akimat, QueueEntry, RedFlag, User
from queue_registry.rules.flags.kinds import BACKDATING, Flag
from queue_registry.rules.flags.refusals import FlagRefusal, FlagRefused
from queue_registry.selectors import flags as selectors
from queue_registry.services import audit

SYSTEM: Final = "red flags"
_SHOWN: Final = Decimal("0.001")
_MOST: Final = Fraction(999_999_999)
_ENTRY: Final = "queue_entry:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """How many flags a look opened, found again, and did not find any more."""

    opened: int
    kept: int
    gone: int


@transaction.atomic
def record(*, akimat: Akimat, found: Collection[Flag], at: datetime) -> Looked:
    """
    Write down what a look at an akimat found. What is open already keeps its row with the figures of today;
    what was cleared is not opened again for the same cause. What is not found any more goes by itself, except
    backdating, which waits for a person.
    """
    Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    rows = RedFlag.objects.select_for_update(of=("self",), no_key=True)
    standing = {
        (row.kind, row.target): row
        for row in rows.filter(akimat=akimat, cleared_at__isnull=True, gone_at__isnull=True).order_by("pk")
    }
    cleared = set(
        RedFlag.objects.filter(akimat=akimat, cleared_at__isnull=False).values_list("kind", "target", "cause")
    )
    entries = _entries(found)
    opened, kept = [], 0
    for flag in found:
        row = standing.pop((flag.kind, flag.subject), None)
        if row is not None:
            kept += 1
            _renew(row, flag)
        elif (flag.kind, flag.subject, flag.cause) not in cleared:
            opened.append(_row(akimat, flag, entries.get(flag.subject), at))
    gone = [row for row in standing.values() if row.kind not in BACKDATING]
    for row in gone:
        row.gone_at = at
    RedFlag.objects.bulk_create(opened)
    RedFlag.objects.bulk_update(gone, ["gone_at"])
    acts = [_act("opened", row) for row in opened] + [_act("gone", row) for row in gone]
    audit.record_many(akimat=akimat, by=SYSTEM, at=at, acts=acts)
    return Looked(opened=len(opened), kept=kept, gone=len(gone))


def _entries(found: Collection[Flag]) -> dict[str, QueueEntry]:
    """The entries that flags are about, by the name of the trail."""
    keys = [int(flag.subject.removeprefix(_ENTRY)) for flag in found if flag.subject.startswith(_ENTRY)]
    return {f"{_ENTRY}{key}": entry for key, entry in QueueEntry.objects.in_bulk(keys).items()}


def _renew(row: RedFlag, flag: Flag) -> None:
    if (row.figures, row.cause) != (dict(flag.figures), flag.cause):
        row.cause, row.figures, row.strength = flag.cause, dict(flag.figures), _rounded(flag.strength)
        row.involved = sorted({*row.involved, *_staff(flag)})
        row.save(update_fields=["cause", "figures", "strength", "involved"])


def _row(akimat: Akimat, flag: Flag, entry: QueueEntry | None, at: datetime) -> RedFlag:
    return RedFlag(
        akimat=akimat,
        kind=flag.kind,
        target=flag.subject,
        entry=entry,
        file_number=entry.file_number if entry else "",
        cause=flag.cause,
        strength=_rounded(flag.strength),
        figures=dict(flag.figures),
        involved=_staff(flag),
        seen_at=at,
    )


def _staff(flag: Flag) -> list[int]:
    return sorted(int(key) for key in flag.involved if key)


def _rounded(strength: Fraction) -> Decimal:
    """For the order of the page; nothing is decided by it."""
    kept = min(strength, _MOST)
    return (Decimal(kept.numerator) / Decimal(kept.denominator)).quantize(_SHOWN)


def _act(what: str, row: RedFlag) -> audit.Act:
    return audit.Act(
        event=f"red_flag.{what}",
        target=row.target,
        data={"kind": row.kind, "file_number": row.file_number, "figures": row.figures},
    )


@transaction.atomic
def clear(*, flag_id: int, why: str, by: User, at: datetime) -> RedFlag:
    """
    Answer a flag: another person than those who had a hand in it says why it is no matter, or what was done.

    :raises FlagRefused: REASON_MISSING, FLAG_CLOSED, ANOTHER_PERSON_NEEDED.
    """
    flag = (
        RedFlag.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat", "entry__application")
        .get(pk=flag_id)
    )
    reason = why.strip()
    if not reason:
        raise FlagRefused(FlagRefusal.REASON_MISSING)
    if not flag.is_open:
        raise FlagRefused(FlagRefusal.FLAG_CLOSED)
    involved = selectors.involved_in(flag)
    if by.pk in involved:
        raise FlagRefused(FlagRefusal.ANOTHER_PERSON_NEEDED)
    # Kept with the flag, so that the database refuses them as well.
    flag.involved = sorted(involved)
    flag.cleared_at, flag.cleared_by, flag.why = at, by, reason
    flag.save(update_fields=["involved", "cleared_at", "cleared_by", "why"])
    audit.record(
        akimat=flag.akimat,
        by=by,
        at=at,
        event="red_flag.cleared",
        target=flag.target,
        red_flag=flag.pk,
        kind=flag.kind,
        file_number=flag.file_number,
        why=reason,
    )
    return flag
