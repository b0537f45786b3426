"""The roles that exclude each other."""

import pytest

from queue_registry.rules.roles import Role, conflicting


@pytest.mark.parametrize(
    ("roles", "clash"),
    [
        ({Role.CLERK, Role.SECRETARY}, False),
        ({Role.CLERK, Role.SUPERVISOR}, True),
        ({Role.CLERK, Role.MEMBER}, True),
        ({Role.MEMBER, Role.CHAIR}, True),
        ({Role.AUDITOR, Role.CLERK}, True),
        ({Role.ADMINISTRATOR, Role.SUPERVISOR}, True),
    ],
)
def test_who_prepares_does_not_decide_and_who_audits_does_neither(roles, clash):
    assert (conflicting(frozenset(roles)) is not None) == clash
