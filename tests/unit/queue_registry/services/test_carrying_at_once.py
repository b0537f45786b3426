"""Two workers at the same moment: one sends, the other finds nothing to do."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db import connection

from queue_registry.models import NoticeDelivery
from queue_registry.notices.fake import FakeProvider
from queue_registry.services import carrying
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.services.sending import ordered, reached

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fake(settings, tmp_path):
    settings.NOTICE_PROVIDER, settings.KEZEK_VAR = "queue_registry.notices.fake.FakeProvider", tmp_path
    return FakeProvider.from_settings()


def in_a_thread(pool, act):
    def run():
        try:
            return act()
        finally:
            connection.close()

    return pool.submit(run)


class Slow:
    """The fake, which keeps its caller waiting and says when it was called."""

    for_invented_people = True

    def __init__(self, fake):
        self._fake, self.called, self.may_answer = fake, Event(), Event()

    def send(self, message):
        self.called.set()
        assert self.may_answer.wait(20)
        return self._fake.send(message)

    def fate(self, reference):
        return self._fake.fate(reference)


def test_while_one_worker_waits_for_the_provider_the_other_has_nothing_to_do(fake):
    town = factories.town()
    entry = factories.waiting(town)
    reached(town, entry)
    delivery = ordered(entry.application)
    slow = Slow(fake)

    with ThreadPoolExecutor(1) as pool:
        first = in_a_thread(pool, lambda: carrying.deliver_next(provider=slow, at=AT))
        assert slow.called.wait(20)
        # No transaction is open while the provider is called: the attempt stands in the row already.
        counted = NoticeDelivery.objects.get(pk=delivery.pk).attempts
        other = carrying.deliver_next(provider=fake, at=AT)
        slow.may_answer.set()
        assert first.result(20) is True

    delivery.refresh_from_db()
    assert (counted, other) == (1, False)
    assert (delivery.state, delivery.attempts, len(fake.list_sent())) == ("HANDED_OVER", 1, 1)


def test_of_many_notices_two_workers_send_each_once(fake):
    town = factories.town()
    entries = [factories.waiting(town, day=day) for day in (1, 2, 3, 4)]
    for number, entry in enumerate(entries):
        reached(town, entry, f"+7700000111{number}")
        ordered(entry.application)
    start = Barrier(2)

    def work():
        start.wait(20)
        count = 0
        while carrying.deliver_next(provider=fake, at=AT):
            count += 1
        return count

    with ThreadPoolExecutor(2) as pool:
        counts = [one.result(30) for one in [in_a_thread(pool, work) for _ in range(2)]]

    assert sum(counts) == len(entries) == len(fake.list_sent())
    assert set(NoticeDelivery.objects.values_list("state", "attempts")) == {("HANDED_OVER", 1)}
