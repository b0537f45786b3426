"""
Who carries notices to telephones and mailboxes.

`Provider` is the port. A class that implements it is named by the setting `NOTICE_PROVIDER`; without one
every notice is a letter. `send` in this module is the only place that calls `Provider.send`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Protocol, Self

from django.conf import settings
from django.utils.module_loading import import_string

from queue_registry.rules.contacts import is_invented
from queue_registry.rules.notices import Undelivered


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    What is sent. `key` is the same whenever the same delivery is handed over again: a provider sends it once.
    """

    key: str
    channel: str
    address: str = field(repr=False)
    subject: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The provider took a message; by the reference it is asked later what became of it."""

    reference: str


class Fate(StrEnum):
    """What became of a message."""

    ON_ITS_WAY = "ON_ITS_WAY"
    DELIVERED = "DELIVERED"
    DEAD = "DEAD"


class TemporaryFailure(Exception):
    """Not now: the provider is out, or told us to come later. Whether it took the message is not known."""


class PermanentFailure(Exception):
    """Never: a dead number, an address that does not exist, a message that the provider refuses."""

    def __init__(self, reason: Undelivered) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Provider(Protocol):
    """Carries messages. Every call has a timeout of at most 10 seconds and no effect beyond its message."""

    # A fake takes the numbers and addresses of invented people alone; a real one never takes them.
    for_invented_people: ClassVar[bool]

    @classmethod
    def from_settings(cls) -> Self:
        """Return the provider as this installation has set it."""

    def send(self, message: Message) -> Receipt:
        """
        Take a message; one whose key was taken before is not sent again, and has its first receipt.

        :raises TemporaryFailure: try later.
        :raises PermanentFailure: do not try again.
        """

    def fate(self, reference: str) -> Fate:
        """
        Return what became of a message.

        :raises TemporaryFailure: ask later.
        """


class NoProvider:
    """Where none is named: what was on its way when the last one went is given up, and a letter follows."""

    for_invented_people: ClassVar[bool] = False

    @classmethod
    def from_settings(cls) -> Self:
        """There is nothing to set."""
        return cls()

    def send(self, message: Message) -> Receipt:
        """Nothing can be sent."""
        raise PermanentFailure(Undelivered.NOT_FOR_THIS_PROVIDER)

    def fate(self, reference: str) -> Fate:
        """Nobody can say."""
        raise TemporaryFailure("No provider is set.")


def is_set() -> bool:
    """Say whether anything but letters can be sent here."""
    return bool(settings.NOTICE_PROVIDER)


def from_settings() -> Provider:
    """Return the provider of this installation."""
    if not is_set():
        return NoProvider()
    chosen: type[Provider] = import_string(settings.NOTICE_PROVIDER)
    return chosen.from_settings()


def send(provider: Provider, message: Message) -> Receipt:
    """
    Hand a message over; nothing for an invented number leaves by a real provider, and nothing else by a fake.

    :raises TemporaryFailure: try later.
    :raises PermanentFailure: do not try again.
    """
    if is_invented(message.address) is not provider.for_invented_people:
        raise PermanentFailure(Undelivered.NOT_FOR_THIS_PROVIDER)
    return provider.send(message)
