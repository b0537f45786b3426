"""
What a household is told of its entry: one of a closed set of states, with what causes it.

The states of the register say where an entry stands; these say what that means for the household, above all
whether it has to do something.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from queue_registry.rules.statuses import HELD, QueueEntryStatus

_S = QueueEntryStatus


class CitizenState(StrEnum):
    """The closed set: nothing else is told."""

    ON_LIST = "ON_LIST"
    ACTION_NEEDED = "ACTION_NEEDED"
    FROZEN = "FROZEN"
    OFFER_OPEN = "OFFER_OPEN"
    HOUSED = "HOUSED"
    REMOVED = "REMOVED"


class Action(StrEnum):
    """What a household has to do something about."""

    REMOVAL_PROPOSED = "REMOVAL_PROPOSED"
    CONSENT_MISSING = "CONSENT_MISSING"


@dataclass(frozen=True, slots=True, kw_only=True)
class CitizenStatus:
    """
    A state with its cause: an `Action`, or the ground of the newest move, empty where nothing caused it.

    `ground` is that of a proposed removal, `until` the last day for what has to be done.
    """

    state: CitizenState
    cause: str = ""
    ground: str = ""
    until: date | None = None

    @property
    def keeps_place(self) -> bool:
        """Whether the entry has its place while the household reads this."""
        return self.state not in {CitizenState.HOUSED, CitizenState.REMOVED}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRemoval:
    """A case of removal of which the household was told: its ground, and the last day for objections."""

    ground: str
    objections_until: date


def citizen_status(
    status: QueueEntryStatus, *, ground: str, removal: OpenRemoval | None, consent_missing: bool
) -> CitizenStatus:
    """
    Return what a household is told of an entry.

    What it has to do something about comes before a suspension: the entry keeps its place in both.

    :param ground: of the newest move into the status.
    """
    if status is _S.DEREGISTERED:
        return CitizenStatus(state=CitizenState.REMOVED, cause=ground)
    if status is _S.HOUSED:
        return CitizenStatus(state=CitizenState.HOUSED, cause=ground)
    if status is _S.OFFERED:
        return CitizenStatus(state=CitizenState.OFFER_OPEN, cause=ground)
    if removal is not None:
        return CitizenStatus(
            state=CitizenState.ACTION_NEEDED,
            cause=Action.REMOVAL_PROPOSED,
            ground=removal.ground,
            until=removal.objections_until,
        )
    if status in HELD:
        return CitizenStatus(state=CitizenState.FROZEN, cause=ground)
    if consent_missing:
        return CitizenStatus(state=CitizenState.ACTION_NEEDED, cause=Action.CONSENT_MISSING)
    return CitizenStatus(state=CitizenState.ON_LIST)
