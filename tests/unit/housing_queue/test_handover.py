"""A queue goes to another installation with all that it is: the same keys, trail, places and rounds."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError, call_command

from housing_queue.handover import exporting
from housing_queue.handover.tables import EXPORTED, KEPT_HERE
from queue_registry import signing
from queue_registry.models import (
    Akimat,
    AuditEvent,
    Consent,
    QueueTakeover,
    TrailHead,
    User,
)
from queue_registry.selectors import keepers, trail
from queue_registry.services import keepers as services
from tests import factories, whole_akimat
from tests.factories import KATO, PersonFactory
from tests.unit.housing_queue.handing_over import (
    TABLES,
    TAKEN_AT,
    empty_installation,
    files_below,
    snapshot,
    taken_in,
    written,
)
from tests.whole_akimat import AFTER

ENTRY, PERSON = "queue_registry.QueueEntry", "queue_registry.Person"
# Taking in is an act: it leaves a record, and says who took over.
NEW_ROWS = {"queue_registry.AuditEvent", "queue_registry.QueueTakeover"}
# What of these nobody consented to stays.
BY_CONSENT = {"queue_registry.SourceAnswer", "queue_registry.Fact"}
# Columns that may be something else in the new installation.
LEFT = {
    "queue_registry.User": {"password", "last_login", "is_superuser"},
    "queue_registry.TrailHead": {"seq", "previous_sha256", "sha256", "closed_from"},
    "queue_registry.Consent": set(),
    "queue_registry.DataDispute": set(),
    "queue_registry.RecheckFinding": set(),
    "integrations.CheckAttempt": {"envelope"},
}


# Nothing is forgotten


def test_every_table_is_handed_over_or_named_with_a_reason():
    everything = {model._meta.label for model in apps.get_models(include_auto_created=True)}

    assert set(TABLES) | set(KEPT_HERE) == everything, (
        "name the new table in housing_queue/handover/tables.py"
    )
    assert not set(TABLES) & set(KEPT_HERE)
    assert all(KEPT_HERE.values())
    assert len(EXPORTED) == len(TABLES)


def test_cases_of_removal_come_in_before_the_entries_that_they_removed():
    order = list(TABLES)

    assert order.index("queue_registry.RemovalCase") < order.index("queue_registry.QueueEntry")


# The round trip


def test_a_queue_is_the_same_in_its_new_installation(old, settings, tmp_path):
    folder = written(old, tmp_path / "handover")
    before, documents = snapshot(), files_below(Path(settings.MEDIA_ROOT))
    head = TrailHead.objects.get(pk=KATO)
    agreed = set(Consent.objects.in_force(AFTER).values_list("person", flat=True))
    empty_installation(settings, tmp_path / "new")

    manifest = taken_in(folder)

    after = snapshot()
    assert manifest["trail"] == {"seq": head.seq, "sha256": head.sha256}
    for same in ("places", "counters", "runs"):
        assert after[same] == before[same]
    assert any(places for places in before["places"].values())
    assert [differences for _digest, differences in before["runs"].values() if differences] == []
    assert files_below(Path(settings.MEDIA_ROOT)) == documents
    assert len(documents) > 2
    for label, rows in before["rows"].items():
        if label not in {*(table.label for table in EXPORTED if table.replaced), *NEW_ROWS, *BY_CONSENT}:
            assert after["rows"][label] == rows, label
    for label in BY_CONSENT:
        stayed = [row for row in before["rows"][label] if row not in after["rows"][label]]
        assert len(after["rows"][label]) + len(stayed) == len(before["rows"][label])
        assert stayed
        assert not {row["person_id"] for row in stayed} & agreed


def test_what_leaves_as_something_else_is_only_what_may(old, settings, tmp_path):
    folder = written(old, tmp_path / "handover")
    before = snapshot()["rows"]
    empty_installation(settings, tmp_path / "new")

    taken_in(folder)

    after = snapshot()["rows"]
    for label in (table.label for table in EXPORTED if table.replaced):
        changed = {
            name
            for one, other in zip(before[label], after[label], strict=True)
            for name in one
            if one[name] != other[name]
        }
        assert changed <= LEFT[label], label
    assert {row["password"] for row in after["queue_registry.User"]} == {"!"}
    assert not User.objects.get(username="clerk").has_usable_password()
    assert {row["envelope"] for row in after["integrations.CheckAttempt"]} == {None}
    # The chain goes on behind its old head, and nothing closes it here.
    head = TrailHead.objects.get(pk=KATO)
    assert (head.seq, head.closed_from) == (before["queue_registry.TrailHead"][0]["seq"] + 1, None)
    assert trail.walk(KATO, published_head=before["queue_registry.TrailHead"][0]["sha256"]).fault == ""


def test_the_new_installation_knows_who_handed_over_and_goes_on(young, settings, tmp_path):
    folder = written(young, tmp_path / "handover")
    manifest_sha256 = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    newest = {table.label: table.everywhere().latest("pk").pk for table in (TABLES[ENTRY], TABLES[PERSON])}
    last = young.akimat.applications.latest("running_number").running_number
    empty_installation(settings, tmp_path / "new")

    manifest = taken_in(folder)

    takeover = QueueTakeover.objects.select_related("keeper").get()
    assert (takeover.handed_over_by, takeover.manifest_sha256) == ("admin", manifest_sha256)
    assert takeover.trail_head == manifest["trail"]["sha256"]
    assert takeover.keeper.name_ru == whole_akimat.KEEPER.name_ru
    record = AuditEvent.objects.latest("seq")
    assert (record.event, record.actor) == ("register.imported", "import_register")
    assert record.previous_sha256 == manifest["trail"]["sha256"]
    assert record.data["handed_over_by"] == "admin"
    # It is kept here: acts are done again, with numbers and keys that nobody had before.
    town = factories.Town(
        akimat=Akimat.objects.get(), staff={one.username: one for one in User.objects.all()}, passwords={}
    )
    entry = factories.waiting(town, day=3)
    assert entry.pk > newest[ENTRY]
    assert entry.applicant_id > newest[PERSON]
    assert entry.application.running_number == last + 1
    assert trail.walk(KATO).fault == ""
    assert keepers.is_kept_here(town.akimat, on=AFTER.date())


def test_a_key_that_was_once_given_is_never_given_again(young, settings, tmp_path):
    gone = PersonFactory()
    newest = gone.pk
    gone.delete()
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")

    taken_in(folder)

    assert PersonFactory().pk == newest + 1


def test_a_queue_can_be_handed_over_a_second_time(young, settings, tmp_path):
    folder = written(young, tmp_path / "first")
    empty_installation(settings, tmp_path / "new")
    taken_in(folder)
    staff = {one.username: one for one in User.objects.all()}
    akimat = Akimat.objects.get()
    later = TAKEN_AT + timedelta(days=40)
    keeper = replace(whole_akimat.KEEPER, name_ru="Третий (вымышленный)")
    services.propose(akimat=akimat, keeper=keeper, from_on=later.date(), by=staff["admin"], at=TAKEN_AT)
    services.approve(akimat=akimat, by=staff["supervisor"], at=TAKEN_AT)
    assert keepers.is_kept_here(akimat, on=TAKEN_AT.date())
    assert not keepers.is_kept_here(akimat, on=later.date())
    folder = tmp_path / "second"
    exporting.export(akimat=akimat, folder=folder, by=staff["admin"], at=later)
    empty_installation(settings, tmp_path / "newer")

    taken_in(folder, at=later)

    assert [one.keeper.name_ru for one in QueueTakeover.objects.order_by("pk")] == [
        whole_akimat.KEEPER.name_ru,
        keeper.name_ru,
    ]
    assert keepers.is_kept_here(Akimat.objects.get(), on=later.date())


# The commands


def test_the_commands_hand_over_and_take_in(young, settings, tmp_path, capsys):
    with time_machine.travel(AFTER, tick=False):
        folder = tmp_path / "handover"
        call_command("export_register", folder, akimat=KATO, by="admin")
        out = capsys.readouterr().out
        assert "; final" in out
        assert factories.invented_iin(0)[:4] not in out.replace(KATO, "")
        key = tmp_path / "key.pem"
        key.write_text(signing.public_key())
        empty_installation(settings, tmp_path / "new")
        call_command("import_register", folder, key=key)
        assert "the same trail" in capsys.readouterr().out
        with pytest.raises(
            CommandError, match="refused, nothing was taken in: This installation is not empty"
        ):
            call_command("import_register", folder, key=key)
