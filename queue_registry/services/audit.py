"""
The trail: every act leaves a record in the transaction that makes it, chained per akimat.

A change without its record can't be committed, and a record without its change can't survive.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import IntegrityError, connection

from queue_registry.models import Akimat, PersonalDataView, User
from queue_registry.rules.trail import GENESIS, Link, chained, unlinked

# The columns of a link: what all of one act share, then those of `Link` in its order.
_COLUMNS: Final = "akimat_kato, at, actor, seq, event, target, data, previous_sha256, sha256"
_COPY: Final = f"COPY queue_registry_auditevent ({_COLUMNS}) FROM STDIN"
_LOCK_HEAD: Final = (
    "SELECT seq, sha256, closed_from FROM queue_registry_trailhead WHERE akimat_kato = %s FOR NO KEY UPDATE"
)
_NEW_HEAD: Final = (
    "INSERT INTO queue_registry_trailhead (akimat_kato, seq, sha256) VALUES (%s, 0, %s)"
    " ON CONFLICT DO NOTHING"
)
_MOVE_HEAD: Final = (
    "UPDATE queue_registry_trailhead SET seq = %s, previous_sha256 = %s, sha256 = %s WHERE akimat_kato = %s"
)
# A single record, as most acts leave it: lock, digest, insert and move of the head in one planned statement.
_RECORD: Final = "SELECT queue_registry_record(%s, %s, %s, %s, %s, %s, %s, %s)"
# Who acts where nobody of staff does: it follows from what a household or the clock did.
SYSTEM: Final = "system"
KEPT_ELSEWHERE: Final = "queue_is_kept_elsewhere"


class NoTransaction(RuntimeError):
    """A record was asked for outside a transaction, so it could outlive or miss its change."""


class KeptElsewhere(Exception):
    """
    Another installation keeps the queue since a day that has come: nothing is done here any more.

    Every act leaves a record, and the head of the trail takes none (`TrailHead.closed_from`).
    """

    def __init__(self, akimat: Akimat) -> None:
        super().__init__(f"The queue of {akimat.kato} is kept in another installation.")
        self.akimat = akimat


@contextmanager
def kept_here(akimat: Akimat) -> Iterator[None]:
    """Give the database's refusal to record an act its name."""
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if diagnosis is not None and diagnosis.constraint_name == KEPT_ELSEWHERE:
            raise KeptElsewhere(akimat) from error
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """
    What happened to one thing: dotted event name, "kind:key" of the target, JSON data without personal
    data.
    """

    event: str
    target: str
    data: Mapping[str, Any] = field(default_factory=dict)


def record(*, akimat: Akimat, by: User | str, at: datetime, event: str, target: str, **data: Any) -> None:
    """
    Append one record to the akimat's chain; `by` is a person of staff or the name of a task.

    :raises NoTransaction: outside a transaction.
    :raises KeptElsewhere: if the queue is kept in another installation by now.
    """
    record_many(akimat=akimat, by=by, at=at, acts=(Act(event=event, target=target, data=data),))


class Single(NamedTuple):
    """A single record as the functions of the database take it; they chain it under the lock of the head."""

    akimat_kato: str
    at: datetime
    actor: str
    event: str
    target: str
    data: str
    before_previous: str
    after_seq: str


def single(*, akimat: Akimat, by: User | str, at: datetime, act: Act) -> Single:
    """What `queue_registry_record` is told of a record, and `queue_registry_move` besides its move."""
    actor = _actor(by)
    link = unlinked(
        akimat_kato=akimat.kato,
        at=at,
        actor=actor,
        event=act.event,
        target=act.target,
        data=dict(act.data),
    )
    return Single(akimat.kato, at, actor, *link)


def _actor(by: User | str) -> str:
    return by if isinstance(by, str) else by.username


def record_many(*, akimat: Akimat, by: User | str, at: datetime, acts: Sequence[Act]) -> None:
    """
    Append records in the given order: one lock of the chain's head for all of them.

    :raises NoTransaction: outside a transaction.
    :raises KeptElsewhere: if the queue is kept in another installation by now.
    """
    if not connection.in_atomic_block:
        raise NoTransaction("The trail is written in the transaction of the act that it records.")
    if not acts:
        return
    actor = _actor(by)
    with connection.cursor() as cursor:
        if len(acts) == 1:
            with kept_here(akimat):
                cursor.execute(_RECORD, single(akimat=akimat, by=by, at=at, act=acts[0]))
            return
        seq, sha256 = _locked_head(cursor, akimat, at)
        links = chained(
            akimat_kato=akimat.kato,
            at=at,
            actor=actor,
            seq=seq,
            sha256=sha256,
            acts=((act.event, act.target, dict(act.data)) for act in acts),
        )
        _append(cursor, links, fixed=(akimat.kato, at, actor))


def _locked_head(cursor: Any, akimat: Akimat, at: datetime) -> tuple[int, str]:
    cursor.execute(_LOCK_HEAD, [akimat.kato])
    head = cursor.fetchone()
    if head is None:
        cursor.execute(_NEW_HEAD, [akimat.kato, GENESIS])
        cursor.execute(_LOCK_HEAD, [akimat.kato])
        head = cursor.fetchone()
    seq, sha256, closed_from = head
    if closed_from is not None and closed_from <= at:
        raise KeptElsewhere(akimat)
    return seq, sha256


def _append(cursor: Any, links: Iterable[Link], *, fixed: tuple[str, datetime, str]) -> None:
    """Copy many links into the trail as they are made, and move its head to the last."""
    seq, previous, sha256 = 0, "", GENESIS
    with cursor.copy(_COPY) as copy:
        for link in links:
            copy.write_row((*fixed, *link))
            seq, previous, sha256 = link.seq, link.previous_sha256, link.sha256
    cursor.execute(_MOVE_HEAD, [seq, previous, sha256, fixed[0]])


def record_view(
    *, akimat: Akimat, by: User, at: datetime, target: str, once_in: timedelta | None = None
) -> None:
    """
    Note that a person of staff looked at a file with personal data.

    :param once_in: of a page that renews itself: so soon after the last one it is still the same look.
    """
    if once_in is not None:
        earlier = PersonalDataView.objects.filter(
            akimat_kato=akimat.kato, by=by, target=target, at__gt=at - once_in, at__lte=at
        )
        if earlier.exists():
            return
    PersonalDataView.objects.create(akimat_kato=akimat.kato, by=by, at=at, target=target)
