"""What rechecks found: what can be looked at again, what waits for a person, who stands in two lists."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol, TypeVar

from django.db import connection
from django.db.models import F, QuerySet

from integrations.models import OPEN_STATES
from queue_registry.models import Akimat, RecheckFinding, RemovalCase
from queue_registry.rules.reasons import RemovalGround
from queue_registry.rules.rechecks import DOUBLE, WhyHeld, WhyOver
from queue_registry.rules.statuses import ACTIVE
from queue_registry.selectors import keepers

_State = RecheckFinding.State
OPEN: Final = (_State.SECOND_LOOK, _State.HELD)

# A question that the outbox does not keep any more is as closed as any.
_CLOSED: Final = """
    SELECT finding.id
    FROM queue_registry_recheckfinding AS finding
    WHERE finding.state = 'SECOND_LOOK' AND NOT EXISTS (
        SELECT 1
        FROM jsonb_array_elements(finding.detail -> 'looks') AS look
        JOIN integrations_checkrequest AS question ON question.id = (look ->> 'request')::bigint
        WHERE question.state = ANY(%s)
    ) AND NOT EXISTS (
        SELECT 1 FROM queue_registry_queueentry AS entry
        WHERE entry.id = finding.entry_id AND entry.akimat_id = ANY(%s)
    )
    ORDER BY finding.seen_at, finding.id
    LIMIT %s
"""

# Whoever stands in an active entry, as its applicant, as a co-registered member, or as the applicant's spouse
# by the civil acts, whom nobody named; by akimat. A number that somebody bore before stands for him. Then
# those of two akimats, each entry of the one beside each of the other.
_DOUBLES: Final = """
    WITH named AS (
        SELECT entry.applicant_id AS person_id, entry.akimat_id, entry.id AS entry_id, entry.file_number
        FROM queue_registry_queueentry AS entry
        WHERE entry.status = ANY(%(active)s)
        UNION
        SELECT member.person_id, entry.akimat_id, entry.id, entry.file_number
        FROM queue_registry_queueentry AS entry
        JOIN queue_registry_householdmember AS member
            ON member.application_id = entry.application_id AND member.until_on IS NULL
        WHERE entry.status = ANY(%(active)s)
        UNION
        SELECT fact.relative_id, entry.akimat_id, entry.id, entry.file_number
        FROM queue_registry_queueentry AS entry
        JOIN queue_registry_fact AS fact ON fact.person_id = entry.applicant_id AND fact.kind = 'KINSHIP'
        JOIN queue_registry_sourceanswer AS answer
            ON answer.id = fact.answer_id AND answer.superseded_at IS NULL
        WHERE entry.status = ANY(%(active)s) AND fact.value ->> 'relation' = 'spouse'
            AND coalesce(fact.value ->> 'until', 'infinity')::date > %(on)s
    ), standing AS (
        SELECT coalesce(former.person_id, named.person_id) AS person_id, akimat_id, entry_id, file_number
        FROM named
        LEFT JOIN (
            SELECT old.id, former.person_id
            FROM queue_registry_formeriin AS former JOIN queue_registry_person AS old ON old.iin = former.iin
        ) AS former ON former.id = named.person_id
    ), doubled AS (
        SELECT person_id FROM standing GROUP BY person_id HAVING min(akimat_id) <> max(akimat_id)
    ), pairs AS (
        SELECT DISTINCT one.entry_id, other.file_number, other.akimat_id
        FROM doubled
        JOIN standing AS one ON one.person_id = doubled.person_id
        JOIN standing AS other
            ON other.person_id = doubled.person_id AND other.akimat_id <> one.akimat_id
    )
    SELECT pairs.entry_id, pairs.file_number, akimat.kato
    FROM pairs JOIN queue_registry_akimat AS akimat ON akimat.id = pairs.akimat_id
    ORDER BY pairs.entry_id, akimat.kato, pairs.file_number
"""


class Seen(Protocol):
    """A failure that was seen: its code, and the key of the answer that tells."""

    @property
    def code(self) -> str: ...

    @property
    def first(self) -> int: ...


SeenT = TypeVar("SeenT", bound=Seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """An entry of whose household somebody stands in another akimat's list: file number, KATO."""

    entry: int
    file_number: str
    kato: str


