"""A database of its own for a story on the server that DATABASE_URL names."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tools.console import StartError, say
from tools.environment import ROOT


@contextmanager
def fresh_database(*, python: Path) -> Iterator[None]:
    """While inside, DATABASE_URL (if set) names an empty database beside the chosen one."""
    chosen = os.environ.get("DATABASE_URL")
    if not chosen:
        yield
        return
    parts = urlsplit(chosen)
    name = f"{parts.path.lstrip('/')}_story_{os.getpid()}"
    say(f"Making the database {name}")
    _execute(f'CREATE DATABASE "{name}"', python=python, url=chosen)
    os.environ["DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{name}"))
    try:
        yield
    finally:
        os.environ["DATABASE_URL"] = chosen
        _execute(f'DROP DATABASE "{name}" WITH (FORCE)', python=python, url=chosen)


def _execute(statement: str, *, python: Path, url: str) -> None:
    """In a process of its own: the launcher's Python has no driver."""
    done = subprocess.run(
        [str(python), "-m", "tools.fresh_database", statement],
        cwd=ROOT,
        env=dict(os.environ) | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StartError(f"{statement} failed: {done.stderr.strip().splitlines()[-1]}")


def _main(statement: str) -> None:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type,unused-ignore]


if __name__ == "__main__":
    _main(sys.argv[1])
