"""
The mock gateway inside the process of a test: what it is asked is heard, and it may take one person for
another.
"""

import asyncio
import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from aiohttp import web

from integrations.fakes.faults import Profile, quiet
from integrations.fakes.gateway import Gateway
from integrations.fakes.manners import MANNERS
from integrations.fakes.questions import CONSENT
from integrations.fakes.world import World

CODES = (*MANNERS, CONSENT)


@dataclass
class Heard:
    """Where a gateway listens, and the first line and headers of every question."""

    url: str = ""
    requests: list[str] = field(default_factory=list)


class Mistaken(Gateway):
    """Answers questions about some people with what it knows of others."""

    mistakes: Mapping[str, str]

    def _answer(self, question: Any, asked: Any) -> tuple[str, str]:
        return super()._answer(question, replace(asked, iin=self.mistakes.get(asked.iin, asked.iin)))


@contextmanager
def listening(
    people: Iterable[Mapping[str, Any]],
    *,
    at: datetime,
    profile: Profile | None = None,
    mistakes: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Heard]:
    """Serve a world of people while the block runs; `mistakes` says who is taken for whom, by IIN."""
    heard, started = Heard(), threading.Event()
    known = list(people)
    gateway = Mistaken(
        world=World(
            lines={one["iin"]: json.dumps(one).encode() for one in known},
            as_of=None,
            former={old: one["iin"] for one in known for old in one.get("former_iins", ())},
        ),
        profile=profile or quiet(CODES),
        log=lambda _line: None,
        clock=lambda: at,
    )
    gateway.mistakes = mistakes

    @web.middleware
    async def listen(request: web.Request, handler: Any) -> web.StreamResponse:
        heard.requests.append(f"{request.method} {request.path_qs} {dict(request.headers)}")
        answer: web.StreamResponse = await handler(request)
        return answer

    async def serve() -> None:
        app = gateway.application()
        app.middlewares.append(listen)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        heard.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        started.set()
        await stop.wait()
        await runner.cleanup()

    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert started.wait(10)
    yield heard
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()
