"""Where a housing department is found: dated, never changed afterwards, never invented."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from queue_registry.models import AkimatOffice, AuditEvent
from queue_registry.selectors import clock
from queue_registry.services import offices
from tests import factories
from tests.factories import AT, ON

pytestmark = pytest.mark.django_db
TOLD = {
    "address_kk": "Ойдан көшесі, 1",
    "address_ru": "улица Вымышленная, 1",
    "telephone": "+7 700 000 00 12",
}


@pytest.fixture
def town():
    return factories.town()


def record(town, **changes):
    given = {"akimat": town.akimat, "from_on": ON, "by": town.admin, "at": AT, **TOLD} | changes
    return offices.record(**given)


def test_an_office_is_recorded_once_with_its_record(town):
    assert record(town) == record(town)

    (act,) = AuditEvent.objects.filter(event="akimat_office.recorded")
    assert (act.actor, act.data["address_ru"]) == ("admin", TOLD["address_ru"])


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"address_ru": "другой адрес"}, "one_akimat_office_a_day"),
        ({"from_on": ON + timedelta(days=1), "address_kk": " "}, "akimat_office_has_an_address"),
    ],
)
def test_the_database_refuses_two_of_a_day_and_an_empty_address(town, changes, constraint):
    record(town)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        record(town, **changes)


@pytest.mark.parametrize("statement", ["UPDATE", "DELETE"])
def test_the_database_lets_nobody_change_what_was_shown(town, statement):
    office = AkimatOffice.objects.filter(pk=record(town).pk)

    with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
        office.update(telephone="") if statement == "UPDATE" else office.delete()


def test_the_command_records_it_from_today_and_says_so(town, monkeypatch, capsys):
    monkeypatch.setattr(clock, "now", lambda: AT)
    options = {"akimat": town.akimat.kato, "by": "admin", **TOLD}

    call_command("record_office", **options)

    assert "2026-09-01" in capsys.readouterr().out
    assert AkimatOffice.objects.get().from_on == date(2026, 9, 1)
    with pytest.raises(CommandError, match="refused"):
        call_command("record_office", **options | {"address_kk": "Басқа көше, 2"})
