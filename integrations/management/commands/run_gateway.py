"""Serve an invented world as the state gateway would: `manage.py run_gateway --world FILE`."""

import asyncio
import os
import signal
from argparse import ArgumentParser
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from django.core.management.base import BaseCommand, CommandError

from integrations.fakes import faults, keys, world
from integrations.fakes.gateway import Gateway
from integrations.fakes.manners import MANNERS
from integrations.fakes.questions import CONSENT


class Command(BaseCommand):
    """A process of its own: needs no database, keeps nothing."""

    help = "Serve an invented world (world.jsonl or world.jsonl.gz) as the state gateway would."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--world", required=True, type=Path, metavar="FILE")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", default=8099, type=int, help="0 takes any free port (default: 8099)")
        parser.add_argument(
            "--faults", type=Path, metavar="PROFILE.json", help="what shall go wrong; read again on SIGHUP"
        )
        parser.add_argument(
            "--keys",
            type=Path,
            metavar="DIR",
            help="demand and give signatures (manage.py make_gateway_keys DIR)",
        )
        parser.add_argument(
            "--log", type=Path, metavar="FILE", help="log of questions (default: standard output)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """
        Serve until told to stop.

        :raises CommandError: if world, profile, keys or port can't be used.
        """
        codes = [*MANNERS, CONSENT]
        try:
            people = world.load(options["world"])
            profile = faults.load(options["faults"], codes) if options["faults"] else faults.quiet(codes)
            signatures = (
                keys.of(options["keys"], keys.THEIRS, trusting=keys.OURS) if options["keys"] else None
            )
        except (world.WorldError, faults.ProfileError, OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        with ExitStack() as stack:
            stream = (
                stack.enter_context(options["log"].open("a", buffering=1)) if options["log"] else self.stdout
            )
            gateway = Gateway(
                world=people,
                profile=profile,
                log=lambda line: stream.write(line + "\n"),
                clock=lambda: datetime.now(UTC),
                signatures=signatures,
            )
            with suppress(KeyboardInterrupt):
                asyncio.run(self._serve(gateway, options))

    async def _serve(self, gateway: Gateway, options: dict[str, Any]) -> None:
        host, port = options["host"], options["port"]
        if options["faults"]:
            asyncio.get_running_loop().add_signal_handler(
                signal.SIGHUP, self._read_anew, gateway, options["faults"]
            )
        runner = web.AppRunner(
            gateway.application(), access_log=None, handler_cancellation=True, shutdown_timeout=1
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port)
            try:
                await site.start()
            except OSError as error:
                raise CommandError(
                    f"Port {port} on {host} can't be used ({os.strerror(error.errno or 0)}). "
                    "Choose another with --port."
                ) from error
            bound = runner.addresses[0][1]
            self.stdout.write(f"http://{host}:{bound}/ serves {len(gateway.world.lines)} people")
            self.stdout.flush()
            await _until_told_to_stop()
        finally:
            await runner.cleanup()

    def _read_anew(self, gateway: Gateway, profile: Path) -> None:
        """Take the profile as it stands in its file now; one that can't be used changes nothing."""
        try:
            gateway.profile = faults.load(profile, [*MANNERS, CONSENT])
        except faults.ProfileError as error:
            self.stderr.write(str(error))


async def _until_told_to_stop() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