def leave_out_known(seen: Mapping[int, SeenT]) -> dict[int, SeenT]:
    """
    Return what was seen of entries without what is known: a finding that is open, or one of the same answer.
    """
    rows = RecheckFinding.objects.filter(entry__in=list(seen)).values_list(
        "entry_id", "code", "state", "first_answer_id", "second_answer_id"
    )
    is_open, looked = set(), set()
    for entry, code, state, first, second in rows:
        looked |= {(entry, code, first), (entry, code, second)}
        if state in OPEN:
            is_open.add((entry, code))
    return {
        key: one
        for key, one in seen.items()
        if (key, one.code) not in is_open and (key, one.code, one.first) not in looked
    }


def list_closed_looks(*, limit: int, at: datetime) -> list[int]:
    """
    Return the keys of findings whose second questions are all closed, the oldest first; of queues kept here.
    """
    resting = list(keepers.resting(at).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED, [list(OPEN_STATES), resting, limit])
        return [key for (key,) in cursor.fetchall()]


def list_waiting_for(source: str) -> QuerySet[RecheckFinding]:
    """Return the findings that are held because a source is, in the order of their entries."""
    rows = RecheckFinding.objects.filter(
        state=_State.HELD, why_held=WhyHeld.SOURCE_HELD, detail__looks__contains=[{"source": source}]
    )
    return rows.select_related("entry__akimat").order_by("entry_id", "pk")


def list_held(*, after: int = 0, limit: int, at: datetime) -> list[int]:
    """
    Return the keys of findings that wait, in their order, of queues kept here; pages by the last key of the
    page before.
    """
    rows = RecheckFinding.objects.filter(state=_State.HELD, pk__gt=after).order_by("pk")
    rows = rows.exclude(entry__akimat__in=keepers.resting(at))
    return list(rows.values_list("pk", flat=True)[:limit])


def was_decided(finding: RecheckFinding, ground: RemovalGround) -> bool:
    """Say whether a case of the ground was decided since the finding was made: the household stayed."""
    return RemovalCase.objects.filter(
        entry=finding.entry_id, ground=ground, decided_at__gte=finding.seen_at
    ).exists()


def list_findings(akimat: Akimat) -> QuerySet[RecheckFinding]:
    """Return what rechecks found in an akimat: first what waits for a person, last what is settled."""
    return (
        RecheckFinding.objects.filter(entry__akimat=akimat)
        .select_related(
            "entry__applicant",
            "entry__waiting_list",
            "closed_by",
            "removal_case",
            "first_answer",
            "second_answer",
        )
        .order_by(F("closed_at").desc(nulls_first=True), "state", "-seen_at", "-pk")
    )


def list_doubles(*, on: date) -> list[Double]:
    """Return every entry beside each of another akimat that has one of its people on the day."""
    with connection.cursor() as cursor:
        cursor.execute(_DOUBLES, {"active": [status.value for status in ACTIVE], "on": on})
        return [
            Double(entry=entry, file_number=number, kato=kato) for entry, number, kato in cursor.fetchall()
        ]


def list_open_doubles() -> QuerySet[RecheckFinding]:
    """Return the doubles that wait for a person, in the order of their entries."""
    rows = RecheckFinding.objects.filter(state=_State.HELD, code=DOUBLE)
    return rows.select_related("entry__akimat").order_by("entry_id", "pk")


def leave_out_known_doubles(doubles: Iterable[Double]) -> dict[int, list[Double]]:
    """
    Return doubles by entry without those that were found before, and without entries of which one is open.

    What ended because it was none any more is found again.
    """
    by_entry: dict[int, list[Double]] = defaultdict(list)
    for one in doubles:
        by_entry[one.entry].append(one)
    known: set[tuple[int, str]] = set()
    earlier = RecheckFinding.objects.filter(entry__in=list(by_entry), code=DOUBLE)
    for entry, state, detail in earlier.exclude(closed_how=WhyOver.NO_DOUBLE).values_list(
        "entry_id", "state", "detail"
    ):
        known |= {(entry, other["file_number"]) for other in detail["others"]}
        if state in OPEN:
            by_entry.pop(entry, None)
    new = {
        entry: [one for one in rows if (entry, one.file_number) not in known]
        for entry, rows in by_entry.items()
    }
    return {entry: rows for entry, rows in new.items() if rows}
