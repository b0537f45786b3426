"""State systems that answer at once what a world says, for tests of rechecks: no gateway, no network."""

import uuid
from collections.abc import Collection
from datetime import date, datetime, timedelta

from integrations import services as outbox
from integrations.contract import Answer, Fact, FactKind, Outcome
from integrations.models import CheckAttempt, CheckRequest
from integrations.retries import DeadReason, Verdict
from queue_registry.models import Person
from queue_registry.services import assessment_requests, source_answers, sweep_portions
from tests import asking, factories

AT = factories.AT


class Systems:
    """What every system says about everybody: alive, registered here, and nothing else but what is told."""

    def __init__(self) -> None:
        self.told: dict[tuple[str, str], list[dict]] = {}
        self.silent: dict[str, Outcome] = {}
        self.asked: list[tuple[str, str, str]] = []

    @property
    def first_looks(self) -> list[tuple[str, str]]:
        """Who was asked about where, but for what was asked once more because of a finding."""
        return [(iin, source) for iin, source, purpose in self.asked if purpose != "second-look"]

    def tell(self, person: Person, source: str, kind: str, value: dict) -> None:
        """From now on the source says this about the person."""
        self.told.setdefault((source, person.iin), []).append({"kind": kind, "value": value})

    def tell_as(self, person: Person, told: tuple[str, str, dict]) -> None:
        """The same with a fact of `factories`."""
        self.tell(person, *told)

    def be_foreign(self, person: Person) -> None:
        """From now on the population register names another citizenship."""
        self.tell(person, "gbd_fl", "PERSON", _person(date(1991, 2, 3)) | {"citizenship": "UZB"})
        self.tell(person, "gbd_fl", "REGISTRATION", _registration())

    def bear(self, parent: Person, *, born: date) -> Person:
        """From now on the civil acts name a child."""
        child = factories.PersonFactory()
        value = {"iin": child.iin, "relation": "child", "since": born.isoformat(), "until": None}
        self.tell(parent, "zags", "KINSHIP", value)
        self.tell(child, "gbd_fl", "PERSON", _person(born))
        self.tell(child, "gbd_fl", "REGISTRATION", _registration())
        return child

    def answer(self, *, at: datetime = AT, limit: int = 1_000, sources: Collection[str] = ()) -> int:
        """Answer what is due, then let those concerned be judged; return how many questions that were."""
        rows = asking.take_due(limit=limit, at=at)
        if sources:
            others = [row.pk for row in rows if row.source not in sources]
            CheckRequest.objects.filter(pk__in=others).update(
                state="DUE", leased_at=None, leased_by=None, next_attempt_at=at
            )
            rows = [row for row in rows if row.source in sources]
        self.asked += [(row.subject_iin, row.source, row.purpose) for row in rows]
        source_answers.store(answered=[self._answered(row, at) for row in rows], at=at)
        while assessment_requests.assess_due(limit=1_000, at=at):
            pass
        return len(rows)

    def _answered(self, row: CheckRequest, at: datetime) -> outbox.AnsweredCheck:
        attempt = CheckAttempt.objects.create(
            message_id=uuid.uuid4(), request=row, source=row.source, asked_at=at
        )
        outcome, facts = self.silent.get(row.source), self._facts(row)
        outcome = outcome or (Outcome.FOUND if facts else Outcome.NOT_FOUND_CONFIRMED)
        fields = {"facts": facts} if outcome is Outcome.FOUND else {}
        answer = Answer(key=row.key, outcome=outcome, raw_code="X", fetched_at=at, source_as_of=at, **fields)
        given_up = outcome is Outcome.TEMPORARY
        reason = DeadReason.TOO_MANY_FAILURES if given_up else None
        verdict = Verdict(dead_reason=reason, is_failure=given_up)
        return outbox.AnsweredCheck(
            request=row, attempt=attempt, envelope=b"", answer=answer, verdict=verdict
        )

    def _facts(self, row: CheckRequest) -> tuple[Fact, ...]:
        told = self.told.get((row.source, row.subject_iin), [])
        if row.source == "gbd_fl" and not told:
            told = [
                {"kind": "PERSON", "value": _person(date(1991, 2, 3))},
                {"kind": "REGISTRATION", "value": _registration()},
            ]
        return tuple(
            Fact(
                kind=FactKind(one["kind"]), subject_iin=row.subject_iin, value=one["value"], source=row.source
            )
            for one in told
        )


def _person(born: date) -> dict:
    names = {"last": "Ойдан", "first": "Адам", "middle": "", "death_date": None, "sex": "f"}
    return {**names, "birth_date": born.isoformat(), "citizenship": "KAZ"}


def _registration() -> dict:
    return {"kato": factories.KATO, "rka": "1" * 16, "since": "2010-01-01"}


def go_on(sweep, *, at: datetime = AT, limit: int = 100) -> int:
    """One portion."""
    return sweep_portions.go_on(sweep_id=sweep.pk, limit=limit, at=at)


def walk(sweep, systems: Systems, *, at: datetime = AT, limit: int = 100) -> datetime:
    """Portions and answers in turn until the sweep has ended; return when that was."""
    for _ in range(200):
        moved = go_on(sweep, at=at, limit=limit)
        if not moved and not systems.answer(at=at):
            break
        at += timedelta(seconds=1)
    sweep.refresh_from_db()
    assert sweep.finished_at is not None
    return at
