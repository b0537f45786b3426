"""Sections of a protocol about what was left of the computed order, and about registers that were silent."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from allocation import engine_io, presenters
from allocation.documents import words
from allocation.documents.figures import joined
from allocation.documents.material import Material
from allocation.models import Departure, DepartureVote
from queue_registry.documents import blocks
from queue_registry.documents.blocks import Block
from queue_registry.presenters import source


def departures(material: Material) -> dict[str, Any]:
    """Each departure from the computed order with its ground, its document, its vote, who is passed over."""
    title = _("Departures from the computed order")
    if not material.departures:
        return blocks.section(title, [blocks.text(_("No departure was proposed."))])
    return blocks.section(title, [block for one in material.departures for block in _departure(one)])


def _departure(departure: Departure) -> Iterator[Block]:
    line = departure.line
    dwelling = line.dwelling.number if line.dwelling else "–"
    yield blocks.caption(
        _("Dwelling %(dwelling)s, computed for %(file_number)s")
        % {"dwelling": dwelling, "file_number": line.entry.file_number}
    )
    instead = departure.instead.file_number if departure.instead else _("nobody: it stays in the stock")
    yield blocks.pairs(
        (
            (_("To whom instead"), instead),
            (_("Ground"), presenters.departure_ground(departure.ground)),
            (_("Explanation"), departure.explanation),
            (_("Document"), departure.document.title),
            (_("SHA-256 of its scan"), departure.document.sha256 or "–"),
            (_("Proposed by"), str(departure.proposed_by)),
            (_("Result of the vote"), _outcome(departure)),
        )
    )
    yield blocks.table(
        (
            blocks.Column(title=_("Member"), width=3),
            blocks.Column(title=_("Vote"), width=2),
            blocks.Column(title=_("Reason"), width=4),
        ),
        [_vote(vote) for vote in departure.votes.all()],
    )
    if departure.passed_over:
        numbers = map(engine_io.file_number_of, departure.passed_over)
        yield blocks.numbers(
            _("Passed over by it: %(count)s") % {"count": len(departure.passed_over)}, numbers
        )


def _outcome(departure: Departure) -> str:
    counts = departure.arithmetic
    said = _("carried") if departure.is_carried else _("not carried")
    if not counts:
        return said
    return _("%(outcome)s; for: %(in_favor)s, against: %(against)s, abstained: %(abstained)s") % {
        "outcome": said,
        "in_favor": counts["for"],
        "against": counts["against"],
        "abstained": counts["abstained"],
    }


def _vote(vote: DepartureVote) -> tuple[str, str, str]:
    return str(vote.member.user), words.choice(vote), vote.reason or "–"


def unanswered(material: Material) -> dict[str, Any]:
    """For whom a register was silent, which register, and the days on which it was asked."""
    title = _("Registers that did not answer")
    silent: Mapping[str, Any] = material.round.unanswered
    if not silent:
        text = _("No family was passed over because a register was silent.")
        return blocks.section(title, [blocks.text(text)])
    columns = (
        blocks.Column(title=_("File number"), width=3),
        blocks.Column(title=_("Register"), width=4),
        blocks.Column(title=_("Asked on"), width=4),
    )
    rows = [
        (engine_io.file_number_of(key), source(one["source"]), joined(map(_day, one["asked_on"])))
        for key in sorted(silent)
        for one in silent[key]
    ]
    how = _("These families keep their place and stand, by it, first for the next round.")
    return blocks.section(title, [blocks.table(columns, rows), blocks.text(how)])


def _day(text: str) -> str:
    return date.fromisoformat(text).strftime("%d.%m.%Y")
