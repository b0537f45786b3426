"""A run is asked for by a person, executed by the worker once, and changes nothing in the register."""

import dataclasses
import hashlib
import io
import json
import subprocess
import sys
import zipfile

import pgtrigger
import pytest
from django.db import ProgrammingError, transaction

from allocation import engine_io, tasks
from allocation.engine import canonical_bytes
from allocation.models import (
    AllocationLine,
    AllocationRound,
    AllocationRun,
    Bundle,
    Dwelling,
    PublicInput,
    Vote,
)
from allocation.rules.refusals import Refusal, Refused
from allocation.selectors.rounds import get_round
from allocation.services import decisions, rounds, run_lines, runs
from queue_registry.models import AuditEvent, QueueEntry
from tests import factories
from tests.factories import AT


@pytest.fixture
def requested(town):
    factories.waiting(town)
    frozen = factories.frozen_round(town, factories.ready(town, rooms=1, area="36.40"))
    return runs.request(round_id=frozen.pk, by=town.secretary, at=AT)


def test_only_a_frozen_round_is_run(town):
    opened = factories.open_round(town)

    with pytest.raises(Refused) as refused:
        runs.request(round_id=opened.pk, by=town.secretary, at=AT)

    assert refused.value.code == Refusal.ROUND_NOT_FROZEN


def test_a_round_is_run_once_until_its_run_is_superseded(town, requested):
    with pytest.raises(Refused) as refused:
        runs.request(round_id=requested.round_id, by=town.secretary, at=AT)
    assert refused.value.code == Refusal.RUN_EXISTS

    runs.supersede(run_id=requested.pk, reason="Asked by mistake", by=town.secretary, at=AT)

    assert runs.request(round_id=requested.round_id, by=town.secretary, at=AT).pk != requested.pk


def test_the_worker_executes_what_was_requested(requested):
    assert get_round(requested.round_id).state == "RUNNING"

    tasks.execute_requested_runs()

    requested.refresh_from_db()
    assert requested.executed_at is not None
    assert get_round(requested.round_id).state == "RUN"
    assert AuditEvent.objects.order_by("seq").last().actor == runs.WORKER


def test_one_failing_run_does_not_stop_the_next(town, requested, monkeypatch):
    frozen = factories.frozen_round(town)
    second = runs.request(round_id=frozen.pk, by=town.secretary, at=AT)
    execute = runs.execute

    def fail_first(*, run_id, at):
        if run_id == requested.pk:
            raise RuntimeError("planted")
        return execute(run_id=run_id, at=at)

    monkeypatch.setattr(runs, "execute", fail_first)
    tasks.execute_requested_runs()

    states = dict(AllocationRun.objects.values_list("pk", "executed_at"))
    assert states[requested.pk] is None
    assert states[second.pk] is not None


def test_a_run_stores_the_bytes_of_its_result_and_the_digests(requested):
    run = runs.execute(run_id=requested.pk, at=AT)

    run.refresh_from_db()
    data = engine_io.unpack(run.result)
    result = json.loads(data)
    assert hashlib.sha256(data).hexdigest() == run.result_sha256
    assert result["input_sha256"] == run.round.input_sha256
    assert result["engine"] == run.engine


def test_an_executed_run_is_not_executed_again(requested):
    runs.execute(run_id=requested.pk, at=AT)

    assert runs.execute(run_id=requested.pk, at=AT) is None
    assert AuditEvent.objects.filter(event="allocation_run.executed").count() == 1


@pytest.mark.parametrize("ended", ["superseded", "cancelled"])
def test_a_superseded_run_and_one_of_a_cancelled_round_are_not_executed(town, requested, ended):
    if ended == "superseded":
        runs.supersede(run_id=requested.pk, reason="Mistake", by=town.secretary, at=AT)
    else:
        rounds.cancel(round_id=requested.round_id, reason="Stale", by=town.secretary, at=AT)

    assert runs.execute(run_id=requested.pk, at=AT) is None
    assert not AllocationLine.objects.exists()


