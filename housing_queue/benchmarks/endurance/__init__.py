"""
Asking about everybody while everything goes wrong: a whole installation of its own, thrown away afterwards.

A process of its own starts PostgreSQL, Redis, mock gateways and workers, lets them work through planned
misfortune (`course`), and then holds the register to the gateway's own log and to the invented world itself
(`evidence`, `oracle`).
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from housing_queue.benchmarks.measuring import Measured
from tools.environment import ROOT

PEOPLE: Final = 20_000


class Broken(Exception):
    """The run itself ended before it could tell anything."""


_SERVERS = ("DATABASE_URL", "MIGRATIONS_DATABASE_URL", "REDIS_URL", "GATEWAY_URL")


def measure(people: int = PEOPLE) -> Iterator[Measured]:
    """
    Ask about so many people at sixteen systems, and yield what was seen.

    :raises Broken: if the run ended without telling everything.
    """
    command = [sys.executable, "-m", "housing_queue.benchmarks.endurance", str(people)]
    # The servers of whoever calls are no place for this.
    environment = {
        name: value for name, value in os.environ.items() if name not in {*_SERVERS, "GATEWAY_LIMITS_FACTOR"}
    }
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout or ():
            yield Measured(**json.loads(line))
    if process.returncode != 0:
        raise Broken(f"the run ended with exit code {process.returncode}")
