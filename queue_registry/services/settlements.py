"""
What an akimat's legacy lists make of its register: file numbers, households, entries, open cases.

The ledger is a pure function of all confirmed rows, of what the registers said, of what people decided and of
the akimat's mapping, so it is made again whenever one of them changes. What it says is then brought about: a
number once given stays; who can be placed is; who can't any more keeps the place, out of distribution, until
a person decides; nothing that the commission decided on is touched.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from django.db import transaction

from queue_registry import collector
from queue_registry.models import Akimat, ImportCase, ImportSettlement, User
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.legacy.outcomes import Ledger
from queue_registry.selectors import import_decisions, ledgers, legacy
from queue_registry.services import assessment_requests, audit, contacts, import_rows
from queue_registry.services.settlement_entries import settle_entries
from queue_registry.services.settlement_households import ask_whose_name_it_is, phones_of, settle_households
from queue_registry.services.settlement_numbers import number_applicants, people_of
from queue_registry.services.settlement_work import Settlement

_BATCH: Final = 2_000
# So long the ledger of old lists waits for a register that does not answer.
PATIENCE: Final = timedelta(minutes=10)
Tell = Callable[[int, int], None]
_STEPS: Final = 8


def tell_nobody(_done: int, _total: int) -> None:
    """Where nobody waits for progress."""


@transaction.atomic
@collector.paused()
def settle(
    *, akimat: Akimat, by: User | None, at: datetime, document: str, tell: Tell = tell_nobody
) -> Ledger:
    """
    Make the ledger of an akimat's confirmed rows, bring about what it says, and return it.

    :param by: who confirmed a file; None where an answer of the registers is the cause.
    :param document: the files, or what else the settlement rests on; stands in the events of entries.
    :param tell: called with the steps that are done, and all steps.
    """
    steps = count(1)
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    ImportSettlement.objects.filter(akimat=locked).delete()
    rows = legacy.list_rows(locked)
    parsed = legacy.read(rows)
    tell(next(steps), _STEPS)
    decisions = import_decisions.list_counting(locked)
    families = ledgers.families_of(parsed, decisions)
    ledger = ledgers.make(parsed, akimat=locked, made=decisions, families=families, on=civil_day(at))
    tell(next(steps), _STEPS)
    made = Settlement(
        akimat=locked,
        by=by,
        at=at,
        document=document,
        rows={row.position: stored for row, stored in zip(parsed, rows, strict=True)},
        ledger=ledger,
        families=families,
        people=people_of(ledger),
        decided=import_decisions.documents_of(locked),
    )
    for step in (number_applicants, _settle_rows, _settle_cases, settle_households):
        step(made)
        tell(next(steps), _STEPS)
    contacts.take_from_lists(phones=phones_of(made), at=at)
    tell(next(steps), _STEPS)
    new = settle_entries(made)
    tell(next(steps), _STEPS)
    assessment_requests.request_assessments(entries=new, at=at)
    ask_whose_name_it_is(made)
    audit.record(
        akimat=locked,
        by=by or audit.SYSTEM,
        at=at,
        event="legacy_ledger.settled",
        target=f"akimat:{locked.kato}",
        document=document,
        rows={source: counts for source, counts in made.ledger.count_rows().items() if any(counts.values())},
        cases=made.ledger.count_cases(),
        entries_registered=len(new),
    )
    return made.ledger


def request(akimat: Akimat, *, at: datetime) -> None:
    """Let the ledger of an akimat be made again soon; several causes are one making."""
    ImportSettlement.objects.bulk_create(
        [ImportSettlement(akimat=akimat, requested_at=at)], ignore_conflicts=True
    )


def settle_due(*, requested: ImportSettlement, at: datetime) -> bool:
    """
    Make an akimat's ledger again after answers of the registers or decisions; return whether it was time.

    While questions of identity are open it waits for them, but not for ever: a silent register must not hold
    back what the others said.
    """
    waited = at - requested.requested_at
    if legacy.is_waiting_for_registers(requested.akimat) and waited < PATIENCE:
        return False
    settle(akimat=requested.akimat, by=None, at=at, document="answers of the population register")
    return True


def _settle_rows(made: Settlement) -> None:
    changed = []
    for outcome in made.ledger.rows:
        row = made.row_of(outcome.row)
        before = [getattr(row, name) for name in import_rows.SETTLED]
        row.state, row.application = outcome.state, made.numbered[outcome.applicant]
        row.codes, row.answered = list(outcome.codes), list(outcome.answered)
        row.remarks, row.questions = list(outcome.remarks), [case.code for case in outcome.cases]
        if [getattr(row, name) for name in import_rows.SETTLED] != before:
            changed.append(row)
    import_rows.write_outcomes(changed)


def _settle_cases(made: Settlement) -> None:
    """Open the questions that are new, close those that are answered."""
    open_now = {(one.application_id, one.code): one for one in legacy.list_open_cases(made.akimat)}
    wanted = {(made.numbered[case.key.applicant].pk, str(case.key.code)): case for case in made.ledger.cases}
    ImportCase.objects.bulk_create(
        [
            ImportCase(application_id=key[0], code=key[1], detail=dict(case.detail), opened_at=made.at)
            for key, case in wanted.items()
            if key not in open_now
        ],
        batch_size=_BATCH,
    )
    kept = [(one, wanted[key]) for key, one in open_now.items() if key in wanted]
    told = [(one, case) for one, case in kept if one.detail != dict(case.detail)]
    for one, case in told:
        one.detail = dict(case.detail)
    ImportCase.objects.bulk_update([one for one, _ in told], ["detail"], batch_size=_BATCH)
    answered = [one.pk for key, one in open_now.items() if key not in wanted]
    ImportCase.objects.filter(pk__in=answered).update(closed_at=made.at)
