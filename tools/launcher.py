"""./run: everything on a bare machine.

./run                     the demo: database, broker, worker, mock gateway, web server; Ctrl-C stops it
./run story [--world DIR] the main job without a person, in a fresh database; DIR: three lists and a world
./run manage ARGS…        any management command against the demo's services, started if need be

Chosen by the environment: KEZEK_VAR (folder of all data, default var/), PORT (first port tried, default
8000), DATABASE_URL, REDIS_URL, GATEWAY_URL (servers of your own instead of the embedded ones), PG_BIN
(programs of another PostgreSQL).
"""

import argparse
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tools import application as app
from tools import environment, place
from tools.application import Application
from tools.console import StartError, say
from tools.environment import ROOT
from tools.fresh_database import fresh_database
from tools.processes import STOPPING, Services, run_in_foreground

_SAMPLE = ROOT / "tests" / "data" / "sample"
_DEMO_WORLD = ["--seed", "2026", "--households", "300"]
_WAIT_FOR_OTHERS_SECONDS = 5.0
_WAIT_FOR_RUN_SECONDS = 180.0
# Commands that ask neither the database nor Redis.
_NEED_NO_SERVICES = frozenset({"help", "--help", "-h", "version", "--version", "make_world", "run_gateway"})


class _StopSignalled(BaseException):
    """Ctrl-C, kill or the closed terminal."""


def main(arguments: list[str]) -> int:
    """Run one of the three commands and return its exit code."""
    for number in STOPPING:
        signal.signal(number, _stop)
    try:
        if arguments[:1] == ["manage"]:
            return _manage(arguments[1:])
        if arguments[:1] == ["story"]:
            return _story(arguments[1:])
        if arguments:
            print(
                (__doc__ or "").strip(),
                file=sys.stderr if arguments[0] not in {"-h", "--help", "help"} else sys.stdout,
            )
            return 0 if arguments[0] in {"-h", "--help", "help"} else 2
        return _serve()
    except StartError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except _StopSignalled:
        return 130


def _serve() -> int:
    here = place.of_the_demo()
    here.lock(seconds=_WAIT_FOR_OTHERS_SECONDS)
    services = Services(logs=here.logs)
    try:
        application = app.describe(
            python=environment.ensure(development=False), place=here, services=services
        )
        app.start_data(application, two_roles=True)
        app.prepare(application)
        app.start_gateway(application, world=_demo_world(application))
        app.start_worker_and_beat(application)
        url = app.start_web(application)
        app.wait_for_gateway(application)
        _load_demo(application)
        app.wait_for_web(application)
        here.write_state(application.environment)
        say("Ready; Ctrl-C stops everything")
        _print_entrance(here.var / "demo-sign-ins.txt", url=url)
        while True:
            services.must_be_alive()
            time.sleep(0.5)
    except _StopSignalled:
        say("Stopping")
        return 0
    finally:
        _stop_quietly(services)
        here.state_file.unlink(missing_ok=True)


def _story(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./run story", description="Walk the whole main job in a fresh database."
    )
    parser.add_argument(
        "--world", metavar="DIR", help="folder with paper.xlsx, rshep.csv, spp.csv, world.jsonl[.gz]"
    )
    chosen = parser.parse_args(arguments).world
    folder = place.resolve(chosen) if chosen else _SAMPLE
    world = _world_of(folder)
    here = place.of_the_story()
    here.lock(seconds=_WAIT_FOR_OTHERS_SECONDS)
    services = Services(logs=here.logs)
    try:
        _remove_services_data(here)
        python = environment.ensure(development=False)
        with fresh_database(python=python):
            application = app.describe(python=python, place=here, services=services)
            app.start_data(application, throw_away=True, two_roles=True)
            app.prepare(application)
            app.start_gateway(application, world=world)
            app.start_worker_and_beat(application)
            app.start_web(application)
            app.wait_for_gateway(application)
            app.wait_for_web(application)
            say("Walking the story")
            story = application.manage("story", "--world", str(folder))
            try:
                return run_in_foreground(story, environment=application.environment, directory=ROOT)
            finally:
                _stop_quietly(services)
    finally:
        _stop_quietly(services)
        _remove_services_data(here)


