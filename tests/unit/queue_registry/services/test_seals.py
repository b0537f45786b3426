"""Once a day the heads are sealed; a tail that was cut off, made anew or emptied no longer leads to them."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from queue_registry import tasks
from queue_registry.models import Akimat, AuditEvent, TrailHead, TrailSeal
from queue_registry.rules.trail import GENESIS, link_sha256
from queue_registry.selectors import trail
from queue_registry.services import audit, seals

pytestmark = pytest.mark.django_db

KATO = "271010000"
# 31 August 2026, 23:59:59 in Almaty, and the first moment of 1 September.
LAST_SECOND = datetime(2026, 8, 31, 18, 59, 59, tzinfo=UTC)
MIDNIGHT = datetime(2026, 8, 31, 19, tzinfo=UTC)


@pytest.fixture
def akimat():
    return Akimat.objects.create(kato=KATO, name_kk="Орал", name_ru="Уральск")


def record(akimat, *, at=LAST_SECOND, count=1):
    with transaction.atomic():
        audit.record_many(
            akimat=akimat,
            by="test",
            at=at,
            acts=[audit.Act(event="thing.done", target="thing:1", data={"n": n}) for n in range(count)],
        )


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def tamper(statement, *values, table="queue_registry_auditevent"):
    """As the owner of the table, who can switch its triggers off."""
    with transaction.atomic():
        sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        sql(statement, *values)
        sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def make_anew(kato, *, first):
    """Re-hash the chain from a row on, as somebody who knows how and may write everywhere would."""
    digest = AuditEvent.objects.get(akimat_kato=kato, seq=first - 1).sha256 if first > 1 else GENESIS
    for row in AuditEvent.objects.filter(akimat_kato=kato, seq__gte=first).order_by("seq"):
        columns = {
            "akimat_kato": kato,
            "seq": row.seq,
            "at": row.at,
            "actor": row.actor,
            "event": row.event,
            "target": row.target,
            "data": row.data,
            "previous_sha256": digest,
        }
        digest = link_sha256(**columns)
        tamper(
            "UPDATE queue_registry_auditevent SET previous_sha256 = %s, sha256 = %s WHERE id = %s",
            columns["previous_sha256"],
            digest,
            row.pk,
        )
    TrailHead.objects.filter(pk=kato).update(sha256=digest)


def test_a_day_is_sealed_with_the_last_record_before_midnight_in_almaty(akimat):
    record(akimat, count=3)
    record(akimat, at=MIDNIGHT)

    (seal,) = seals.seal_yesterday(at=MIDNIGHT + timedelta(minutes=5))

    third = AuditEvent.objects.get(seq=3)
    stored = TrailSeal.objects.get()
    assert (stored.akimat_kato, stored.on, stored.seq, stored.sha256) == (
        KATO,
        date(2026, 8, 31),
        3,
        third.sha256,
    )
    assert seal.sealed_at == stored.sealed_at == MIDNIGHT + timedelta(minutes=5)


def test_a_day_is_sealed_once(akimat):
    record(akimat)
    first = seals.seal_yesterday(at=MIDNIGHT)
    record(akimat)  # written late, with the moment of yesterday

    assert len(first) == 1
    assert seals.seal_yesterday(at=MIDNIGHT + timedelta(hours=20)) == []
    assert TrailSeal.objects.get().seq == 1
    assert seals.seal_yesterday(at=MIDNIGHT + timedelta(days=1))[0].seq == 2


def test_a_chain_that_begins_today_has_nothing_to_seal_and_a_quiet_day_is_sealed_all_the_same(akimat):
    record(akimat, at=MIDNIGHT)
    assert seals.seal_yesterday(at=MIDNIGHT) == []
    for day in (1, 2, 3):
        assert seals.seal_yesterday(at=MIDNIGHT + timedelta(days=day))[0].seq == 1


def test_every_chain_has_a_seal_of_its_own(akimat):
    other = Akimat.objects.create(kato="751010000")
    record(akimat, count=2)
    record(other)

    found = {seal.akimat_kato: seal.seq for seal in seals.seal_yesterday(at=MIDNIGHT)}

    assert found == {KATO: 2, "751010000": 1}


def test_the_task_seals_at_the_clock_of_the_installation(akimat, monkeypatch):
    record(akimat)
    monkeypatch.setattr(tasks.clock, "now", lambda: MIDNIGHT)
    tasks.seal_trail()
    tasks.seal_trail()
    assert TrailSeal.objects.get().on == date(2026, 8, 31)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE queue_registry_trailseal SET seq = 7", "DELETE FROM queue_registry_trailseal"],
)
def test_the_database_refuses_to_change_a_seal(akimat, statement):
    record(akimat)
    seals.seal_yesterday(at=MIDNIGHT)
    with pytest.raises(ProgrammingError, match="Cannot update or delete rows"), transaction.atomic():
        sql(statement)


def test_bulk_updates_of_the_trail_are_refused_whoever_writes_them(akimat):
    record(akimat, count=3)
    rows = list(AuditEvent.objects.all())
    for row in rows:
        row.actor = "another"
    for change in (
        lambda: AuditEvent.objects.update(actor="another"),
        lambda: AuditEvent.objects.bulk_update(rows, ["actor"]),
        lambda: AuditEvent.objects.filter(seq=2).delete(),
        lambda: AuditEvent.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(ProgrammingError, match="Cannot update or delete rows"), transaction.atomic():
            change()
    assert trail.walk(KATO).links == 3


def test_a_sealed_chain_that_grew_on_is_whole(akimat):
    record(akimat, count=4)
    seals.seal_yesterday(at=MIDNIGHT)
    record(akimat, at=MIDNIGHT, count=2)
    chain = trail.walk(KATO)
    assert (chain.links, chain.fault) == (6, "")


def test_an_edited_row_is_named_before_any_seal(akimat):
    record(akimat, count=5)
    seals.seal_yesterday(at=MIDNIGHT)
    tamper("UPDATE queue_registry_auditevent SET actor = 'another' WHERE seq = 2")
    assert trail.walk(KATO).fault == "row 2 was changed"


def test_an_edited_moment_is_named(akimat):
    record(akimat, count=2)
    tamper("UPDATE queue_registry_auditevent SET at = at + interval '1 microsecond' WHERE seq = 2")
    assert trail.walk(KATO).fault == "row 2 was changed"


def test_a_cut_tail_does_not_reach_the_seal_even_if_the_head_was_set_back(akimat):
    record(akimat, count=5)
    seals.seal_yesterday(at=MIDNIGHT)
    tamper("DELETE FROM queue_registry_auditevent WHERE seq > 3")
    kept = AuditEvent.objects.get(seq=3)
    TrailHead.objects.update(seq=3, sha256=kept.sha256)

    assert trail.walk(KATO).fault == "the chain ends at row 3, row 5 was sealed on 2026-08-31"


def test_a_tail_made_anew_is_not_the_sealed_one(akimat):
    record(akimat, count=5)
    seals.seal_yesterday(at=MIDNIGHT)
    record(akimat, at=MIDNIGHT, count=2)
    tamper("UPDATE queue_registry_auditevent SET actor = 'another' WHERE seq = 4")
    make_anew(KATO, first=4)

    chain = trail.walk(KATO)

    assert chain.fault == "row 5 is not the one sealed on 2026-08-31: the chain was made anew up to it"


def test_a_row_taken_out_and_the_rest_made_anew_is_not_the_sealed_chain(akimat):
    record(akimat, count=5)
    seals.seal_yesterday(at=MIDNIGHT)
    tamper("DELETE FROM queue_registry_auditevent WHERE seq = 2")
    # In two steps: whichever row is written first, no number is there twice.
    tamper("UPDATE queue_registry_auditevent SET seq = seq + 999 WHERE seq > 2")
    tamper("UPDATE queue_registry_auditevent SET seq = seq - 1000 WHERE seq > 1000")
    TrailHead.objects.update(seq=4)
    make_anew(KATO, first=2)

    assert trail.walk(KATO).fault == "the chain ends at row 4, row 5 was sealed on 2026-08-31"


def test_an_emptied_trail_is_known_by_its_seals(akimat):
    record(akimat, count=2)
    seals.seal_yesterday(at=MIDNIGHT)
    sql("TRUNCATE queue_registry_auditevent, queue_registry_trailhead")

    assert list(trail.chains()) == [KATO]
    assert trail.walk(KATO).fault == "the chain ends at row 0, row 2 was sealed on 2026-08-31"


def test_a_head_that_names_another_row_is_found(akimat):
    record(akimat, count=3)
    TrailHead.objects.update(sha256="f" * 64)
    assert trail.walk(KATO).fault == "row 3 is not the one that the head names"
    TrailHead.objects.update(seq=2, sha256=AuditEvent.objects.get(seq=2).sha256)
    assert trail.walk(KATO).fault == "the chain ends at row 3, its head says 2"


def test_a_file_kept_outside_finds_what_was_made_anew_together_with_its_seals(akimat, client, tmp_path):
    """Whoever may write everything may write the seals, too; not the file that somebody kept at home."""
    record(akimat, count=3)
    seals.seal_yesterday(at=MIDNIGHT)
    file = tmp_path / "heads.json"
    file.write_bytes(client.get("/kk/trail/heads.json").content)
    head = json.loads(file.read_text())["heads"][0]["sha256"]
    out = StringIO()
    call_command("verify_trail", heads=file, stdout=out)
    call_command("verify_trail", akimat=KATO, head=head, stdout=out)
    assert out.getvalue().count("whole; 3 rows hold") == 2

    tamper("UPDATE queue_registry_auditevent SET actor = 'another' WHERE seq = 2")
    make_anew(KATO, first=2)
    new_head = AuditEvent.objects.get(seq=3).sha256
    tamper("UPDATE queue_registry_trailseal SET sha256 = %s", new_head, table="queue_registry_trailseal")

    call_command("verify_trail", stdout=out)
    with pytest.raises(CommandError, match="1 broken"):
        call_command("verify_trail", heads=file, stdout=out)
    assert "row 3 is not the one published for 2026-08-31" in out.getvalue()
    with pytest.raises(CommandError, match="1 broken"):
        call_command("verify_trail", akimat=KATO, head=head, stdout=out)
    assert "the published head is not in the chain" in out.getvalue()


def test_a_chain_that_vanished_as_a_whole_is_named_by_the_kept_file(akimat, tmp_path):
    file = tmp_path / "heads.json"
    file.write_text('{"heads": [{"akimat": "751010000", "on": "2026-08-31", "seq": 9, "sha256": "aa"}]}')
    out = StringIO()
    with pytest.raises(CommandError, match="1 broken"):
        call_command("verify_trail", heads=file, stdout=out)
    assert "751010000: the chain ends at row 0, row 9 was published for 2026-08-31" in out.getvalue()


def test_a_kept_file_that_is_none_is_refused(tmp_path):
    file = tmp_path / "heads.json"
    file.write_text("[]")
    with pytest.raises(CommandError, match="is no heads"):
        call_command("verify_trail", heads=file)


# The public page


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_page_shows_the_newest_heads_and_every_day_of_an_akimat(akimat, client, language):
    record(akimat, count=2)
    seals.seal_yesterday(at=MIDNIGHT)
    record(akimat, at=MIDNIGHT)
    seals.seal_yesterday(at=MIDNIGHT + timedelta(days=1))
    older, newer = TrailSeal.objects.order_by("on").values_list("sha256", flat=True)

    front = client.get(f"/{language}/trail/").content.decode()
    days = client.get(f"/{language}/trail/", {"akimat": KATO}).content.decode()

    assert (front.count(newer), front.count(older)) == (1, 0)
    assert (days.count(newer), days.count(older)) == (2, 1)
    assert {"kk": "Орал", "ru": "Уральск"}[language] in front
    assert "BEGIN PUBLIC KEY" in front


def test_the_json_gives_heads_by_akimat_and_day(akimat, client):
    other = Akimat.objects.create(kato="751010000")
    record(akimat)
    record(other)
    for day in (0, 1, 2):
        seals.seal_yesterday(at=MIDNIGHT + timedelta(days=day))

    def found(**query):
        rows = client.get("/ru/trail/heads.json", query).json()["heads"]
        return [(row["akimat"], row["on"]) for row in rows]

    assert len(found()) == 6
    assert found(akimat=KATO) == [(KATO, f"2026-{day}") for day in ("09-02", "09-01", "08-31")]
    assert found(akimat=KATO, **{"from": "2026-09-02"}) == [(KATO, "2026-09-02")]
    assert client.get("/ru/trail/heads.json", {"from": "yesterday"}).status_code == 400


def test_the_page_works_for_an_unknown_akimat_and_before_the_first_seal(client):
    assert client.get("/kk/trail/", {"akimat": "000000000"}).status_code == 200
    assert client.get("/kk/trail/heads.json").json() == {"format": "trail-heads/1", "heads": []}
