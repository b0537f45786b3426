"""Files that no row names: what a killed process left goes after a day; what a row names stays for ever."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import FileField

from allocation.models import RoundDocument
from allocation.services import round_documents
from housing_queue import stray_files, tasks
from housing_queue.celery import app
from queue_registry.models import ApplicationDocument, Disposal, ImportUpload
from queue_registry.services import import_uploads, intakes
from tests import factories
from tests.unit.queue_registry.services import intaking

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 3, 22, 50, tzinfo=UTC)
DAY = timedelta(days=1)
LIST = (
    "application_number,iin,last_name,first_name,middle_name,registered_at,list_code,family_iins,phone,status\r\n"
    f"A-1,{factories.invented_iin(7)},Ойдан,Анна,,2019-05-06T10:00:00,5,,,active"
).encode("utf-8-sig")


@pytest.fixture
def store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    return settings.MEDIA_ROOT


def planted(name, *, age=DAY + timedelta(seconds=1)):
    """A file of the store as an act leaves it that was killed before its commit."""
    kept = default_storage.save(name, ContentFile(b"%PDF-1.7"))
    written(kept, age=age)
    return kept


def written(name, *, age):
    moment = (NOW - age).timestamp()
    os.utime(default_storage.path(name), (moment, moment))


def stored(store):
    return {str(path.relative_to(store)) for path in Path(store).rglob("*") if path.is_file()}


def remove(**changes):
    return stray_files.remove(**{"by": "aliya", "at": NOW} | changes)


def test_a_planted_file_goes_after_a_day_and_leaves_a_row(store):
    planted("documents/2026/09/a.pdf")

    assert remove() == 1

    assert stored(store) == set()
    row = Disposal.objects.get()
    assert (row.kind, row.rows, row.by, row.at, row.before) == ("STRAY_FILES", 1, "aliya", NOW, NOW - DAY)


@pytest.mark.parametrize(("age", "count"), [(DAY, 0), (DAY + timedelta(seconds=1), 1)])
def test_a_file_of_today_may_still_get_its_row(store, age, count):
    planted("imports/2026/09/a.xlsx", age=age)
    assert remove() == count
    assert Disposal.objects.count() == count


def test_what_a_row_names_stays_however_old_it_is(store):
    town = factories.town()
    intake = intaking.ready(town)
    import_uploads.upload(
        akimat=town.akimat,
        source="spp",
        file_name="spp.csv",
        content=LIST,
        consent_document="",
        by=town.clerk,
        at=factories.AT,
    )
    round_ = factories.confirmed(town, factories.ready(town, 1)).sitting.run.round
    round_documents.keep(round_, title="№ 1", content=b"%PDF-1.7", by=town.secretary, at=factories.AT)
    assert intake.documents.exclude(file="").exists()
    named = stored(store)
    # One of each act that writes files: nobody forgot a kind here.
    assert {name.split("/")[0] for name in named} == {"documents", "imports", "rounds"} == kinds()
    for name in named:
        written(name, age=timedelta(days=4_000))
    stray = planted("rounds/2026/09/stray.pdf")

    assert remove() == 1

    assert stored(store) == named
    assert stray not in named
    rows = (ApplicationDocument, ImportUpload, RoundDocument)
    assert all(model.objects.exclude(file="").exists() for model in rows)


def kinds():
    """The folders of all columns that are files."""
    fields = (field for model in apps.get_models() for field in model._meta.concrete_fields)
    return {field.upload_to.split("/")[0] for field in fields if isinstance(field, FileField)}


class Killed(Exception):
    """The process ends here."""


@transaction.atomic
def killed_before_its_commit(act, **told):
    act(**told)
    raise Killed


def test_an_act_that_is_killed_before_its_commit_leaves_a_file_that_goes(store):
    intake = intaking.ready(factories.town())
    before = stored(store)
    with pytest.raises(Killed):
        killed_before_its_commit(
            intakes.add_document,
            intake_id=intake.pk,
            kind=ApplicationDocument.Kind.OTHER,
            title="x",
            scan=b"%PDF-1.7 killed",
            by=intake.opened_by,
            at=factories.AT,
        )
    (left,) = stored(store) - before
    written(left, age=DAY * 2)

    assert remove() == 1

    assert stored(store) == before


def test_folders_are_looked_at_one_after_another_and_never_all_at_once(store, monkeypatch):
    named = planted("documents/2026/1/kept.pdf", age=DAY * 40)
    other = planted("documents/2026/10/kept.pdf", age=DAY * 40)
    intake = intaking.ready(factories.town())
    for name in (named, other):
        ApplicationDocument.objects.create(
            intake=intake,
            kind="OTHER",
            title="x",
            file=name,
            sha256="x",
            added_at=NOW,
            added_by=intake.opened_by,
        )
    strays = [planted(f"documents/2026/{month}/stray.pdf") for month in (1, 10, 2)]
    looked, listed = [], FileSystemStorage.listdir

    def listdir(self, folder):
        looked.append(folder)
        return listed(self, folder)

    monkeypatch.setattr(FileSystemStorage, "listdir", listdir)
    found = stray_files.find(before=NOW - DAY)

    assert next(found) == strays[0]
    assert looked == ["", "documents", "documents/2026", "documents/2026/1"]
    assert list(found) == strays[1:]
    assert remove() == 3
    assert {named, other} <= stored(store)


def test_very_many_are_left_for_a_person(store, monkeypatch):
    monkeypatch.setattr(stray_files, "MOST", 2)
    for number in range(3):
        planted(f"documents/2026/09/{number}.pdf")

    with pytest.raises(stray_files.TooMany, match="3 files"):
        remove()
    assert len(stored(store)) == 3
    assert not Disposal.objects.exists()

    assert remove(however_many=True) == 3
    assert Disposal.objects.get().rows == 3


def test_the_command_says_how_many_and_asks_before_very_many(store, monkeypatch, capsys):
    name = planted("documents/2026/09/a.pdf")
    os.utime(default_storage.path(name), (0, 0))
    monkeypatch.setattr(stray_files, "MOST", 0)
    with pytest.raises(CommandError, match="--however-many"):
        call_command("remove_stray_files", "--operator", "aliya")
    call_command("remove_stray_files", "--operator", "aliya", "--however-many")
    assert "1 files" in capsys.readouterr().out
    assert Disposal.objects.get().by == "aliya"


def test_the_task_runs_by_night_and_leaves_very_many(store, monkeypatch):
    name = planted("documents/2026/09/a.pdf")
    os.utime(default_storage.path(name), (0, 0))
    orders = {order["task"]: order["schedule"] for order in app.conf.beat_schedule.values()}
    assert orders["housing_queue.tasks.remove_stray_files"].hour == {3}
    monkeypatch.setattr(stray_files, "MOST", 0)
    tasks.remove_stray_files()
    assert stored(store) == {name}
    monkeypatch.undo()

    tasks.remove_stray_files()

    assert stored(store) == set()
    assert Disposal.objects.get().by == "timer"


def test_an_empty_or_missing_store_is_no_fault(store):
    assert remove() == 0
    store.rmdir()
    assert remove() == 0
