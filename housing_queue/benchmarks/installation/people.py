"""
Whoever uses the installation at once: households that apply, clerks who register them, citizens who look.

Each act is noted with what the server said of it: said to be done, or nothing certain.
"""

import base64
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any, Final

from housing_queue.benchmarks.endurance.world import KATO, STATUSES, Household
from housing_queue.benchmarks.installation.visits import Log, Visitor, address_of

_APPLY: Final = "/api/v1/applications/"
_PDF: Final = base64.b64encode(b"%PDF-1.7 invented").decode()
# Of people whom no register was asked about yet.
_PAPERS: Final = ("APPLICATION", "IDENTITY", "FAMILY", "CATEGORY")
_TRIES: Final = 5
_DONE: Final = 302  # the way back to the page of the case
_TOKEN: Final = "a" * 32
CLERKS_FIRST_ADDRESS: Final = 1 << 20
CITIZENS_FIRST_ADDRESS: Final = 1 << 21


@dataclass(slots=True, kw_only=True)
class Filing:
    """An application that was handed in under a key: how often, and the answer, if any came."""

    key: str
    iin: str
    tries: int = 0
    answer: dict[str, Any] | None = None


@dataclass(slots=True, kw_only=True)
class Acceptance:
    """A clerk's decision to register a household, and whether the server said that it is done."""

    file_number: str
    is_answered: bool


@dataclass(slots=True, kw_only=True)
class Acts:
    """Everything that was asked to be done."""

    filings: dict[str, Filing] = field(default_factory=dict)
    acceptances: list[Acceptance] = field(default_factory=list)
    # Filed and not registered yet: file numbers for clerks to take.
    waiting: deque[str] = field(default_factory=deque)
    _lock: Lock = field(default_factory=Lock)

    def begin(self, number: int, household: Household) -> Filing:
        """A new application."""
        filing = Filing(key=f"household-{number}", iin=household.applicant)
        with self._lock:
            self.filings[filing.key] = filing
        return filing


def body(household: Household) -> dict[str, Any]:
    """An application that lacks nothing."""
    applicant, *others = household.people
    return {
        "akimat": KATO,
        "iin": applicant["iin"],
        "claims": [{"list": household.waiting_list, "category": STATUSES[household.waiting_list]}],
        "members": [
            {"iin": one["iin"], "relation": "SPOUSE" if place == 1 else "CHILD"}
            for place, one in enumerate(others, start=1)
        ],
        "consents": [
            {"iin": one["iin"], "channel": "EDS", "evidence": "invented"} for one in household.people
        ],
        "documents": [{"kind": kind, "title": "Invented", "content": _PDF} for kind in _PAPERS],
    }


def apply(
    household: Household,
    filing: Filing,
    *,
    acts: Acts,
    port: int,
    log: Log,
    token: str,
    stubborn: bool,
    since: float = 0,
    pause: Event | None = None,
) -> None:
    """Hand an application in; who is stubborn sends it again under its key until something certain comes."""
    visitor = Visitor(port=port, log=log, address=address_of(1))
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": filing.key}
    while filing.answer is None and filing.tries < (_TRIES if stubborn else 1):
        filing.tries += 1
        answer = visitor.post("application", _APPLY, body(household), headers, since=since)
        since = 0
        if answer.is_certain:
            filing.answer = {"status": answer.status, **answer.json()}
            if filing.answer.get("state") == "FILED":
                acts.waiting.append(filing.answer["file_number"])
        elif pause is not None:
            pause.wait(1)


def register_one(
    *,
    number: int,
    session: str,
    acts: Acts,
    port: int,
    log: Log,
    find: Callable[[str], int | None],
    chance: random.Random,
) -> bool:
    """
    A clerk looks at what waits, takes one application, reads it and registers the household.

    :param find: gives the key of an application by its file number, or None while nobody can tell.
    :return: False if nothing waited.
    """
    clerk = Visitor(
        port=port,
        log=log,
        address=address_of(CLERKS_FIRST_ADDRESS + number),
        cookies=f"sessionid={session}; csrftoken={_TOKEN}",
    )
    clerk.get("work", "/desk/work/")
    try:
        file_number = acts.waiting.popleft()
    except IndexError:
        return False
    key = find(file_number)
    if key is None:
        acts.waiting.append(file_number)
        return False
    clerk.get("case", f"/desk/applications/{key}/")
    form = {"csrfmiddlewaretoken": _TOKEN, "accept-decision": f"Decision No {chance.randrange(10_000)}"}
    answer = clerk.send("registration", f"/desk/applications/{key}/accept/", form)
    acts.acceptances.append(Acceptance(file_number=file_number, is_answered=answer.status == _DONE))
    return True


def look_up(*, number: int, pairs: Sequence[tuple[str, str]], port: int, log: Log) -> None:
    """A citizen looks a place up, and sometimes reads a public page."""
    citizen = Visitor(port=port, log=log, address=address_of(CITIZENS_FIRST_ADDRESS + number))
    if number % 4 == 0:
        citizen.get("country", "/kk/country/")
    if number % 10 == 1:
        citizen.get("rounds", "/kk/rounds/")
    file_number, iin = pairs[number % len(pairs)]
    citizen.send("place", "/kk/", {"file_number": file_number, "iin": iin})
