"""One run: `python -m housing_queue.benchmarks.endurance PEOPLE`; rows go out as lines of JSON."""

import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import django

from housing_queue.benchmarks.endurance import world
from housing_queue.benchmarks.endurance.stand import Stand
from tools.processes import Services

if TYPE_CHECKING:
    from housing_queue.benchmarks.endurance.course import Course

# Of so many people one is asked about with signatures.
SIGNED_ONE_OF: Final = 20


def main(people: int) -> None:
    """Run, and print what was seen."""
    folder = Path(tempfile.mkdtemp(prefix="kezek-endurance-"))
    services: Services | None = None
    try:
        stand = Stand.start(folder)
        services = stand.services
        django.setup()
        _run(stand, people)
    finally:
        if services is not None:
            services.stop_all()
        shutil.rmtree(folder, ignore_errors=True)


def _run(stand: Stand, people: int) -> None:
    # Only now there is a database to be asked.
    from housing_queue.benchmarks.endurance import evidence, town
    from housing_queue.benchmarks.endurance.course import Course
    from queue_registry.rules.calendar import civil_day
    from queue_registry.selectors import clock

    at = clock.now()
    made = list(world.households(people, on=civil_day(at)))
    path = stand.folder / "world.jsonl"
    world.write(path, made)
    town.settle(made, at=at)
    half = _first_of(made, people // SIGNED_ONE_OF)
    course = Course(stand=stand)
    logs = [_signed_leg(stand, course, path, made[:half], at)]
    course.extra = {}
    logs.append(stand.serve(path, name="unsigned"))
    town.ask_everything(made[half:], at=at)
    course.run(misfortune=True)
    for measured in evidence.tell(course, made, logs, on=civil_day(clock.now())):
        sys.stdout.write(json.dumps(asdict(measured)) + "\n")
        sys.stdout.flush()


def _first_of(made: list[world.Household], people: int) -> int:
    """How many households have so many people."""
    count = index = 0
    while count < people:
        count += len(made[index].people)
        index += 1
    return index


def _signed_leg(
    stand: Stand, course: "Course", path: Path, made: list[world.Household], at: datetime
) -> Path:
    """Ask about some with signatures, before everything goes wrong."""
    from housing_queue.benchmarks.endurance import town
    from integrations.fakes import keys

    folder = stand.folder / "keys"
    folder.mkdir()
    keys.write_pairs(folder)
    log = stand.serve(path, name="signed", keys=folder)
    course.extra = {
        "GATEWAY_KEY_FILE": str(folder / "kezek.key"),
        "GATEWAY_CERTIFICATE_FILE": str(folder / "kezek.crt"),
        "GATEWAY_TRUSTED_FILE": str(folder / "gateway.crt"),
    }
    town.ask_everything(made, at=at)
    course.run(misfortune=False)
    return log


if __name__ == "__main__":
    main(int(sys.argv[1]))
