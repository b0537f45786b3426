"""Any past run comes out again byte for byte, and whatever was tampered with is named."""

import io
from datetime import timedelta

import pgtrigger
import pytest
from django.core.management import CommandError, call_command

from allocation import engine_io
from allocation.engine.bundle import Form, make_bundle
from allocation.engine.strict_json import canonical_bytes
from allocation.models import AllocationRun, Dwelling
from allocation.services.replays import replay
from queue_registry.models import SourceAnswer
from queue_registry.services import policies, queue_entries
from tests import factories


@pytest.fixture
def run(town):
    register = factories.register(town)
    return factories.executed_run(town, register.homes, quotas=factories.ONE_BY_PROGRAM)


def tamper(run, **columns):
    """Past the trigger, as somebody could who may do everything in the database."""
    with pgtrigger.ignore("allocation.AllocationRun:result_never_changes"):
        AllocationRun.objects.filter(pk=run.pk).update(**columns)
    run.refresh_from_db()


def test_a_run_comes_out_again_byte_for_byte(run):
    assert replay(run) == []


def test_a_past_run_comes_out_again_after_everything_about_it_has_changed(town):
    """The families, what is known of them, the homes, the policy: a run stands on its frozen bytes alone."""
    register = factories.register(town)
    decision = factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM)
    run = decision.sitting.run
    data, result = engine_io.unpack(run.round.input), engine_io.unpack(run.result)
    bundles = {bundle.form: bytes(bundle.content) for bundle in run.bundles.all()}

    queue_entries.suspend(
        entry_id=register.entries["owner"].pk, by=town.clerk, at=factories.AT, ground="NO_CONTACT"
    )
    SourceAnswer.objects.update(superseded_at=factories.AT)
    Dwelling.objects.update(rooms=5, area=150, floor=9)
    policies.put_in_force(
        akimat=town.akimat,
        code="operator-2025",
        from_on=factories.AT.date() + timedelta(days=1),
        by=town.admin,
        at=factories.AT,
    )
    factories.executed_run(town, factories.ready(town), at=factories.AT)

    run = AllocationRun.objects.get(pk=run.pk)
    assert replay(run) == []
    assert engine_io.unpack(run.round.input) == data
    assert engine_io.unpack(run.result) == result
    for form, content in bundles.items():
        made = make_bundle(data, form=Form(form.lower()), trail_head=run.round.trail_head)
        assert made == content


def test_an_allotment_that_was_changed_is_named_row_by_row(run):
    result = engine_io.parsed(run.result)
    first = result["allotments"][0]
    first["dwelling"], result["allotments"][1]["dwelling"] = (
        result["allotments"][1]["dwelling"],
        first["dwelling"],
    )
    tamper(run, result=engine_io.pack(canonical_bytes(result)))

    where = {difference.where for difference in replay(run)}

    assert f"allotment of {first['entry']}" in where
    assert {"digest of the result", "result bytes"} <= where


def test_a_digest_that_was_changed_is_named(run):
    tamper(run, result_sha256="0" * 64)

    assert [difference.where for difference in replay(run)] == ["digest of the result"]


def test_the_command_repeats_every_run_and_fails_if_one_differs(town, run):
    factories.executed_run(town)
    out = io.StringIO()
    call_command("replay_run", all=True, stdout=out)
    assert "2 runs repeated: the same bytes." in out.getvalue()

    tamper(run, result_sha256="0" * 64)
    with pytest.raises(CommandError, match="1 of 2 runs differ"):
        call_command("replay_run", all=True, stdout=out)


def test_the_command_names_a_run_that_it_does_not_find(db):
    with pytest.raises(CommandError, match="No executed run 7"):
        call_command("replay_run", "7", stdout=io.StringIO())
    with pytest.raises(CommandError, match="Name runs, or --all"):
        call_command("replay_run", stdout=io.StringIO())
