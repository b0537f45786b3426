"""What tests of moves share: a founded akimat, a case on its way, a decision on a day that allows it."""

from datetime import UTC, date, datetime

import pytest

from queue_registry.models import RemovalCase, StaffMembership, User
from queue_registry.rules.move_refusals import MoveRefused
from queue_registry.rules.reasons import RemovalGround
from queue_registry.services import removals
from tests import factories

AT = factories.AT
# Tuesday 1 September 2026: objections until Thursday the third, a decision from Monday the seventh.
LAST_OBJECTION = datetime(2026, 9, 3, 18, 59, tzinfo=UTC)
FIRST_DECISION = datetime(2026, 9, 6, 19, tzinfo=UTC)


def refusal(act, **arguments):
    """Code of the refusal of an act that has to be refused."""
    with pytest.raises(MoveRefused) as refused:
        act(**arguments)
    return refused.value.code.value


def proposed(town, entry, *, ground=RemovalGround.ACQUIRED_DWELLING):
    return removals.propose(
        entry_id=entry.pk,
        ground=ground,
        evidence="Extract of the register of rights No 5",
        evidence_source="egkn",
        evidence_as_of=AT,
        by=town.clerk,
        at=AT,
    )


def notified(town, entry, **options):
    case = proposed(town, entry, **options)
    return removals.notify(case_id=case.pk, document="handed over, signature", by=town.clerk, at=AT)


def removed(town, entry, *, at=FIRST_DECISION, **options):
    case = notified(town, entry, **options)
    return removals.decide(
        case_id=case.pk,
        outcome=RemovalCase.Outcome.REMOVED,
        decision="Decision No 12",
        by=town.supervisor,
        at=at,
    )


def second_supervisor(town):
    """Somebody who took no part in the decision."""
    user = User.objects.create(username="supervisor2", last_name="Бекова", first_name="Дана", is_staff=True)
    StaffMembership.objects.create(user=user, akimat=town.akimat, role="SUPERVISOR", from_on=date(2026, 1, 1))
    return user


def status_of(entry):
    entry.refresh_from_db()
    return entry.status
