"""The section of a protocol that shows the split tier by tier, with its whole arithmetic."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from allocation import presenters
from allocation.documents import words
from allocation.documents.figures import exact, rounded
from allocation.documents.material import Material
from allocation.rules.floors import floor_sum
from queue_registry.documents import blocks
from queue_registry.documents.blocks import Block, Column
from queue_registry.formats import whole
from queue_registry.presenters import list_name


def split(material: Material) -> dict[str, Any]:
    """Sizes of the lists, then each tier: what it was to serve, by which arithmetic, what it served."""
    sizes = blocks.table(
        (
            Column(title=_("List"), width=4),
            Column(title=_("Entries when the lists were frozen"), width=2, number=True),
        ),
        _sizes(material),
    )
    body = [sizes]
    rules = material.input["policy"]["tiers"]
    for index, (rule, outcome) in enumerate(zip(rules, material.result["tiers"], strict=True)):
        body.append(
            blocks.caption(_("Tier %(number)s. %(name)s") % {"number": index + 1, "name": words.tier(rule)})
        )
        body += _tier(material, index, rule, outcome)
    return blocks.section(_("Split of the dwellings between the lists"), [*body, *_year(material)])


def _sizes(material: Material) -> Iterator[tuple[str, str]]:
    counts: dict[str, int] = {}
    for entry in material.input["entries"]:
        counts[entry["list"]] = counts.get(entry["list"], 0) + 1
    lists = {name for tier in material.input["policy"]["tiers"] for name in tier["lists"]}
    for name in sorted(lists):
        yield list_name(name), whole(counts.get(name, 0))


def _tier(
    material: Material, index: int, rule: Mapping[str, Any], outcome: Mapping[str, Any]
) -> Iterator[Block]:
    rows = [(_("Dwellings at its beginning"), whole(outcome["available"]))]
    if rule["kind"] == "proportional":
        yield blocks.pairs(rows)
        yield _shares(rule, outcome)
        return
    if rule["kind"] == "floor":
        arithmetic = floor_sum(rule=rule, tier=index, frozen=material.input, result=material.result)
        rows.append((_("Arithmetic of the floor"), presenters.floor_sum(arithmetic)))
    if rule["kind"] == "quota":
        rows.append((_("Document of the quota"), rule["document"]))
    if "target" in outcome:
        rows.append((_("To be served"), whole(outcome["target"])))
    rows.append((_("Served"), whole(outcome["served"])))
    if outcome["shortfall"]:
        rows.append((_("Missing, and why"), presenters.shortfall(outcome["shortfall"])))
    yield blocks.pairs(rows)


def _shares(rule: Mapping[str, Any], outcome: Mapping[str, Any]) -> Block:
    by_year = rule["period"] == "year"
    columns = [
        Column(title=_("List"), width=3),
        Column(title=_("Counted"), width=4, number=True),
        Column(title=_("Exact share"), width=6, number=True),
        Column(title=_("Rounded"), width=5, number=True),
    ]
    if by_year:
        columns += [
            Column(title=_("Owed from before"), width=6, number=True),
            Column(title=_("Received before"), width=5, number=True),
            Column(title=_("Owed now"), width=6, number=True),
        ]
    columns += [
        Column(title=_("Seats"), width=5, number=True),
        Column(title=_("Served"), width=5, number=True),
    ]
    return blocks.table(columns, [_share_row(row, by_year=by_year) for row in outcome["lists"]])


def _share_row(row: Mapping[str, Any], *, by_year: bool) -> list[str]:
    cells = [row["list"], whole(row["count"]), exact(row["share"]), rounded(row["share"])]
    if by_year:
        owed = Fraction(row["owed_before"]) + Fraction(row["share"]) - row["by_share_before"]
        cells += [rounded(row["owed_before"]), whole(row["by_share_before"]), rounded(owed)]
    return [*cells, whole(row["seats"]), whole(row["served"])]


def _year(material: Material) -> Iterator[Block]:
    """Yield the running totals of the year after this round."""
    year = material.result["year_to_date"]
    yield blocks.caption(
        _("Running totals of the year after this round; dwellings distributed: %(count)s")
        % {"count": whole(year["distributed"])}
    )
    yield blocks.table(
        (
            Column(title=_("List")),
            Column(title=_("Owed by exact shares"), width=2, number=True),
            Column(title=_("Received by shares"), width=2, number=True),
            Column(title=_("Received in all"), width=2, number=True),
        ),
        [
            (name, rounded(row["owed"]), whole(row["by_share"]), whole(row["received"]))
            for name, row in sorted(year["lists"].items())
        ],
    )
