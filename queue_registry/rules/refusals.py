"""What a refusal of an application rests on: a failure by a register's fresh word, or a document."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from queue_registry.rules.case import Case
from queue_registry.rules.findings import Finding, Verdict
from queue_registry.rules.need import FAILURES, Judgment
from queue_registry.rules.reasons import RefusalGround

CODES: Final[Mapping[RefusalGround, frozenset[str]]] = MappingProxyType(
    {
        RefusalGround.NOT_CITIZEN: frozenset({"NOT_CITIZEN"}),
        RefusalGround.NOT_RESIDENT: frozenset({"NOT_RESIDENT", "NO_REGISTRATION"}),
        RefusalGround.RESIDENCE_TOO_SHORT: frozenset({"RESIDENCE_TOO_SHORT"}),
        RefusalGround.OWNS_DWELLING: frozenset({"OWNS_DWELLING"}),
        RefusalGround.CATEGORY_NOT_CONFIRMED: frozenset({"CATEGORY_NOT_CONFIRMED"}),
    }
)
"""Grounds of a refusal that registers speak of → codes of the rules' failures."""


def doubtful_sources(
    judged: Iterable[tuple[Case, Judgment]], ground: RefusalGround, *, at: datetime
) -> frozenset[str]:
    """
    Return the sources because of which a refusal on a ground may not rest on the registers at a moment: they
    are held, or their answers are stale. None if another failure grounds it, or if no register speaks of it.

    The judgments are those for an act at the moment.
    """
    codes = CODES.get(ground, frozenset())
    doubtful: set[str] = set()
    for case, judgment in judged:
        for found in judgment.findings:
            if FAILURES.get(found.rule) not in codes:
                continue
            if found.verdict is Verdict.FAIL:
                return frozenset()
            if found.verdict is Verdict.UNKNOWN and found.rests_on:
                doubtful |= _doubtful(found, case, at)
    return frozenset(doubtful)


def _doubtful(found: Finding, case: Case, at: datetime) -> set[str]:
    answered = [
        (source, case.people[person].receipts[source])
        for person, source in found.rests_on
        if person in case.people and source in case.people[person].receipts
    ]
    return {source for source, receipt in answered if receipt.held or not receipt.is_fresh(at)}
