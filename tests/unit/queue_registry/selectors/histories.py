"""Histories of a few entries on two lists, made by the acts that make them; what each moment left is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import transaction
from hypothesis import strategies as st

from queue_registry.models import Application, QueueEntry, QueueEntryEvent, RemovalCase, WaitingList
from queue_registry.rules.place import Event, Held
from queue_registry.rules.statuses import MOVES, QueueEntryStatus
from queue_registry.services import applications, entry_changes, queue_entries, registrations
from tests import factories

BEGIN = datetime(2026, 3, 2, 4, tzinfo=UTC)
# Two of one moment, neighbors by a microsecond over the limits of a month and a year, and one long ago.
MOMENTS = (
    datetime(2020, 1, 1, tzinfo=UTC),
    datetime(2020, 1, 1, tzinfo=UTC) - timedelta(microseconds=1),
    datetime(2020, 2, 1, tzinfo=UTC),
    datetime(2020, 2, 1, tzinfo=UTC) - timedelta(microseconds=1),
    datetime(1996, 7, 31, 18, 59, 59, tzinfo=UTC),
)
LISTS = ("4", "5")

# What is done, to which of the entries, with which moment, on which list.
ACTS = st.lists(
    st.tuples(
        st.sampled_from(("register", "settle", "move", "move", "move")),
        st.integers(0, 5),
        st.sampled_from(MOMENTS),
        st.sampled_from(LISTS),
        st.sampled_from(tuple(QueueEntryStatus)),
    ),
    min_size=1,
    max_size=14,
)


@dataclass
class History:
    """Entries, and the stored lists after each act: (moment of the act, [(file number, moment, status)])."""

    town: factories.Town
    entries: list[QueueEntry] = field(default_factory=list)
    at: datetime = BEGIN
    stored: list[tuple[datetime, dict[str, list[tuple[str, datetime, str]]]]] = field(default_factory=list)

    def play(self, acts) -> "History":
        for act, which, moment, number, status in acts:
            # Days apart: what a day of Almaty did is told by day.
            self.at += timedelta(hours=31)
            if act == "register" or not self.entries:
                self.register(moment, number)
            else:
                entry = self.entries[which % len(self.entries)]
                entry.refresh_from_db()
                self.settle(entry, moment, number) if act == "settle" else self.move(entry, status)
            self.stored.append((self.at, {number: self.list_now(number) for number in LISTS}))
        return self

    def register(self, moment: datetime, number: str) -> QueueEntry:
        person = factories.PersonFactory()
        (application,) = applications.number_many(
            akimat=self.town.akimat,
            applications=[
                Application(
                    applicant=person,
                    origin=Application.Origin.DESK,
                    entered_by=self.town.clerk,
                    entered_at=self.at,
                )
            ],
        )
        (entry,) = registrations.register_many(
            akimat=self.town.akimat,
            registrations=[
                registrations.Registration(
                    application=application, waiting_list=self.waiting_list(number), registered_at=moment
                )
            ],
            by=self.town.clerk,
            at=self.at,
            ground="IMPORT",
        )
        self.entries.append(entry)
        return entry

    def settle(self, entry: QueueEntry, moment: datetime, number: str) -> None:
        if entry.status in {"WAITING", "SUSPENDED"}:
            settled = entry_changes.Settled(
                waiting_list=self.waiting_list(number),
                registered_at=moment,
                time_known=True,
                provisional=False,
            )
            entry_changes.settle(
                entry_id=entry.pk, settled=settled, by=self.town.clerk, at=self.at, document="book, page 1"
            )

    def move(self, entry: QueueEntry, target: QueueEntryStatus) -> None:
        if target not in MOVES[QueueEntryStatus(entry.status)]:
            return
        by, at = self.town.supervisor, self.at
        if QueueEntryStatus.HOUSED in {entry.status, target}:
            self.house(entry)
        elif target == QueueEntryStatus.SUSPENDED:
            queue_entries.suspend(entry_id=entry.pk, by=by, at=at, ground="OWN_REQUEST")
        elif target == QueueEntryStatus.OFFERED:
            queue_entries.mark_offered(entry_id=entry.pk, by=by, at=at, document="protocol 1")
        elif target == QueueEntryStatus.DEREGISTERED:
            self.remove(entry)
        elif entry.status == QueueEntryStatus.DEREGISTERED:
            queue_entries.reinstate(entry_id=entry.pk, by=by, at=at, document="decision of the court 1")
        elif entry.status == QueueEntryStatus.OFFERED:
            queue_entries.return_to_waiting(entry_id=entry.pk, by=by, at=at, ground="OFFER_REFUSED")
        else:
            queue_entries.resume(entry_id=entry.pk, by=by, at=at, ground="OWN_REQUEST")

    def house(self, entry: QueueEntry) -> None:
        """Keys are handed over, to this entry or another of the household, or the contract is annulled."""
        acts = {
            QueueEntryStatus.HOUSED: queue_entries.undo_housed,
            QueueEntryStatus.OFFERED: queue_entries.mark_housed,
        }
        act = acts.get(QueueEntryStatus(entry.status), queue_entries.close_as_housed)
        act(entry_id=entry.pk, by=self.town.supervisor, at=self.at, document="contract 1")

    def remove(self, entry: QueueEntry) -> None:
        day = self.at.date()
        case = RemovalCase.objects.create(
            entry=entry,
            ground="MOVED_AWAY",
            evidence="Registered elsewhere.",
            proposed_by=self.town.clerk,
            proposed_at=self.at - timedelta(days=20),
            notified_at=self.at - timedelta(days=18),
            objections_until=day - timedelta(days=10),
            decision_from=day - timedelta(days=5),
            outcome=RemovalCase.Outcome.REMOVED,
            decided_by=self.town.supervisor,
            decided_at=self.at,
            decision="Moved away.",
        )
        queue_entries.deregister(case=case, by=self.town.supervisor, at=self.at)

    def waiting_list(self, number: str) -> WaitingList:
        return WaitingList.objects.get(akimat=self.town.akimat, number=number)

    def list_now(self, number: str) -> list[tuple[str, datetime, str]]:
        rows = QueueEntry.objects.filter(waiting_list=self.waiting_list(number)).active().in_order()
        return list(rows.values_list("file_number", "registered_at", "status"))

    def held(self, event: QueueEntryEvent) -> Held:
        return Held(
            waiting_list=event.waiting_list_id,
            status=event.moved_to,
            registered_at=event.registered_at,
            file_number=event.entry.file_number,
        )

    def states_and_events(self, since: datetime) -> tuple[dict[int, Held], list[Event]]:
        """What every entry held at a moment, and all that happened after it, as the rules take it."""
        states: dict[int, Held] = {}
        events = []
        for event in QueueEntryEvent.objects.select_related("entry").order_by("recorded_at", "pk"):
            if event.recorded_at <= since:
                states[event.entry_id] = self.held(event)
            else:
                events.append(
                    Event(entry=event.entry_id, kind=event.kind, ground=event.ground, after=self.held(event))
                )
        return states, events


@contextmanager
def undone() -> Iterator[None]:
    """Everything done inside is undone: the next example begins where this one did."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
