"""Brings schema, translations and static files up to date, with one start of Django."""

import hashlib
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tools import translations
from tools.environment import ROOT, RUNTIME_LOCK


def main() -> None:
    """Do only what is not done yet."""
    translations.compile_all()
    role = _become_owner()
    django.setup()
    # Models and what knows them can be had only now.
    from queue_registry.models import Application
    from queue_registry.views import look_up_limits

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False)
    if role:
        call_command("grant_application_role", role)
    if not Application.objects.exists():
        # There was nobody yet whose IIN could be guessed, so the counters have lost nothing.
        look_up_limits.begin_counting(since=0)
    stamp = Path(settings.STATIC_ROOT) / ".stamp"
    wanted = _digest_of_static_files()
    if not stamp.exists() or stamp.read_text() != wanted:
        call_command("collectstatic", interactive=False, clear=True, verbosity=1)
        stamp.write_text(wanted)


def _become_owner() -> str:
    """Work as the owner of the tables where there is one; return the role that the application has."""
    owner = _given("MIGRATIONS_DATABASE_URL")
    if not owner:
        return ""
    role = urlsplit(_given("DATABASE_URL")).username or ""
    os.environ.pop("DATABASE_URL_FILE", None)
    os.environ["DATABASE_URL"] = owner
    return unquote(role)


def _given(name: str) -> str:
    """As the settings read it, from a file or the variable; not by them: they remember what they read."""
    path = os.environ.get(f"{name}_FILE")
    return Path(path).read_text() if path else os.environ.get(name, "")


def _digest_of_static_files() -> str:
    """Changes with our files and with the packages that bring their own."""
    digest = hashlib.sha256(RUNTIME_LOCK.read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        if path.is_file():
            digest.update(
                f"{path.relative_to(ROOT)} {path.stat().st_mtime_ns} {path.stat().st_size}\n".encode()
            )
    return digest.hexdigest()


if __name__ == "__main__":
    main()