def _manage(arguments: list[str]) -> int:
    here = place.of_the_demo()
    services = Services(logs=here.logs)
    directory = place.resolve(".")
    python = environment.ensure(development=False)
    if _needs_no_services(arguments):
        application = app.describe(python=python, place=here, services=services)
        return run_in_foreground(
            application.manage(*arguments), environment=application.environment, directory=directory
        )
    running = _services_of_run(here)
    if running is not None:
        application = Application(python=python, place=here, services=services, environment=running)
        return run_in_foreground(
            application.manage(*arguments), environment=app.as_owner(running), directory=directory
        )
    try:
        application = app.describe(python=python, place=here, services=services)
        app.start_data(application, two_roles=True)
        app.prepare(application)
        app.start_gateway(application, world=_demo_world(application))
        app.wait_for_gateway(application)
        _load_demo(application, with_worker=True)
        owner = app.as_owner(application.environment)
        return run_in_foreground(application.manage(*arguments), environment=owner, directory=directory)
    finally:
        _stop_quietly(services)


def _needs_no_services(arguments: list[str]) -> bool:
    return not arguments or arguments[0] in _NEED_NO_SERVICES or arguments[:2] == ["benchmark", "engine"]


def _services_of_run(here: place.Place) -> dict[str, str] | None:
    """The environment of a ./run that is up, waiting for one that is starting; None when the lock is ours."""
    deadline = time.monotonic() + _WAIT_FOR_RUN_SECONDS
    while not here.try_lock():
        state = here.read_state()
        if state is not None:
            return dict(os.environ) | state
        if time.monotonic() > deadline:
            raise StartError(
                f"Another command has used the data of {here.data} for {_WAIT_FOR_RUN_SECONDS:.0f} seconds."
            )
        time.sleep(0.1)
    return None


def _demo_world(application: Application) -> Path:
    """The demo's invented people, made once: the same on every machine."""
    folder = application.place.var / "demo"
    if not list(folder.glob("world.jsonl*")):
        say("Making the demo's people")
        half_made = folder.with_name("demo.half-made")
        shutil.rmtree(half_made, ignore_errors=True)
        application.step("make_world", application.manage("make_world", str(half_made), *_DEMO_WORLD))
        shutil.rmtree(folder, ignore_errors=True)
        half_made.rename(folder)
    return _world_of(folder)


def _load_demo(application: Application, *, with_worker: bool = False) -> None:
    """Fill the database with the demo, once for each database; the worker asks the registers meanwhile."""
    loaded = application.place.var / "demo" / "loaded"
    if loaded.exists() and loaded.read_text() == application.database_identity:
        return
    if with_worker:
        app.start_worker_and_beat(application)
    say("Loading the demo")
    application.step("load_demo", application.manage("load_demo"))
    loaded.write_text(application.database_identity)


def _world_of(folder: Path) -> Path:
    for name in ("world.jsonl", "world.jsonl.gz"):
        if (folder / name).is_file():
            return folder / name
    raise StartError(f"{folder} has neither world.jsonl nor world.jsonl.gz.")


def _print_entrance(sign_ins: Path, *, url: str) -> None:
    if sign_ins.exists():
        print(f"\n{sign_ins.read_text().rstrip()}")
        print("The code of the second step of a sign-in: ./run manage demo_code USER")
    print(
        f"\nCitizens: {url}/   Clerks: {url}/desk/   Commission: {url}/admin/\nKezek is ready: {url}/",
        flush=True,
    )


def _remove_services_data(here: place.Place) -> None:
    for entry in here.data.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)


def _stop_quietly(services: Services) -> None:
    """Stop everything; a second Ctrl-C must not leave half of it running."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    services.stop_all()


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _StopSignalled


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
