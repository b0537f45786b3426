"""Ways to guess at file numbers and IINs, and what may come of them; `tools.guess` carries them out."""

import http.client
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

from queue_registry.rules.file_number import MAX_RUNNING_NUMBER, file_number
from queue_registry.rules.iin import iin_check_digit

_DOORS = ("/kk/", "/ru/offer/", "/en/my-data/", "/kk/my-data/consent/")
_PLATE = b'class="kz-number-plate"'
_AT_ONCE = 8
# Of an akimat that there is not, and from the highest numbers down: nobody has these.
_NO_KATO = "999999"


class Outcome(StrEnum):
    """What became of a guess."""

    FOUND = "found"
    NOT_FOUND = "not found"
    LOCKED = "locked"
    CLOSED = "closed"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A file number and an IIN at a door, from an address; `says` is the address that it claims to have."""

    number: str
    iin: str
    door: str = _DOORS[0]
    address: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    @property
    def outcome(self) -> Outcome:
        """What that means for whoever guesses."""
        if self.status == http.client.OK:
            return Outcome.FOUND if _PLATE in self.body else Outcome.NOT_FOUND
        told = {
            http.client.TOO_MANY_REQUESTS: Outcome.LOCKED,
            http.client.SERVICE_UNAVAILABLE: Outcome.CLOSED,
        }
        return told.get(self.status, Outcome.OTHER)


Ask = Callable[[Guess], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One way to guess, and how many guesses may be answered before it is stopped."""

    name: str
    guesses: Iterable[Guess]
    allowed: int
    alike: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of an attack: its outcomes, how many different answers there were, and what is wrong."""

    attack: str
    counts: Counter[Outcome]
    faults: tuple[str, ...]


def try_all(attacks: Iterable[Attack], ask: Ask) -> Iterator[Result]:
    """Carry the attacks out one after another."""
    for attack in attacks:
        with ThreadPoolExecutor(_AT_ONCE) as together:
            answers = list(together.map(ask, attack.guesses))
        counts = Counter(answer.outcome for answer in answers)
        yield Result(attack=attack.name, counts=counts, faults=tuple(_faults(attack, counts, answers)))


def _faults(attack: Attack, counts: Counter[Outcome], answers: list[Answer]) -> Iterator[str]:
    if counts[Outcome.FOUND]:
        yield f"{counts[Outcome.FOUND]} guesses opened a household's page"
    if counts[Outcome.NOT_FOUND] > attack.allowed:
        yield f"{counts[Outcome.NOT_FOUND]} guesses were answered, {attack.allowed} may be"
    if counts[Outcome.CLOSED] or counts[Outcome.OTHER]:
        told = sorted(
            {answer.status for answer in answers if answer.outcome in {Outcome.CLOSED, Outcome.OTHER}}
        )
        yield f"answers say nothing of the limits: status {', '.join(map(str, told))}"
    if attack.alike and counts[Outcome.NOT_FOUND] != len(answers):
        yield "somebody who never guessed is not served"
    if attack.alike and len({answer.body for answer in answers}) > 1:
        yield "wrong numbers are told from wrong IINs: the answers differ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many wrong look-ups the installation allows: see docs/public-pages.md."""

    by_address: int = 10
    by_number: int = 5
    by_iin: int = 5


def attacks(
    *, guesses: int, limits: Limits, many_addresses: bool, salt: int, known: str = ""
) -> Iterator[Attack]:
    """
    Yield the attacks, each of so many guesses, the peaceful visitors last.

    :param many_addresses: whether guesses can come from as many addresses as they like.
    :param salt: which invented people and addresses: what an earlier run locked is not asked for again.
    :param known: a file number that is there: a wrong IIN for it has to be answered as all else is.
    """
    fresh = _Invented(salt)
    yield Attack(
        name="one address, many numbers and IINs",
        guesses=_guesses(guesses, fresh, address=fresh.address() if many_addresses else ""),
        allowed=limits.by_address,
    )
    if not many_addresses:
        return
    yield Attack(
        name="one address that says that it is many",
        guesses=_guesses(guesses, fresh, address=fresh.address(), forged=True),
        allowed=limits.by_address,
    )
    yield Attack(
        name="many addresses, one file number",
        guesses=_guesses(guesses, fresh, number=fresh.number()),
        allowed=limits.by_number,
    )
    yield Attack(
        name="many addresses, one IIN",
        guesses=_guesses(guesses, fresh, iin=fresh.iin()),
        allowed=limits.by_iin,
    )
    others = [Guess(number=fresh.number(), iin=fresh.iin(), address=fresh.address()) for _ in range(5)]
    if known:
        others.append(Guess(number=known, iin=fresh.iin(), address=fresh.address()))
    yield Attack(name="others, who mistype once", guesses=others, allowed=len(others), alike=True)


def _guesses(
    count: int,
    fresh: "_Invented",
    *,
    address: str = "",
    number: str = "",
    iin: str = "",
    forged: bool = False,
) -> Iterator[Guess]:
    for door in itertools.islice(itertools.cycle(_DOORS), count):
        yield Guess(
            number=number or fresh.number(),
            iin=iin or fresh.iin(),
            door=door,
            address=address or fresh.address(),
            says=fresh.address() if forged else "",
        )


class _Invented:
    """Numbers and IINs of nobody, and addresses of the loopback, each once."""

    def __init__(self, salt: int) -> None:
        self._running = itertools.count(salt * 100_000)
        self._serial = itertools.count(salt * 100_000)
        self._host = itertools.count(salt * 100_000)

    def number(self) -> str:
        running = MAX_RUNNING_NUMBER - next(self._running) % MAX_RUNNING_NUMBER
        return file_number(kato=_NO_KATO, running_number=running)

    def iin(self) -> str:
        """The IIN of somebody born in the nineteenth century."""
        while True:
            serial = next(self._serial)
            day, month = serial // 10_000 % 28 + 1, serial // 280_000 % 12 + 1
            first = f"98{month:02d}{day:02d}1{serial % 10_000:04d}"
            digit = iin_check_digit(first)
            if digit is not None:
                return first + digit

    def address(self) -> str:
        host = next(self._host) % (1 << 16)
        return f"127.77.{host >> 8}.{host & 255}"
