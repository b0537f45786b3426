"""Many people at once, each in a thread of his own, until they are told that it is enough."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from housing_queue.benchmarks.installation import people
from housing_queue.benchmarks.installation.people import Acts
from housing_queue.benchmarks.installation.visits import Log

if TYPE_CHECKING:
    from housing_queue.benchmarks.installation.settling import Settled

# Of so many households that get no certain answer, this part sends the same again.
_STUBBORN: Final = 0.5


@dataclass(kw_only=True)
class Crowd:
    """What they do, and what came of it."""

    port: int
    settled: "Settled"
    find: Callable[[str], int | None]
    acts: Acts = field(default_factory=Acts)
    log: Log = field(default_factory=Log)
    enough: Event = field(default_factory=Event)
    threads: list[Thread] = field(default_factory=list)

    def begin(self, act: Callable[[int], None], count: int) -> None:
        """Let so many people do something until it is enough; each knows his number."""
        for number in range(count):
            thread = Thread(target=act, args=(number,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def end(self) -> None:
        """Tell everybody that it is enough, and wait until each has his last answer."""
        self.enough.set()
        for thread in self.threads:
            thread.join()

    def apply_in_turn(self, numbers: Sequence[int], *, pause: float) -> None:
        """One household after another hands its application in."""
        for number in numbers:
            if self.enough.is_set():
                return
            self.apply(number, pause=self.enough)
            self.enough.wait(pause)

    def apply(self, number: int, *, since: float = 0, pause: Event | None = None) -> None:
        """The household of that number hands its application in."""
        household = self.settled.applicants[number]
        people.apply(
            household,
            self.acts.begin(number, household),
            acts=self.acts,
            port=self.port,
            log=self.log,
            token=self.settled.tokens[number % len(self.settled.tokens)],
            stubborn=random.Random(number).random() < _STUBBORN,  # noqa: S311 - who sends again
            since=since,
            pause=pause,
        )

    def register(self, number: int, *, pause: float) -> None:
        """
        A clerk works until it is enough.

        :param pause: seconds between two cases, on the mean: each clerk begins and rests when it suits him.
        """
        chance = random.Random(number)  # noqa: S311 - numbers of decisions
        rests = random.Random(number)  # noqa: S311 - how long a clerk rests
        while not self.enough.wait(pause * rests.uniform(0, 2)):
            people.register_one(
                number=number,
                session=self.settled.sessions[number],
                acts=self.acts,
                port=self.port,
                log=self.log,
                find=self.find,
                chance=chance,
            )

    def look(self, number: int, *, pause: float, of: int) -> None:
        """Every so-manieth citizen looks his place up, until it is enough."""
        while not self.enough.wait(pause):
            people.look_up(number=number, pairs=self.settled.pairs, port=self.port, log=self.log)
            number += of
