"""The inventory of personal data in docs/data-protection.md is held to the models, in both directions."""

import re

from django.apps import apps
from django.db import models
from django_otp.plugins.otp_totp.models import TOTPDevice

from queue_registry.models import Person
from tools.environment import ROOT

TEXT = (ROOT / "docs" / "data-protection.md").read_text()
SECTION = TEXT.split("## Inventory")[1].split("\n## ")[0]
# Of a name like these a column of short text may be a person's.
TELLING = re.compile(
    r"iin|name|phone|address|value|who|actor|(^|_)by$|email|number|evidence|title|owner|subject|(^|_)contact"
)
# What holds nothing of anybody: akimats, homes, policies, figures, numbers of acts, codes.
NOBODYS = {
    "AccessToken.public_key",
    "Akimat.name_kk",
    "Akimat.name_ru",
    "AkimatDecision.number",
    "AkimatOffice.address_kk",
    "AkimatOffice.address_ru",
    "AkimatOffice.telephone",
    "AllocationLine.list_number",
    "AllocationRound.number",
    "AllocationRound.quotas",
    "AllocationRound.seal",
    "AllocationRound.taken_back",
    "AllocationRound.unanswered",
    "AllocationRun.refusal",
    "CategoryMappingVersion.document",
    "Consent.scope",
    "Decision.arithmetic",
    "Departure.arithmetic",
    "Dwelling.address_kk",
    "Dwelling.address_ru",
    "Dwelling.cadastral_number",
    "Dwelling.number",
    "ExpectedWaiting.outlook",
    "FreezeOrder.refusal",
    "GateEvent.criteria",
    "ImportBatch.file_name",
    "ImportBatch.others",
    "ImportRow.codes",
    "ImportUpload.columns",
    "ImportUpload.file_name",
    "MatchGroup.reasons",
    "PolicyVersion.act",
    "PolicyVersion.document",
    "QueueEntryEvent.list_number",
    "QueueKeeper.address",
    "QueueKeeper.name_kk",
    "QueueKeeper.name_ru",
    "ReconciliationExplanation.explanation",
    "RedFlag.involved",
    "RegisterCheck.broken",
    "RegisterCheck.heads",
    "RemovalCase.evidence_source",
    "SampledEntry.differs",
    "SealedLeaf.list_number",
    "Sitting.agenda",
    "Sitting.preparers",
    "StaffMembership.document_number",
    "StatedTotal.list_number",
    "Tenancy.number",
    "WaitingList.number",
}


def our_models():
    for app in ("queue_registry", "allocation", "integrations"):
        yield from apps.get_app_config(app).get_models()
    yield TOTPDevice


def columns():
    """Every column, and whether it can hold something of a person."""
    for model in our_models():
        for field in model._meta.concrete_fields:
            yield f"{model.__name__}.{field.name}", _may_be_personal(field)


def _may_be_personal(field):
    if isinstance(field, models.ForeignKey):
        return field.related_model is Person
    if isinstance(field, models.TextField | models.JSONField | models.BinaryField | models.FileField):
        return True
    return isinstance(field, models.CharField) and not field.choices and bool(TELLING.search(field.name))


def rows():
    for line in SECTION.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] not in {"column", "---"}:
            yield cells


def inventory():
    return [name for cells in rows() for name in re.findall(r"`(\w+\.\w+)`", cells[0])]


def test_every_column_that_can_hold_something_of_a_person_is_in_the_inventory():
    known = {*inventory(), *NOBODYS, "TOTPDevice.name", "Telephone.name"}
    found = {name for name, is_personal in columns() if is_personal}
    assert sorted(found - known) == [], "add a row to the inventory of docs/data-protection.md"


def test_the_inventory_names_nothing_that_is_not_there_and_nothing_twice():
    there = {name for name, _ in columns()}
    assert sorted({*inventory(), *NOBODYS} - there) == []
    assert sorted(set(inventory()) & NOBODYS) == []
    assert len(inventory()) == len(set(inventory())) > 70


def test_every_row_says_what_for_on_what_ground_and_how_long():
    table = list(rows())
    assert len(table) > 25
    assert [cells[0] for cells in table if len(cells) != 5 or not all(cells)] == []
    assert {cells[3] for cells in table} == {"law", "consent", "record"}


def test_each_test_of_a_column_can_fail():
    may = dict(columns())
    assert may["Person.iin"]
    assert may["HouseholdMember.person"]
    assert not may["Dwelling.rooms"]
