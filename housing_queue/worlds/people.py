"""People as the state registers see them: one line of a world each. Nobody of them exists."""

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from housing_queue.worlds.names import Name
from queue_registry.rules.iin import iin_check_digit


@dataclass(slots=True)
class Person:
    """One person; `facts` are the keys of the world's line that not everybody has."""

    iin: str
    name: Name
    birth_date: date
    sex: str
    rka: str
    registered_since: date
    phone: str
    kato: str | None
    citizenship: str = "KAZ"
    death_date: date | None = None
    consent: bool = True
    disability: dict[str, Any] | None = None
    family: list[dict[str, Any]] = field(default_factory=list)
    property: list[dict[str, Any]] = field(default_factory=list)
    income: dict[str, str] = field(default_factory=dict)
    statuses: list[dict[str, Any]] = field(default_factory=list)

    def line(self) -> dict[str, Any]:
        """Return the person's line of the world."""
        line: dict[str, Any] = {
            "iin": self.iin,
            "name": {"last": self.name.last, "first": self.name.first, "middle": self.name.middle},
            "birth_date": self.birth_date.isoformat(),
            "death_date": self.death_date.isoformat() if self.death_date else None,
            "sex": self.sex,
            "citizenship": self.citizenship,
            "registered": self.kato
            and {"kato": self.kato, "rka": self.rka, "since": self.registered_since.isoformat()},
            "family": self.family,
            "property": self.property,
            "income": self.income,
            "benefits": [],
            "disability": self.disability,
            "statuses": self.statuses,
            "phone": self.phone,
        }
        if not self.consent:
            line["consent"] = False
        return line

    def add_kin(self, other: "Person", relation: str, since: date) -> None:
        self.family.append(
            {"iin": other.iin, "relation": relation, "since": since.isoformat(), "until": None}
        )

    def add_status(self, code: str, since: date) -> None:
        self.statuses.append({"code": code, "from": since.isoformat(), "until": None})


class Numbers:
    """Draws numbers that belong to nobody, each IIN once."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def iin(self, *, born_on: date, sex: str) -> str:
        """Return an IIN with the century digit of people born in the 1800s: nobody lives under it."""
        while True:
            beginning = f"{born_on:%y%m%d}{1 if sex == 'm' else 2}{self._rng.randrange(10_000):04d}"
            digit = iin_check_digit(beginning)
            if digit is not None and beginning + digit not in self._taken:
                self._taken.add(beginning + digit)
                return beginning + digit

    def rka(self) -> str:
        return f"12{self._rng.randrange(10**14):014d}"

    def phone(self) -> str:
        """Return a phone of the range that nobody may send to."""
        return f"+7700000{self._rng.randrange(10_000):04d}"

    def cadastral(self) -> str:
        rng = self._rng
        return f"08:130:{rng.randrange(1, 200):03d}:{rng.randrange(1, 10_000)}:1:{rng.randrange(1, 200)}"
