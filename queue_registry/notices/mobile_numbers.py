"""
The telephone that a person registered in the Mobile Citizens Database.

Whose it is the state has checked, so a code to it reaches that person and nobody else. `MobileNumbers` is the
port; a class that implements it is named by the setting `MOBILE_NUMBERS`. Without one, as long as an akimat
is not connected, codes go to the telephone that its staff wrote down.
"""

from typing import Protocol, Self

from django.conf import settings
from django.utils.module_loading import import_string


class Unreachable(Exception):
    """The database did not answer: whether it knows a number is not known."""


class MobileNumbers(Protocol):
    """Asks the Mobile Citizens Database. A call has a timeout of at most 10 seconds and no effect."""

    @classmethod
    def from_settings(cls) -> Self:
        """Return the database as this installation reaches it."""

    def number_of(self, iin: str) -> str | None:
        """
        Return the number that the person with this IIN registered, as "+7" and ten digits; None if none.

        :raises Unreachable: ask later.
        """


def from_settings() -> MobileNumbers | None:
    """Return the database of this installation, or None if it is not connected."""
    if not settings.MOBILE_NUMBERS:
        return None
    chosen: type[MobileNumbers] = import_string(settings.MOBILE_NUMBERS)
    return chosen.from_settings()
