"""The policy inside an input document: figures of law and settings, to values."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from . import fields
from .fields import Record, inside
from .refusal import InputRefused
from .strict_json import Json
from .values import (
    LIST_CODES,
    Count,
    FitNorms,
    FloorTier,
    IncomePolicy,
    Period,
    Policy,
    ProportionalTier,
    QuotaTier,
    Rung,
    Support,
    Tier,
    TierKind,
    WholeTier,
)

_POLICY_KEYS: Final = frozenset({"code", "tiers", "fit", "income", "support", "ladder"})
_FIT_KEYS: Final = frozenset(
    {"min_area", "max_area", "surplus", "separate_sexes_from_age", "max_floor_mobility"}
)
_INCOME_KEYS: Final = frozenset({"subsistence_minimum", "below", "exempt_flags"})
_SUPPORT_KEYS: Final = frozenset({"kind", "rung"})
_TIER_KEYS: Final[Mapping[TierKind, frozenset[str]]] = MappingProxyType(
    {
        TierKind.FIRST_RIGHT: frozenset({"kind", "lists"}),
        TierKind.FLOOR: frozenset({"kind", "lists", "share", "period"}),
        TierKind.QUOTA: frozenset({"kind", "lists", "dwellings", "document"}),
        TierKind.PROPORTIONAL: frozenset({"kind", "lists", "count", "period"}),
        TierKind.MERGED: frozenset({"kind", "lists"}),
    }
)


def read_policy(value: Json) -> Policy:
    """The policy of a round; refuses what breaks the contract, with the path below the policy."""
    record = fields.record(value, _POLICY_KEYS)
    code = fields.text(record, "code")
    tiers = []
    for index, tier in enumerate(fields.items(record, "tiers")):
        with inside(f".tiers[{index}]"):
            tiers.append(_tier(tier))
    with inside(".fit"):
        fit = None if record["fit"] is None else _fit(record["fit"])
    with inside(".income"):
        income = _income(record["income"])
    ladder = _ladder(fields.items(record, "ladder"))
    with inside(".support"):
        support = _support(record["support"], {rung.name for rung in ladder})
    return Policy(code=code, tiers=tuple(tiers), fit=fit, income=income, support=support, ladder=ladder)


def _tier(value: Json) -> Tier:
    kind_of = fields.mapping(value)
    if "kind" not in kind_of:
        raise InputRefused(".kind", "missing key")
    kind = fields.choice(kind_of, "kind", TierKind)
    record = fields.record(value, _TIER_KEYS[kind])
    return _READERS[kind](record, _lists(record))


def _whole(record: Record, lists: tuple[str, ...]) -> Tier:
    return WholeTier(kind=fields.choice(record, "kind", TierKind), lists=lists)


def _floor(record: Record, lists: tuple[str, ...]) -> Tier:
    return FloorTier(
        lists=lists, share=fields.share(record, "share"), period=fields.choice(record, "period", Period)
    )


def _quota(record: Record, lists: tuple[str, ...]) -> Tier:
    return QuotaTier(
        lists=lists,
        dwellings=fields.integer(record, "dwellings", least=0),
        document=fields.text(record, "document"),
    )


def _proportional(record: Record, lists: tuple[str, ...]) -> Tier:
    return ProportionalTier(
        lists=lists,
        count=fields.choice(record, "count", Count),
        period=fields.choice(record, "period", Period),
    )


_READERS: Final[Mapping[TierKind, Callable[[Record, tuple[str, ...]], Tier]]] = MappingProxyType(
    {
        TierKind.FIRST_RIGHT: _whole,
        TierKind.FLOOR: _floor,
        TierKind.QUOTA: _quota,
        TierKind.PROPORTIONAL: _proportional,
        TierKind.MERGED: _whole,
    }
)


def _lists(record: Record) -> tuple[str, ...]:
    codes = fields.texts(record, "lists")
    if not codes:
        raise InputRefused(".lists", "expected at least one list")
    for index, code in enumerate(codes):
        if code not in LIST_CODES:
            raise InputRefused(f".lists[{index}]", f"expected one of {', '.join(LIST_CODES)} as a string")
    fields.unique(codes, ".lists[{}]", "the list is repeated")
    return codes


def _fit(value: Json) -> FitNorms:
    record = fields.record(value, _FIT_KEYS)
    return FitNorms(
        min_area=fields.decimal(record, "min_area", above_zero=True),
        max_area=fields.decimal(record, "max_area", above_zero=True),
        surplus=fields.decimal(record, "surplus"),
        separate_sexes_from_age=fields.optional_integer(
            record, "separate_sexes_from_age", least=0, most=fields.MOST_AGE
        ),
        max_floor_mobility=fields.integer(record, "max_floor_mobility"),
    )


def _income(value: Json) -> IncomePolicy:
    record = fields.record(value, _INCOME_KEYS)
    below = {}
    with inside(".below"):
        multiples = fields.mapping(record["below"])
        for code in multiples:
            fields.check_list_key(code)
            below[code] = fields.decimal(multiples, code)
    return IncomePolicy(
        subsistence_minimum=fields.decimal(record, "subsistence_minimum"),
        below=below,
        exempt_flags=fields.texts(record, "exempt_flags"),
    )


def _ladder(values: list[Json]) -> tuple[Rung, ...]:
    rungs: list[Rung] = []
    for index, value in enumerate(values):
        with inside(f".ladder[{index}]"):
            rung = _rung(value)
            if any(rung.name == other.name for other in rungs):
                raise InputRefused("[0]", "the rung is repeated")
            if rungs and rung.limit <= rungs[-1].limit:
                raise InputRefused("[1]", "expected a limit above the one before")
        rungs.append(rung)
    return tuple(rungs)


def _rung(value: Json) -> Rung:
    if not isinstance(value, list) or len(value) != 2:
        raise InputRefused("", "expected a list of a name and a limit")
    name = fields.checked_text(value[0], "[0]")
    return Rung(name=name, limit=fields.decimal_value(value[1], "[1]"))


def _support(value: Json, rungs: set[str]) -> Support:
    record = fields.record(value, _SUPPORT_KEYS)
    kind = fields.text(record, "kind")
    rung = None if record["rung"] is None else fields.text(record, "rung")
    if rung is not None and rung not in rungs:
        raise InputRefused(".rung", "the rung is not in the ladder")
    return Support(kind=kind, rung=rung)
