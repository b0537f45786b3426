"""Who of staff stands behind the user names of the trail and of events: name, and the roles of a day."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from queue_registry.models import Akimat, StaffMembership, User
from queue_registry.rules.territory import region_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """A person of staff, and every role that he ever held in an akimat or in its region."""

    user: User
    memberships: tuple[StaffMembership, ...]

    def roles_on(self, day: date) -> list[str]:
        """Return the roles of a day, each once."""
        held = [
            one.role
            for one in self.memberships
            if one.from_on <= day and (one.until_on is None or day < one.until_on)
        ]
        return list(dict.fromkeys(held))


def by_name(akimat: Akimat, names: Collection[str]) -> Mapping[str, Officer]:
    """Return people of staff by user name; a task or another system is nobody."""
    here = {akimat.kato, region_of(akimat.kato)}
    rows = StaffMembership.objects.filter(akimat__kato__in=here, user__username__in=names)
    held: dict[int, list[StaffMembership]] = {}
    for row in rows.order_by("from_on", "pk"):
        held.setdefault(row.user_id, []).append(row)
    return {
        user.username: Officer(user=user, memberships=tuple(held.get(user.pk, ())))
        for user in User.objects.filter(username__in=names)
    }
