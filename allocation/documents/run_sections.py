"""Sections of a protocol about the run: what was split, who was allotted what, how anyone can check it."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import segno
from django.utils.translation import gettext as _

from allocation import presenters, round_presenters, stock_presenters
from allocation.documents import policy_words, words
from allocation.documents.figures import NO_BREAK, ZONE, joined, moment_of_text, number, registration_moment
from allocation.documents.material import Material
from allocation.rules import programmes
from queue_registry.documents import blocks
from queue_registry.formats import whole
from queue_registry.policy_acts import act

_YES_NO = {True: "+", False: "–"}


def policy(material: Material) -> dict[str, Any]:
    """By which dated figures the round was run, with the act and the basis of each."""
    version, frozen_at = material.policy, material.input["round"]["frozen_at"]
    until = version.in_force_until.strftime("%d.%m.%Y") if version.in_force_until else _("no end set")
    period = f"{version.in_force_from:%d.%m.%Y} – {until}"
    rows = (
        (_("Policy"), version.code),
        (_("Legal act"), act(version.act)),
        (_("In force"), period),
        (_("Approved by"), str(version.approved_by or "–")),
        (_("Lists frozen"), moment_of_text(frozen_at)),
        *_account(material),
    )
    columns = (
        blocks.Column(title=_("Figure"), width=3),
        blocks.Column(title=_("Value"), width=3),
        blocks.Column(title=_("Basis"), width=5),
    )
    figures = policy_words.rows(version.document, _day(frozen_at))
    return blocks.section(_("Policy"), [blocks.pairs(rows), blocks.table(columns, figures)])


def _account(material: Material) -> Iterator[tuple[str, str]]:
    """The period of the running account, and what it takes back."""
    first, last = material.round.period_from, material.round.period_until
    if first is None or last is None:
        return
    yield _("Period of the running account"), f"{first:%d.%m.%Y} – {last:%d.%m.%Y}"
    if material.round.taken_back:
        lines = map(round_presenters.taken_back, material.round.taken_back)
        yield _("Homes of earlier rounds that the account takes back"), "; ".join(lines)


def _day(text: str) -> date:
    return datetime.fromisoformat(text).astimezone(ZONE).date()


def dwellings(material: Material) -> dict[str, Any]:
    """What was to be distributed."""
    if material.lends:
        return _loan_places(material)
    columns = (
        blocks.Column(title=_("Dwelling"), width=5),
        blocks.Column(title=_("Rooms"), width=2, number=True),
        blocks.Column(title=_("Area, m²"), width=3, number=True),
        blocks.Column(title=_("Floor"), width=2, number=True),
        blocks.Column(title=_("Lift"), width=2),
        blocks.Column(title=_("Accessible"), width=4),
    )
    rows = [
        (
            item["id"],
            str(item["rooms"]),
            number(item["area"]),
            str(item["floor"]),
            _YES_NO[item["lift"]],
            _YES_NO[item["accessible"]],
        )
        for item in material.input["dwellings"]
    ]
    return blocks.section(_("Dwellings of the round"), [blocks.table(columns, rows)])


def _loan_places(material: Material) -> dict[str, Any]:
    """The programme that lent, its terms as they held at the freeze with the basis of each, its places."""
    code = material.round.programme
    lender = programmes.find(code, on=_day(material.input["round"]["frozen_at"]))
    columns = (
        blocks.Column(title=_("Term"), width=3),
        blocks.Column(title=_("Value"), width=3),
        blocks.Column(title=_("Basis"), width=5),
    )
    terms = list(stock_presenters.terms(lender)) if lender is not None else []
    numbers = [item["id"] for item in material.input["dwellings"]]
    body = [
        blocks.pairs([(_("Program"), code or "–")]),
        blocks.table(columns, terms),
        blocks.numbers(_("Places: %(count)s") % {"count": whole(len(numbers))}, numbers),
    ]
    return blocks.section(_("Places of a loan program"), body)


def allotments(material: Material) -> dict[str, Any]:
    """Who gets what, in the order in which they were served; who is called next if they refuse."""
    columns = (
        blocks.Column(title=_("Turn"), number=True),
        blocks.Column(title=_("File number"), width=6),
        blocks.Column(title=_("List, place"), width=3),
        blocks.Column(title=_("Registration moment"), width=7),
        blocks.Column(title=_("Dwelling"), width=4),
        blocks.Column(title=_("Rooms, area, floor"), width=6),
        blocks.Column(title=_("Reserve, in order"), width=6),
    )
    rows = [_allotment(material, row) for row in material.result["allotments"]]
    left = joined(material.result["unallotted"])
    return blocks.section(
        _("Allotments and reserve"),
        [blocks.table(columns, rows), blocks.pairs([(_("Dwellings left over"), left)])],
    )


def _allotment(material: Material, row: Mapping[str, Any]) -> tuple[str, ...]:
    entry, dwelling = material.entries[row["entry"]], material.dwellings[row["dwelling"]]
    level = "" if row["level"] == "norm" else f" ({_('smaller, by consent')})"
    return (
        whole(row["turn"]),
        row["file_no"],
        f"{row['list']}, {whole(row['place'])}",
        registration_moment(entry["registered_at"]),
        row["dwelling"],
        _figures(material, dwelling) + level,
        joined(material.file_number(item) for item in row["reserve"]),
    )


def _figures(material: Material, dwelling: Mapping[str, Any]) -> str:
    if material.lends:
        return _("loan %(programme)s") % {"programme": material.round.programme}
    return _("%(rooms)s rooms, %(area)s m², floor %(floor)s") % {
        "rooms": dwelling["rooms"],
        "area": number(dwelling["area"]),
        "floor": dwelling["floor"],
    }


def passed_over(material: Material) -> dict[str, Any]:
    """Every entry that was looked at and not served, under the words of its code: place and file number."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for row in material.result["passed_over"]:
        key = (row["list"], row["code"], row.get("witness", ""))
        item = f"{whole(row['place'])}{NO_BREAK}·{NO_BREAK}{material.file_number(row['entry'])}"
        groups.setdefault(key, []).append(item)
    body = [blocks.text(_("Each number stands as: place in the list · file number."))]
    body += [
        blocks.numbers(_group_title(key, len(items)), items)
        for key, items in sorted(groups.items(), key=lambda pair: pair[0][0])
    ]
    not_reached = [
        (_("List %(list)s") % {"list": name}, whole(count))
        for name, count in sorted(material.result["not_reached"].items())
    ]
    body += [blocks.caption(_("Entries to whom the turn did not come")), blocks.pairs(not_reached)]
    return blocks.section(_("Entries passed over"), body)


