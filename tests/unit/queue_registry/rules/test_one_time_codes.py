"""A code is taken once, in time, and not after too many tries; what is kept of it does not give it away."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules import one_time_codes as rules
from queue_registry.rules.one_time_codes import CodeRefusal, KeptCode

NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def kept(**changes):
    known = {
        "salt": "s",
        "digest": rules.digest_of("123456", salt="s", pepper="p"),
        "expires_at": NOW,
        "tries": 0,
        "is_used": False,
    }
    return KeptCode(**(known | changes))


def refusal(known, code="123456", *, at=NOW):
    found = rules.refusal_of(known, code, pepper="p", most_tries=5, at=at)
    return found and found.code


@pytest.mark.parametrize(
    ("known", "code", "at", "expected"),
    [
        (kept(), "123456", NOW, None),
        (kept(), "123456", NOW + SECOND, CodeRefusal.OVER),
        (kept(tries=4), "123456", NOW, None),
        (kept(tries=5), "123456", NOW, CodeRefusal.TRIES_OVER),
        (kept(is_used=True), "123456", NOW, CodeRefusal.NONE_SENT),
        (None, "123456", NOW, CodeRefusal.NONE_SENT),
        (kept(), "123457", NOW, CodeRefusal.WRONG),
        (kept(), "", NOW, CodeRefusal.WRONG),
    ],
)
def test_a_code_at_its_limits(known, code, at, expected):
    assert refusal(known, code, at=at) == expected


@pytest.mark.parametrize(("tries", "left"), [(0, 4), (4, 0)])
def test_a_wrong_code_says_how_many_tries_are_left(tries, left):
    found = rules.refusal_of(kept(tries=tries), "000000", pepper="p", most_tries=5, at=NOW)

    assert found.detail == {"left": left}


@given(code=st.from_regex(r"[0-9]{6}", fullmatch=True), other=st.from_regex(r"[0-9]{6}", fullmatch=True))
def test_only_the_code_itself_with_its_salt_and_the_secret_is_taken(code, other):
    known = kept(digest=rules.digest_of(code, salt="s", pepper="p"))

    assert (refusal(known, other) is None) is (code == other)
    assert rules.digest_of(code, salt="t", pepper="p") != known.digest
    assert rules.digest_of(code, salt="s", pepper="q") != known.digest


def test_codes_have_six_digits_and_differ():
    made = {rules.new_code() for _ in range(200)}

    assert all(len(code) == 6 and code.isdigit() for code in made)
    assert len(made) > 190
    assert len({rules.new_salt() for _ in range(20)}) == 20
