"""
The other side of the benchmark of checks, and its floor. They run in processes of their own, without Django.
"""

import asyncio
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

import aiohttp
from aiohttp import web

from integrations.gateway.transport import HEADERS, IN_FLIGHT


def serve(ready: Connection, answer: bytes, latency: float) -> None:
    """Serve one canned answer; the log of arrivals is given at /arrivals, and forgotten."""
    arrivals: list[float] = []

    async def answer_one(request: web.Request) -> web.Response:
        await request.read()
        arrivals.append(time.monotonic())
        if latency and "fast" not in request.path:
            await asyncio.sleep(latency)
        return web.Response(body=answer, content_type="text/xml")

    async def tell(_request: web.Request) -> web.Response:
        told = list(arrivals)
        arrivals.clear()
        return web.json_response(told)

    async def run() -> None:
        app = web.Application()
        app.router.add_post("/{path:.*}", answer_one)
        app.router.add_get("/arrivals", tell)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        ready.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


def ask_barely(url: str, bodies: Sequence[bytes]) -> None:
    """The floor: post and read, as many at a time as ours, and nothing else."""

    async def run() -> None:
        waiting = iter(bodies)
        connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
        async with aiohttp.ClientSession(connector=connector, headers=HEADERS) as session:

            async def worker() -> None:
                for body in waiting:
                    async with session.post(url, data=body) as response:
                        await response.read()

            await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))

    asyncio.run(run())