def _group_title(key: tuple[str, str, str], count: int) -> str:
    list_number, code, witness = key
    reason = f"{presenters.passed_over(code)} ({joined(filter(None, (code, witness)))})"
    return _("List %(list)s. %(reason)s: %(count)s") % {
        "list": list_number,
        "reason": reason,
        "count": whole(count),
    }


def witnesses(material: Material) -> dict[str, Any]:
    """Why no exchange of dwellings could have housed one more family: the proof by counting."""
    how = _(
        "A family for whom every fitting dwelling is taken has a witness: these dwellings went to as many "
        "families who stood before it and fit in no other dwelling of the round."
    )
    body = [blocks.text(how)]
    for name, witness in sorted(material.result["witnesses"].items(), key=_witness_number):
        title = _("%(name)s, dwellings: %(count)s") % {
            "name": name,
            "count": whole(len(witness["dwellings"])),
        }
        body.append(blocks.numbers(title, witness["dwellings"]))
        title = _("%(name)s, families: %(count)s") % {"name": name, "count": whole(len(witness["entries"]))}
        body.append(blocks.numbers(title, map(material.file_number, witness["entries"])))
    return blocks.section(_("Witnesses"), body)


def _witness_number(pair: tuple[str, Any]) -> tuple[int, str]:
    return len(pair[0]), pair[0]


def check(material: Material) -> dict[str, Any]:
    """Digests of all that the decision rests on, and the address at which anyone can check it."""
    engine = _("Source of the engine, version %(version)s") % {"version": material.result["engine"]}
    rows = [
        (_("Input of the run (canonical form)"), material.decision.input_sha256),
        (_("Result of the run (canonical form)"), material.decision.result_sha256),
        *((words.bundle_form(form), digest) for form, digest in sorted(material.bundles.items())),
        (engine, material.engine_source),
        (_("Policy file"), material.policy.sha256),
        (_("Head of the trail when the lists were frozen"), material.round.trail_head),
        *_sealed(material),
    ]
    if material.decided_head:
        rows.append((_("Record of the decision in the trail"), material.decided_head))
    how = _(
        "These are SHA-256 digests. Whoever compares them with the files on the public page of the round "
        "and runs the bundle with plain Python sees whether the distribution follows from the sealed lists."
    )
    code = blocks.code(svg=_qr(material.url), url=material.url, caption=_("Public page of the round:"))
    return blocks.section(_("How to check this protocol"), [blocks.text(how), blocks.digests(rows), code])


def _sealed(material: Material) -> Iterator[tuple[str, str]]:
    """The seal that was published before the sitting, digest by digest."""
    for name, digest in sorted(material.round.seal.items()):
        yield words.sealed(name), digest


def _qr(url: str) -> str:
    return str(segno.make(url, error="m", micro=False).svg_inline(border=0, omitsize=True))
