"""A queue goes to another installation with all that it is: the same keys, trail, places and rounds."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from allocation.models import AllocationRun
from allocation.services.replays import replay
from housing_queue.handover import exporting, importing
from housing_queue.handover.tables import EXPORTED, KEPT_HERE
from queue_registry import signing
from queue_registry.models import (
    Akimat,
    Application,
    AuditEvent,
    Consent,
    DataDispute,
    Fact,
    ListYearCount,
    Person,
    QueueEntry,
    QueueTakeover,
    SourceAnswer,
    TrailHead,
    User,
)
from queue_registry.permissions import NotAllowed
from queue_registry.rules.facts import Source
from queue_registry.rules.trail import canonical
from queue_registry.selectors import consents, keepers, queue, trail
from queue_registry.services import data_disputes
from queue_registry.services import keepers as services
from tests import factories, whole_akimat
from tests.factories import AT, KATO, PersonFactory
from tests.unit.queue_registry.services import intaking
from tests.whole_akimat import AFTER

TAKEN_AT = AFTER + timedelta(hours=1)
ENTRY, PERSON = "queue_registry.QueueEntry", "queue_registry.Person"
# Taking in is an act: it leaves a record, and says who took over.
NEW_ROWS = {"queue_registry.AuditEvent", "queue_registry.QueueTakeover"}
# What of these nobody consented to stays.
BY_CONSENT = {"queue_registry.SourceAnswer", "queue_registry.Fact"}
# Columns that may be something else in the new installation.
LEFT = {
    "queue_registry.User": {"password", "last_login", "is_superuser"},
    "queue_registry.TrailHead": {"seq", "sha256", "closed_from"},
    "queue_registry.Consent": set(),
    "queue_registry.DataDispute": set(),
    "queue_registry.RecheckFinding": set(),
    "integrations.CheckAttempt": {"envelope"},
}
TABLES = {table.label: table for table in EXPORTED}


# Nothing is forgotten


def test_every_table_is_handed_over_or_named_with_a_reason():
    everything = {model._meta.label for model in apps.get_models(include_auto_created=True)}

    assert set(TABLES) | set(KEPT_HERE) == everything, (
        "name the new table in housing_queue/handover/tables.py"
    )
    assert not set(TABLES) & set(KEPT_HERE)
    assert all(KEPT_HERE.values())
    assert len(EXPORTED) == len(TABLES)


def test_every_table_that_is_handed_over_comes_after_no_row_trigger_that_asks_for_it():
    order = list(TABLES)

    assert order.index("queue_registry.RemovalCase") < order.index("queue_registry.QueueEntry")


# The round trip


def rows_of(table):
    """Every row of a table as JSON, by its text."""
    columns = ", ".join(connection.ops.quote_name(name) for name in table.columns)
    with connection.cursor() as cursor:
        statement = f"SELECT to_jsonb(given)::text FROM (SELECT {columns} FROM {table.name}) AS given"  # noqa: S608
        cursor.execute(statement)
        return [json.loads(row) for row in sorted(row for (row,) in cursor.fetchall())]


def snapshot():
    """Everything that has to be the same: rows, places, counters, rounds repeated."""
    counters = ListYearCount.objects.order_by("waiting_list", "year")
    return {
        "rows": {table.label: rows_of(table) for table in EXPORTED},
        "places": {entry.pk: queue.place_of(entry) for entry in QueueEntry.objects.all()},
        "counters": list(counters.values_list("waiting_list", "year", "entries", "months")),
        "runs": {run.pk: (run.result_sha256, replay(run)) for run in AllocationRun.objects.all()},
    }


def files_below(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def old(transactional_db, settings, tmp_path):
    """An akimat with everything, whose queue is kept elsewhere since October."""
    town = whole_akimat.everything(settings, tmp_path / "old")
    whole_akimat.handed_over(town)
    assert whole_akimat.missing_tables() == ["queue_registry.QueueTakeover"]
    return town


@pytest.fixture
def young(transactional_db, settings, tmp_path):
    """An akimat with two households and a document, whose queue is kept elsewhere since October."""
    settings.MEDIA_ROOT = tmp_path / "old" / "media"
    town = factories.town()
    factories.waiting(town, day=1)
    factories.waiting(town, day=2)
    intaking.filed(town)
    whole_akimat.handed_over(town)
    return town


def empty_installation(settings, folder):
    """What `migrate` leaves: no row, and an empty store of documents."""
    call_command("flush", interactive=False, verbosity=0)
    settings.MEDIA_ROOT = folder / "media"


def written(town, folder, *, at=AFTER):
    exporting.export(akimat=town.akimat, folder=folder, by=town.admin, at=at)
    return folder


def taken_in(folder, **changes):
    given = {"key": signing.public_key(), "is_rehearsal": False, "at": TAKEN_AT} | changes
    return importing.take_in(folder=folder, **given)


def is_empty():
    return not any(table.everywhere().exists() for table in EXPORTED)


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


# Consent


def test_answers_without_a_consent_in_force_stay_where_they_were_asked(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "old" / "media"
    town = factories.town()
    agreed = factories.waiting(town, day=1, family=(factories.HUSBAND, factories.SON))
    silent = factories.waiting(town, day=2, consented=False, family=(factories.HUSBAND, factories.SON))
    narrow = factories.waiting(town, day=3, consented=False)
    factories.consent(narrow.applicant, scope=["egkn"])
    ended = factories.waiting(town, day=4, consented=False)
    factories.consent(ended.applicant, until=AT)
    whole_akimat.handed_over(town)
    people = {
        "agreed": agreed.applicant,
        "her husband": agreed.application.members.order_by("pk").first().person,
        "her son": agreed.application.members.order_by("pk").last().person,
        "silent": silent.applicant,
        "his son": silent.application.members.order_by("pk").last().person,
        "narrow": narrow.applicant,
        "ended": ended.applicant,
    }
    folder = written(town, tmp_path / "handover")
    withheld = json.loads((folder / "manifest.json").read_bytes())["withheld_answers"]
    answers = SourceAnswer.objects.filter(person__in=people.values()).count()
    empty_installation(settings, tmp_path / "new")

    taken_in(folder)

    def sources(name):
        return set(SourceAnswer.objects.filter(person=people[name].pk).values_list("source", flat=True))

    everything = {source.value for source in Source}
    assert sources("agreed") == sources("her husband") == sources("her son") == everything
    assert sources("silent") == sources("his son") == sources("ended") == set(consents.WITHOUT)
    assert sources("narrow") == {"egkn", *consents.WITHOUT}
    assert not Fact.objects.filter(person__in=[people["silent"].pk, people["ended"].pk]).exclude(
        answer__source__in=consents.WITHOUT
    )
    assert withheld > 0
    assert SourceAnswer.objects.filter(person__in=[one.pk for one in people.values()]).count() < answers
    # Nobody lost a place by it.
    assert QueueEntry.objects.count() == 4


def test_what_is_settled_about_an_answer_that_stays_is_handed_over_without_it(
    transactional_db, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "old" / "media"
    town = factories.town()
    entry = factories.waiting(town, day=1, consented=False)
    answer = entry.applicant.answers.get(source="egkn")
    about = {"application_id": entry.application_id, "person_id": entry.applicant_id, "fact_id": None}
    settled = data_disputes.open_dispute(answer_id=answer.pk, claim="x", at=AT, **about)
    data_disputes.settle(dispute_id=settled.pk, outcome="STANDS", decision="x", by=town.clerk, at=AT)
    data_disputes.open_dispute(answer_id=answer.pk, claim="y", at=AT, **about)
    of_nobody = data_disputes.open_dispute(answer_id=None, claim="z", at=AT, **about)
    whole_akimat.handed_over(town)
    folder = written(town, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")

    taken_in(folder)

    assert dict(DataDispute.objects.values_list("pk", "answer")) == {settled.pk: None, of_nobody.pk: None}


# A shared installation


def test_only_the_rows_of_the_akimat_leave_and_people_of_two_akimats_keep_their_other_cases(
    transactional_db, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "old" / "media"
    town = factories.town()
    shared = factories.waiting(town, day=1).applicant
    other = Akimat.objects.create(kato="231010000", name_kk="Бөтен", name_ru="Чужой")
    foreign = Application.objects.create(
        akimat=other,
        running_number=1,
        file_number="231010-0000001-0",
        applicant=shared,
        applicant_name="x",
        origin="DESK",
        entered_by=town.clerk,
        entered_at=AT,
    )
    given_there = factories.consent(shared, application=foreign)
    stranger = PersonFactory()
    User.objects.create(username="stranger")
    whole_akimat.handed_over(town)
    folder = written(town, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")

    taken_in(folder)

    assert [akimat.kato for akimat in Akimat.objects.all()] == [KATO]
    assert not Application.objects.filter(pk=foreign.pk).exists()
    assert Consent.objects.get(pk=given_there.pk).application_id is None
    assert not Person.objects.filter(pk=stranger.pk).exists()
    assert not User.objects.filter(username="stranger").exists()


# Refusals


def test_a_queue_whose_keeper_did_not_change_is_taken_in_only_as_a_rehearsal(
    transactional_db, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "old" / "media"
    town = factories.town()
    factories.waiting(town, day=1)
    folder = written(town, tmp_path / "handover", at=AT)
    empty_installation(settings, tmp_path / "new")

    with pytest.raises(importing.Refused, match="It is a rehearsal"):
        taken_in(folder)
    assert is_empty()
    taken_in(folder, is_rehearsal=True)

    assert not QueueTakeover.objects.exists()
    assert AuditEvent.objects.latest("seq").data["is_rehearsal"] is True


def test_an_installation_with_a_row_takes_nothing_in(young, settings, tmp_path):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    User.objects.create(username="somebody")

    with pytest.raises(importing.Refused, match=r"not empty: queue_registry\.User has rows"):
        taken_in(folder)


def test_a_folder_with_something_in_it_is_not_written_into(young, tmp_path):
    folder = tmp_path / "handover"
    folder.mkdir()
    (folder / "somebody's").write_bytes(b"")
    records = AuditEvent.objects.count()

    with pytest.raises(exporting.FolderTaken):
        written(young, folder)

    assert AuditEvent.objects.count() == records


def test_only_an_administrator_of_the_akimat_writes_the_queue_out(young, tmp_path):
    for name in ("clerk", "supervisor", "auditor", "chair"):
        with pytest.raises(NotAllowed):
            exporting.export(akimat=young.akimat, folder=tmp_path / name, by=young.staff[name], at=AFTER)


def _changed(name, old, new):
    def change(folder):
        path = folder / name
        content = path.read_bytes()
        assert old in content
        path.write_bytes(content.replace(old, new, 1))

    return change


def _without(name):
    return lambda folder: (folder / name).unlink()


def _stray(folder):
    (folder / "stray.jsonl").write_bytes(b"{}\n")


def _stray_document(folder):
    (folder / "documents" / "stray.pdf").write_bytes(b"x")


def _other_document(folder):
    next(path for path in (folder / "documents").rglob("*") if path.is_file()).write_bytes(b"other")


def _no_document(folder):
    next(path for path in (folder / "documents").rglob("*") if path.is_file()).unlink()


@pytest.mark.parametrize(
    "change",
    [
        _changed("manifest.json", b'"is_final":true', b'"is_final":1   '),
        _changed("queue_registry.queueentry.jsonl", b"WAITING", b"OFFERED"),
        _changed("places.jsonl", b'"place" : 1', b'"place" : 3'),
        _without("queue_registry.person.jsonl"),
        _without("manifest.sig"),
        _stray,
        _stray_document,
        _other_document,
        _no_document,
    ],
)
def test_a_handover_that_was_touched_is_refused_and_leaves_nothing(young, settings, tmp_path, change):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    change(folder)

    with pytest.raises(importing.Refused):
        taken_in(folder)

    assert is_empty()
    assert not Path(settings.MEDIA_ROOT).exists()


def test_another_key_than_the_keepers_is_refused(young, settings, tmp_path):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    ours = signing.public_key()
    settings.MANIFEST_KEY = "YW5vdGhlciBrZXksIG9mIGFub3RoZXIga2VlcGVyISE="

    with pytest.raises(importing.Refused, match="not signed with this key"):
        taken_in(folder)

    assert taken_in(folder, key=ours)["is_final"]


def resigned(folder, **changes):
    """The folder as its own keeper would sign it, with a manifest that fits its files."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for row in manifest["files"]:
        content = (folder / row["name"]).read_bytes()
        row |= {
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "rows": content.count(b"\n"),
        }
    content = canonical(manifest | changes)
    (folder / "manifest.json").write_bytes(content)
    (folder / "manifest.sig").write_bytes(signing.sign(content))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_changed("queue_registry.auditevent.jsonl", b'"actor":"admin"', b'"actor":"clerk"'), "trail: row"),
        (_changed("queue_registry.queueentry.jsonl", b"WAITING", b"OFFERED"), "not as its newest event says"),
        (_changed("places.jsonl", b'"place" : 1', b'"place" : 3'), "does not follow from the entries"),
        (_changed("places.jsonl", b'"list" : "5"', b'"list" : "6"'), "does not follow from the entries"),
    ],
)
def test_even_a_signed_handover_has_to_be_right_in_itself(young, settings, tmp_path, change, reason):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    change(folder)
    resigned(folder)

    with pytest.raises(importing.Refused, match=reason):
        taken_in(folder)

    assert is_empty()


