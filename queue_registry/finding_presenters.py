"""What rechecks found, in words: what was seen, what stands in the way of a proposal, how it ended."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry import verdict_presenters
from queue_registry.models import RecheckFinding
from queue_registry.presenters import words
from queue_registry.rules.need import FAILURES
from queue_registry.rules.rechecks import DOUBLE
from queue_registry.verdict_presenters import FindingWords

_RULES: Final = {code: rule for rule, code in FAILURES.items()}
_WHY_HELD: Final = {
    "SOURCE_HELD": _("The system that says so is held: too much of what it said changed at once."),
    "SUCCESSION": _("The applicant has died, and a co-registered family remains: the place may pass on."),
    "DOUBLE": _("Somebody of the household stands on the lists of another akimat, too."),
    "PROTECTED": _("The household is protected until housed: on this ground no removal may be proposed."),
    "PROTECTION_NOT_KNOWN": _("Whether the household is protected is not known yet."),
    "ENTRY_OFFERED": _("A home is offered to this household. Close the offer first."),
    "ENTRY_NOT_ACTIVE": _("The entry has no place any more."),
    "CASE_OPEN": _("A removal of this entry is proposed already."),
}
_ENDS: Final = {
    "NOT_CONFIRMED": _("The second look did not see it."),
    "SOURCE_UNANSWERED": _("The second look got no answer."),
    "ENTRY_NOT_ACTIVE": _("The entry has no place any more."),
    "CASE_DECIDED": _("Somebody decided meanwhile, on the same ground, that the household stays."),
    "NO_DOUBLE": _("Nobody of the household stands on the lists of another akimat any more."),
}


def why_held(code: str) -> str:
    """What stands in the way of proposing a removal."""
    return words("why_held", _WHY_HELD, code)


def how_ended(finding: RecheckFinding) -> str:
    """How a finding ended: a person's own words, or why the clock closed it; empty while it is open."""
    if finding.closed_by_id is not None or not finding.closed_how:
        return finding.closed_how
    return words("finding_end", _ENDS, finding.closed_how)


def seen_words(finding: RecheckFinding) -> FindingWords | None:
    """What was seen, with its figures; None for a double, which no rule found."""
    if finding.code == DOUBLE:
        return None
    detail: Mapping[str, Any] = finding.detail
    return verdict_presenters.finding(
        {
            "rule": _RULES[finding.code],
            "required": detail.get("required"),
            "actual": detail.get("actual"),
            "verdict": "FAIL",
            "source": finding.source,
            "code": finding.code,
        }
    )


def others(finding: RecheckFinding) -> list[str]:
    """Where else somebody of the household stands: file number and akimat, nobody's name."""
    return [
        gettext("file number %(number)s of the akimat with the KATO %(kato)s")
        % {"number": other["file_number"], "kato": other["akimat"]}
        for other in finding.detail.get("others", ())
    ]
