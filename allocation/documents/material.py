"""What a protocol is made of: rows of the sitting, and the run's stored input and result."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from allocation.models import AllocationRound, Decision, Departure, Sitting, SittingMember
from queue_registry.models import PolicyVersion


@dataclass(frozen=True, kw_only=True)
class Material:
    """
    One decided sitting with all that its protocol prints.

    `input` and `result` are the documents round/1 and round-result/1 as they were stored; a dwelling's id in
    them is its inventory number. `bundles` are SHA-256 by form of the bundle, `engine_source` is the SHA-256
    over the digests of the engine's own files, `decided_head` of the record of the decision in the trail.
    """

    sitting: Sitting
    members: tuple[SittingMember, ...]
    departures: tuple[Departure, ...]
    decision: Decision
    round: AllocationRound
    policy: PolicyVersion
    input: Mapping[str, Any]
    result: Mapping[str, Any]
    bundles: Mapping[str, str]
    engine_source: str
    decided_head: str
    language: str
    url: str

    @cached_property
    def entries(self) -> dict[str, Mapping[str, Any]]:
        """Entries of the input by id."""
        return {entry["id"]: entry for entry in self.input["entries"]}

    @cached_property
    def dwellings(self) -> dict[str, Mapping[str, Any]]:
        """Dwellings of the input by id."""
        return {dwelling["id"]: dwelling for dwelling in self.input["dwellings"]}

    @property
    def lends(self) -> bool:
        """Whether counted places of a loan programme were distributed, and no homes."""
        return self.input["policy"]["fit"] is None

    @property
    def akimat_name(self) -> str:
        akimat = self.sitting.akimat
        return akimat.name_kk if self.language == "kk" else akimat.name_ru

    def file_number(self, entry: str) -> str:
        """Return the file number of an entry of the input."""
        return str(self.entries[entry]["file_no"])
