"""
The demo: an invented akimat with its staff, its legacy lists confirmed, and a stock of homes; the rest is
for people.

Each step looks first whether it is done: a start that was killed half-way is taken up by the next one.
"""

import time as machine_time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.core.management.base import OutputWrapper

from allocation.models import Dwelling
from allocation.services import dwellings
from housing_queue import demo_telephones, founding
from housing_queue.story import folder, waiting
from queue_registry.models import Akimat, ImportBatch, User
from queue_registry.selectors import clock

_OPENING = time(9)


@dataclass(frozen=True, kw_only=True)
class Demo:
    """Where the demo's lists and world lie, where its passwords go, what time the machine has."""

    folder: Path
    sign_ins: Path
    machine_now: Callable[[], datetime]
    out: OutputWrapper


def load(demo: Demo) -> None:
    """
    Bring an installation to where people can begin; do nothing that is done.

    :raises housing_queue.story.folder.FolderProblem: if the folder lacks a list or the world.
    """
    world, lists = folder.world(demo.folder), folder.lists(demo.folder)
    akimat = Akimat.objects.filter(kato=world.akimat_kato).first() or _found(demo, world)
    if not demo.sign_ins.exists():
        _write(demo.sign_ins, founding.renew_passwords())
    founding.make_signing_keys()
    _import(demo, akimat, lists)
    if not Dwelling.objects.filter(akimat=akimat).exists():
        dwellings.add_many(
            akimat=akimat,
            dwellings=folder.dwellings(demo.folder, applicants=akimat.applications.count()),
            by=User.objects.get(username="clerk"),
            at=clock.now(),
            document="Acceptance act",
        )


def _found(demo: Demo, world: folder.World) -> Akimat:
    lives_at = datetime.combine(world.as_of, _OPENING, tzinfo=ZoneInfo("Asia/Almaty"))
    founding.set_demo_clock(lives_at=lives_at, machine_now=demo.machine_now())
    founded = founding.found(kato=world.akimat_kato, at=clock.now(), on=world.as_of)
    _write(demo.sign_ins, founded.passwords)
    demo_telephones.tie_all(founded.staff.values(), at=clock.now(), clock=machine_time.time)
    return founded.akimat


def _write(path: Path, passwords: founding.Passwords) -> None:
    path.write_text("".join(f"{name:<12}{password}\n" for name, password in passwords.items()))
    path.chmod(0o600)


def _import(demo: Demo, akimat: Akimat, lists: dict[str, Path]) -> None:
    """A clerk puts the lists in, the registers say who is who if they answer, a supervisor confirms."""
    for source, path in lists.items():
        options = {"akimat": akimat.kato, "source": source, "by": "clerk", "wet_run": True}
        call_command("import_list", str(path), **options, stdout=demo.out)
    if not ImportBatch.objects.filter(akimat=akimat, confirmed_at__isnull=True).exists():
        return
    try:
        waiting.until_checked(demo.out)
    except waiting.NothingMoves as problem:
        demo.out.write(f"{problem} The lists are confirmed without the answers, and settled when they come.")
    call_command("confirm_import", akimat=akimat.kato, by="supervisor", stdout=demo.out)