def test_an_input_that_is_not_what_was_sealed_is_not_distributed(requested):
    round_ = requested.round
    data = engine_io.unpack(round_.input).replace(b'"eligibility":"eligible"', b'"eligibility":"unknown"')
    with pgtrigger.ignore("allocation.AllocationRound:frozen_never_changes"):
        AllocationRound.objects.filter(pk=round_.pk).update(input=engine_io.pack(data))

    with pytest.raises(runs.SealBroken, match=round_.number):
        runs.execute(run_id=requested.pk, at=AT)

    requested.refresh_from_db()
    assert requested.executed_at is None
    assert not AllocationLine.objects.exists()


def test_a_public_form_that_is_not_what_was_sealed_is_not_published(requested):
    stored = PublicInput.objects.get(round=requested.round)
    data = engine_io.unpack(stored.content).replace(b'"eligibility":"eligible"', b'"eligibility":"unknown"')
    with pgtrigger.ignore("allocation.PublicInput:append_only"):
        PublicInput.objects.filter(pk=stored.pk).update(content=engine_io.pack(data))

    with pytest.raises(runs.SealBroken, match=requested.round.number):
        runs.execute(run_id=requested.pk, at=AT)

    assert not Bundle.objects.exists()


def test_a_round_frozen_before_its_public_form_was_kept_gives_the_same_bundle(town, requested):
    kept = bytes(runs.execute(run_id=requested.pk, at=AT).bundles.get(form=Bundle.Form.PUBLIC).content)
    runs.supersede(run_id=requested.pk, reason="Asked once more", by=town.secretary, at=AT)
    with pgtrigger.ignore("allocation.PublicInput:append_only"):
        PublicInput.objects.all().delete()

    again = runs.request(round_id=requested.round_id, by=town.secretary, at=AT)
    made = runs.execute(run_id=again.pk, at=AT).bundles.get(form=Bundle.Form.PUBLIC)

    assert bytes(made.content) == kept


def test_the_public_form_of_a_frozen_round_never_changes(requested):
    stored = PublicInput.objects.filter(round=requested.round)

    for act in (lambda: stored.update(content=b""), stored.delete):
        with (
            pytest.raises(ProgrammingError, match="Cannot update or delete rows from allocation_publicinput"),
            transaction.atomic(),
        ):
            act()


def test_a_result_that_names_an_entry_that_nobody_has_stores_nothing(requested, monkeypatch):
    distributed = runs._distributed

    def with_a_stranger(round_):
        done = distributed(round_)
        known = done.read.values.entries[0]
        stranger = dataclasses.replace(known, id="271010-9999999-9/4")
        values = dataclasses.replace(done.read.values, entries=(known, stranger))
        line = {"entry": stranger.id, "list": "4", "place": 2, "tier": 1, "code": "NO_DWELLING_LEFT"}
        done.result["passed_over"].append(line)
        read = dataclasses.replace(done.read, values=values)
        return done._replace(read=read, answer=canonical_bytes(done.result))

    monkeypatch.setattr(runs, "_distributed", with_a_stranger)

    with pytest.raises(run_lines.LinesLost, match=requested.round.number):
        runs.execute(run_id=requested.pk, at=AT)

    assert not AllocationLine.objects.exists()


def test_a_run_changes_neither_entries_nor_dwellings(requested):
    runs.execute(run_id=requested.pk, at=AT)

    assert set(QueueEntry.objects.values_list("status", flat=True)) == {"WAITING"}
    assert set(Dwelling.objects.values_list("state", flat=True)) == {Dwelling.State.RESERVED}


