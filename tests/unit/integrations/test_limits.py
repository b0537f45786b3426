"""Rate, concurrency and circuit of a source, counted in Redis for all workers together."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from integrations import limits
from integrations.contract import Lane
from integrations.sources.definitions import DEFINITIONS

AT = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
HOLD = timedelta(seconds=20)
RATE, SLOTS = DEFINITIONS["egkn"].rate_per_s, DEFINITIONS["egkn"].concurrency


@pytest.fixture(autouse=True)
def _real_limits(settings):
    settings.GATEWAY_LIMITS_FACTOR = 1
    cache.clear()


def take(number, *, at=AT):
    return limits.take({"egkn": number}, hold=HOLD, at=at)


def granted(permit):
    return permit.granted.get("egkn", 0)


def room(at=AT):
    return limits.room(["egkn"], at=at)["egkn"]


def fail(times, *, at=AT, permit=None):
    limits.report({}, {"egkn": times}, permit=permit or limits.Permit(name="p", granted={}), at=at)


def test_no_more_slots_are_held_than_the_owner_allows():
    first = take(SLOTS - 1)

    assert (granted(first), granted(take(5)), granted(take(5))) == (SLOTS - 1, 1, 0)
    assert room().slots_left == 0
    limits.release(first)
    assert room().slots_left == SLOTS - 1


def test_a_window_holds_no_more_permits_than_the_rate():
    for _ in range(2):
        permit = take(SLOTS)
        limits.release(permit)

    assert granted(permit) == RATE - SLOTS
    assert (room().rate_left, room().slots_left) == (0, SLOTS)
    assert timedelta(0) < room().wait <= limits.WINDOW
    time.sleep(room().wait.total_seconds())
    assert room().rate_left > 0


def test_bulk_leaves_one_slot_to_whoever_waits():
    assert room().of(Lane.BULK) == SLOTS - 1
    assert room().of(Lane.INTERACTIVE) == min(SLOTS, RATE)


def test_the_slots_of_a_dead_worker_come_back():
    limits.take({"egkn": SLOTS}, hold=timedelta(milliseconds=30), at=AT)

    time.sleep(0.05)

    assert room().slots_left == SLOTS


def test_eight_workers_together_keep_the_rate_and_the_slots():
    moments, held, highest = [], [0], [0]
    lock, until = threading.Lock(), time.monotonic() + 2.5

    def work():
        while time.monotonic() < until:
            asked = time.monotonic()
            permit = take(3)
            number = granted(permit)
            with lock:
                moments.extend([(asked, time.monotonic())] * number)
                held[0] += number
                highest[0] = max(highest[0], held[0])
            time.sleep(0.02)
            with lock:
                held[0] -= number
            limits.release(permit)

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    # Each was granted at some moment between its two: those that surely fell into one second.
    fullest = max(sum(start <= asked and told < start + 1 for asked, told in moments) for start, _ in moments)
    assert highest[0] <= SLOTS
    assert fullest <= RATE
    assert len(moments) >= 2 * RATE


def test_failures_in_a_row_open_the_circuit_and_one_success_forgets_them():
    fail(limits.FAILURES_TO_OPEN - 1)
    limits.report({"egkn": 1}, {"egkn": 3}, permit=limits.Permit(name="p", granted={}), at=AT)
    fail(limits.FAILURES_TO_OPEN - 1)
    assert room().rate_left == RATE

    fail(1)

    assert (room().of(Lane.INTERACTIVE), room().wait) == (0, None)
    assert granted(take(5)) == 0
    assert limits.room(["zags"], at=AT)["zags"].rate_left > 0


def test_after_the_pause_one_canary_goes_and_no_second():
    fail(limits.FAILURES_TO_OPEN)
    later = AT + limits.FIRST_PAUSE
    assert granted(take(5, at=later - timedelta(milliseconds=1))) == 0

    canary = take(5, at=later)

    assert (granted(canary), canary.canaries) == (1, {"egkn"})
    assert granted(take(5, at=later)) == 0


def test_a_canary_that_comes_back_closes_the_circuit():
    fail(limits.FAILURES_TO_OPEN)
    later = AT + limits.FIRST_PAUSE
    canary = take(5, at=later)

    limits.report({"egkn": 1}, {}, permit=canary, at=later)
    limits.release(canary)

    assert granted(take(3, at=later)) == 3


def test_a_canary_that_does_not_makes_the_pause_longer_up_to_a_limit():
    fail(limits.FAILURES_TO_OPEN)
    at, pause = AT, limits.FIRST_PAUSE
    for _ in range(8):
        at += pause
        canary = take(1, at=at)
        assert granted(canary) == 1
        fail(1, at=at, permit=canary)
        limits.release(canary)
        cache_free_rate()
        pause = min(pause * 2, limits.LONGEST_PAUSE)
        assert room(at + pause - timedelta(milliseconds=1)).wait is None

    assert pause == limits.LONGEST_PAUSE


def cache_free_rate():
    """Forget what was sent within the second: the test's clock jumps, that of Redis does not."""
    limits._client().delete(f"{limits._base('egkn')}:sent")


def test_the_factor_of_a_demo_multiplies_rate_and_slots(settings):
    settings.GATEWAY_LIMITS_FACTOR = 100

    assert (room().rate_left, room().slots_left) == (RATE * 100, SLOTS * 100)


def test_without_redis_nothing_may_be_asked(settings):
    limits._client.cache_clear()
    limits._script.cache_clear()
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    with pytest.raises(limits.LimitsUnreachable):
        room()
    limits._client.cache_clear()
    limits._script.cache_clear()
