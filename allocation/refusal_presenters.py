"""Why an act of the distribution was refused, in words, with its figures."""

from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext_noop as _

from allocation import signature_presenters
from allocation.rules.refusals import Refused
from queue_registry import formats, gate_presenters, presenters
from queue_registry.presenters import words

_REFUSALS: Final = {
    "ROUND_NOT_OPEN": _("The round is frozen already and cannot be changed."),
    "ROUND_NOT_FROZEN": _("Freeze the round first."),
    "ROUND_CANCELLED": _("The round was cancelled."),
    "ROUND_DECIDED": _("The commission has decided on this round already."),
    "DWELLING_NOT_READY": _("These homes are not ready to be distributed: %(dwellings)s."),
    "DWELLING_TWICE": _("These homes stand in a round already: %(dwellings)s."),
    "DWELLING_OF_OTHER_KIND": _(
        "A round gives homes, or places of one loan program; of the other kind are: %(dwellings)s."
    ),
    "DWELLING_OF_OTHER_PROGRAMME": _(
        "Homes and places of a program go only into its own rounds; of another program are: %(dwellings)s."
    ),
    "PROGRAMME_MISSING": _("A round of this rung lends: choose the program whose places it gives."),
    "PROGRAMME_UNKNOWN": _("No program %(programme)s lends today."),
    "PROGRAMME_OF_OTHER_RUNG": _("The program %(programme)s serves another rung of the ladder."),
    "DWELLING_STATE": _("This cannot be done in the state in which they are: %(dwellings)s."),
    "DWELLING_IN_ROUND": _("These stand in a round; cancel it first: %(dwellings)s."),
    "NOT_A_HOME": _("Only with homes this can be done, not with places of a loan: %(dwellings)s."),
    "HOME_PROGRAMME_UNKNOWN": _(
        "Program: no program “%(programme)s” that hands homes over is known. Choose one of the list."
    ),
    "LOAN_PROGRAMME": _("The program %(programme)s lends; a home is not handed to it."),
    "DWELLING_NUMBER_TAKEN": _("A home with the number %(number)s is in the stock already, or was."),
    "NOTHING_CHANGED": _("These are the figures that stand already."),
    "COUNT_IMPOSSIBLE": _("Enter a number from %(least)s to %(most)s."),
    "QUOTA_MISSING": _("Enter how many homes the program gives to list %(list)s, and its document."),
    "QUOTA_UNKNOWN": _("The policy has no quota for list %(list)s."),
    "QUOTA_INVALID": _("The quota of list %(list)s needs a whole number of homes and a document."),
    "QUOTA_OVER_DWELLINGS": _("The quotas name %(quotas)s homes, the round has %(dwellings)s."),
    "PERIOD_BACKWARDS": _("The period of the account cannot end before it begins."),
    "PERIOD_WITHOUT_FREEZE": _(
        "The period of the account, %(first)s – %(last)s, has to contain the day on which candidates and "
        "homes are fixed: %(day)s."
    ),
    "PERIOD_OVERLAPS": _(
        "An earlier round has the period %(first)s – %(last)s. Take the same one, or one that shares no day "
        "with it: else a round would count twice."
    ),
    "RUNG_UNKNOWN": _("The policy has no such rung of the ladder."),
    "POLICY_WITHOUT_RUNG": _(
        "This round gives places of a loan program to the rung %(served_rung)s, and the policy %(policy)s "
        "has no such rung. Choose a policy with that ladder."
    ),
    "POLICY_NOT_IN_FORCE": _("Another policy is in force now. Cancel this round and open a new one."),
    "SOURCES_SILENT": _(
        "Answers of registers are missing, and this round would pass over families for it: %(families)s. "
        "Begin the recheck. If the registers answer, candidates can be fixed at once; one that stays silent "
        "has to be asked on different working days first, at least %(days)s."
    ),
    "SITTING_IN_THE_PAST": _("The commission sits in the future: enter a later moment."),
    "REASON_MISSING": _("Give a reason."),
    "GATE_NOT_GREEN": _("Automatic distribution is not open in this akimat. What is missing: %(criteria)s"),
    "FREEZE_BROKEN_OFF": _(
        "Fixing the candidates broke off, and nothing was changed. Tell the administrator, and try again."
    ),
    "FREEZE_TOO_LONG": _(
        "Fixing the candidates took too long, and nothing was changed. Tell the administrator."
    ),
    "RUN_EXISTS": _("The distribution was asked for already."),
    "RUN_NOT_EXECUTED": _("The distribution is not worked out yet."),
    "RUN_SUPERSEDED": _("A newer run has taken the place of this one."),
    "SITTING_EXISTS": _("A sitting is convened for this run already."),
    "COMMISSION_SIZE": _(
        "The commission has %(members)s voting members; it needs from %(least)s to %(most)s."
    ),
    "CHAIR_MISSING": _("The commission needs exactly one chair."),
    "NOT_A_MEMBER": _("Only a member of this sitting may vote."),
    "RECUSED": _("You may not vote here: you have an interest in this round."),
    "ALREADY_VOTED": _("You have voted already."),
    "ALREADY_DECIDED": _("The sitting has decided already."),
    "OTHER_RESULT": _("This is not the result that the sitting was convened for."),
    "NOT_PRESIDING": _("Only who presides at the sitting may do this."),
    "NO_QUORUM": _("There is no quorum: %(present)s members attend and may vote, %(needed)s are needed."),
    "VOTES_MISSING": _("The outcome is still open: %(missing)s of those present have not voted."),
    "NO_MAJORITY": _("There is no majority for the proposal."),
    "MAJORITY_REACHED": _("There is a majority for the proposal, so it cannot be refused."),
    "STALE": _(
        "An entry, a home or the policy has changed since the freeze. Cancel this round and open a new one."
    ),
    "FLAGGED": _(
        "Red flags of backdating are open on candidates: %(file_numbers)s. "
        "Another person has to clear them first."
    ),
    "NOT_BEGUN": _("The sitting has not begun; members sign in from %(sits_at)s on."),
    "HAS_BEGUN": _("The sitting has begun: members attend or have voted."),
    "MANDATE_OVER": _("There is no mandate for this commission today."),
    "ALREADY_ATTENDS": _("The member is there already."),
    "NOT_ATTENDING": _("Only who attends the sitting may vote."),
    "AUTOMATIC_MODE": _("In automatic mode the computed order is not left; the run can only be refused."),
    "DEPARTURE_EXISTS": _("A departure is proposed for this home already."),
    "LINE_NOT_SERVED": _("This family was not allotted a home."),
    "INSTEAD_NOT_LAWFUL": _(
        "%(file_number)s cannot get this home: it goes to a candidate of the same list who takes part, was "
        "not served, and whom the home fits."
    ),
    "INSTEAD_TAKEN": _("%(file_number)s is named in another departure already."),
    "SCAN_MISSING": _("Add the scan of the document: PDF, JPEG or PNG."),
    "NOTHING_TO_SIGN": _("The protocol is not made yet, so there is nothing to sign."),
    "NOT_VOTED": _("Only who voted at the sitting signs its protocol."),
    "SIGNED_ALREADY": _("You have signed already."),
    "SIGNER_UNKNOWN": _("The register does not know your personal number, or the akimat's business number."),
    "SIGNED_LAST": _("Who presides signs last: %(missing)s more members have to sign before."),
    "OTHER_MANIFEST": _("What is signed has changed since this page was shown. Take it again and sign that."),
    "SIGNING_NOT_SET_UP": _("This installation cannot verify signatures. Tell the administrator."),
    "SIGNATURE_REFUSED": _("The signature was not taken. %(fault)s"),
    "PROTOCOL_LOCKED": _("The protocol is locked: nothing is added to it."),
    "PROTOCOL_NOT_LOCKED": _("The protocol is not signed by a quorum yet."),
    "NOT_CONFIRMED": _("The commission has not confirmed this distribution."),
    "DECISION_EXISTS": _("The decision of the akimat on this protocol is entered already."),
    "DECISION_MISSING": _("The decision of the akimat is not entered yet; there is no contract before it."),
    "POLICY_LACKS_TERM": _("The policy %(policy)s does not set the term %(term)s; a newer version has to."),
    "NUMBER_MISSING": _("Enter the number of the document."),
    "NUMBER_TAKEN": _("There is a decision with the number %(number)s already."),
    "DAY_IMPOSSIBLE": _("The day must lie between %(earliest)s and %(latest)s."),
    "PUBLISHED_ALREADY": _("It is published already."),
    "OFFER_NOT_ACCEPTED": _("The household has not accepted this home."),
    "TENANCY_EXISTS": _("The contract %(number)s is concluded on this home already."),
    "TENANCY_ANNULLED": _("The contract was annulled."),
    "KEYS_HANDED": _("The keys were handed over already."),
    "OTHER_OFFER_LIVE": _("Another home is offered to the household; that offer has to end first."),
    "ANNULMENT_TERM_OVER": _("A contract could be annulled until %(until)s."),
    "SECOND_PERSON": _(
        "Not by who concluded the contract or handed over the keys: another person does this."
    ),
    "STANDS_AGAIN": _(
        "The household stands on list %(list)s by a new application; that has to be settled first."
    ),
    "INVITED_ALREADY": _("The household is invited already: it has until %(sign_by)s to sign."),
    "NOT_INVITED": _("The household has to be invited to sign first."),
    "SIGNING_TERM_RUNS": _("The household has until %(sign_by)s to sign, that day included."),
    "OTHER_HAND": _("Not by who invited the household or took its acceptance in: another person does this."),
    "OFFER_ANSWERED": _("This offer has been answered already."),
    "OFFER_TERM_OVER": _("The last day to answer this offer is over."),
    "OFFER_TERM_RUNS": _("The term to answer this offer is still running."),
    "UNFIT_NOT_CLAIMED": _("The household did not say that the home does not fit."),
    "LOOKED_ALREADY": _("Somebody has looked at it already."),
    "SECOND_LOOK": _("Not by who took the answer in: another person looks at it."),
}


def refusal(refused: Refused) -> str:
    """Why an act was refused, with its figures."""
    figures = {name: _listed(value) for name, value in refused.detail.items()}
    if "criteria" in figures:
        figures["criteria"] = gate_presenters.missing(refused.detail["criteria"])
    if "served_rung" in figures:
        figures["served_rung"] = presenters.rung(refused.detail["served_rung"])
    if "fault" in figures:
        figures["fault"] = signature_presenters.fault(refused.detail["fault"])
    text = words("refusal", _REFUSALS, refused.code)
    try:
        return text % figures
    except KeyError:
        return text


def _listed(value: Any) -> str:
    if isinstance(value, datetime):
        return formats.moment(value)
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, int):
        return formats.whole(value)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
