"""Roles of staff, which of them one person may not hold in one territory at the same time, who gives them."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """A role is given in one akimat, from a day until a day."""

    CLERK = "CLERK"
    SUPERVISOR = "SUPERVISOR"
    SECRETARY = "SECRETARY"
    MEMBER = "MEMBER"
    CHAIR = "CHAIR"
    AUDITOR = "AUDITOR"
    ADMINISTRATOR = "ADMINISTRATOR"


# Who prepares or enters cases does not decide on them; who audits does neither.
INCOMPATIBLE: Final[frozenset[frozenset[Role]]] = frozenset(
    frozenset(pair)
    for pair in (
        (Role.CLERK, Role.SUPERVISOR),
        (Role.CLERK, Role.MEMBER),
        (Role.CLERK, Role.CHAIR),
        (Role.SUPERVISOR, Role.MEMBER),
        (Role.SUPERVISOR, Role.CHAIR),
        (Role.SECRETARY, Role.MEMBER),
        (Role.SECRETARY, Role.CHAIR),
        (Role.MEMBER, Role.CHAIR),
        *((Role.AUDITOR, role) for role in Role if role is not Role.AUDITOR),
        *((Role.ADMINISTRATOR, role) for role in Role if role not in {Role.ADMINISTRATOR, Role.AUDITOR}),
    )
)


def conflicting(roles: frozenset[Role]) -> frozenset[Role] | None:
    """Return one incompatible pair held together, or None."""
    return next((pair for pair in sorted(INCOMPATIBLE, key=sorted) if pair <= roles), None)


# Who votes in the commission was named by an act of the akimat; its number and day come with the role.
BY_AN_ACT: Final = frozenset({Role.MEMBER, Role.CHAIR})

# Who holds one of these is let in by password and by a code of his telephone; a clerk may choose to be.
SECOND_FACTOR: Final = frozenset(Role) - {Role.CLERK}

# These are given by an administrator of the region alone, the others by one of the akimat, too: whoever could
# make his own auditor or another administrator would answer to nobody.
GIVEN_FROM_ABOVE: Final = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})
