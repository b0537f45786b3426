"""
What if: a round with other homes, quotas or another policy, beside the round as it is. Nothing is written.

PostgreSQL itself holds to that: all of it is done in a transaction that may only read.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from allocation import engine_io
from allocation.engine.running import run as distribute
from allocation.engine.strict_json import canonical_bytes
from allocation.models import AllocationRound, Dwelling
from allocation.rules.refusals import Refusal, Refused
from allocation.selectors.rounds import Split, split_of
from allocation.services import inputs
from queue_registry.models import PolicyVersion
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One family that a side serves: its file number, list, and registration moment as frozen."""

    file_number: str
    list_number: str
    registered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two distributions: its split, whom it serves, and the last served of each list."""

    policy: str
    split: Split
    served: tuple[Served, ...]
    last: Mapping[str, Served]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One list on both sides: how many are served, and who the last of them is."""

    list_number: str
    now: int
    then: int
    last_now: Served | None
    last_then: Served | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A round as it is, and as it would be; whom only the one serves, and whom only the other."""

    now: Side
    then: Side
    no_longer: tuple[Served, ...]
    newly: tuple[Served, ...]

    @property
    def rows(self) -> list[ListRow]:
        """Both sides list by list."""
        return [
            ListRow(
                list_number=number,
                now=self.now.split.served.get(number, 0),
                then=self.then.split.served.get(number, 0),
                last_now=self.now.last.get(number),
                last_then=self.then.last.get(number),
            )
            for number in sorted(self.now.split.list_sizes.keys() | self.then.split.list_sizes.keys())
        ]


def compare(
    *,
    round_: AllocationRound,
    policy: PolicyVersion,
    quotas: Mapping[str, Any],
    dwelling_ids: Sequence[int],
    at: datetime,
) -> Comparison:
    """
    Work out a round as it is (as frozen, or as it would be frozen now) and with other figures.

    :raises allocation.rules.refusals.Refused: QUOTA_MISSING, POLICY_WITHOUT_RUNG (the round lends, and the
        policy has no ladder with its rung).
    """
    with _reading_only():
        frozen_at = round_.frozen_at or at
        stored = AllocationRound.objects.only("input").get(pk=round_.pk).input
        now = engine_io.parsed(stored) if stored else inputs.build(round_=round_, frozen_at=frozen_at)
        varied = _varied(round_, policy, quotas)
        homes = Dwelling.objects.filter(pk__in=dwelling_ids, akimat=round_.akimat_id)
        if policy.pk == round_.policy_id:
            # The same candidates, judged by the same figures.
            then = {
                **now,
                **inputs.rules_of(round_=varied, on=civil_day(frozen_at)),
                "dwellings": engine_io.dwelling_documents(homes),
            }
        else:
            then = inputs.build(round_=varied, frozen_at=frozen_at, dwellings=homes)
        return _compared(_side(now), _side(then))


@contextmanager
def _reading_only() -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield


def _varied(round_: AllocationRound, policy: PolicyVersion, quotas: Mapping[str, Any]) -> AllocationRound:
    """The round with other figures, as a value that is never saved."""
    return AllocationRound(
        pk=round_.pk,
        akimat=round_.akimat,
        number=round_.number,
        policy=policy,
        quotas=dict(quotas),
        rung=_rung(round_, policy),
        programme=round_.programme,
        period_from=round_.period_from,
        period_until=round_.period_until,
        frozen_at=round_.frozen_at,
    )


def _rung(round_: AllocationRound, policy: PolicyVersion) -> str:
    """The rung that the round would serve under a policy: its own; homes are given without a ladder, too."""
    rules = Policy.from_document(policy.document)
    if rules.support["rung"] and round_.rung in {name for name, _limit in rules.ladder}:
        return round_.rung
    if round_.rung not in {"", engine_io.RENT}:
        raise Refused(Refusal.POLICY_WITHOUT_RUNG, policy=policy.code, served_rung=round_.rung)
    return ""


def _side(frozen: engine_io.Document) -> Side:
    result = engine_io.document(distribute(canonical_bytes(frozen)))
    moments = engine_io.registration_moments(frozen)
    served = tuple(
        Served(file_number=row["file_no"], list_number=row["list"], registered_at=moments[row["entry"]])
        for row in result["allotments"]
    )
    last: dict[str, Served] = {}
    for one in served:
        if one.list_number not in last or last[one.list_number].registered_at <= one.registered_at:
            last[one.list_number] = one
    return Side(
        policy=frozen["policy"]["code"],
        split=split_of(frozen=frozen, result=result),
        served=served,
        last=dict(sorted(last.items())),
    )


def _compared(now: Side, then: Side) -> Comparison:
    was = {(one.file_number, one.list_number) for one in now.served}
    would = {(one.file_number, one.list_number) for one in then.served}
    return Comparison(
        now=now,
        then=then,
        no_longer=tuple(one for one in now.served if (one.file_number, one.list_number) not in would),
        newly=tuple(one for one in then.served if (one.file_number, one.list_number) not in was),
    )
