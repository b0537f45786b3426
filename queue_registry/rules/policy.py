"""
The figures of one regime as a frozen value. What is done with them is code; what they are is dated data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

BASES: Final = frozenset({"law", "letter", "press", "ours"})


class PolicyBroken(ValueError):
    """A policy document lacks a figure, or a figure lacks its basis; the message names the path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsistenceMinimum:
    """The subsistence minimum, tenge a month, by the day it took effect."""

    from_on: date
    tenge: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """
    One policy in force; see `policies/*.toml` for each figure's act and basis.

    `tiers`, `fit`, `support` and `ladder` have the exact form of the engine's input, except that a quota
    tier gets its dwellings and document from the round.
    """

    code: str
    tiers: tuple[Mapping[str, Any], ...]
    fit: Mapping[str, Any]
    income_below: Mapping[str, str]
    exempt_flags: tuple[str, ...]
    support: Mapping[str, Any]
    ladder: tuple[tuple[str, str], ...]
    residence_years: Mapping[str, int]
    kato_digits: int
    share_is_bar: bool
    sold_within_years: int
    ceilings: tuple[tuple[int, Fraction], ...]
    quorum: Fraction
    commission_min: int
    commission_max: int
    offer_working_days: int
    refusals_before_hold: int | None
    refusals_within_months: int | None
    terms: Mapping[str, int]
    subsistence_minimums: tuple[SubsistenceMinimum, ...]

    def subsistence_minimum(self, on: date) -> Fraction:
        """
        Return the subsistence minimum in force on the day, tenge.

        :raises PolicyBroken: if the day is before the first figure.
        """
        held = [row for row in self.subsistence_minimums if row.from_on <= on]
        if not held:
            raise PolicyBroken(f"subsistence_minimum: no figure for {on}")
        return max(held, key=lambda row: row.from_on).tenge

    def term(self, name: str) -> int:
        """
        Return a term of procedure by its name in `[terms]`: working days, days or months, as its name and act
        say.

        :raises PolicyBroken: if the policy was approved before it had this term.
        """
        if name not in self.terms:
            raise PolicyBroken(f"{self.code}: terms.{name} is missing")
        return self.terms[name]

    def verified_since(self, at: datetime) -> datetime | None:
        """
        Return since when the registers must have confirmed what a home is given on at a moment.

        None under a policy that was approved before it had the term: it sets no limit.
        """
        days = self.terms.get("verified_within")
        return None if days is None else at - timedelta(days=days)

    def recheck_speaks_until(self, at: datetime) -> datetime:
        """
        Return until when whatever a recheck before a distribution does not ask anew has to speak.

        A policy that was approved before it had the term wants it for the moment of the recheck alone.
        """
        return at + timedelta(hours=self.terms.get("recheck_speaks_hours", 0))

    @property
    def rungs(self) -> tuple[tuple[str, Fraction], ...]:
        """The ladder with exact limits, in subsistence minimums."""
        return tuple((name, Fraction(limit)) for name, limit in self.ladder)

    def limits(self, on: date) -> frozenset[Fraction]:
        """Every income limit of the policy in tenge on the day."""
        minimum = self.subsistence_minimum(on)
        multiples = (*(limit for _, limit in self.rungs), *map(Fraction, self.income_below.values()))
        return frozenset(
            multiple * minimum for multiple in (*multiples, *(limit for _, limit in self.ceilings))
        )

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Policy":
        """
        Read a policy document (the TOML file as JSON).

        :raises PolicyBroken: if a figure is missing or has no basis; the message names its path.
        """
        check_bases(document)
        try:
            return cls(
                code=document["code"],
                tiers=tuple(MappingProxyType(_plain(tier)) for tier in document["tiers"]),
                fit=MappingProxyType({name: figure["value"] for name, figure in document["fit"].items()}),
                income_below=MappingProxyType(dict(document["income"]["below"]["value"])),
                exempt_flags=tuple(document["income"]["exempt_flags"]["value"]),
                support=MappingProxyType(
                    {
                        "kind": document["support"]["kind"]["value"],
                        "rung": document["support"]["rung"]["value"] or None,
                    }
                ),
                ladder=tuple((row["rung"], row["limit"]) for row in document["ladder"]),
                residence_years=MappingProxyType(dict(document["residence"]["years"]["value"])),
                kato_digits=document["residence"]["kato_digits"]["value"],
                share_is_bar=document["need"]["share_is_bar"]["value"],
                sold_within_years=document["need"]["sold_within_years"]["value"],
                ceilings=tuple(
                    (row["members"], Fraction(row["limit"])) for row in document.get("ceilings", ())
                ),
                quorum=Fraction(document["commission"]["quorum"]["value"]),
                commission_min=document["commission"]["members_min"]["value"],
                commission_max=document["commission"]["members_max"]["value"],
                offer_working_days=document["offer"]["working_days"]["value"],
                # A policy that was approved before it had the two holds nobody.
                refusals_before_hold=document["offer"].get("refusals_before_hold", {}).get("value"),
                refusals_within_months=document["offer"].get("refusals_within_months", {}).get("value"),
                terms=MappingProxyType(
                    {name: figure["value"] for name, figure in document.get("terms", {}).items()}
                ),
                subsistence_minimums=tuple(
                    SubsistenceMinimum(from_on=date.fromisoformat(row["from"]), tenge=Fraction(row["tenge"]))
                    for row in document["subsistence_minimum"]
                ),
            )
        except KeyError as missing:
            raise PolicyBroken(f"{document.get('code', 'policy')}: {missing.args[0]} is missing") from missing


def _plain(tier: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in tier.items() if name not in {"basis", "act"}}


def check_bases(document: Mapping[str, Any]) -> None:
    """
    Pass if every figure of a document says where it is from.

    :raises PolicyBroken: with the path of the first that does not.
    """
    for path, figure in figures(document):
        if figure.get("basis") not in BASES or not figure.get("act"):
            raise PolicyBroken(f"{document.get('code', 'policy')}: {path} has no act or no lawful basis")


def figures(document: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return (path, figure) of every figure, in the order of the document: for pages and protocols, too."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    for name, part in document.items():
        if isinstance(part, dict):
            found += [(f"{name}.{key}", figure) for key, figure in part.items() if isinstance(figure, dict)]
        elif isinstance(part, list):
            found += [(f"{name}[{index}]", figure) for index, figure in enumerate(part)]
    return found
