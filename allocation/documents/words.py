"""Codes of the sitting, of the split and of passing over as words, in the language that is active."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from allocation.documents.figures import joined
from allocation.models import Bundle, SittingMember, Vote
from queue_registry import presenters

_CHOICES: Final = {
    Vote.Choice.FOR: lazy("for"),
    Vote.Choice.AGAINST: lazy("against"),
    Vote.Choice.ABSTAINED: lazy("abstained"),
}
_GROUNDS: Final = {
    SittingMember.RecusalGround.CANDIDATE: lazy("is a candidate of this round"),
    SittingMember.RecusalGround.RELATIVE: lazy("is a relative of a candidate of this round"),
    SittingMember.RecusalGround.HANDLED_RECORD: lazy("entered or imported a candidate's record"),
}
_BUNDLES: Final = {
    Bundle.Form.FULL: lazy("Bundle, full form"),
    Bundle.Form.PUBLIC: lazy("Bundle, public form"),
}
_TIERS: Final = {
    "first_right": lazy("First right"),
    "merged": lazy("One merged order"),
    "floor": lazy("Lawful floor"),
    "quota": lazy("Quota of a program"),
    "proportional": lazy("In proportion to the lists"),
}
_SHORTFALLS: Final = {
    "DWELLINGS_EXHAUSTED": lazy("no dwelling was left"),
    "NO_FITTING_DWELLING": lazy("no dwelling left fits those who stand on the list"),
    "LIST_EXHAUSTED": lazy("nobody is left on the list"),
}
_PASSING_OVER: Final = {
    "CHECKS_INCOMPLETE": lazy("Checks are not complete: a register has not answered"),
    "INCOME_UNKNOWN": lazy("The income is not known"),
    "INCOME_OVER_LIMIT": lazy("The income is not below the limit of the list"),
    "SERVED_ON_OTHER_LIST": lazy("The family was served on another list"),
    "SEATS_USED": lazy("The seats of the list were used before the turn came"),
    "NO_DWELLING_FITS": lazy("No dwelling of the round fits the family"),
    "FITTING_DWELLINGS_TAKEN": lazy("Every fitting dwelling went to families who stood before"),
}


def role(member: SittingMember) -> str:
    """Return the member's role at the sitting."""
    return _("Chair") if member.is_chair else _("Member")


def choice(vote: Vote) -> str:
    """Return how a vote was cast."""
    return str(_CHOICES[Vote.Choice(vote.choice)])


def recusal(member: SittingMember) -> str:
    """Return on which ground a member may not vote."""
    return str(_GROUNDS[SittingMember.RecusalGround(member.recusal_ground)])


def recusal_file_numbers(member: SittingMember) -> str:
    """Return the file numbers of the candidates for whose sake a member may not vote."""
    detail = member.recusal_detail
    return joined(detail.get("file_numbers", [detail["file_number"]] if "file_number" in detail else []))


def bundle_form(form: str) -> str:
    """Return the name of a bundle's form."""
    return str(_BUNDLES[Bundle.Form(form)])


def waiting_list(number: str) -> str:
    """Return the number and the name of one of the six separate lists."""
    return presenters.list_name(number)


def tier(rules: Mapping[str, Any]) -> str:
    """Return a tier of a policy with its lists: "Lawful floor: list 2"."""
    return _("%(tier)s: list %(lists)s") % {
        "tier": _TIERS[rules["kind"]],
        "lists": joined(rules["lists"]),
    }


def shortfall(found: Mapping[str, Any] | None) -> str:
    """Return how much of a target was missed and why; empty when it was reached."""
    if found is None:
        return ""
    return f"{found['missing']}: {_SHORTFALLS[found['reason']]}"


def rung(name: str) -> str:
    """Return a rung of the ladder in words."""
    return presenters.rung(name)


def passing_over(code: str) -> str:
    """Return why an entry was looked at and not served."""
    kind, _colon, detail = code.partition(":")
    if kind == "INELIGIBLE":
        return _("Not eligible: %(reason)s") % {"reason": presenters.reason(detail)}
    if kind == "OTHER_RUNG":
        return _("By income on another rung of the ladder: %(rung)s") % {"rung": rung(detail)}
    return str(_PASSING_OVER[kind])