def test_what_the_database_refuses_of_a_row_undoes_everything(young, settings, tmp_path):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    _changed("queue_registry.akimat.jsonl", b'"bin":"990040000017"', b'"bin":"x90040000017"')(folder)
    resigned(folder)

    with pytest.raises(importing.Refused, match="akimat_bin_is_twelve_digits"):
        taken_in(folder)

    assert is_empty()
    assert not Path(settings.MEDIA_ROOT).exists()


def test_a_handover_of_another_version_is_refused(young, settings, tmp_path):
    folder = written(young, tmp_path / "handover")
    empty_installation(settings, tmp_path / "new")
    resigned(folder, migrations={"queue_registry": "0001_register"})

    with pytest.raises(importing.Refused, match="Another version"):
        taken_in(folder)


# The verifier


def verified(folder):
    """The verifier as it travels: nothing of ours, no package, another directory."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verifier.py"), str(folder)],
        cwd=folder.parent,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_anybody_with_python_checks_a_handover(young, tmp_path):
    folder = written(young, tmp_path / "handover")
    head = json.loads((folder / "manifest.json").read_bytes())["trail"]

    done = verified(folder)

    assert done.returncode == 0, done.stderr
    assert f"the trail is whole: {head['seq']} rows, digest {head['sha256']}" in done.stdout
    _changed("queue_registry.queueentry.jsonl", b"WAITING", b"HOUSED")(folder)
    resigned(folder)
    done = verified(folder)
    assert done.returncode == 1
    assert "not as its newest event says" in done.stderr


def test_the_signature_is_checked_without_any_program_of_ours(young, tmp_path):
    folder = written(young, tmp_path / "handover")
    command = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "key.pem",
        "-rawin",
        "-in",
        "manifest.json",
    ]

    done = subprocess.run(
        [*command, "-sigfile", "manifest.sig"], cwd=folder, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert (folder / "key.pem").read_text() == signing.public_key()


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
