"""Homes come from a spreadsheet all at once or not at all; no number is given twice."""

import pytest

from allocation.models import Dwelling, DwellingEvent
from allocation.rules.refusals import Refusal, Refused
from allocation.rules.stock import Column, Fault, GoneGround
from allocation.services import dwellings, stock_acts, stock_imports
from allocation.services.stock_imports import StockFileFaulty
from queue_registry.models import Akimat, AuditEvent
from tests import factories
from tests.factories import AT, ON
from tests.unit.allocation.test_stock_files import HOME, RU, workbook


def row(number, **changes):
    home = [number, *HOME[1:]]
    return [*home, changes.get("programme", "")]


def book(*rows):
    return workbook([*RU, "Программа"], *rows)


def take_in(town, content, *, document="Act 12"):
    return stock_imports.take_in(
        akimat=town.akimat, content=content, file_name="homes.xlsx", document=document, by=town.clerk, at=AT
    )


def faults_of(town, content):
    looked = stock_imports.look(akimat=town.akimat, content=content, file_name="homes.xlsx", on=ON)
    return [(one.row, one.column, one.fault) for one in looked.faults]


def test_all_homes_of_a_file_come_in_with_their_history(town):
    made = take_in(town, book(row("N-1"), row("N-2", programme="young-families")))

    assert [(home.number, home.state, home.programme) for home in made] == [
        ("N-1", "READY", ""),
        ("N-2", "READY", "young-families"),
    ]
    assert set(DwellingEvent.objects.values_list("moved_to", "ground")) == {("READY", "Act 12")}
    events = list(AuditEvent.objects.order_by("-seq").values_list("event", flat=True)[:3])
    assert events == ["dwelling.file_taken_in", "dwelling.added", "dwelling.added"]
    assert AuditEvent.objects.order_by("seq").last().data["count"] == 2


def test_looking_writes_nothing(town):
    before = AuditEvent.objects.count()

    assert faults_of(town, book(row("N-1"))) == []
    assert (Dwelling.objects.count(), AuditEvent.objects.count()) == (0, before)


def test_one_fault_keeps_all_homes_out(town):
    content = book(row("N-1"), [*row("N-2")[:3], 0, *row("N-2")[4:]])

    with pytest.raises(StockFileFaulty) as refused:
        take_in(town, content)

    assert [(one.row, one.column) for one in refused.value.faults] == [(3, Column.ROOMS)]
    assert not Dwelling.objects.exists()


def test_refuse_a_number_that_is_in_the_stock_or_was(town):
    content = book(row("N-1"), row("N-2"))
    (gone,) = factories.ready(town, number="N-2")
    stock_acts.take_out(dwelling_id=gone.pk, ground=GoneGround.DEMOLISHED, document="x", by=town.clerk, at=AT)

    assert faults_of(town, content) == [(3, Column.NUMBER, Fault.IN_STOCK)]
    with pytest.raises(StockFileFaulty):
        take_in(town, content)
    # The same number in another akimat is another home.
    gone.akimat = Akimat.objects.create(kato="750000000", name_kk="Алматы", name_ru="Алматы")
    gone.save()
    assert len(take_in(town, content)) == 2


def test_the_same_file_is_not_taken_in_twice(town):
    take_in(town, book(row("N-1")))

    with pytest.raises(StockFileFaulty):
        take_in(town, book(row("N-1")))

    assert Dwelling.objects.count() == 1


def test_refuse_a_home_of_a_programme_that_lends_and_a_file_without_a_document(town):
    assert faults_of(town, book(row("N-1", programme="2-10-20"))) == [
        (2, Column.PROGRAMME, Fault.LOAN_PROGRAMME)
    ]
    with pytest.raises(Refused) as refused:
        take_in(town, book(row("N-1")), document=" ")
    assert refused.value.code == Refusal.REASON_MISSING


def test_a_programme_stands_in_a_file_by_its_name_or_code_and_any_other_is_a_fault(town):
    names = ("Местная программа для молодых семей", "жас отбасыларға арналған жергілікті бағдарлама")
    made = take_in(town, book(row("N-1", programme=names[0]), row("N-2", programme=names[1])))

    assert {home.programme for home in made} == {"young-families"}
    assert faults_of(town, book(row("N-3", programme="Youth"))) == [
        (2, Column.PROGRAMME, Fault.PROGRAMME_UNKNOWN)
    ]


def test_one_home_is_taken_in_by_hand_under_the_same_rules(town):
    (read,) = stock_imports.look(
        akimat=town.akimat, content=book(row("N-1")), file_name="homes.xlsx", on=ON
    ).rows
    told = {"akimat": town.akimat, "by": town.clerk, "at": AT}

    made = dwellings.take_in(dwelling=read.home, document="Act 1", **told)

    assert made.events.get().ground == "Act 1"
    for home, document, code in (
        (read.home, "Act 2", Refusal.DWELLING_NUMBER_TAKEN),
        (read.home, "", Refusal.REASON_MISSING),
    ):
        with pytest.raises(Refused) as refused:
            dwellings.take_in(dwelling=home, document=document, **told)
        assert refused.value.code == code
