"""Acts of the trail in words. The trail itself keeps the code; an act without words shows its code."""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

THINGS: Final = {
    "akimat_policy": _("Policy of the akimat"),
    "policy": _("Policy"),
    "import_batch": _("Import of an old list"),
    "import_case": _("Case of an import"),
    "akimat": _("Akimat"),
    "queue_entry": _("Queue entry"),
    "intake": _("Intake"),
    "application": _("Application"),
    "removal_case": _("Case of a removal"),
    "review": _("Review"),
    "registration_change": _("Change of a registration moment"),
    "check": _("Question to a state system"),
    "dwelling": _("Dwelling"),
    "allocation_round": _("Round"),
    "allocation_run": _("Run"),
    "sitting": _("Sitting"),
    "vote": _("Vote"),
    "decision": _("Decision"),
    "protocol": _("Protocol"),
    "offer": _("Offer"),
    "staff": _("Person of staff"),
    "export": _("Export for an audit"),
    "case_file": _("File of a case in PDF"),
    "akimat_year": _("Year of the akimat"),
}
_ACTS: Final = {
    "staff.role_given": _("A role was given"),
    "staff.role_ended": _("A role was ended"),
    "export.made": _("An export for an audit was made"),
    "case_file.made": _("The file of a case was made as PDF"),
    "akimat_policy.put_in_force": _("The akimat distributes by another policy"),
    "policy.drafted": _("A policy was drafted"),
    "policy.approved": _("A policy was approved"),
    "import_batch.imported": _("An old list was imported"),
    "import_batch.confirmed": _("An import was confirmed"),
    "intake.opened": _("An application began to be entered"),
    "intake.claims_set": _("Lists and categories were chosen"),
    "intake.member_added": _("A member of the household was named"),
    "intake.member_removed": _("A member was taken off the household"),
    "intake.household_taken": _("The household was taken from the registers"),
    "intake.document_added": _("A document was added"),
    "intake.dropped": _("The intake was given up"),
    "consent.recorded": _("A consent was recorded"),
    "application.filed": _("The application was filed with all documents"),
    "application.accepted": _("The application was accepted"),
    "application.refused": _("The application was refused"),
    "application.withdrawn": _("The application was withdrawn"),
    "queue_entry.registered": _("An entry was put on a list"),
    "queue_entry.moved": _("An entry changed its status"),
    "queue_entry.settled": _("List and registration moment were settled by the old lists"),
    "queue_entry.registered_at_changed": _("The registration moment changed"),
    "queue_entry.list_changed": _("An entry went to another list"),
    "queue_entry.applicant_changed": _("An entry followed its new applicant"),
    "removal_case.proposed": _("A removal was proposed"),
    "removal_case.notified": _("The household was told of a proposed removal"),
    "removal_case.objected": _("The household objected to a removal"),
    "removal_case.heard": _("The household was heard"),
    "removal_case.decided": _("A case of removal was decided"),
    "review.opened": _("A decision was contested"),
    "review.decided": _("A review was decided"),
    "registration_change.proposed": _("Another registration moment was proposed"),
    "registration_change.approved": _("Another registration moment was approved"),
    "registration_change.dropped": _("A proposed registration moment was given up"),
    "red_flag.opened": _("A red flag was opened"),
    "red_flag.gone": _("A red flag was not found any more"),
    "red_flag.cleared": _("A red flag was cleared"),
    "category_period.begun": _("A category began"),
    "category_period.ended": _("A category ended"),
    "category_period.changed": _("The category changed"),
    "succession.recorded": _("The place passed on"),
    "legacy_ledger.settled": _("The old lists were reckoned anew"),
    "check.answered": _("A state system answered"),
    "dwelling.added": _("A home was taken into the stock"),
    "dwelling.released": _("Homes were set free again"),
    "allocation_round.opened": _("A round was opened"),
    "allocation_round.dwellings_added": _("Homes were put into a round"),
    "allocation_round.quotas_set": _("Quotas of a round were set"),
    "allocation_round.frozen": _("A round was frozen"),
    "allocation_round.cancelled": _("A round was cancelled"),
    "allocation_run.requested": _("A run was asked for"),
    "allocation_run.executed": _("A run was executed"),
    "allocation_run.superseded": _("A run was set aside"),
    "sitting.convened": _("The commission was convened"),
    "vote.cast": _("A member voted"),
    "decision.confirmed": _("The commission confirmed a run"),
    "decision.refused": _("The commission refused a run"),
    "protocol.made": _("A protocol was made"),
    "offer.made": _("A home was offered"),
    "offer.accepted": _("An offer was accepted"),
    "offer.refused": _("An offer was refused"),
    "offer.expired": _("An offer expired"),
    "offer.reserve_passed_over": _("A family of the reserve was passed over"),
}


def act(event: str) -> str:
    """Return an act of the trail in words, or its code where it has none yet."""
    words = _ACTS.get(event)
    return gettext(words) if words else event


def acts() -> list[tuple[str, str]]:
    """Return every act that has words, by code, in the order of its words."""
    return sorted(((event, gettext(words)) for event, words in _ACTS.items()), key=lambda pair: pair[1])
