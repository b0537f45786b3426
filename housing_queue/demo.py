"""
The demo: an invented akimat with its staff, its legacy lists confirmed, and a stock of homes; the rest is
for people.
"""

from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.core.management.base import OutputWrapper

from allocation.services import dwellings
from housing_queue import founding
from housing_queue.story import folder
from queue_registry.models import Akimat
from queue_registry.selectors import clock


def load(*, at_folder: Path, machine_now: datetime, out: OutputWrapper) -> Mapping[str, str] | None:
    """
    Found the demo akimat of a folder and return the passwords by user name; None where an akimat stands
    already.

    The state systems are asked by the worker afterwards, as always.

    :raises FolderProblem: if the folder lacks a list or the world.
    """
    if Akimat.objects.exists():
        return None
    world, lists = folder.world(at_folder), folder.lists(at_folder)
    lives_at = datetime.combine(world.as_of, time(9), tzinfo=ZoneInfo("Asia/Almaty"))
    founding.set_demo_clock(lives_at=lives_at, machine_now=machine_now)
    founded = founding.found(kato=world.akimat_kato, at=clock.now(), on=world.as_of)
    for source, path in lists.items():
        options = {"akimat": founded.akimat.kato, "source": source, "by": "clerk", "wet_run": True}
        call_command("import_list", str(path), **options, stdout=out)
    call_command("confirm_import", akimat=founded.akimat.kato, by="supervisor", stdout=out)
    dwellings.add_many(
        akimat=founded.akimat,
        dwellings=folder.dwellings(at_folder, applicants=founded.akimat.applications.count()),
        by=founded.staff["clerk"],
        at=clock.now(),
        document="Acceptance act",
    )
    return founded.passwords
