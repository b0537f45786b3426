"""The story: what its walk carries from step to step."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import Any, Final

from django.core.management.base import OutputWrapper

from housing_queue import demo_telephones, founding
from housing_queue.story.browser import Browser
from queue_registry.models import Akimat

# At this hour of Almaty the story's days begin.
OPENING: Final = time_of_day(9, 0)


@dataclass(kw_only=True)
class Story:
    """What the walk carries from step to step."""

    folder: Path
    base_url: str
    results: Path
    out: OutputWrapper
    founded: founding.Founded
    machine_now: Callable[[], datetime]
    figures: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    browsers: dict[str, Browser] = field(default_factory=dict)

    @property
    def akimat(self) -> Akimat:
        return self.founded.akimat

    def say(self, text: str) -> None:
        """Print one line of figures."""
        self.out.write(f"    {text}")

    def browser_of(self, username: str) -> Browser:
        """Return the browser in which a member of staff has signed in."""
        if username not in self.browsers:
            browser = Browser(self.base_url)
            browser.sign_in(username, self.founded.passwords[username], code=lambda: self._code_of(username))
            self.browsers[username] = browser
        return self.browsers[username]

    def _code_of(self, username: str) -> str:
        """What the telephone of a member of staff shows."""
        return demo_telephones.next_code(self.founded.staff[username], wait=time.sleep, clock=time.time)

    def move_clock(self, to: datetime) -> None:
        """Let the whole installation live at a later moment."""
        founding.set_demo_clock(lives_at=to, machine_now=self.machine_now())

    @contextmanager
    def step(self, name: str, title: str) -> Iterator[None]:
        """One step: its title, its figures, its seconds."""
        self.out.write(f"{len(self.seconds) + 1}. {title}")
        self.out.flush()
        started = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - started, 1)
        self.say(f"{self.seconds[name]:.1f} s")
