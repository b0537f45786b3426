"""Who did it, in words: the name of a person of staff with the role of that day."""

from collections.abc import Mapping
from datetime import datetime

from queue_registry import presenters
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors.officers import Officer


def by_whom(officers: Mapping[str, Officer], actor: str, at: datetime) -> str:
    """Name and roles of who acted at a moment; of whom no name is known the user name, of a task its own."""
    officer = officers.get(actor)
    if officer is None:
        return actor
    roles = ", ".join(presenters.role(role) for role in officer.roles_on(civil_day(at)))
    return f"{officer.user} ({roles})" if roles else str(officer.user)
