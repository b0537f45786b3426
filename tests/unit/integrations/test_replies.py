"""What a reply of the network means before anybody reads its body."""

from datetime import timedelta

import pytest

from integrations.contract import Failure, Outcome, RawReply
from integrations.gateway.replies import answer_from
from integrations.sources import ADAPTERS
from tests.unit.integrations.golden import body, envelope, fault, nothing_inside, query

FOUND = envelope("zags", body("zags"))
NOTHING = envelope("zags", body("zags", inner=nothing_inside("zags", "00001")))


def answer_to(**fields):
    reply = RawReply(message_id="m-1", elapsed=timedelta(0), **fields)
    return answer_from(reply, query("zags"), adapter=ADAPTERS["zags"])


@pytest.mark.parametrize(
    ("fields", "outcome", "raw_code"),
    [
        ({"failure": Failure.UNREACHABLE}, Outcome.TEMPORARY, "UNREACHABLE"),
        ({"failure": Failure.TIMEOUT}, Outcome.TEMPORARY, "TIMEOUT"),
        ({"failure": Failure.BROKEN_OFF}, Outcome.TEMPORARY, "BROKEN_OFF"),
        ({"failure": Failure.TOO_LARGE}, Outcome.CONTRACT_VIOLATION, "TOO_LARGE"),
        ({"status": 429}, Outcome.RATE_LIMITED, "HTTP_429"),
        ({"status": 429, "body": FOUND}, Outcome.RATE_LIMITED, "HTTP_429"),
        ({"status": 401}, Outcome.ACCESS_DENIED, "HTTP_401"),
        ({"status": 403}, Outcome.ACCESS_DENIED, "HTTP_403"),
        ({"status": 404, "body": NOTHING}, Outcome.CONTRACT_VIOLATION, "HTTP_404"),
        ({"status": 301}, Outcome.CONTRACT_VIOLATION, "HTTP_301"),
        ({"status": 204}, Outcome.CONTRACT_VIOLATION, "HTTP_204"),
        ({"status": 500, "body": b"Internal Server Error"}, Outcome.TEMPORARY, "HTTP_500"),
        ({"status": 502, "body": b"<html/>"}, Outcome.TEMPORARY, "HTTP_502"),
        ({"status": 504}, Outcome.TEMPORARY, "HTTP_504"),
        ({"status": 500, "body": FOUND}, Outcome.TEMPORARY, "HTTP_500"),
        ({"status": 500, "body": NOTHING}, Outcome.TEMPORARY, "HTTP_500"),
        ({"status": 500, "body": fault("SCSE001", "SBF-AD-1")}, Outcome.ACCESS_DENIED, "SBF-AD-1"),
        ({"status": 200, "body": b""}, Outcome.CONTRACT_VIOLATION, "EMPTY"),
        ({"status": 200, "body": NOTHING}, Outcome.NOT_FOUND_CONFIRMED, "00001"),
        ({"status": 200, "body": FOUND}, Outcome.FOUND, "00000"),
    ],
)
def test_only_a_clean_answer_on_status_200_confirms_anything(fields, outcome, raw_code):
    answer = answer_to(**fields)

    assert (answer.outcome, answer.raw_code, answer.message_id) == (outcome, raw_code, "m-1")
    assert bool(answer.facts) == (outcome is Outcome.FOUND)


def test_the_wait_that_the_other_side_asks_for_is_kept():
    assert answer_to(status=429, retry_after=timedelta(seconds=7)).retry_after == timedelta(seconds=7)
