"""A sample follows from its seed, is compared by another than who typed it in, and is counted at its end."""

import hashlib
from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction

from queue_registry.models import AuditEvent, SampledEntry
from queue_registry.rules.digitization.gate_refusals import GateRefusal, GateRefused
from queue_registry.selectors import samples
from queue_registry.services import verification_samples
from tests import factories
from tests.unit.queue_registry.services import gating

AT = factories.AT
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


def test_anybody_can_draw_the_same_sample_again_from_seed_and_file_numbers(town):
    entries = [factories.waiting(town, day=day) for day in range(1, 13)]

    sample = gating.drawn(town, seed="17 04 32", size=5)

    numbers = sorted(entry.file_number for entry in entries)
    again = sorted(numbers, key=lambda one: hashlib.sha256(f"17 04 32\n{one}".encode()).hexdigest())[:5]
    assert [row.entry.file_number for row in samples.list_sampled(sample)] == again
    published = hashlib.sha256("".join(f"{one}\n" for one in numbers).encode()).hexdigest()
    assert (sample.population, sample.population_sha256) == (12, published)
    assert AuditEvent.objects.get(event="verification_sample.drawn").data["seed"] == "17 04 32"


def test_a_household_on_two_lists_has_one_paper_file_and_is_drawn_once(town):
    entry = factories.waiting(town, number="5")
    factories.waiting(town, number="4", application=entry.application)

    sample = gating.drawn(town)

    assert (sample.size, sample.population) == (1, 1)


def test_nobody_draws_again_before_all_are_checked(town):
    factories.waiting(town)
    sample = gating.drawn(town)

    assert refused(lambda: gating.drawn(town, seed="a better one")) is GateRefusal.SAMPLE_OPEN
    gating.check_all(town, sample)
    assert gating.drawn(town, seed="the next one", at=AT + timedelta(days=1)).pk != sample.pk


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"seed": "  "}, GateRefusal.SEED_MISSING),
        ({"seed": "x" * 65}, GateRefusal.SEED_MISSING),
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

    part = gating.drawn(town, seed="another", size=10, at=AT + timedelta(days=1))
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
