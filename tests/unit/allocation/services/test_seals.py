"""Candidates are sealed before the sitting: what is sealed can be checked, and no run follows on a change."""

import hashlib
import io
import json
import zipfile
from datetime import date

import pytest

from allocation import engine_io, seals
from allocation.engine import canonical_bytes, read_input
from allocation.models import AllocationLine, AllocationRound, Bundle, Dwelling
from allocation.rules.refusals import Refusal, Refused
from allocation.selectors.rounds import get_round
from allocation.services import freshness, inputs, rounds, runs
from queue_registry.models import AuditEvent, SourceAnswer
from queue_registry.services import queue_entries
from tests import factories
from tests.factories import AT


def sha256(part):
    text = json.dumps(part, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{text}\n".encode()).hexdigest()


@pytest.fixture
def sealed(town):
    factories.waiting(town, day=1)
    factories.waiting(town, day=2)
    return factories.frozen_round(town, factories.ready(town, rooms=1, area="36.40"))


def test_the_seal_is_over_the_parts_of_the_frozen_input(sealed):
    document = engine_io.parsed(sealed.input)

    assert sealed.seal["candidates"] == sha256(document["entries"])
    assert sealed.seal["dwellings"] == sha256(document["dwellings"])
    assert sealed.seal["policy"] == sha256(document["policy"])
    record = AuditEvent.objects.get(event="allocation_round.frozen")
    assert record.data["seal"] == sealed.seal


def test_anybody_computes_the_public_digests_from_the_public_bundle(sealed, town):
    requested = runs.request(round_id=sealed.pk, by=town.secretary, at=AT)
    run = runs.execute(run_id=requested.pk, at=AT)
    public = zipfile.ZipFile(io.BytesIO(bytes(Bundle.objects.get(run=run, form="PUBLIC").content)))
    data = public.read("input.json")
    document = json.loads(data)

    assert hashlib.sha256(data).hexdigest() == sealed.seal["public_input"]
    assert sha256(document["dwellings"]) == sealed.seal["dwellings"]
    assert sha256(document["policy"]) == sealed.seal["policy"]
    # The public form has no particulars: of these the digest of the candidates tells nothing there.
    assert sha256(document["entries"]) != sealed.seal["candidates"]


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        ("entries", ["candidates", "public_input"]),
        ("dwellings", ["dwellings", "public_input"]),
        ("policy", ["policy", "public_input"]),
    ],
)
def test_a_change_of_any_part_breaks_its_digest_and_no_other(sealed, part, broken):
    document = engine_io.parsed(sealed.input)
    changes = {
        "entries": lambda: document["entries"][0].update(extra_person=1),
        "dwellings": lambda: document["dwellings"][0].update(floor=9),
        "policy": lambda: document["policy"]["fit"].update(min_area="14"),
    }
    changes[part]()

    assert broken_by(sealed.seal, json.dumps(document).encode()) == broken
    assert broken_by(sealed.seal, engine_io.unpack(sealed.input)) == []


def broken_by(seal, document):
    found = seals.of_input(read_input(document))
    return sorted(name for name, sha256 in found.items() if sha256 != seal[name])


def suspend(town):
    entry = town.akimat.entries.order_by("registered_at").first()
    queue_entries.suspend(entry_id=entry.pk, by=town.clerk, at=AT, ground="NO_CONTACT")


def forget_an_answer(_town):
    SourceAnswer.objects.filter(source="egkn").update(superseded_at=AT)


def lift(_town):
    Dwelling.objects.update(lift=True)


def give_away(_town):
    Dwelling.objects.update(state=Dwelling.State.READY)


@pytest.mark.parametrize(
    ("change", "thing", "field"),
    [
        (suspend, "entry", "eligibility"),
        (forget_an_answer, "entry", "eligibility"),
        (lift, "dwelling", "lift"),
        (give_away, "dwelling", "state"),
    ],
)
def test_a_change_between_seal_and_run_refuses_the_run_and_names_the_change(
    town, sealed, change, thing, field
):
    requested = runs.request(round_id=sealed.pk, by=town.secretary, at=AT)
    change(town)

    runs.execute(run_id=requested.pk, at=AT)

    requested.refresh_from_db()
    assert (requested.executed_at, requested.superseded_at) == (None, AT)
    assert requested.refusal["code"] == Refusal.STALE
    assert (thing, field) in {(one["thing"], one["field"]) for one in requested.refusal["changes"]}
    assert not AllocationLine.objects.exists()
    assert not Bundle.objects.exists()
    assert AuditEvent.objects.get(event="allocation_run.refused").data["count"] >= 1
    assert get_round(sealed.pk).state == "FROZEN"


def test_a_refusal_tells_nothing_of_a_family(town, sealed):
    requested = runs.request(round_id=sealed.pk, by=town.secretary, at=AT)
    forget_an_answer(town)

    runs.execute(run_id=requested.pk, at=AT)

    requested.refresh_from_db()
    assert {tuple(sorted(one)) for one in requested.refusal["changes"]} == {("field", "key", "thing")}


def test_who_is_registered_after_the_seal_is_no_change(town, sealed):
    late = factories.waiting(town, day=(AT.date() - date(2015, 3, 1)).days)
    assert late.registered_at > sealed.frozen_at

    assert freshness.changes(sealed) == []


def test_what_was_sealed_is_not_sealed_again(town, sealed):
    with pytest.raises(Refused) as refused:
        rounds.freeze(round_id=sealed.pk, by=town.secretary, at=AT)

    assert refused.value.code == Refusal.ROUND_NOT_OPEN
    assert AllocationRound.objects.get().seal == sealed.seal


def test_an_input_read_entry_by_entry_is_the_one_that_is_read_as_a_whole(town):
    for day, number in ((1, "4"), (2, "5"), (3, "4")):
        factories.waiting(town, number=number, day=day)
    round_ = factories.open_round(town, factories.ready(town, rooms=1, area="36.40"))

    with inputs.read(round_=round_, frozen_at=AT) as (in_turn, _):
        pass

    assert in_turn == read_input(canonical_bytes(inputs.build(round_=round_, frozen_at=AT)))
    assert len(in_turn.values.entries) == 3
