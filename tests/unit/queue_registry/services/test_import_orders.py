"""A file is confirmed or taken back in the background: once, as a whole, however often it is sent."""

from threading import Event, Thread

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from queue_registry import tasks
from queue_registry.models import AuditEvent, ImportBatch, ImportOrder, QueueEntry
from queue_registry.rules.legacy.codes import Source
from queue_registry.services import import_orders, imports, settlements
from queue_registry.services.import_undo import UndoRefused
from tests.unit.queue_registry.conftest import AT
from tests.unit.queue_registry.services.listing import ANNA, BOTA, SIGNED, known, spp

pytestmark = pytest.mark.django_db
ROWS = (("A-1", ANNA, "2019-05-06T10:00:00", 5), ("A-2", BOTA, "2019-05-07T10:00:00", 4))


@pytest.fixture
def batch(founded):
    known(ANNA, BOTA)
    file = imports.GivenFile(source=Source.SPP, name="spp.csv", content=spp(*ROWS))
    clerk = founded.staff["clerk"]
    return imports.put_in(akimat=founded.akimat, file=file, by=clerk, at=AT, consent_document=SIGNED)


@pytest.fixture
def order(founded, batch):
    def give(by="supervisor"):
        return import_orders.order_confirmation(batch_id=batch.pk, by=founded.staff[by], at=AT)

    return give


@pytest.fixture
def order_undo(founded, batch):
    def give(by="chair", reason="The list of another akimat"):
        return import_orders.order_undo(batch_id=batch.pk, reason=reason, by=founded.staff[by], at=AT)

    return give


def carried_out(given):
    import_orders.carry_out(order_id=given.pk, at=AT)
    given.refresh_from_db()
    return given


def events(name):
    return AuditEvent.objects.filter(event=name).count()


def test_a_file_ordered_twice_counts_once_and_only_when_the_worker_comes(founded, batch, order):
    given = order()

    assert order() == given
    assert not QueueEntry.objects.exists()
    assert (events("import_order.given"), events("import_batch.confirmed")) == (1, 0)

    tasks.carry_out_import_orders()
    tasks.carry_out_import_orders()

    given.refresh_from_db()
    batch.refresh_from_db()
    assert (given.state, batch.confirmed_by) == ("DONE", founded.staff["supervisor"])
    assert QueueEntry.objects.active().count() == 2
    assert events("import_batch.confirmed") == 1
    with pytest.raises(imports.NothingToConfirm):
        order()


def test_a_file_is_taken_back_by_a_third_person_for_a_reason(founded, batch, order, order_undo):
    carried_out(order())

    for by, reason, code in (
        ("clerk", "Wrong", "SAME_PERSON"),
        ("supervisor", "Wrong", "SAME_PERSON"),
        ("chair", " ", "NO_REASON"),
    ):
        with pytest.raises(UndoRefused, match=code):
            order_undo(by, reason)
    given = order_undo()
    assert order_undo() == given
    assert carried_out(given).state == "DONE"

    batch.refresh_from_db()
    assert (batch.undone_by, batch.why_undone) == (founded.staff["chair"], "The list of another akimat")
    assert set(QueueEntry.objects.values_list("status", flat=True)) == {"SUSPENDED"}
    assert order_undo() is None


def test_who_put_a_file_in_orders_nothing(batch, order):
    with pytest.raises(imports.SecondPersonNeeded):
        order("clerk")

    assert not ImportOrder.objects.exists()


def test_what_can_not_be_done_any_more_when_the_worker_comes_is_refused_in_words(founded, batch, order):
    given = order()
    imports.confirm(akimat=founded.akimat, by=founded.staff["supervisor"], at=AT)

    assert carried_out(given).refusal == "NOTHING_TO_CONFIRM"
    assert (given.state, events("import_order.refused")) == ("REFUSED", 1)


@pytest.mark.parametrize(
    ("error", "code"), [(SoftTimeLimitExceeded(), "TOO_LONG"), (RuntimeError("ours"), "BROKEN_OFF")]
)
def test_an_act_that_breaks_off_changes_nothing_and_may_come_again(batch, order, monkeypatch, error, code):
    def breaks(made):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(settlements, "_settle_cases", breaks)
        assert carried_out(order()).refusal == code

    batch.refresh_from_db()
    assert batch.confirmed_at is None
    assert not QueueEntry.objects.exists()
    assert carried_out(order()).state == "DONE"
    assert QueueEntry.objects.active().count() == 2


def test_when_the_database_goes_away_in_mid_act_the_order_stays_wanted(batch, order, monkeypatch):
    def gone(made):
        raise OperationalError("the connection is lost")

    given = order()
    with monkeypatch.context() as patch:
        patch.setattr(settlements, "_settle_cases", gone)
        with pytest.raises(OperationalError):
            carried_out(given)
        tasks.carry_out_import_orders()

    given.refresh_from_db()
    batch.refresh_from_db()
    assert (given.state, batch.confirmed_at) == ("WANTED", None)
    assert carried_out(given).state == "DONE"


@pytest.mark.django_db(transaction=True)
def test_a_second_worker_passes_by_and_progress_is_seen_meanwhile(batch, order, monkeypatch):
    given = order()
    working, go_on = Event(), Event()
    settle_cases = settlements._settle_cases

    def slowly(made):
        working.set()
        assert go_on.wait(20)
        settle_cases(made)

    monkeypatch.setattr(settlements, "_settle_cases", slowly)

    def work():
        try:
            import_orders.carry_out(order_id=given.pk, at=AT)
        finally:
            connection.close()

    worker = Thread(target=work)
    worker.start()
    assert working.wait(20)
    assert import_orders.carry_out(order_id=given.pk, at=AT) is None
    assert 0 < import_orders.percent_done(given) < 100
    go_on.set()
    worker.join(20)

    given.refresh_from_db()
    assert given.state == "DONE"
    assert ImportBatch.objects.get().confirmed_at == AT


def test_forgotten_progress_is_none(order):
    given = order()
    cache.clear()

    assert import_orders.percent_done(given) == 0


def test_the_database_keeps_orders_and_one_wanted_order_of_a_file(founded, batch, order):
    given = order()

    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        given.delete()
    chair = founded.staff["chair"]
    for changes, name in (
        ({"reason": "Wrong"}, "one_wanted_import_order_per_batch"),
        ({"reason": ""}, "import_order_undoes_for_a_reason"),
        ({"reason": "Wrong", "state": "DONE"}, "import_order_closed_or_wanted"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ImportOrder.objects.create(batch=batch, act="UNDO", ordered_by=chair, ordered_at=AT, **changes)


class TestCommand:
    def call(self, **options):
        call_command("undo_import", akimat="271010000", **options)

    def test_a_file_is_taken_back_by_its_key(self, founded, batch):
        self.call(by="supervisor", batch=batch.pk, reason="The list of another akimat")

        batch.refresh_from_db()
        assert batch.undone_by == founded.staff["supervisor"]

    def test_what_is_refused_is_said_by_its_code(self, batch):
        with pytest.raises(CommandError, match="NO_REASON"):
            self.call(by="supervisor", batch=batch.pk, reason=" ")
        with pytest.raises(CommandError, match="no file with the key 0"):
            self.call(by="supervisor", batch=0, reason="Wrong")
