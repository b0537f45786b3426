"""A sample follows from a published head, is compared by another than who typed it in, counts at its end."""

import hashlib
import subprocess
import sys
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from queue_registry.models import AuditEvent, SampledEntry
from queue_registry.rules.digitization.gate_refusals import GateRefusal, GateRefused
from queue_registry.selectors import samples
from queue_registry.services import verification_samples
from tests import factories
from tests.unit.queue_registry.services import gating

AT = factories.AT
PROGRAM = Path(__file__).parents[4] / "static" / "redraw_sample.py"
pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


def refused(act):
    with pytest.raises(GateRefused) as error:
        act()
    return error.value.code


def figures(town):
    return samples.figures_of([town.akimat.pk]).get(town.akimat.pk, samples.NONE)


def test_anybody_can_draw_the_same_sample_again_from_a_published_head_and_file_numbers(town):
    entries = [factories.waiting(town, day=day) for day in range(1, 13)]
    head = gating.head_sealed(town)

    sample = gating.drawn(town, size=5)

    seed = hashlib.sha256(f"{head.sha256}\n{town.akimat.kato}\n2026-09-01".encode()).hexdigest()
    numbers = sorted(entry.file_number for entry in entries)
    again = sorted(numbers, key=lambda one: hashlib.sha256(f"{seed}\n{one}".encode()).hexdigest())[:5]
    assert [row.entry.file_number for row in samples.list_sampled(sample)] == again
    published = hashlib.sha256("".join(f"{one}\n" for one in numbers).encode()).hexdigest()
    assert (sample.population, sample.population_sha256) == (12, published)
    assert (sample.seed, sample.head_on, sample.head_sha256) == (seed, head.on, head.sha256)
    kept = AuditEvent.objects.get(event="verification_sample.drawn").data
    assert (kept["seed"], kept["head_sha256"]) == (seed, head.sha256)


def test_the_program_of_the_public_page_draws_the_same_sample(town, tmp_path):
    entries = [factories.waiting(town, day=day) for day in range(1, 13)]
    sample = gating.drawn(town, size=5)
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("\n".join(entry.file_number for entry in reversed(entries)))

    told = [sample.head_sha256, town.akimat.kato, "2026-09-01", "5", str(numbers)]
    ran = subprocess.run(
        [sys.executable, "-I", str(PROGRAM), *told], check=True, capture_output=True, text=True
    )

    drawn = [row.entry.file_number for row in samples.list_sampled(sample)]
    assert ran.stdout.splitlines() == [
        f"Seed: {sample.seed}",
        f"File numbers: 12 {sample.population_sha256}",
        *drawn,
    ]


def test_nobody_gives_a_seed(town):
    factories.waiting(town)
    gating.head_sealed(town)

    with pytest.raises(TypeError, match="seed"):
        verification_samples.draw(akimat=town.akimat, seed="17", size=1, by=town.supervisor, at=AT)


def test_without_the_head_of_yesterday_nothing_is_drawn_and_an_older_one_does_not_do(town):
    factories.waiting(town)
    gating.head_sealed(town, at=AT - timedelta(days=1))

    def draw():
        return verification_samples.draw(akimat=town.akimat, size=1, by=town.supervisor, at=AT)

    assert refused(draw) is GateRefusal.HEAD_NOT_SEALED
    gating.head_sealed(town)
    assert draw().head_on == date(2026, 8, 31)


def test_a_day_has_one_sample_whatever_the_size_and_the_next_day_has_another(town):
    for day in range(1, 13):
        factories.waiting(town, day=day)
    first = gating.drawn(town, size=5)
    gating.check_all(town, first, errors=1)

    assert gating.drawn(town, size=6, at=AT + timedelta(hours=1)) == first
    other = gating.drawn(town, size=5, at=AT + timedelta(days=1))
    assert other.seed != first.seed
    assert AuditEvent.objects.filter(event="verification_sample.drawn").count() == 2


def test_a_sample_that_counts_no_more_is_followed_on_the_same_day_by_one_of_the_same_seed(town, monkeypatch):
    for day in range(1, 4):
        factories.waiting(town, day=day)
    first = gating.drawn(town, size=2)
    later = AT + timedelta(hours=1)
    monkeypatch.setattr(samples, "last_files", lambda akimats: dict.fromkeys(akimats, later))

    second = gating.drawn(town, size=2, at=later)

    assert (second == first, second.seed) == (False, first.seed)
    assert [row.entry for row in samples.list_sampled(second)] == [
        row.entry for row in samples.list_sampled(first)
    ]


