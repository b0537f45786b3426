"""
Whoever guesses at file numbers and IINs is stopped, whoever he says that he is, and nobody else is; a Redis
that forgot what it counted opens no door; wrong number, wrong IIN and unknown answer alike.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from queue_registry.rules.file_number import file_number
from queue_registry.views import look_up_limits
from tests import factories
from tools import guess as guessing
from tools import guesses
from tools.console import StartError

pytestmark = pytest.mark.django_db
# A third of ten thousand at each of the three counters.
GUESSES = 10_000 // 3
THROUGH_PAGES = 60
UNKNOWN = file_number(kato=factories.KATO, running_number=9_999_999)
FOUND, NOT_FOUND, LOCKED, CLOSED = "found", "not found", 429, 503


@pytest.fixture
def entries():
    town = factories.town()
    return [factories.waiting(town, day=day) for day in (1, 2, 3)]


@pytest.fixture(autouse=True)
def _counting(settings):
    """Redis has counted for long; a test that loses the counters says so."""
    settings.LOOK_UPS_CLOSED_AFTER_LOSS = 3600
    _storage(settings).reset()
    look_up_limits.begin_counting(since=0)


def _storage(settings):
    return look_up_limits._limiter(settings.REDIS_URL).storage


def look_up(number, iin, *, address="192.0.2.1", page="/kk/"):
    return Client().post(page, {"file_number": number, "iin": iin}, REMOTE_ADDR=address)


def outcome(answer):
    if answer.status_code != 200:
        return answer.status_code
    return FOUND if 'class="kz-number-plate"' in answer.content.decode() else NOT_FOUND


def stranger(number):
    return factories.invented_iin(20_000 + number)


def address(number):
    """One of the addresses of whoever has many."""
    return f"198.51.{number // 250}.{number % 250 + 1}"


# The attack


def test_thousands_of_guesses_from_one_address_are_stopped_at_ten_and_others_are_served(entries, settings):
    mine, other = entries[0], entries[1]
    answers = [outcome(look_up(mine.file_number, stranger(number))) for number in range(THROUGH_PAGES)]
    # Five for the file number, ten for the address, then nothing.
    assert answers.count(NOT_FOUND) == 5
    assert set(answers[5:]) == {LOCKED}
    passed = sum(_counted("192.0.2.1") for _ in range(GUESSES - THROUGH_PAGES))

    assert passed == 0
    assert outcome(look_up(other.file_number, other.applicant.iin, address="192.0.2.77")) == FOUND


def _counted(of):
    try:
        look_up_limits.count_look_up(RequestFactory().post("/kk/", REMOTE_ADDR=of))
    except look_up_limits.TooManyLookUps:
        return False
    return True


def test_thousands_of_addresses_that_guess_at_one_file_number_get_five_answers(entries):
    mine, other = entries[0], entries[1]
    answers = [
        outcome(look_up(mine.file_number, stranger(number), address=address(number)))
        for number in range(THROUGH_PAGES)
    ]
    passed = sum(_asked(mine.file_number, stranger(number)) for number in range(THROUGH_PAGES, GUESSES))

    assert (answers.count(NOT_FOUND), passed) == (5, 0)
    # The right IIN is not told apart while the number is locked; nobody else is in the way.
    assert outcome(look_up(mine.file_number, mine.applicant.iin, address="192.0.2.76")) == LOCKED
    assert outcome(look_up(other.file_number, other.applicant.iin, address="192.0.2.77")) == FOUND


def test_thousands_of_addresses_that_guess_with_one_iin_get_five_answers(entries):
    mine, other = entries[0], entries[1]
    numbers = [file_number(kato=factories.KATO, running_number=100_000 + n) for n in range(THROUGH_PAGES)]
    answers = [
        outcome(look_up(number, mine.applicant.iin, address=address(n), page=page))
        for n, (number, page) in enumerate(
            zip(numbers, ["/kk/", "/ru/offer/", "/en/my-data/"] * 20, strict=True)
        )
    ]
    passed = sum(
        _asked(file_number(kato=factories.KATO, running_number=n), mine.applicant.iin)
        for n in range(200_000, 200_000 + GUESSES - THROUGH_PAGES)
    )

    assert (answers.count(NOT_FOUND), passed) == (5, 0)
    assert outcome(look_up(other.file_number, other.applicant.iin, address="192.0.2.77")) == FOUND


def _asked(number, iin):
    """Whether the limiter lets a guess through that then turns out to be wrong."""
    try:
        look_up_limits.check_failures(number, iin)
        look_up_limits.count_failure(number, iin)
    except look_up_limits.TooManyLookUps:
        return False
    return True


def test_many_at_once_are_counted_one_by_one():
    with ThreadPoolExecutor(8) as threads:
        passed = sum(threads.map(lambda _: _counted("192.0.2.5"), range(100)))

    assert passed == 10


def test_every_door_counts_with_the_same_counters(entries):
    mine = entries[0]
    for number in range(5):
        look_up(mine.file_number, stranger(number), address=address(number))

    for page in ("/kk/", "/ru/", "/en/offer/", "/kk/my-data/", "/ru/my-data/consent/"):
        assert (
            outcome(look_up(mine.file_number, mine.applicant.iin, address="192.0.2.9", page=page)) == LOCKED
        )
    api = Client().post(
        "/api/v1/place/",
        {"file_number": mine.file_number, "iin": mine.applicant.iin},
        content_type="application/json",
        REMOTE_ADDR="192.0.2.10",
    )
    assert api.status_code == LOCKED


# The same from outside


def guess(live_server, *options):
    """The script that anybody can run against an installation (tools/guess.py)."""
    return guessing.main([live_server.url, "--guesses", str(THROUGH_PAGES), *options])


def test_the_script_finds_every_attack_stopped_and_others_served(live_server, entries, capsys):
    assert guess(live_server, "--number", entries[0].file_number) == 0

    said = capsys.readouterr().out.splitlines()
    assert said == [
        "stopped  one address, many numbers and IINs: 50 locked, 10 not found",
        "stopped  one address that says that it is many: 50 locked, 10 not found",
        "stopped  many addresses, one file number: 55 locked, 5 not found",
        "stopped  many addresses, one IIN: 55 locked, 5 not found",
        "stopped  others, who mistype once: 6 not found",
    ]


@pytest.mark.parametrize(
    ("setting", "attack"),
    [
        ("LOOK_UPS_PER_ADDRESS", "one address, many numbers and IINs: 60 not found"),
        ("FAILURES_PER_FILE_NUMBER", "many addresses, one file number: 60 not found"),
        ("FAILURES_PER_IIN", "many addresses, one IIN: 60 not found"),
    ],
)
def test_the_script_finds_an_attack_that_nothing_stops(live_server, settings, capsys, setting, attack):
    setattr(settings, setting, "1000/hour")

    assert guess(live_server) == 1
    assert f"FAILED  {attack}" in capsys.readouterr().out


def test_the_script_finds_a_claimed_address_that_is_believed(live_server, settings, capsys):
    settings.TRUSTED_PROXIES = 1

    assert guess(live_server) == 1
    assert "FAILED  one address that says that it is many: 60 not found" in capsys.readouterr().out


def test_the_script_finds_the_door_open_and_answers_that_differ(entries):
    opened = guesses.Answer(status=200, body=b'<p class="kz-number-plate">')
    differing = iter(guesses.Answer(status=200, body=bytes([number])) for number in range(200))
    planned = {
        one.name: one
        for one in guesses.attacks(
            guesses=7, limits=guesses.Limits(), many_addresses=True, salt=1, known=entries[0].file_number
        )
    }
    one, others = planned["many addresses, one IIN"], planned["others, who mistype once"]

    assert faults(one, lambda _: opened) == ["7 guesses opened a household's page"]
    assert faults(others, lambda _: next(differing)) == [
        "wrong numbers are told from wrong IINs: the answers differ"
    ]


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (429, "somebody who never guessed is not served"),
        (503, "answers say nothing of the limits: status 503"),
        (301, "answers say nothing of the limits: status 301"),
    ],
)
def test_the_script_finds_others_that_are_not_served(status, found):
    planned = guesses.attacks(guesses=1, limits=guesses.Limits(), many_addresses=True, salt=1)
    *_, others = planned

    assert found in faults(others, lambda _: guesses.Answer(status=status, body=b""))


def faults(attack, ask):
    (result,) = guesses.try_all([attack], ask)
    return list(result.faults)


def test_the_script_asks_no_other_machine_that_nobody_allowed(monkeypatch):
    elsewhere = [(None, None, None, "", ("192.0.2.9", 0))]
    monkeypatch.setattr(guessing.socket, "getaddrinfo", lambda *_, **__: elsewhere)
    monkeypatch.setattr(guessing, "asker", lambda url: pytest.fail(f"{url} was asked"))

    with pytest.raises(StartError, match=r"--allow queue\.example"):
        guessing.main(["https://queue.example/"])
    with pytest.raises(StartError, match="is not this machine"):
        guessing.main(["https://queue.example/", "--allow", "127.0.0.1"])


def test_from_elsewhere_one_address_guesses(monkeypatch, capsys):
    elsewhere = [(None, None, None, "", ("192.0.2.9", 0))]
    monkeypatch.setattr(guessing.socket, "getaddrinfo", lambda *_, **__: elsewhere)
    locked = guesses.Answer(status=429, body=b"")
    monkeypatch.setattr(guessing, "asker", lambda _: lambda guessed: locked)

    arguments = ["https://queue.example/", "--allow", "queue.example", "--guesses", "20"]
    assert guessing.main(arguments) == 0
    assert "one address, many numbers and IINs: 20 locked" in capsys.readouterr().out


# Redis forgets


def test_after_a_flush_no_iin_is_looked_up_until_the_wrong_answers_would_be_forgotten(entries, monkeypatch):
    mine = entries[0]
    for number in range(5):
        look_up(mine.file_number, stranger(number), address=address(number))
    cache.clear()

    closed = look_up(mine.file_number, mine.applicant.iin)
    assert outcome(closed) == CLOSED
    assert 3500 < int(closed.headers["Retry-After"]) <= 3601
    assert outcome(look_up(mine.file_number, stranger(7))) == CLOSED

    then = time.time()
    monkeypatch.setattr(look_up_limits.time, "time", lambda: then + 3590)
    assert outcome(look_up(mine.file_number, mine.applicant.iin)) == CLOSED
    monkeypatch.setattr(look_up_limits.time, "time", lambda: then + 3601)
    assert outcome(look_up(mine.file_number, mine.applicant.iin)) == FOUND


def test_a_second_flush_closes_it_again_for_the_whole_time(entries, monkeypatch):
    mine, then = entries[0], time.time()
    cache.clear()
    look_up(mine.file_number, mine.applicant.iin)
    cache.clear()
    monkeypatch.setattr(look_up_limits.time, "time", lambda: then + 3000)

    assert int(look_up(mine.file_number, mine.applicant.iin).headers["Retry-After"]) > 3500


def test_a_flush_leaves_what_asks_for_no_iin_as_it_is(entries):
    cache.clear()

    assert Client().get("/kk/").status_code == 200
    assert Client().get("/kk/rounds/").status_code == 200
    code = Client().get("/kk/certificate/?code=7K2M-94QD-0XRA-V8TE", REMOTE_ADDR="192.0.2.3")
    assert code.status_code == 200


def test_the_api_is_closed_as_the_page_is(entries):
    cache.clear()
    answer = Client().post(
        "/api/v1/place/",
        {"file_number": entries[0].file_number, "iin": entries[0].applicant.iin},
        content_type="application/json",
    )

    assert answer.status_code == CLOSED


def test_counters_that_do_not_answer_close_everything(entries, settings):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"

    assert outcome(look_up(entries[0].file_number, entries[0].applicant.iin)) == CLOSED


def test_no_iin_stands_in_redis_whatever_was_tried(entries, settings):
    mine = entries[0]
    look_up(mine.file_number, stranger(1))
    look_up(UNKNOWN, mine.applicant.iin)
    look_up(mine.file_number, mine.applicant.iin)

    redis = _storage(settings).storage
    kept = b"\n".join(
        redis.keys("*") + [redis.get(key) or b"" for key in redis.keys("*") if redis.type(key) == b"string"]
    )
    assert b"look_up_iin" in kept
    for iin in (stranger(1), mine.applicant.iin):
        assert iin.encode() not in kept


# Answers alike


@pytest.mark.parametrize("page", ["/kk/", "/ru/offer/", "/en/my-data/", "/kk/my-data/consent/"])
def test_wrong_number_wrong_iin_and_unknown_answer_in_the_same_bytes_by_the_same_queries(entries, page):
    mine, other = entries[0], entries[1]
    pairs = {
        "wrong IIN": (mine.file_number, stranger(1)),
        "IIN of another": (mine.file_number, other.applicant.iin),
        "wrong number": (UNKNOWN, mine.applicant.iin),
        "both unknown": (file_number(kato=factories.KATO, running_number=9_999_998), stranger(2)),
        "no right check digit": (UNKNOWN[:-1] + str((int(UNKNOWN[-1]) + 1) % 10), stranger(3)),
    }
    answers, queries = {}, {}
    for name, (number, iin) in pairs.items():
        with CaptureQueriesContext(connection) as asked:
            answer = look_up(number, iin, page=page)
        told = {key: value for key, value in answer.headers.items() if key != "X-Request-ID"}
        answers[name] = (answer.status_code, answer.content, told)
        queries[name] = [query["sql"].count("SELECT") for query in asked.captured_queries]

    assert len(set(map(repr, answers.values()))) == 1
    assert len(set(map(repr, queries.values()))) == 1
