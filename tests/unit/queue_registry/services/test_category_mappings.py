"""The table of local categories: one person drafts, two others approve, and the database holds them to it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from queue_registry.models import AuditEvent, CategoryMappingVersion, ImportSettlement
from queue_registry.rules.legacy.mapping import MappedCategory, first_mapping
from queue_registry.rules.legacy.mapping_drafts import MappingRefusal, MappingRefused
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.selectors import ledgers
from queue_registry.services import audit, category_mappings
from tests.unit.queue_registry.conftest import AT

LATER = AT + timedelta(days=1)


def drafted(founded, *, number="5", by="clerk", at=AT):
    lines = [
        *first_mapping().categories,
        MappedCategory(wording="Блогер", number=ListNumber(number), article="art 67"),
    ]
    return category_mappings.draft(
        akimat=founded.akimat, lines=lines, act="Order No 5", by=founded.staff[by], at=at
    )


def approve(founded, version, by, at=AT):
    return category_mappings.approve(version_id=version.pk, by=founded.staff[by], at=at)


def refused(act):
    with pytest.raises(MappingRefused) as refusal, transaction.atomic():
        act()
    return refusal.value.code


def test_without_a_table_of_its_own_an_akimat_has_the_first_one(founded):
    drafted(founded)

    assert ledgers.mapping_in_force(founded.akimat) == first_mapping()


def test_a_table_counts_with_the_second_person_and_the_ledger_is_made_again(founded):
    version = drafted(founded)
    approve(founded, version, "supervisor")
    assert ledgers.mapping_in_force(founded.akimat).list_of("блогер") is None
    assert not ImportSettlement.objects.exists()

    approve(founded, version, "secretary", LATER)

    assert ledgers.mapping_in_force(founded.akimat).list_of("блогер") == "5"
    assert ImportSettlement.objects.get().akimat == founded.akimat
    events = AuditEvent.objects.filter(event__startswith="category_mapping.").order_by("seq")
    assert list(events.values_list("event", "actor")) == [
        ("category_mapping.drafted", "clerk"),
        ("category_mapping.approved", "supervisor"),
        ("category_mapping.put_in_force", "secretary"),
    ]


def test_the_newest_table_counts(founded):
    for number, at in (("5", AT), ("6", LATER)):
        version = drafted(founded, number=number, at=at)
        approve(founded, version, "supervisor", at)
        approve(founded, version, "secretary", at)

    assert ledgers.mapping_in_force(founded.akimat).list_of("блогер") == "6"


@pytest.mark.parametrize("by", [("clerk",), ("supervisor", "supervisor"), ("supervisor", "clerk")])
def test_nobody_counts_twice(founded, by):
    version = drafted(founded)
    for name in by[:-1]:
        approve(founded, version, name)

    assert refused(lambda: approve(founded, version, by[-1])) == MappingRefusal.ANOTHER_PERSON_NEEDED
    version.refresh_from_db()
    assert version.in_force_at is None


def test_what_is_in_force_is_neither_approved_again_nor_given_up(founded):
    version = drafted(founded)
    approve(founded, version, "supervisor")
    approve(founded, version, "secretary")

    assert refused(lambda: approve(founded, version, "chair")) == MappingRefusal.DRAFT_CLOSED
    assert (
        refused(lambda: category_mappings.drop(version_id=version.pk, by=founded.staff["clerk"], at=AT))
        == MappingRefusal.DRAFT_CLOSED
    )


def test_a_failing_record_undoes_the_draft(founded, monkeypatch):
    def fail(**_):
        raise RuntimeError("no trail")

    monkeypatch.setattr(audit, "record", fail)

    with pytest.raises(RuntimeError, match="no trail"):
        drafted(founded)

    assert not CategoryMappingVersion.objects.exists()


def test_the_database_asks_for_two_people_and_keeps_the_table_as_drafted(founded):
    version = drafted(founded)
    rows = CategoryMappingVersion.objects.filter(pk=version.pk)
    one, other = founded.staff["supervisor"], founded.staff["secretary"]

    with pytest.raises(IntegrityError, match="category_mapping_approved_by_two_people"), transaction.atomic():
        rows.update(approved_by=one, approved_second_by=one, in_force_at=AT)
    with pytest.raises(IntegrityError, match="category_mapping_in_force_once_approved"), transaction.atomic():
        rows.update(approved_by=one, in_force_at=AT)
    with pytest.raises(IntegrityError, match="category_mapping_in_force_once_approved"), transaction.atomic():
        rows.update(approved_second_by=other)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        rows.update(document={})
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        rows.delete()
