"""The telephones of invented staff: tied when a demo is founded, their codes told by its command."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from django_otp.oath import TOTP

from queue_registry.models import Telephone, User
from queue_registry.permissions import memberships
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.roles import SECOND_FACTOR
from queue_registry.rules.second_factor import DIGITS, HALF_MINUTE
from queue_registry.selectors import second_factors as selectors
from queue_registry.services import second_factors

# A code of the half-minute to come is taken as well: a telephone may be fast.
_AHEAD: Final = 1


class NoTelephone(Exception):
    """Nothing is tied to this sign-in, and nothing waits to be."""


def tie_all(users: Iterable[User], *, at: datetime, clock: Callable[[], float]) -> None:
    """Tie a telephone to the sign-in of each who is asked for one and has none."""
    for user in users:
        asked = memberships(user, civil_day(at)).filter(role__in=sorted(SECOND_FACTOR)).exists()
        if asked and selectors.device_of(user) is None:
            device = second_factors.begin(user=user)
            code = _code(device, step=_step(clock()))
            second_factors.enroll(user=user, code=code, at=at)


def next_code(user: User, *, wait: Callable[[float], object], clock: Callable[[], float]) -> str:
    """
    Return a code that is taken now; wait for the next half-minute if those of this one are used up.

    A telephone that waits to be tied goes first: its page is the one that the person looks at.

    :raises NoTelephone: if there is none.
    """
    device = Telephone.objects.filter(user=user).order_by("confirmed").first()
    if device is None:
        raise NoTelephone(f"{user.username} has no telephone tied, and none waits to be tied.")
    free = device.last_t + 1
    while free > _step(clock()) + _AHEAD:
        wait(HALF_MINUTE - clock() % HALF_MINUTE)
    return _code(device, step=max(free, _step(clock())))


def code_at(user: User, moment: float) -> str:
    """Return what the telephone shows at a moment of the machine's clock."""
    device = Telephone.objects.get(user=user)
    return _code(device, step=_step(moment))


def _step(now: float) -> int:
    """The number of the half-minute."""
    return int(now) // HALF_MINUTE


def _code(device: Telephone, *, step: int) -> str:
    shown = TOTP(device.secret, step=HALF_MINUTE, digits=DIGITS)
    shown.time = step * HALF_MINUTE
    return f"{shown.token():0{DIGITS}d}"
