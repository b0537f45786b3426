"""A big queue is read by two processes: the same bytes as by one, and whole or not at all."""

import threading

import pytest
from django.db import transaction

from allocation.models import AllocationRound, Dwelling
from allocation.services import candidates, inputs, rounds, second_reader
from allocation.services.second_reader import SecondReaderDied
from queue_registry.selectors import fingerprints
from tests import factories
from tests.factories import AT

ENTRIES = 6
PATIENCE = 120


@pytest.fixture
def opened(town):
    for day in range(ENTRIES):
        factories.waiting(town, number="45"[day % 2], day=day + 1)
    return factories.open_round(town, factories.ready(town, rooms=1, area="36.40"))


@pytest.fixture
def worth_it(monkeypatch):
    """As if the queue were big, and there were two processors."""
    monkeypatch.setattr(candidates, "PORTION", 1)
    monkeypatch.setattr(second_reader, "_WORTH_IT", 2)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})


@pytest.fixture
def shared(monkeypatch, worth_it):
    """Portions that this process has read; it begins only when the other one has answered with its first."""
    own, answered = [], threading.Event()
    ask, read = second_reader._asked, inputs.portion_bytes

    def asked(process, line):
        answer = ask(process, line)
        if not answer.startswith(second_reader.READY):
            answered.set()
        return answer

    def read_own(reader, keys):
        assert answered.wait(PATIENCE)
        own.append(keys)
        return read(reader, keys)

    monkeypatch.setattr(second_reader, "_asked", asked)
    monkeypatch.setattr(inputs, "portion_bytes", read_own)
    return own


def read(round_):
    """The input of a round, and the fingerprint."""
    with inputs.read(round_=round_, frozen_at=AT) as (found, fingerprint):
        return found, fingerprint()


def never(*_):
    raise AssertionError("nobody starts a second process here")


@pytest.mark.django_db(transaction=True)
def test_two_processes_read_the_same_bytes_as_one(opened, monkeypatch, shared):
    with transaction.atomic():
        two = read(opened)

    assert 0 < len(shared) < ENTRIES
    monkeypatch.undo()
    assert two == read(opened)
    assert len(two[0].values.entries) == ENTRIES


@pytest.mark.django_db(transaction=True)
def test_a_fingerprint_that_is_taken_late_is_of_the_rows_that_were_read(town, opened, monkeypatch, worth_it):
    ask, changed = second_reader._asked, threading.Event()

    def asked(process, line):
        assert line != second_reader.DONE or changed.wait(PATIENCE)
        return ask(process, line)

    monkeypatch.setattr(second_reader, "_asked", asked)
    before = fingerprints.of_queue(town.akimat)
    with transaction.atomic(), inputs.read(round_=opened, frozen_at=AT) as (_, fingerprint):
        factories.waiting(town, number="4", day=ENTRIES + 1)
        in_between = fingerprints.of_queue(town.akimat)
        changed.set()

        assert fingerprint() == before != in_between


@pytest.mark.django_db(transaction=True)
def test_a_freeze_by_two_processes_is_told_whole(town, opened, shared):
    told = []

    frozen = rounds.freeze(
        round_id=opened.pk, by=town.secretary, at=AT, tell=lambda done, total: told.append((done, total))
    )

    assert 0 < len(shared) < ENTRIES
    assert frozen.frozen_at == AT
    assert (told[0], told[-1]) == ((0, ENTRIES), (ENTRIES, ENTRIES))
    assert told == sorted(told)


@pytest.mark.django_db(transaction=True)
def test_a_second_process_that_dies_breaks_the_freeze_off(town, opened, monkeypatch, worth_it):
    ask = second_reader._asked

    def killed_at_its_first_portion(process, line):
        if b"snapshot" not in line:
            process.kill()
            process.wait()
        return ask(process, line)

    died = threading.Event()
    monkeypatch.setattr(second_reader, "_asked", killed_at_its_first_portion)
    monkeypatch.setattr(second_reader, "_check", lambda beside: (died.set(), beside.result()))

    with pytest.raises(SecondReaderDied):
        rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT)

    assert died.is_set()
    assert AllocationRound.objects.get().frozen_at is None
    assert Dwelling.objects.get().state == Dwelling.State.READY


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("program", ["/nowhere/python", "/bin/false"])
def test_where_no_second_process_begins_one_reads_all(town, opened, monkeypatch, worth_it, program):
    with monkeypatch.context() as small:
        small.setattr(second_reader, "_WORTH_IT", ENTRIES + 1)
        expected, _ = read(opened)
    monkeypatch.setattr("sys.executable", program)

    frozen = rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT)

    assert frozen.input_sha256 == expected.sha256
    # One that began and said nothing has left no fingerprint: the run will compare everything.
    assert frozen.fingerprint == ("" if program == "/bin/false" else fingerprints.of_queue(town.akimat))


@pytest.mark.django_db
def test_what_is_not_committed_yet_is_read_by_one(opened, monkeypatch, worth_it):
    monkeypatch.setattr(second_reader, "_started", never)

    with transaction.atomic():
        assert len(read(opened)[0].values.entries) == ENTRIES


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("processors", "worth"), [({0}, 2), ({0, 1}, ENTRIES + 1)])
def test_one_processor_or_a_small_queue_is_read_by_one(opened, monkeypatch, worth_it, processors, worth):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: processors)
    monkeypatch.setattr(second_reader, "_WORTH_IT", worth)
    monkeypatch.setattr(second_reader, "_started", never)

    with transaction.atomic():
        assert len(read(opened)[0].values.entries) == ENTRIES
