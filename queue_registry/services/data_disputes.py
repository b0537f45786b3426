"""
A household disputes what the state knows of it; a clerk settles that by a day, with a reason it reads.

A dispute changes no data: what a register said is corrected there and asked for again.
"""

from datetime import datetime

from django.db import transaction

from queue_registry.models import Application, DataDispute, Notice, SourceAnswer, User
from queue_registry.rules import data_disputes as rules
from queue_registry.rules import removals
from queue_registry.rules.calendar import civil_day, kazakhstan
from queue_registry.rules.data_disputes import DisputeRefusal, DisputeRefused
from queue_registry.selectors import consent_work
from queue_registry.services import audit, notices, policies
from queue_registry.services.one_time_codes import CITIZEN


@transaction.atomic
def open_dispute(
    *,
    application_id: int,
    person_id: int,
    answer_id: int | None,
    fact_id: int | None,
    claim: str,
    at: datetime,
) -> DataDispute:
    """
    Record that something is wrong, and until when a clerk answers. Said twice while it is open it is one.

    :param answer_id: of the source that said it; None: it is about who is of the family.
    :param fact_id: of the one fact among what the source said; None: it is about all of it.
    :raises DisputeRefused: NOT_OF_THE_HOUSEHOLD, CLAIM_MISSING.
    :raises queue_registry.services.policies.PolicyNotFound: if no policy with a term is in force.
    :raises queue_registry.rules.policy.PolicyBroken: if the policy in force lacks the term.
    """
    if not claim.strip():
        raise DisputeRefused(DisputeRefusal.CLAIM_MISSING)
    application = (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat")
        .get(pk=application_id)
    )
    _check_of_household(application, person_id, answer_id, fact_id, at)
    thing = {"application": application, "person_id": person_id, "answer_id": answer_id, "fact_id": fact_id}
    earlier = DataDispute.objects.filter(settled_at__isnull=True, **thing).first()
    if earlier is not None:
        return earlier
    on = civil_day(at)
    dispute = DataDispute.objects.create(
        claim=claim.strip(),
        opened_at=at,
        settle_by=rules.settle_by(
            on,
            policy=policies.figures_in_force(akimat=application.akimat, on=on),
            working_days=kazakhstan(),
        ),
        **thing,
    )
    _record(dispute, "opened", by=CITIZEN, at=at, settle_by=dispute.settle_by.isoformat())
    return dispute


@transaction.atomic
def settle(*, dispute_id: int, outcome: DataDispute.Outcome, decision: str, by: User, at: datetime) -> None:
    """
    Settle a dispute with a reason, and tell the household in writing.

    :raises DisputeRefused: DECISION_MISSING, SETTLED_ALREADY.
    :raises queue_registry.services.policies.PolicyNotFound: if no policy with a term is in force.
    """
    if not decision.strip():
        raise DisputeRefused(DisputeRefusal.DECISION_MISSING)
    dispute = (
        DataDispute.objects.select_for_update(of=("self",), no_key=True)
        .select_related("application__akimat")
        .get(pk=dispute_id)
    )
    if dispute.settled_at is not None:
        raise DisputeRefused(DisputeRefusal.SETTLED_ALREADY)
    dispute.outcome, dispute.decision = outcome, decision.strip()
    dispute.settled_by, dispute.settled_at = by, at
    dispute.save(update_fields=["outcome", "decision", "settled_by", "settled_at"])
    _tell(dispute, at)
    _record(dispute, "settled", by=by, at=at, outcome=outcome)


def _tell(dispute: DataDispute, at: datetime) -> None:
    """The household is told that its question was answered; why, it reads on its page alone."""
    on, application = civil_day(at), dispute.application
    figures = policies.figures_in_force(akimat=application.akimat, on=on)
    notices.order(
        application=application,
        kind=Notice.Kind.DATA_DISPUTE_SETTLED,
        facts={
            "outcome": dispute.outcome,
            "said_on": civil_day(dispute.opened_at).isoformat(),
            "complaint_until": removals.complaint_until(on, figures).isoformat(),
        },
        due_on=removals.written_notice_by(on, figures),
        at=at,
    )


def _check_of_household(
    application: Application, person_id: int, answer_id: int | None, fact_id: int | None, at: datetime
) -> None:
    """What is disputed is about somebody of the family, and stands now."""
    found = person_id in consent_work.household_of(application, on=civil_day(at))
    if found and answer_id is not None:
        answers = SourceAnswer.objects.filter(pk=answer_id, person=person_id, superseded_at__isnull=True)
        found = answers.exists() if fact_id is None else answers.filter(facts=fact_id).exists()
    elif fact_id is not None:
        found = False
    if not found:
        raise DisputeRefused(DisputeRefusal.NOT_OF_THE_HOUSEHOLD)


def _record(dispute: DataDispute, what: str, *, by: User | str, at: datetime, **data: object) -> None:
    audit.record(
        akimat=dispute.application.akimat,
        by=by,
        at=at,
        event=f"data_dispute.{what}",
        target=f"application:{dispute.application_id}",
        file_number=dispute.application.file_number,
        dispute=dispute.pk,
        **data,
    )