def test_everybody_looked_at_has_a_line_with_a_dwelling_or_a_code(town):
    first = factories.waiting(town, day=1)
    owner = factories.waiting(town, day=2, facts=[factories.dwelling_owned()])
    crowd = factories.waiting(town, day=3, family=[factories.HUSBAND, factories.DAUGHTER])
    last = factories.waiting(town, day=4)
    dwellings = factories.ready(town, 2, rooms=1, area="36.40")

    run = factories.executed_run(town, dwellings)

    lines = {line.entry_id: line for line in run.lines.select_related("dwelling")}
    assert {lines[first.pk].dwelling, lines[last.pk].dwelling} == set(dwellings)
    assert (lines[first.pk].turn, lines[last.pk].turn) == (1, 2)
    assert lines[owner.pk].code == "INELIGIBLE:OWNS_DWELLING"
    assert lines[crowd.pk].code == "NO_DWELLING_FITS"
    assert lines[first.pk].registered_at == first.registered_at
    assert lines[last.pk].place == 4


def test_the_reserve_of_a_line_names_the_next_entries_by_key(town):
    served, *reserve = [factories.waiting(town, day=day) for day in range(1, 6)]

    run = factories.executed_run(town, factories.ready(town, rooms=1, area="36.40"))

    assert run.lines.get(entry=served).reserve == [entry.pk for entry in reserve[:3]]


def test_both_bundles_are_stored_and_verified_by_plain_python(town, requested, tmp_path):
    run = runs.execute(run_id=requested.pk, at=AT)

    for bundle in Bundle.objects.filter(run=run):
        path = tmp_path / f"{bundle.form}.zip"
        path.write_bytes(bytes(bundle.content))
        verified = subprocess.run(
            [sys.executable, "-I", str(path)], capture_output=True, text=True, cwd=tmp_path, check=False
        )
        assert (verified.returncode, verified.stdout.strip()) == (0, "verified")
        assert hashlib.sha256(path.read_bytes()).hexdigest() == bundle.sha256
        manifest = json.loads(zipfile.ZipFile(io.BytesIO(bytes(bundle.content))).read("manifest.json"))
        assert manifest["form"] == bundle.form.lower()
        assert manifest["trail_head"] == run.round.trail_head


def test_a_bundle_that_does_not_verify_undoes_the_run(requested, monkeypatch):
    from allocation.engine.verify import Verification

    monkeypatch.setattr(runs, "verify_bundle", lambda *_: Verification(difference="planted"))

    with pytest.raises(runs.BundleBroken):
        runs.execute(run_id=requested.pk, at=AT)

    requested.refresh_from_db()
    assert requested.executed_at is None
    assert not AllocationLine.objects.exists()


def test_a_decided_run_is_not_superseded(town):
    run = factories.confirmed(town).sitting.run

    with pytest.raises(Refused) as refused:
        runs.supersede(run_id=run.pk, reason="Late", by=town.secretary, at=AT)

    assert refused.value.code == Refusal.ROUND_DECIDED


def test_a_run_on_which_somebody_has_voted_is_not_superseded(town):
    sitting = factories.convened(town)
    factories.attend_all(sitting)
    decisions.vote(
        sitting_id=sitting.pk,
        choice=Vote.Choice.AGAINST,
        reason="Tested",
        result_sha256=sitting.run.result_sha256,
        by=town.member1,
        at=AT,
    )

    with pytest.raises(Refused) as refused:
        runs.supersede(run_id=sitting.run_id, reason="They are against", by=town.secretary, at=AT)

    assert refused.value.code == Refusal.HAS_BEGUN


def test_a_run_is_superseded_for_a_reason(town, requested):
    with pytest.raises(Refused) as refused:
        runs.supersede(run_id=requested.pk, reason=" ", by=town.secretary, at=AT)

    assert refused.value.code == Refusal.REASON_MISSING


def test_a_public_form_that_gives_other_homes_undoes_the_run(requested, monkeypatch):
    homes = iter([["one"], ["other"]])
    monkeypatch.setattr(runs, "_homes", lambda _: next(homes))

    with pytest.raises(runs.BundleBroken):
        runs.execute(run_id=requested.pk, at=AT)

    requested.refresh_from_db()
    assert requested.executed_at is None
    assert not Bundle.objects.exists()
