"""What is held to what was said: every answered act is there once, every other one whole or not at all."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from django.db import connection

from allocation.services import register_checks
from housing_queue.benchmarks.installation.people import Acceptance, Acts, Filing
from housing_queue.benchmarks.measuring import Measured
from queue_registry.models import ApiRequest, Application, AuditEvent, Intake
from queue_registry.models.counting import ACTIVE_SQL
from queue_registry.selectors import clock

_MISPLACED: Final = f"""
    SELECT count(*) FROM (
        SELECT
            waiting_list_id, registered_at, file_number,
            row_number() OVER (PARTITION BY waiting_list_id ORDER BY registered_at, file_number) AS place
        FROM queue_registry_queueentry WHERE status IN ({ACTIVE_SQL})
    ) AS ranked
    WHERE place <> 1 + queue_registry_ahead(waiting_list_id, registered_at, file_number)
"""  # noqa: S608 - codes of ours


@dataclass(slots=True, kw_only=True)
class Reckoned:
    """How many acts were answered and not, and how many of them are not as they should be."""

    answered: int = 0
    unanswered: int = 0
    lost: int = 0
    doubled: int = 0
    half: int = 0
    whole: int = 0


def reckon(acts: Acts, *, name: str) -> Iterator[Measured]:
    """Yield what every act came to, and whether the register is whole."""
    found = Reckoned()
    _filings(acts.filings.values(), found)
    _acceptances(acts.acceptances, found)
    yield Measured(
        work=f"{name}.answered",
        value=float(found.answered),
        note=f"acts that the server said are done; {found.unanswered} more without a certain answer, "
        f"{found.whole} of them whole and the others absent",
    )
    yield Measured(work=f"{name}.lost", value=float(found.lost), note="answered, and not in the trail")
    yield Measured(work=f"{name}.doubled", value=float(found.doubled), note="in the trail more than once")
    yield Measured(work=f"{name}.half", value=float(found.half), note="neither whole nor absent")
    looked = register_checks.look(at=clock.now())
    told = (
        ", ".join(one.rule for one in looked.broken)
        or f"{len(looked.check.broken)} invariants, the trail too"
    )
    yield Measured(
        work=f"{name}.broken", value=float(len(looked.broken) + len(looked.unknown)), note=f"rules: {told}"
    )
    with connection.cursor() as cursor:
        cursor.execute(_MISPLACED)
        [wrong] = cursor.fetchone()
    yield Measured(
        work=f"{name}.misplaced", value=float(wrong), note="places of all entries beside a full count"
    )


def _filings(filings: Iterable[Filing], found: Reckoned) -> None:
    requests = {one.key: one for one in ApiRequest.objects.select_related("application")}
    of_iin = Counter(Application.objects.values_list("applicant__iin", flat=True))
    intakes = Counter(Intake.objects.values_list("applicant__iin", flat=True))
    records = _records("application.filed")
    for filing in filings:
        kept = requests.get(filing.key)
        application = kept.application if kept else None
        recorded = records[f"application:{application.pk}"] if application else 0
        is_whole = bool(application) and of_iin[filing.iin] == intakes[filing.iin] == 1 and recorded == 1
        is_absent = kept is None and not of_iin[filing.iin] and not intakes[filing.iin]
        found.doubled += recorded > 1 or of_iin[filing.iin] > 1
        if filing.answer is None:
            found.unanswered += 1
            found.whole += is_whole
            found.half += not is_whole and not is_absent
        else:
            found.answered += 1
            told = filing.answer.get("file_number")
            found.lost += not (is_whole and application is not None and application.file_number == told)


def _acceptances(acceptances: Iterable[Acceptance], found: Reckoned) -> None:
    applications = {
        number: (key, status)
        for number, key, status in Application.objects.values_list("file_number", "pk", "status")
    }
    entries = Counter(Application.objects.values_list("entries__application", flat=True))
    records = _records("application.accepted")
    for acceptance in acceptances:
        key, status = applications[acceptance.file_number]
        recorded = records[f"application:{key}"]
        is_done = status == Application.Status.ACCEPTED
        is_whole = is_done and recorded == 1 and entries[key] == 1
        is_absent = not is_done and not recorded and not entries[key]
        found.doubled += recorded > 1
        if acceptance.is_answered:
            found.answered += 1
            found.lost += not is_whole
        else:
            found.unanswered += 1
            found.whole += is_whole
            found.half += not is_whole and not is_absent


def _records(event: str) -> Counter[str]:
    return Counter(AuditEvent.objects.filter(event=event).values_list("target", flat=True))
