"""What a run is held to: the gateway's own log, the attempts, the facts, and the world itself."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.db.models import Count

from housing_queue.benchmarks.endurance.course import Course
from housing_queue.benchmarks.endurance.oracle import Truth, truth
from housing_queue.benchmarks.endurance.stand import FAULTS
from housing_queue.benchmarks.endurance.town import SYSTEMS
from housing_queue.benchmarks.endurance.world import Household
from housing_queue.benchmarks.measuring import Measured
from integrations.contract import CONFIRMED
from integrations.models import AccessToken, CheckAttempt, CheckRequest, CheckState
from queue_registry.models import Assessment, Fact

_KINDS: Final = {
    "DECEASED": "dead",
    "NOT_CITIZEN": "foreign",
    "NO_REGISTRATION": "unregistered",
    "NOT_RESIDENT": "moved",
    "OWNS_DWELLING": "owners",
    "CATEGORY_NOT_CONFIRMED": "no_category",
}
_RANK: Final = {"INELIGIBLE": 0, "UNKNOWN": 1, "ELIGIBLE": 2}


def tell(course: Course, made: Sequence[Household], logs: Iterable[Path], *, on: date) -> Iterator[Measured]:
    """Yield every figure of the run."""
    yield from _questions(course, people=sum(len(one.people) for one in made))
    yield from _log(logs)
    yield from _verdicts(made, on)
    yield from _survived(course)


def _questions(course: Course, *, people: int) -> Iterator[Measured]:
    outcomes = CheckAttempt.objects.values_list("outcome").annotate(Count("pk")).order_by("outcome")
    told = ", ".join(f"{name or 'never heard of'} {count}" for name, count in outcomes)
    asked, attempts = CheckRequest.objects.count(), CheckAttempt.objects.count()
    yield Measured(
        work="endurance.questions",
        value=float(asked),
        floor=float(people * len(SYSTEMS)),
        note=f"of {people} people to {len(SYSTEMS)} systems; {attempts} attempts: {told}",
    )
    yield Measured(
        work="endurance.unanswered",
        value=float(CheckRequest.objects.exclude(state=CheckState.ANSWERED).count()),
        note=f"{course.redriven} dead letters driven anew; {course.seconds:.0f} s, "
        f"{asked / course.seconds:.0f} questions a second",
    )


def _log(logs: Iterable[Path]) -> Iterator[Measured]:
    """Hold the attempts to what the gateways say that they were asked."""
    asked: Counter[str] = Counter()
    bad: set[str] = set()
    refused = 0
    for line in _lines(logs):
        if line["event"] == "gateway.refused":
            refused += 1
        else:
            asked[line["message_id"]] += 1
            if line["answered"] in FAULTS:
                bad.add(line["message_id"])
    recorded = {str(key) for key in CheckAttempt.objects.values_list("pk", flat=True)}
    recorded |= {str(key) for key in AccessToken.objects.values_list("pk", flat=True)}
    yield Measured(
        work="endurance.beyond_attempts",
        value=float(asked.total() - len(asked.keys() & recorded)),
        note=f"{asked.total()} questions in the gateways' own logs, {len(recorded)} recorded",
    )
    yield Measured(work="endurance.refused", value=float(refused), note="by the gateways' rules of form")
    yield Measured(
        work="endurance.bad_facts",
        value=float(_facts_of(bad) + _facts_without_a_clean_answer()),
        note=f"{len(bad)} answers were bad by the gateways' own logs; {Fact.objects.count()} facts",
    )


def _lines(logs: Iterable[Path]) -> Iterator[Mapping[str, Any]]:
    for log in logs:
        with log.open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)


def _facts_of(bad: set[str]) -> int:
    """How many attempts that the gateway answered badly were taken for a word about somebody."""
    confirmed = CheckAttempt.objects.filter(outcome__in=CONFIRMED).values_list("pk", flat=True)
    return sum(str(key) in bad for key in confirmed)


def _facts_without_a_clean_answer() -> int:
    """Facts whose answer bears the digest of no envelope that was read as found."""
    clean = set(CheckAttempt.objects.filter(outcome="FOUND").values_list("envelope_sha256", flat=True))
    rows = Fact.objects.values_list("answer__envelope_sha256").annotate(Count("pk"))
    return sum(facts for digest, facts in rows if digest not in clean)


def _verdicts(made: Sequence[Household], on: date) -> Iterator[Measured]:
    world = {line["iin"]: line for one in made for line in one.people}
    truths = {one.applicant: truth(one.people[0], one.waiting_list, world, on) for one in made}
    said: dict[str, Mapping[str, Any]] = {
        row["entry__applicant__iin"]: row
        for row in Assessment.objects.values(
            "entry__applicant__iin", "eligibility", "code", "findings"
        ).iterator()
    }
    yield Measured(
        work="endurance.worse",
        value=float(sum(_is_worse(said.get(iin), told) for iin, told in truths.items())),
        note=f"of {len(truths)} verdicts; {_counted(said.values())}",
    )
    yield Measured(
        work="endurance.other",
        value=float(sum(not _is_same(said.get(iin), told) for iin, told in truths.items())),
        note="verdicts or flags that differ from the world in any way",
    )
    for code, kind in _KINDS.items():
        planted = [iin for iin, told in truths.items() if told.code == code]
        found = [iin for iin in planted if said.get(iin, {}).get("code") == code]
        yield Measured(work=f"endurance.found.{kind}", value=float(len(found)), floor=float(len(planted)))
    sold = [iin for iin, told in truths.items() if told.sold]
    flagged = [iin for iin in sold if _is_flagged(said.get(iin))]
    yield Measured(work="endurance.found.sold", value=float(len(flagged)), floor=float(len(sold)))


def _counted(rows: Iterable[Mapping[str, Any]]) -> str:
    counts = Counter(row["code"] or row["eligibility"] for row in rows)
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def _is_worse(said: Mapping[str, Any] | None, told: Truth) -> bool:
    verdict = said["eligibility"] if said else "UNKNOWN"
    return _RANK[verdict] < _RANK["INELIGIBLE" if told.code else "ELIGIBLE"]


def _is_same(said: Mapping[str, Any] | None, told: Truth) -> bool:
    verdict = "INELIGIBLE" if told.code else "ELIGIBLE"
    return said is not None and (said["eligibility"], said["code"], _is_flagged(said)) == (
        verdict,
        told.code,
        told.sold,
    )


def _is_flagged(said: Mapping[str, Any] | None) -> bool:
    return said is not None and any(found["rule"] == "SOLD_WITHIN_5_YEARS" for found in said["findings"])


def _survived(course: Course) -> Iterator[Measured]:
    yield Measured(work="endurance.kills", value=float(course.kills), note="SIGKILL to a worker at work")
    yield Measured(work="endurance.flushes", value=float(course.flushes), note="of Redis")
    yield Measured(work="endurance.restarts", value=float(course.restarts), note="of PostgreSQL")
    yield Measured(work="endurance.outages", value=float(course.outages), note="one system, the middle third")
    # A run that stood still before its third has no figure, and misses the goal.
    third, end = course.memory[0] if course.memory[1:] else math.nan, course.memory[-1]
    seen = ", ".join(f"{size:.0f}" for size in course.memory)
    yield Measured(
        work="endurance.memory",
        value=end,
        floor=third,
        note=f"megabytes of the worker that nobody killed, from a third of the way to the end: {seen}",
    )