def test_a_household_on_two_lists_has_one_paper_file_and_is_drawn_once(town):
    entry = factories.waiting(town, number="5")
    factories.waiting(town, number="4", application=entry.application)

    sample = gating.drawn(town)

    assert (sample.size, sample.population) == (1, 1)


def test_nobody_draws_again_before_all_are_checked(town):
    factories.waiting(town)
    sample = gating.drawn(town)

    tomorrow = AT + timedelta(days=1)
    assert refused(lambda: gating.drawn(town, at=tomorrow)) is GateRefusal.SAMPLE_OPEN
    gating.check_all(town, sample)
    assert gating.drawn(town, at=tomorrow).pk != sample.pk


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"size": 0}, GateRefusal.SAMPLE_SIZE_INVALID),
        ({}, GateRefusal.NOBODY_STANDS),
    ],
)
def test_what_cannot_be_drawn_is_refused(town, changes, code):
    assert refused(lambda: gating.drawn(town, **changes)) is code


def test_who_brought_an_entry_in_may_not_compare_it_and_nobody_compares_twice(town):
    factories.waiting(town)
    sampled = gating.drawn(town).sampled.get()

    def check(by):
        return verification_samples.check(sampled_id=sampled.pk, differs=[], note="", by=by, at=AT)

    assert refused(lambda: check(town.clerk)) is GateRefusal.ANOTHER_PERSON_NEEDED
    check(town.clerk2)
    assert refused(lambda: check(town.clerk2)) is GateRefusal.CHECKED_ALREADY


def test_an_unfinished_sample_says_nothing_yet(town):
    for day in (1, 2):
        factories.waiting(town, day=day)
    first = gating.drawn(town).sampled.order_by("position").first()
    verification_samples.check(sampled_id=first.pk, differs=[], note="", by=town.clerk2, at=AT)

    assert (figures(town).checked, figures(town).error_high) == (1, None)


def test_where_all_are_compared_the_rate_is_the_rate_and_of_a_part_it_is_the_end_of_the_interval(town):
    for day in range(1, 21):
        factories.waiting(town, day=day)
    gating.check_all(town, gating.drawn(town), errors=1)
    assert (figures(town).errors, figures(town).error_high) == (1, Fraction(1, 20))

    part = gating.drawn(town, size=10, at=AT + timedelta(days=1))
    gating.check_all(town, part)
    assert Fraction(277, 1000) < figures(town).error_high < Fraction(278, 1000)


def test_what_differs_is_kept_by_code(town):
    factories.waiting(town)
    sampled = gating.drawn(town).sampled.get()

    verification_samples.check(
        sampled_id=sampled.pk, differs=["MOMENT", "LIST"], note="13.04.2011", by=town.clerk2, at=AT
    )

    sampled.refresh_from_db()
    assert (sampled.result, sampled.differs) == ("DIFFERS", ["LIST", "MOMENT"])
    record = AuditEvent.objects.get(event="verification_sample.checked")
    assert (record.data["differs"], "note" in record.data) == (["LIST", "MOMENT"], False)


def test_the_database_keeps_a_result_and_its_person_together(town):
    factories.waiting(town)
    sampled = gating.drawn(town).sampled.get()

    with pytest.raises(IntegrityError, match="sampled_entry_checked_by_somebody"), transaction.atomic():
        SampledEntry.objects.filter(pk=sampled.pk).update(result="AGREES")
    with pytest.raises(IntegrityError, match="one_place_in_a_sample_per_entry"), transaction.atomic():
        SampledEntry.objects.create(sample=sampled.sample, entry=sampled.entry, position=2)


def test_the_database_keeps_a_head_and_its_day_together(town):
    factories.waiting(town)
    sample = gating.drawn(town)

    sample.pk, sample.head_sha256 = None, ""
    with pytest.raises(IntegrityError, match="sample_names_its_head_with_the_day"), transaction.atomic():
        sample.save(force_insert=True)
