"""
A provider for demos and tests: it keeps messages as files and reaches nobody.

What becomes of a message is said by the end of the number, or by the name before the @:
0404 / "dead" is dead at once, 0410 / "gone" turns out dead later, 0503 / "out" never answers, 0202 / "silent"
is taken and never reported on. All others are delivered.
"""

import hashlib
import json
from pathlib import Path
from typing import ClassVar, Final, Self

from django.conf import settings

from queue_registry.notices.providers import Fate, Message, PermanentFailure, Receipt, TemporaryFailure
from queue_registry.rules.notices import Undelivered

_DEAD: Final = ("0404", "dead@")
_GONE: Final = ("0410", "gone@")
_OUT: Final = ("0503", "out@")
_SILENT: Final = ("0202", "silent@")


class FakeProvider:
    """Keeps each message in a file named by its key, so that all processes of an installation share it."""

    for_invented_people: ClassVar[bool] = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def from_settings(cls) -> Self:
        """In the folder of the installation's files."""
        return cls(Path(settings.KEZEK_VAR) / "notices")

    def send(self, message: Message) -> Receipt:
        """Keep a message, once."""
        if _is(message.address, _OUT):
            raise TemporaryFailure("The fake provider is out.")
        if _is(message.address, _DEAD):
            raise PermanentFailure(Undelivered.DEAD_ADDRESS)
        reference = hashlib.sha256(message.key.encode()).hexdigest()[:32]
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with self._file(reference).open("x", encoding="utf-8") as file:
                json.dump(_document(message), file, ensure_ascii=False, indent=1)
        except FileExistsError:
            pass  # taken before: the same receipt, and nothing is sent
        return Receipt(reference=reference)

    def fate(self, reference: str) -> Fate:
        """Delivered, unless the address says otherwise."""
        try:
            address = json.loads(self._file(reference).read_text(encoding="utf-8"))["address"]
        except (FileNotFoundError, ValueError) as missing:
            raise TemporaryFailure("No such message.") from missing
        if _is(address, _SILENT):
            return Fate.ON_ITS_WAY
        return Fate.DEAD if _is(address, _GONE) else Fate.DELIVERED

    def list_sent(self) -> list[dict[str, str]]:
        """Return every message that was taken, by channel, address and text."""
        if not self._folder.is_dir():
            return []
        sent = [json.loads(file.read_text(encoding="utf-8")) for file in self._folder.glob("*.json")]
        return sorted(sent, key=lambda one: (one["channel"], one["address"], one["text"]))

    def _file(self, reference: str) -> Path:
        return self._folder / f"{reference}.json"


def _document(message: Message) -> dict[str, str]:
    return {
        "channel": message.channel,
        "address": message.address,
        "subject": message.subject,
        "text": message.text,
    }


def _is(address: str, manner: tuple[str, str]) -> bool:
    end, start = manner
    return address.endswith(end) if address.startswith("+") else address.startswith(start)
