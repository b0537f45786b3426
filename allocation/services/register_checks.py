"""
Looks at every invariant, every night and on demand.

A look is no act: it changes nothing and makes no record in the trail. What it found stands in a row of its
own, which the public board shows.
"""

import time
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime

import structlog

from allocation.models import RegisterCheck
from allocation.selectors import register_checks
from allocation.services import round_invariants
from queue_registry.rules.invariants import Invariant
from queue_registry.selectors import invariants
from queue_registry.selectors.invariant_checks import Impossible, found_by

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look came to: its row, the rules that are broken with whose rows, and those nobody could see."""

    check: RegisterCheck
    broken: tuple[Impossible, ...]
    unknown: tuple[str, ...]


def look(*, at: datetime) -> Looked:
    """Look at every invariant of register, homes and rounds; a look that fails leaves its rule unknown."""
    start = time.monotonic()
    before = register_checks.get_newest()
    earlier = {kato: (seq, sha256) for kato, (seq, sha256) in before.heads.items()} if before else {}
    heads = invariants.heads()
    found: list[Impossible] = []
    unknown: list[str] = []
    counts: Counter[str] = Counter()
    unseen: set[str] = set()
    for check in (*invariants.checks(earlier=earlier), *round_invariants.checks()):
        try:
            one = found_by(check)
        except Exception:
            logger.exception("register_check.failed", rule=check.rule)
            unknown.append(check.rule)
            unseen.add(check.invariant)
        else:
            counts[check.invariant] += len(one.whose)
            found += [one] if one.whose else []
    row = RegisterCheck.objects.create(
        at=at,
        milliseconds=int((time.monotonic() - start) * 1000),
        # What is broken is red, whatever else of the same could not be seen.
        broken={code: counts[code] or (None if code in unseen else 0) for code in sorted({*counts, *unseen})},
        heads=heads | {kato: earlier[kato] for kato in _missed(found, earlier, unseen)},
    )
    return Looked(check=row, broken=tuple(found), unknown=tuple(unknown))


def _missed(found: Iterable[Impossible], earlier: Iterable[str], unseen: Set[str]) -> tuple[str, ...]:
    """Akimats whose head of before was not found: what was once seen has to be found by every later look."""
    if Invariant.HEADS in unseen:
        return tuple(earlier)
    return tuple(kato for one in found if one.invariant is Invariant.HEADS for kato in one.whose)
