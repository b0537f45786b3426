"""
Families that a round would pass over because a register is silent: named at the freeze, asked about before.

Ours, since no act says it: candidates are sealed only after every silent register was asked about each such
family on at least so many working days as the policy says (`terms.ask_silent_days`). Which families these
are, the engine itself tells: those that a tier looks at and passes over for want of an answer. Whoever stands
behind the last family that can be served is looked at by no tier, loses nothing, and holds up nobody.
"""

from datetime import date, datetime
from typing import Any, Final

from allocation import engine_io
from allocation.engine import ReadInput, distribute
from allocation.models import AllocationRound
from allocation.rules.refusals import Refusal, Refused
from queue_registry.models import QueueEntry
from queue_registry.rules.calendar import kazakhstan
from queue_registry.rules.policy import Policy
from queue_registry.services.silence import Silent, list_silent

# What the engine passes a family over with where an answer lacks.
_UNTOLD: Final = frozenset({"CHECKS_INCOMPLETE", "INCOME_UNKNOWN"})
TERM: Final = "ask_silent_days"

Unanswered = dict[str, list[dict[str, Any]]]


def unanswered(*, round_: AllocationRound, read: ReadInput, at: datetime) -> Unanswered:
    """
    Return the silent registers of the families that the round would pass over for it, with the days on which
    they were asked, by the entry's public key.
    """
    wanted = {row.entry for row in distribute(read.values).passed_over if row.code in _UNTOLD}
    if not wanted:
        return {}
    rows = QueueEntry.objects.filter(
        akimat=round_.akimat, file_number__in={engine_io.file_number_of(key) for key in wanted}
    ).select_related("akimat", "waiting_list")
    entries = [row for row in rows if _key(row) in wanted]
    found = list_silent(entries=entries, policy_version=round_.policy, at=at)
    keys = {row.pk: _key(row) for row in entries}
    return dict(sorted((keys[entry], [_document(one) for one in silent]) for entry, silent in found.items()))


def _key(entry: QueueEntry) -> str:
    return engine_io.entry_key(file_number=entry.file_number, list_number=entry.waiting_list.number)


def _document(one: Silent) -> dict[str, Any]:
    return {"source": one.source, "asked_on": [day.isoformat() for day in one.asked_on]}


def check(round_: AllocationRound, found: Unanswered) -> None:
    """
    Pass if every silent register was asked about on enough working days.

    A policy that was approved before it had the term sets none.

    :raises Refused: SOURCES_SILENT with the number of families, and the working days that are asked for.
    """
    needed = Policy.from_document(round_.policy.document).terms.get(TERM)
    if needed is None:
        return
    early = [key for key, sources in found.items() if any(_working_days(one) < needed for one in sources)]
    if early:
        raise Refused(Refusal.SOURCES_SILENT, families=len(early), days=needed)


def _working_days(one: dict[str, Any]) -> int:
    calendar = kazakhstan()
    return sum(calendar.is_working_day(date.fromisoformat(day)) for day in one["asked_on"])
