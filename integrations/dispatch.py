"""
One process's asking: takes what may be asked, sends it, and hands back what came while the rest is under way.

A caller turns each portion into facts in the transaction that records it::

    with GatewayTransport.from_settings() as transport, Dispatch(transport) as dispatch:
        dispatch.ask(limit=500, at=at)
        while dispatch.under_way:
            answered = dispatch.hear()
            with transaction.atomic():
                for check in services.record_answers(answered):
                    ...  # store check.answer.facts if check.answer.outcome is in contract.CONFIRMED
            dispatch.ask(limit=500, at=at)  # tops up; nobody waits for the slowest answer
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self
from zoneinfo import ZoneInfo

from django.conf import settings

from integrations import due, limits
from integrations.contract import Lane, Outcome, Transport
from integrations.exchanges import AnsweredCheck, Asking
from integrations.gateway.transport import IN_FLIGHT
from integrations.models import OPEN_STATES, CheckRequest
from integrations.sources import ADAPTERS
from integrations.withdrawals import Refuses

LEASE: Final = timedelta(minutes=15)
MARGIN: Final = timedelta(seconds=10)
PATIENCE: Final = timedelta(seconds=1.5)
"""So long a worker waits for a permit before it says that there is nothing to do."""

HEARING: Final = timedelta(seconds=1)
"""So long a portion is waited for before the caller gets what there is."""

ALMATY: Final = ZoneInfo("Asia/Almaty")
SAYS_NOTHING_OF_THE_SOURCE: Final = frozenset(
    {Outcome.RATE_LIMITED, Outcome.CIRCUIT_OPEN, Outcome.IDENTITY_MISMATCH}
)
FAILS_THE_SOURCE: Final = frozenset({Outcome.TEMPORARY, Outcome.CONTRACT_VIOLATION})


class GatewayUnreachable(Exception):
    """The gateway accepts no connections; nothing was taken, asked or changed."""


class Dispatch:
    """Questions of one process that are under way, with the permits that they hold."""

    def __init__(self, transport: Transport) -> None:
        """Prepare; nothing is taken or sent yet."""
        self._transport = transport
        self._asking = Asking(transport)
        self._permits: dict[str, limits.Permit] = {}
        self._permit_of: dict[int, str] = {}
        self._portion = 1

    def __enter__(self) -> Self:
        """Return the dispatch."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the permits back; what was under way comes back with its lease."""
        with suppress(limits.LimitsUnreachable):
            for permit in self._permits.values():
                limits.release(permit)

    @property
    def under_way(self) -> int:
        """How many questions were sent and not heard of yet."""
        return len(self._asking)

    def ask(self, *, limit: int, at: datetime, refuses: Refuses | None = None) -> int:
        """
        Take due questions until `limit` are under way, and send them; return how many. `hear` what comes.

        No source is asked more than its owner allows, whatever other workers do; a source whose circuit is
        open or whose maintenance is on keeps its questions, untouched. If all that is due has to wait a
        moment for its turn, and nothing is under way, this waits, too. What `refuses` names is not sent.

        Not to be called inside a transaction: the attempts have to survive a failure of what follows.

        :raises GatewayUnreachable: before anything is taken, if nothing is under way and the gateway accepts
            no connections, or nobody can tell what may be asked.
        """
        room = limit - self.under_way
        # Many rows in one statement cost little: a few questions beside many under way can wait.
        if room <= 0 or room * 2 < limit or not _is_anything_due(at):
            return 0
        permit, rooms = self._permit(room, at)
        if permit is None:
            return 0
        self._portion = max(1, limit // 2)
        self._permits[permit.name] = permit
        hold = _hold(sum(permit.granted.values()) + self.under_way, permit.granted)
        rows = due.lease(rooms, limit=room, at=at, until=hold)
        refused = refuses(rows, at) if refuses else ()
        rows = [row for row in rows if row.pk not in refused]
        self._keep_slots(permit, Counter(row.source for row in rows))
        if rows:
            self._permit_of.update((row.pk, permit.name) for row in rows)
            self._asking.send(rows, at=at, canaries=permit.canaries)
        return len(rows)

    def hear(self, *, patience: timedelta = HEARING) -> list[AnsweredCheck]:
        """Return answers that came: half a batch, or all that is under way, or what came in that time."""
        answered = self._asking.receive(enough=self._portion, patience=patience)
        # What came is not lost with Redis: its counters mend themselves.
        with suppress(limits.LimitsUnreachable):
            self._report(answered)
        return answered

    def _permit(self, limit: int, at: datetime) -> tuple[limits.Permit | None, dict[due.Place, int]]:
        try:
            if not self._transport.is_reachable():
                raise GatewayUnreachable
            patience = timedelta(0) if self.under_way else PATIENCE
            return _permit(limit=limit, under_way=self.under_way, patience=patience, at=at)
        except (limits.LimitsUnreachable, GatewayUnreachable) as error:
            if self.under_way:
                return None, {}  # what is under way has to be heard first
            raise GatewayUnreachable from error

    def _report(self, answered: Sequence[AnsweredCheck]) -> None:
        """Tell the circuits how their sources did, and give the slots of what came back."""
        by_permit: dict[str, list[AnsweredCheck]] = {}
        for check in answered:
            by_permit.setdefault(self._permit_of.pop(check.request_id), []).append(check)
        for name, checks in by_permit.items():
            permit, came = self._permits[name], Counter(check.source for check in checks)
            tried = replace(permit, canaries=permit.canaries & came.keys())
            at = max(check.answer.fetched_at or check.attempt.asked_at for check in checks)
            self._keep_slots(permit, Counter(permit.granted) - came)
            _report_circuits(checks, permit=tried, at=at)

    def _keep_slots(self, permit: limits.Permit, left: Counter[str]) -> None:
        """Give back all slots of a permit but `left`."""
        # What Redis does not hear now it forgets by itself.
        self._permits[permit.name] = replace(permit, granted=dict(left))
        if not left:
            del self._permits[permit.name]
        if left != permit.granted:
            limits.release(permit, left=left)


def _is_anything_due(at: datetime) -> bool:
    return CheckRequest.objects.filter(state__in=OPEN_STATES, next_attempt_at__lte=at).exists()


def _permit(
    *, limit: int, under_way: int, patience: timedelta, at: datetime
) -> tuple[limits.Permit | None, dict[due.Place, int]]:
    """Take permits for what is due, waiting for them a little; None if there are none."""
    local = at.astimezone(ALMATY).time()
    sources = [
        code
        for code, adapter in ADAPTERS.items()
        if adapter.definition.enabled and not adapter.definition.is_in_maintenance(local)
    ]
    until = time.monotonic() + patience.total_seconds()
    while True:
        rooms = limits.room(sources, at=at)
        wanted = due.count(
            {(source, lane): room.of(lane) for source, room in rooms.items() for lane in Lane},
            limit=limit,
            at=at,
        )
        if wanted:
            by_source = _by_source(wanted)
            permit = limits.take(by_source, hold=_hold(wanted.total() + under_way, by_source), at=at)
            if permit.granted:
                return permit, _lanes(permit, wanted)
        waits = [room.wait for room in rooms.values() if room.wait]
        if not waits and not wanted:
            return None, {}
        busy = {(source, lane): 1 for source, room in rooms.items() if room.wait for lane in Lane}
        pause = min(waits).total_seconds() if waits else 0.01
        if time.monotonic() + pause > until or not (wanted or due.count(busy, limit=1, at=at)):
            return None, {}
        time.sleep(pause)


def _by_source(wanted: Counter[due.Place]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for (source, _), number in wanted.items():
        counts[source] += number
    return dict(counts)


def _lanes(permit: limits.Permit, wanted: Counter[due.Place]) -> dict[due.Place, int]:
    """Share what was granted among the lanes, interactive first."""
    lanes = {}
    for source, granted in permit.granted.items():
        first = min(wanted[source, Lane.INTERACTIVE], granted)
        lanes[source, Lane.INTERACTIVE] = first
        lanes[source, Lane.BULK] = min(wanted[source, Lane.BULK], granted - first)
    return lanes


def _hold(questions: int, sources: Mapping[str, int]) -> timedelta:
    """How long asking all this may take at the worst: after that, whoever asks must be dead."""
    longest = max(ADAPTERS[source].definition.timeout for source in sources)
    # One round more for those behind, one for a token.
    rounds = -(-questions // IN_FLIGHT) + 2
    haste: int = settings.GATEWAY_HASTE
    return min(longest * rounds / haste, LEASE) + MARGIN


def _report_circuits(answered: Sequence[AnsweredCheck], *, permit: limits.Permit, at: datetime) -> None:
    """Tell the circuits how their sources did; what the consent service said, is none of theirs."""
    heard = [check for check in answered if not check.answer.raw_code.startswith("KDP_")]
    limits.report(
        Counter(
            check.source
            for check in heard
            if check.answer.outcome not in FAILS_THE_SOURCE | SAYS_NOTHING_OF_THE_SOURCE
        ),
        Counter(check.source for check in heard if check.answer.outcome in FAILS_THE_SOURCE),
        permit=permit,
        at=at,
    )
