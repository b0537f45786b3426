"""./test: everything that must hold before a change lands.

./test              lint, types, import contracts, templates, translations, migrations, deployment, tests
./test ARGS…        only pytest with these arguments, against a throw-away PostgreSQL and Redis all the same
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tools import application as app
from tools import environment, test_template
from tools.console import StartError, say
from tools.environment import ROOT
from tools.place import Place
from tools.processes import STOPPING, Services, run_in_foreground

_APPS = ["housing_queue", "allocation", "queue_registry", "integrations"]
_PYTHON_SOURCES = [*_APPS, "tools", "tests", "manage.py"]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One check: its name, its command and what its environment has besides."""

    name: str
    command: list[str]
    extra_environment: dict[str, str]


class _StopSignalled(BaseException):
    """Ctrl-C, kill or the closed terminal."""


def main(arguments: list[str]) -> int:
    """Run the stages and return 0 only if all of them passed."""
    for number in STOPPING:
        signal.signal(number, _stop)
    if arguments[:1] in (["-h"], ["--help"]):
        print((__doc__ or "").strip())
        return 0
    folder = Path(tempfile.mkdtemp(prefix="kezek-test-"))
    services = Services(logs=folder / "log")
    try:
        python = environment.ensure(development=True)
        application = app.describe(
            python=python, place=Place(var=folder, data=folder, logs=folder / "log"), services=services
        )
        application.environment |= _test_environment(python)
        # The servers of a person's own copy are no place for tests.
        for name in ("DATABASE_URL", "MIGRATIONS_DATABASE_URL", "REDIS_URL", "GATEWAY_URL"):
            os.environ.pop(name, None)
        app.start_data(application, throw_away=True)
        test_template.make(application)
        application.step("translations", [str(python), "-m", "tools.translations", "compile"])
        stages = [] if arguments else _static_stages(python)
        stages.append(_stage("tests", [str(python), "-m", "pytest", *arguments]))
        return _run(stages, environment=application.environment, only_tests=bool(arguments))
    except StartError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except _StopSignalled:
        return 130
    finally:
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
        services.stop_all()
        shutil.rmtree(folder, ignore_errors=True)


def _static_stages(python: Path) -> list[Stage]:
    def module(name: str, *arguments: str) -> list[str]:
        return [str(python), "-m", name, *arguments]

    scripts = environment.VENV / "bin"
    manage = [str(python), "manage.py"]
    production = {
        "DJANGO_SETTINGS_MODULE": "housing_queue.settings",
        "DEMO": "false",
        "HTTPS": "true",
        "ALLOWED_HOSTS": "kezek.example.kz",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "PUBLIC_URL": "https://kezek.example.kz",
    }
    return [
        _stage("lint", module("ruff", "check", *_PYTHON_SOURCES)),
        _stage("format", module("ruff", "format", "--check", *_PYTHON_SOURCES)),
        _stage("types", module("mypy", *_APPS, "tools", "manage.py")),
        _stage("import contracts", [str(scripts / "lint-imports"), "--no-cache"]),
        _stage("templates", module("djlint", "templates", "--lint", "--quiet")),
        _stage("translations", module("tools.translations", "check")),
        _stage("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        _stage("deployment", [*manage, "check", "--deploy", "--fail-level", "WARNING"], production),
    ]


def _stage(name: str, command: list[str], extra_environment: dict[str, str] | None = None) -> Stage:
    return Stage(name=name, command=command, extra_environment=extra_environment or {})


def _test_environment(python: Path) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        # No test asks a gateway that it did not start itself: nobody listens on port 9.
        "GATEWAY_URL": "http://127.0.0.1:9/",
        "PYTHONPATH": str(ROOT),
        "PATH": f"{python.parent}:{os.environ.get('PATH', '/usr/bin:/bin')}",
    }


def _run(stages: list[Stage], *, environment: dict[str, str], only_tests: bool) -> int:
    """Run all stages, so that one call shows everything that is wrong; the first failure's code is ours."""
    results: list[tuple[str, int, float]] = []
    for stage in stages:
        say(stage.name)
        started = time.monotonic()
        code = _run_stage(stage, environment=environment)
        results.append((stage.name, code, time.monotonic() - started))
    failures = [code for _name, code, _seconds in results if code != 0]
    if not only_tests:
        print("\nSummary", file=sys.stderr)
        for name, code, seconds in results:
            print(f"  {'ok    ' if code == 0 else 'FAILED'}  {name:<18}{seconds:6.1f} s", file=sys.stderr)
    return failures[0] if failures else 0


def _run_stage(stage: Stage, *, environment: dict[str, str]) -> int:
    merged = environment | stage.extra_environment
    if stage.name == "tests":
        return run_in_foreground(stage.command, environment=merged, directory=ROOT)
    done = subprocess.run(
        stage.command,
        env=merged,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout + done.stderr)
    return done.returncode


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _StopSignalled


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
