"""Sections of a protocol about the sitting: who sat, who could not vote, who voted how, what was decided."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from allocation import presenters
from allocation.documents import words
from allocation.documents.figures import moment
from allocation.documents.material import Material
from allocation.models import SittingMember, Vote
from queue_registry.documents import blocks


def agenda(material: Material) -> dict[str, Any]:
    """When the commission sat, on what, called by whom."""
    sitting = material.sitting
    question = _("Distribution of %(dwellings)s dwellings of round %(round)s by the order of the lists.") % {
        "dwellings": len(material.dwellings),
        "round": material.round.number,
    }
    rows = (
        (_("Local executive body"), material.akimat_name),
        (_("Number of the protocol"), str(sitting.number)),
        (_("Sitting opened"), moment(sitting.convened_at)),
        (_("Sitting closed"), moment(material.decision.decided_at)),
        (_("Secretary, without a vote"), str(sitting.convened_by)),
        (_("Agenda"), question),
        (_("How the round is decided"), presenters.mode(material.round.mode)),
    )
    return blocks.section(_("Sitting and agenda"), [blocks.pairs(rows)])


def members(material: Material) -> dict[str, Any]:
    """Who belongs to the commission at this sitting, in which role, who took part."""
    columns = (
        blocks.Column(title=_("Member"), width=3),
        blocks.Column(title=_("Role"), width=2),
        blocks.Column(title=_("Part in the vote"), width=2),
        blocks.Column(title=_("Relatives compared by the civil acts"), width=4),
    )
    rows = [
        (
            str(member.user),
            words.role(member),
            _participation(member),
            _("yes") if member.family_known else _("no: the civil acts name no family"),
        )
        for member in material.members
    ]
    return blocks.section(_("Members of the commission"), [blocks.table(columns, rows)])


def _participation(member: SittingMember) -> str:
    if member.recusal_ground:
        return _("recused")
    return _("voted") if vote_of(member) else _("did not vote")


def recusals(material: Material) -> dict[str, Any]:
    """Who may not vote, and on which ground of which candidate."""
    recused = [member for member in material.members if member.recusal_ground]
    title = _("Recusals")
    if not recused:
        return blocks.section(title, [blocks.text(_("No member had to be recused."))])
    columns = (
        blocks.Column(title=_("Member"), width=2),
        blocks.Column(title=_("Ground"), width=3),
        blocks.Column(title=_("File number of the candidate"), width=2),
    )
    rows = [
        (str(member.user), words.recusal(member), words.recusal_file_numbers(member)) for member in recused
    ]
    return blocks.section(title, [blocks.table(columns, rows)])


def votes(material: Material) -> dict[str, Any]:
    """Who voted how and why, and the arithmetic of the quorum."""
    columns = (
        blocks.Column(title=_("Member"), width=3),
        blocks.Column(title=_("Vote"), width=2),
        blocks.Column(title=_("Cast")),
        blocks.Column(title=_("Reason"), width=4),
    )
    cast = ((member, vote_of(member)) for member in material.members)
    rows = [
        (str(member.user), words.choice(vote), moment(vote.cast_at), vote.reason or "–")
        for member, vote in cast
        if vote
    ]
    return blocks.section(
        _("Votes and quorum"),
        [
            blocks.table(columns, rows),
            blocks.caption(_("Arithmetic of the quorum and of the vote")),
            blocks.pairs(_arithmetic(material)),
        ],
    )


def _arithmetic(material: Material) -> Iterable[tuple[str, str]]:
    counts, sitting = material.decision.arithmetic, material.sitting
    voting = counts["entitled"] - counts["recused"]
    share = f"{sitting.quorum_numerator}/{sitting.quorum_denominator}"
    quorum = _("%(share)s × %(voting)s, rounded up: %(needed)s") % {
        "share": share,
        "voting": voting,
        "needed": counts["needed"],
    }
    yield _("Members entitled to vote"), str(counts["entitled"])
    yield _("Recused"), str(counts["recused"])
    yield _("Members left"), f"{counts['entitled']} − {counts['recused']} = {voting}"
    yield _("Quorum"), quorum
    yield _("Voted"), str(counts["voted"])
    yield _("For"), str(counts["for"])
    yield _("Against"), str(counts["against"])
    yield _("Abstained"), str(counts["abstained"])
    if counts.get("chair_broke_tie"):
        yield _("Equal votes"), _("the chair's vote decided")


def decision(material: Material) -> dict[str, Any]:
    """What the commission decided, by whom it was announced."""
    values = {"round": material.round.number, "dwellings": len(material.result["allotments"])}
    if material.decision.outcome == material.decision.Outcome.CONFIRMED:
        sentence = _("The commission confirmed the distribution: round %(round)s, dwellings: %(dwellings)s.")
    else:
        sentence = _(
            "The commission refused the distribution: round %(round)s. No dwelling is allotted by it."
        )
    announced = _("Announced by %(name)s, %(moment)s.") % {
        "name": material.decision.decided_by,
        "moment": moment(material.decision.decided_at),
    }
    return blocks.section(_("Decision"), [blocks.text(sentence % values), blocks.text(announced)])


def signatures(material: Material) -> dict[str, Any]:
    """Lines for the hands of those who voted and of the secretary."""
    rows = [(words.role(member), str(member.user)) for member in material.members if vote_of(member)]
    rows.append((_("Secretary"), str(material.sitting.convened_by)))
    return blocks.section(_("Signatures"), [blocks.signatures(rows)])


def vote_of(member: SittingMember) -> Vote | None:
    """Return the member's vote, or None."""
    return getattr(member, "vote", None)
