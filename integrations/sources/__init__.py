"""The table of adapters by code: one small module per state system, a dict, no plugin framework."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import Final

from integrations.contract import Answer, ConsentToken, Query, SourceDefinition
from integrations.sources import (
    addr_reg,
    cbdi,
    egkn,
    ekyzmet,
    emaket,
    emergency_housing,
    enpf,
    esobes,
    esutd,
    gbd_fl,
    gbd_ul,
    health,
    kandas,
    kgd,
    labour,
    mod,
    nobd,
    zags,
)
from integrations.sources.definitions import DEFINITIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """A system: what it is, and the two pure functions of its module (see `contract.SourceAdapter`)."""

    definition: SourceDefinition
    build: Callable[[Query, ConsentToken | None], bytes]
    parse: Callable[[bytes, Query], Answer]


_MODULES: Final[Mapping[str, ModuleType]] = {
    "gbd_fl": gbd_fl,
    "zags": zags,
    "egkn": egkn,
    "addr_reg": addr_reg,
    "enpf": enpf,
    "emaket": emaket,
    "cbdi": cbdi,
    "esobes": esobes,
    "esutd": esutd,
    "labour": labour,
    "kgd": kgd,
    "gbd_ul": gbd_ul,
    "ekyzmet": ekyzmet,
    "nobd": nobd,
    "health": health,
    "kandas": kandas,
    "mod": mod,
    "emergency_housing": emergency_housing,
}

ADAPTERS: Final[Mapping[str, Adapter]] = MappingProxyType(
    {
        code: Adapter(definition=DEFINITIONS[code], build=module.build, parse=module.parse)
        for code, module in _MODULES.items()
    }
)
