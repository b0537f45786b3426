"""Codes of the sitting as words, in the language that is active; other codes are the presenters'."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from allocation import presenters
from allocation.documents.figures import joined
from allocation.models import Bundle, DepartureVote, SittingMember, Vote

_CHOICES: Final = {
    Vote.Choice.FOR: lazy("for"),
    Vote.Choice.AGAINST: lazy("against"),
    Vote.Choice.ABSTAINED: lazy("abstained"),
}
_GROUNDS: Final = {
    SittingMember.RecusalGround.CANDIDATE: lazy("is a candidate of this round"),
    SittingMember.RecusalGround.RELATIVE: lazy("is a relative of a candidate of this round"),
    SittingMember.RecusalGround.HANDLED_RECORD: lazy("entered or imported a candidate's record"),
    SittingMember.RecusalGround.PREPARED_ROUND: lazy("prepared this round"),
    SittingMember.RecusalGround.DECLARED: lazy("declared an interest"),
}
_BUNDLES: Final = {
    Bundle.Form.FULL: lazy("Bundle, full form"),
    Bundle.Form.PUBLIC: lazy("Bundle, public form"),
}
_SEALED: Final = {
    "account": lazy("Seal: period of the account and homes taken back"),
    "candidates": lazy("Seal: candidates"),
    "dwellings": lazy("Seal: dwellings"),
    "policy": lazy("Seal: figures of the policy"),
    "public_input": lazy("Seal: public form of the input"),
}


def role(member: SittingMember) -> str:
    """Return the member's role at the sitting."""
    return _("Chair") if member.is_chair else _("Member")


def choice(vote: Vote | DepartureVote) -> str:
    """Return how a vote was cast."""
    return str(_CHOICES[Vote.Choice(vote.choice)])


def recusal(member: SittingMember) -> str:
    """Return on which ground a member may not vote, for a relative with the degree of kinship."""
    return interest(member.recusal_ground, member.recusal_detail)


def interest(code: str, detail: Mapping[str, Any]) -> str:
    """Return the ground of an interest, for a relative with the degree of kinship."""
    ground = str(_GROUNDS[SittingMember.RecusalGround(code)])
    degree = detail.get("degree")
    return f"{ground} ({_('degree of kinship: %(degree)s') % {'degree': degree}})" if degree else ground


def recusal_file_numbers(member: SittingMember) -> str:
    """Return the file numbers of the candidates for whose sake a member may not vote, or his own words."""
    if member.recusal_ground == SittingMember.RecusalGround.DECLARED:
        return str(member.recusal_detail.get("text", ""))
    return interest_file_numbers(member.recusal_detail)


def interest_file_numbers(detail: Mapping[str, Any]) -> str:
    """Return the file numbers that an interest concerns, the first few."""
    shown = detail.get("file_numbers", [])
    more = detail.get("count", len(shown)) - len(shown)
    return joined(shown) + (" " + _("and %(count)s more") % {"count": more} if more > 0 else "")


def bundle_form(form: str) -> str:
    """Return the name of a bundle's form."""
    return str(_BUNDLES[Bundle.Form(form)])


def sealed(part: str) -> str:
    """Return what a digest of a round's seal is over."""
    return str(_SEALED.get(part, part))


def tier(rules: Mapping[str, Any]) -> str:
    """Return a tier of a policy with its lists: "Lawful floor: list 2"."""
    return _("%(tier)s: list %(lists)s") % {
        "tier": presenters.tier_name(rules["kind"]),
        "lists": joined(rules["lists"]),
    }
