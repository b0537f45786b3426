"""
Figures for those who watch the installation: requests by page, and the work that waits.

They are counts and ages, never a person, a file number or an IIN. Asked for with the token of METRICS_TOKEN;
without that setting there is no such page. docs/operation.md says what each figure means and when to act.
"""

import hmac
import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import prometheus_client
import redis
from django.conf import settings
from django.db.models import Count, Max, Min
from django.http import Http404, HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from allocation.models import AllocationRun, FreezeOrder, Offer
from allocation.selectors.register_checks import get_newest
from housing_queue import heartbeat
from integrations.selectors import count_waiting, list_given_up
from queue_registry.models import NoticeDelivery, RedFlag, SourceHold, TrailSeal
from queue_registry.selectors import clock, second_factors


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text format; 404 without the token, as for a page that is not there."""
    wanted, given = f"Bearer {settings.METRICS_TOKEN}", request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Http404
    pages = prometheus_client.generate_latest(_of_all_processes())
    work = CollectorRegistry(auto_describe=False)
    work.register(WaitingWork(at=clock.now()))
    return HttpResponse(
        pages + prometheus_client.generate_latest(work), content_type=prometheus_client.CONTENT_TYPE_LATEST
    )


def _of_all_processes() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return prometheus_client.REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


class WaitingWork(Collector):
    """What waits in the database and in the broker at a moment."""

    def __init__(self, *, at: datetime) -> None:
        self.at = at

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield a gauge a kind of work."""
        yield from self._questions()
        yield from self._notices()
        yield from self._rounds()
        yield from self._trust()
        yield from self._processes()
        yield self._backups()

    def _questions(self) -> Iterator[GaugeMetricFamily]:
        labels = ("source", "lane")
        waiting = _gauge("questions_waiting", "Questions to state systems without an answer.", labels)
        late = _gauge(
            "questions_due_seconds", "Seconds for which the oldest question could have been asked.", labels
        )
        for (source, lane), found in count_waiting(at=self.at).items():
            waiting.add_metric([source, lane], found.count)
            late.add_metric([source, lane], self._age(found.due_since))
        given_up = _gauge("questions_given_up", "Questions that a person looks after.", ("source",))
        for source, reasons in list_given_up().items():
            given_up.add_metric([source], sum(reason.count for reason in reasons))
        held = _gauge("sources_held", "State systems whose adverse answers a person holds back.")
        held.add_metric([], SourceHold.objects.filter(released_at=None).count())
        yield from (waiting, late, given_up, held)

    def _notices(self) -> Iterator[GaugeMetricFamily]:
        due = _gauge("notices_due", "Notices to be handed over, letters among them.", ("channel",))
        rows = NoticeDelivery.objects.filter(state=NoticeDelivery.State.DUE).order_by()
        for channel, count in rows.values_list("channel").annotate(Count("pk")):
            due.add_metric([channel], count)
        undelivered = _gauge("notices_undelivered", "Notices that reached nobody and that nobody settled.")
        lost = NoticeDelivery.objects.filter(state=NoticeDelivery.State.UNDELIVERED, settled_at=None)
        undelivered.add_metric([], lost.count())
        yield from (due, undelivered)

    def _rounds(self) -> Iterator[GaugeMetricFamily]:
        runs = _gauge("run_wanted_seconds", "Seconds for which the oldest asked run of a round waits.")
        wanted_runs = AllocationRun.objects.filter(executed_at=None, superseded_at=None)
        runs.add_metric([], self._age(wanted_runs.aggregate(first=Min("requested_at"))["first"]))
        freezes = _gauge("freeze_wanted_seconds", "Seconds for which the oldest ordered freeze waits.")
        wanted = FreezeOrder.objects.filter(state=FreezeOrder.State.WANTED)
        freezes.add_metric([], self._age(wanted.aggregate(first=Min("ordered_at"))["first"]))
        offers = _gauge("offers_open", "Offers of homes that wait for an answer.")
        offers.add_metric([], Offer.objects.filter(state=Offer.State.OPEN).count())
        yield from (runs, freezes, offers)

    def _trust(self) -> Iterator[GaugeMetricFamily]:
        seal = _gauge("trail_sealed_seconds", "Seconds since heads of the trail were sealed last.")
        newest = TrailSeal.objects.aggregate(newest=Max("sealed_at"))["newest"]
        if newest is not None:
            seal.add_metric([], self._age(newest))
        flags = _gauge("flags_open", "Red flags that nobody cleared.", ("kind",))
        rows = RedFlag.objects.filter(cleared_at=None, gone_at=None).order_by()
        for kind, count in rows.values_list("kind").annotate(Count("pk")):
            flags.add_metric([kind], count)
        broken = _gauge("invariants_broken", "Rows that break it; -1: nobody knows.", ("invariant",))
        checked = _gauge("register_checked_seconds", "Seconds since somebody looked at every invariant.")
        newest_check = get_newest()
        if newest_check is not None:
            checked.add_metric([], self._age(newest_check.at))
            for code, count in newest_check.broken.items():
                broken.add_metric([code], -1 if count is None else count)
        unreadable = _gauge("telephones_unreadable", "Tied telephones whose secret no key opens.")
        unreadable.add_metric([], second_factors.count_unreadable())
        yield from (seal, flags, broken, checked, unreadable)

    def _processes(self) -> Iterator[GaugeMetricFamily]:
        messages = _gauge("broker_messages", "Messages in the broker that no worker has taken.", ("queue",))
        for queue, count in _messages_by_queue().items():
            messages.add_metric([queue], count)
        beat = _gauge("heartbeat_seconds", "Seconds since a worker did last what beat sends every minute.")
        last = heartbeat.get_last()
        if last is not None:
            beat.add_metric([], max(0.0, time.time() - last))
        yield from (messages, beat)

    def _backups(self) -> GaugeMetricFamily:
        age = _gauge("backup_seconds", "Seconds since the newest backup in KEZEK_VAR/backups was whole.")
        made = [path.stat().st_mtime for path in (Path(settings.KEZEK_VAR) / "backups").glob("*.backup")]
        if made:
            age.add_metric([], max(0.0, time.time() - max(made)))
        return age

    def _age(self, since: datetime | None) -> float:
        return max(0.0, (self.at - since).total_seconds()) if since is not None else 0.0


def _gauge(name: str, what: str, labels: tuple[str, ...] = ()) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"kezek_{name}", what, labels=labels)


def _messages_by_queue() -> dict[str, int]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return {queue: client.llen(queue) for queue in sorted(settings.CELERY_TASK_QUEUES)}
