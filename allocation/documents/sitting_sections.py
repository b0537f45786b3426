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
    rows = [
        (_("Local executive body"), material.akimat_name),
        (_("Number of the protocol"), str(sitting.number)),
        (_("Sitting opened"), moment(sitting.convened_at)),
        (_("Sitting closed"), moment(material.decision.decided_at)),
        (_("Secretary, without a vote"), str(sitting.convened_by)),
        (_("Agenda"), question),
        (_("How the round is decided"), presenters.mode(material.round.mode)),
    ]
    if sitting.sits_at:
        rows.insert(3, (_("Invited for"), moment(sitting.sits_at)))
    if sitting.place:
        rows.insert(4, (_("Where"), sitting.place))
    if sitting.presiding:
        rows.append((_("Presided"), str(sitting.presiding)))
    body = [blocks.pairs(rows)]
    if sitting.agenda:
        body += [blocks.caption(_("Further points")), *(blocks.text(str(point)) for point in sitting.agenda)]
    return blocks.section(_("Sitting and agenda"), body)


def members(material: Material) -> dict[str, Any]:
    """Who belongs to the commission at this sitting, in which role, who took part."""
    columns = (
        blocks.Column(title=_("Member"), width=3),
        blocks.Column(title=_("Role"), width=2),
        blocks.Column(title=_("Part in the vote"), width=2),
        blocks.Column(title=_("Came")),
        blocks.Column(title=_("Mandate since"), width=2),
        blocks.Column(title=_("Relatives compared by the civil acts"), width=4),
    )
    rows = [
        (
            str(member.user),
            words.role(member),
            _participation(member),
            moment(member.attended_at) if member.attended_at else "–",
            _mandate(member),
            _("yes") if member.family_known else _("no: the civil acts name no family"),
        )
        for member in material.members
    ]
    return blocks.section(_("Members of the commission"), [blocks.table(columns, rows)])


def _mandate(member: SittingMember) -> str:
    """Since when, and by which act; of sittings of before acts were kept only since when."""
    since = member.mandate_from.strftime("%d.%m.%Y") if member.mandate_from else "–"
    return f"{since}; {member.mandate_document}" if member.mandate_document else since


def _participation(member: SittingMember) -> str:
    if member.recusal_ground:
        return _("recused")
    if vote_of(member):
        return _("voted")
    return _("came, did not vote") if member.attended_at else _("did not vote")


def recusals(material: Material) -> dict[str, Any]:
    """Who may not vote, and on which ground of which candidate."""
    recused = [member for member in material.members if member.recusal_ground]
    title, prepared = _("Recusals"), _preparers(material)
    if not recused:
        return blocks.section(title, [blocks.text(_("No member had to be recused.")), *prepared])
    columns = (
        blocks.Column(title=_("Member"), width=2),
        blocks.Column(title=_("Ground"), width=3),
        blocks.Column(title=_("File number of the candidate"), width=2),
    )
    rows = [
        (str(member.user), words.recusal(member), words.recusal_file_numbers(member)) for member in recused
    ]
    return blocks.section(title, [blocks.table(columns, rows), *prepared])


def _preparers(material: Material) -> list[blocks.Block]:
    """Who prepared the round and is tied to a candidate: without a vote, and printed all the same."""
    found = [one for one in material.sitting.preparers if one["ground"]]
    if not found:
        return []
    rows = [
        (
            one["user"],
            f"{words.interest(one['ground'], one['detail'])}: {words.interest_file_numbers(one['detail'])}",
        )
        for one in found
    ]
    return [blocks.caption(_("Of those who prepared the round")), blocks.pairs(rows)]


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
        (str(member.user), _cast(member, vote), moment(vote.cast_at), vote.reason or "–")
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


def quorum(material: Material) -> dict[str, Any]:
    """The arithmetic of the quorum and of the vote, without who voted how."""
    return blocks.section(_("Votes and quorum"), [blocks.pairs(_arithmetic(material))])


def left_out(material: Material) -> dict[str, Any]:
    """What the public form does not tell, and by which digest the full one is known."""
    text = _(
        "This form is published. It leaves out how each member voted, which member is related to a "
        "candidate, and who was passed over for which reason: that is for the households themselves. Who was "
        "passed over is counted by reason on the public page of round %(round)s."
    )
    return blocks.section(
        _("What this form leaves out"), [blocks.text(text % {"round": material.round.number})]
    )


def _cast(member: SittingMember, vote: Vote) -> str:
    """A vote of who was recused later stands, and does not count."""
    choice = words.choice(vote)
    return _("%(choice)s, not counted: recused") % {"choice": choice} if member.recusal_ground else choice


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
    if "present" in counts:
        yield _("Came and may vote"), str(counts["present"])
    yield _("Voted"), str(counts["voted"])
    yield _("For"), str(counts["for"])
    yield _("Against"), str(counts["against"])
    yield _("Abstained"), str(counts["abstained"])
    if counts.get("chair_broke_tie"):
        yield _("Equal votes"), _("the vote of who presided decided")


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
    """Who signs, and where the signatures are: they are over this file, so they cannot stand in it."""
    how = _(
        "Members who voted sign electronically a manifest that names the SHA-256 of this protocol in both "
        "languages; who presided signs last, over the manifest and the others' signatures. Dissent is signed "
        "as well. The signatures stand beside the protocol; that it is locked is shown on the public page."
    )
    rows = [
        (_presided(material, member), str(member.user))
        for member in material.members
        if vote_of(member) and not member.recusal_ground
    ]
    rows.append((_("Secretary"), str(material.sitting.convened_by)))
    return blocks.section(_("Signatures"), [blocks.text(how), blocks.signatures(rows)])


def _presided(material: Material, member: SittingMember) -> str:
    role = words.role(member)
    presides = member.user_id == material.sitting.presiding_id and not member.is_chair
    return _("%(role)s, presided") % {"role": role} if presides else role


def vote_of(member: SittingMember) -> Vote | None:
    """Return the member's vote, or None."""
    return getattr(member, "vote", None)
