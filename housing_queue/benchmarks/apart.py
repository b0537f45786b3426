"""A measurement in a process of its own, with servers of its own: its rows come as lines of JSON."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from housing_queue.benchmarks.measuring import Measured
from tools.environment import ROOT

# The servers of whoever calls are no place for this.
_OF_THE_CALLER: Final = frozenset(
    {"DATABASE_URL", "MIGRATIONS_DATABASE_URL", "REDIS_URL", "GATEWAY_URL", "GATEWAY_LIMITS_FACTOR"}
)


class Broken(Exception):
    """The run itself ended before it could tell anything."""


def measure(module: str, *arguments: int) -> Iterator[Measured]:
    """
    Run a module and yield what it saw.

    :raises Broken: if the run ended without telling everything.
    """
    command = [sys.executable, "-m", module, *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name not in _OF_THE_CALLER}
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout or ():
            yield Measured(**json.loads(line))
    if process.returncode != 0:
        raise Broken(f"the run ended with exit code {process.returncode}")
