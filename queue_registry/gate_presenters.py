"""The way to automatic distribution in words: criteria, lights, lines of the reconciliation, refusals."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry import formats, import_presenters
from queue_registry.presenters import list_name, words
from queue_registry.rules.digitization.gate import Criterion, Judged
from queue_registry.rules.digitization.gate_refusals import GateRefused
from queue_registry.rules.digitization.reconciliation import ALL, Line, LineKind
from queue_registry.selectors.reconciliation import ReconciledLine

_CRITERIA: Final = {
    "VERIFIED_SHARE": _("Every entry is confirmed: none is provisional, none waits without a place"),
    "OPEN_CASES": _("No question about the old lists is open"),
    "OPEN_MATCHES": _("No records wait to be told apart or joined"),
    "RECONCILED": _("Every difference of the reconciliation is explained"),
    "SAMPLE_SIZE": _("A sample was compared with the paper files"),
    "SAMPLE_ERROR": _("The comparison found few errors"),
    "CHECKED_LATELY": _("Every entry was checked against the state systems lately"),
    "NO_BACKDATING_FLAGS": _("No red flag of backdating is open"),
    "SEALED": _("The lists are sealed since the last change of the old lists"),
}
_TO_DO: Final = {
    "VERIFIED_SHARE": _("Settle the applications of the waiting file and the provisional moments"),
    "OPEN_CASES": _("Answer the open questions of the old lists"),
    "OPEN_MATCHES": _("Decide which records are of one person"),
    "RECONCILED": _("Explain the open lines, each by a document and two people"),
    "SAMPLE_SIZE": _("Draw a sample and compare it to its end"),
    "SAMPLE_ERROR": _("Correct what was found, and draw a new sample"),
    "CHECKED_LATELY": _("Begin a recheck of all entries and let it end"),
    "NO_BACKDATING_FLAGS": _("Another person looks at the flags and answers them"),
    "SEALED": _("Seal the lists on this page"),
}
_LIGHTS: Final = {
    "RED": _("Red: something is missing"),
    "AMBER": _("Amber: all is there, nobody has opened yet"),
    "GREEN": _("Green: open"),
}
_LIGHT_TONES: Final = {"RED": "bad", "AMBER": "wait", "GREEN": "good"}
_SHARES: Final = frozenset({Criterion.VERIFIED_SHARE, Criterion.SAMPLE_ERROR, Criterion.CHECKED_LATELY})
_AT_MOST: Final = frozenset(
    {
        Criterion.OPEN_CASES,
        Criterion.OPEN_MATCHES,
        Criterion.RECONCILED,
        Criterion.SAMPLE_ERROR,
        Criterion.NO_BACKDATING_FLAGS,
    }
)
_LINES: Final = {
    LineKind.STATED: _("Stated by an authority: %(list)s, %(source)s"),
    LineKind.FILE: _("Total in %(file)s, row %(row)s"),
    LineKind.ROWS: _("Rows of %(source)s against the people behind them"),
    LineKind.ONLY_IN: _("People of %(source)s who are not in %(other)s"),
    LineKind.TWO_LISTS: _("Places against the people who stand there"),
    LineKind.WAITING: _("People of the lists against those who have a place"),
}
_PARTS: Final = {
    "ON_TWO_LISTS": _("on more than one list: %(count)s"),
    "REPEATED": _("rows that say somebody again: %(count)s"),
    "WAITING_FILE": _("without a place yet, in the waiting file: %(count)s"),
}
_DIFFERS: Final = {
    "MOMENT": _("Registration moment"),
    "LIST": _("List or category"),
    "FAMILY": _("Family"),
    "IDENTITY": _("Name or IIN"),
    "NO_FILE": _("There is no paper file"),
}
_REFUSALS: Final = {
    "REASON_MISSING": _("Give a reason."),
    "DOCUMENT_MISSING": _("Name the document."),
    "ANOTHER_PERSON_NEEDED": _("Another person has to do this: you had a hand in it."),
    "NOBODY_STANDS": _("Nobody stands on a list here."),
    "NOTHING_STATED": _("Enter how many people or entries were stated."),
    "LINE_CHANGED": _("The line has changed meanwhile. Look at its figures again."),
    "EXPLAINED_ALREADY": _("This difference has an explanation already."),
    "EXPLANATION_CLOSED": _("This explanation was decided on already."),
    "HEAD_NOT_SEALED": _(
        "The trail of yesterday is not sealed yet. A sample can be drawn when its head is published."
    ),
    "SAMPLE_SIZE_INVALID": _("Enter how many entries, at least 1."),
    "SAMPLE_OPEN": _("The last sample is not compared to its end yet."),
    "CHECKED_ALREADY": _("Somebody has compared this entry already."),
    "CRITERIA_FAIL": _("The gate stays closed. What is missing: %(criteria)s"),
    "SEAL_OF_ANOTHER_DAY": _("The gate is opened with a seal of the same day. Seal the lists first."),
    "PROPOSED_ALREADY": _("It is proposed already; the chair decides."),
    "PROPOSAL_CLOSED": _("There is no such proposal any more."),
    "OPEN_ALREADY": _("The gate is open already."),
    "NOT_OPEN": _("The gate is not open."),
}


def criterion(code: str) -> str:
    """What a criterion asks for."""
    return words("criterion", _CRITERIA, str(code))


def to_do(one: Judged) -> str:
    """What has to be done for a criterion to hold; errors are not known before a sample is at its end."""
    return words("criterion", _TO_DO, str(one.criterion if one.actual else Criterion.SAMPLE_SIZE))


def missing(criteria: Iterable[str]) -> str:
    """The criteria that fail in one sentence; where none does, nobody opened yet."""
    told = "; ".join(criterion(code) for code in criteria)
    return told or gettext("all criteria hold, and nobody has opened the gate yet")


def required(one: Judged) -> str:
    """What a criterion requires, with its figure."""
    figure = _figure(one.criterion, one.required)
    if one.criterion is Criterion.SEALED:
        return figure
    return f"{'≤' if one.criterion in _AT_MOST else '≥'} {figure}"


def actual(one: Judged) -> str:
    """What is so."""
    return _figure(one.criterion, one.actual) if one.actual else gettext("not known yet")


def _figure(code: Criterion, text: str) -> str:
    if code is Criterion.SEALED:
        return gettext("yes") if int(text) else gettext("no")
    if code not in _SHARES:
        return formats.whole(int(text))
    # Downwards where there should be more, so that 100 % stands only where all are.
    share = Fraction(text)
    return percent(share if code in _AT_MOST else Fraction(share * 10_000 // 1, 10_000))


def percent(share: Fraction) -> str:
    """A share in hundredths, with two digits where it is not whole."""
    return f"{formats.share(share * 100, places=2)} %"


def light(code: str) -> str:
    """Color of the gate in words."""
    return words("light", _LIGHTS, str(code))


def light_tone(code: str) -> str:
    """Color class of the gate; sign and words always stand beside it."""
    return _LIGHT_TONES[str(code)]


def holds(one: Judged) -> str:
    """Whether a criterion holds."""
    return gettext("holds") if one.holds else gettext("missing")


def holds_tone(one: Judged) -> str:
    """Color class of a criterion."""
    return "good" if one.holds else "bad"


def line_name(one: ReconciledLine) -> str:
    """What a line of the reconciliation compares."""
    line = one.line
    first, _slash, second = line.key.partition(":")[2].partition("/")
    if line.kind is LineKind.FILE:
        figures = {"file": one.place, "row": second.partition("/")[2]}
    elif line.kind is LineKind.STATED:
        figures = {"list": _list(first), "source": _source(second)}
    else:
        figures = {"source": _source(first), "other": _source(second)}
    return words("line", _LINES, line.kind) % figures


def _list(number: str) -> str:
    return gettext("all lists") if number == ALL else list_name(number)


def _source(code: str) -> str:
    return gettext("all sources") if code == ALL else import_presenters.legacy_source(code) if code else ""


def parts(line: Line) -> list[str]:
    """The counted figures that make the difference of a line."""
    return [
        words("part", _PARTS, str(part)) % {"count": formats.whole(abs(figure))}
        for part, figure in line.parts.items()
    ]


def signed(figure: int) -> str:
    """A difference with its sign."""
    if not figure:
        return "0"
    return f"{'+' if figure > 0 else chr(0x2212)}{formats.whole(abs(figure))}"


def line_state(one: ReconciledLine) -> str:
    """Where a line stands."""
    if not one.line.difference:
        return gettext("agrees")
    if one.line.is_explained:
        return gettext("explained by the figures")
    if one.explanation is None:
        return gettext("open")
    return gettext("explained") if one.is_settled else gettext("waits for a second person")


def line_tone(one: ReconciledLine) -> str:
    """Color class of a line."""
    if one.is_settled:
        return "good"
    return "bad" if one.explanation is None else "wait"


def differs(codes: Iterable[str]) -> str:
    """What of an entry is another than in its paper file."""
    return ", ".join(words("differs", _DIFFERS, str(code)) for code in codes)


def differences() -> list[tuple[str, str]]:
    """Everything that may differ, with its words."""
    return [(code, gettext(text)) for code, text in _DIFFERS.items()]


def refusal(refused: GateRefused) -> str:
    """Why an act was refused."""
    detail: dict[str, Any] = dict(refused.detail)
    if "criteria" in detail:
        detail["criteria"] = missing(detail["criteria"])
    return words("refusal", _REFUSALS, str(refused.code)) % detail
