"""A migrated database that every process of the tests copies, instead of migrating one of its own."""

import hashlib
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tools import postgres
from tools.application import Application
from tools.console import StartError, say
from tools.environment import ROOT

NAME = "kezek_template"
_CACHE = ROOT / ".pytest_cache"


def make(application: Application) -> None:
    """
    Migrate the template, or take what the same migrations made in an earlier run.

    Tests copy it where TEST_TEMPLATE names it (tests/settings.py).
    """
    dump = _CACHE / f"database-{_digest()}.sql"
    chosen = application.environment["DATABASE_URL"]
    template = urlunsplit(urlsplit(chosen)._replace(path=f"/{NAME}"))
    _run(application, "psql", f"--dbname={_libpq(chosen)}", "-c", f"CREATE DATABASE {NAME}")
    if dump.exists():
        _run(application, "psql", f"--dbname={_libpq(template)}", "-v", "ON_ERROR_STOP=1", "-f", str(dump))
    else:
        say("Migrating the tests' database")
        application.environment["DATABASE_URL"] = template
        application.step("migrate", application.manage("migrate", "--verbosity", "0"))
        application.environment["DATABASE_URL"] = chosen
        _keep(application, template, dump)
    application.environment["TEST_TEMPLATE"] = NAME


def _digest() -> str:
    """Of all that the schema and its first rows come from."""
    digest = hashlib.sha256()
    migrations, models = ROOT.glob("*/migrations/*.py"), ROOT.glob("*/models/*.py")
    for path in sorted([*migrations, *models, ROOT / "requirements.txt"]):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _keep(application: Application, template: str, dump: Path) -> None:
    _CACHE.mkdir(exist_ok=True)
    for old in _CACHE.glob("database-*.sql"):
        old.unlink()
    half_made = dump.with_suffix(".half-made")
    _run(application, "pg_dump", "--no-owner", "--no-comments", f"--file={half_made}", _libpq(template))
    half_made.rename(dump)


def _libpq(url: str) -> str:
    return url.replace("postgres://", "postgresql://", 1).replace("?host=/", "?host=%2F")


def _run(application: Application, program: str, *arguments: str) -> None:
    binaries = postgres.find_binaries(python=application.python)
    plain = ["-XAtq"] if program == "psql" else []
    done = subprocess.run(
        [str(binaries / program), *plain, *arguments],
        env=application.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StartError(f"{program} failed: {done.stderr.strip()}")
