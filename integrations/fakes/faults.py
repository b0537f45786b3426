"""
Planned misfortune: a profile says how often each system fails and how, a seed makes it the same every time.

A profile is `{"seed": 7, "sources": {"egkn": {"latency_ms": 50, "timeout": 0.02, ...}}}`; `*` names all
systems, and what a system's own row says goes before it. Rates run from 0 to 1, moments count in seconds from
the start of the gateway.
"""

import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

Rate = Annotated[float, Field(ge=0, le=1)]
Second = Annotated[int, Field(ge=0, le=10**9)]


def _in_order(window: list[int]) -> list[int]:
    if len(window) != 2 or window[0] >= window[1]:
        raise ValueError("a window is two moments, the first before the second")
    return window


Window = Annotated[list[Second], AfterValidator(_in_order)]


class Fault(StrEnum):
    """What may go wrong with one answer, in the order in which it is drawn."""

    TIMEOUT = "timeout"
    HTTP_500 = "http_500"
    RATE_LIMITED = "rate_limited"
    HTML_200 = "html_200"
    TRUNCATED = "truncated"
    WRONG_PERSON = "wrong_person"
    BAD_SIGNATURE = "bad_signature"


class ProfileError(ValueError):
    """The profile can't be used; names the file and the path inside it."""


class SourceFaults(BaseModel):
    """
    Rates of one system; `down` = it answers nothing but faults.

    `maintenance` are the windows in which it says when to come back, and nothing else. `withdrawn` is the
    share of people who take their consent back at `withdrawn_after_s`: the same people in all systems.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    latency_ms: Annotated[int, Field(ge=0, le=600_000)] = 0
    timeout: Rate = 0
    http_500: Rate = 0
    rate_limited: Rate = 0
    html_200: Rate = 0
    truncated: Rate = 0
    wrong_person: Rate = 0
    bad_signature: Rate = 0
    down: bool = False
    maintenance: list[Window] = Field(default_factory=list)
    withdrawn: Rate = 0
    withdrawn_after_s: Second = 0

    def seconds_of_maintenance_left(self, elapsed: float) -> int:
        """Return how long the window that is open at a moment still takes; 0 if none is."""
        ends = [end for start, end in self.maintenance if start <= elapsed < end]
        return math.ceil(max(ends) - elapsed) if ends else 0


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    seed: int = 0
    sources: dict[str, dict[str, Any]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Faults by system and the seed of their draw."""

    seed: int
    sources: dict[str, SourceFaults]

    def draw(self, source: str, *, question: str, turn: int) -> Fault | None:
        """Return what goes wrong with the `turn`-th asking of a question; the same for the same seed."""
        rates = self.sources[source]
        for fault in Fault:
            rate = getattr(rates, fault.value)
            if rate and _uniform(self.seed, source, question, turn, fault.value) < rate:
                return fault
        return None

    def has_withdrawn(self, source: str, *, iin: str, elapsed: float) -> bool:
        """Return whether a person has taken their consent back by a moment."""
        rates = self.sources[source]
        return elapsed >= rates.withdrawn_after_s and _uniform(self.seed, "withdrawn", iin) < rates.withdrawn


NO_FAULTS: Final = SourceFaults()


def quiet(codes: Iterable[str]) -> Profile:
    """Return a profile in which nothing fails."""
    return Profile(seed=0, sources=dict.fromkeys(codes, NO_FAULTS))


def load(path: Path, codes: Iterable[str]) -> Profile:
    """
    Read a profile for the systems with these codes.

    :raises ProfileError: if the file can't be read, names an unknown system or kind, or a rate out of range.
    """
    known = list(codes)
    try:
        document = _Document.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ProfileError(f"{path}: can't be read as JSON: {error}") from error
    except ValidationError as error:
        raise ProfileError(f"{path}: {_first(error)}") from None
    unknown = sorted(set(document.sources) - set(known) - {"*"})
    if unknown:
        raise ProfileError(f"{path}: sources.{unknown[0]}: no such system; known are {', '.join(known)}")
    rows = {}
    for code in ("*", *known):
        try:
            rows[code] = SourceFaults.model_validate(
                {**document.sources.get("*", {}), **document.sources.get(code, {})}
            )
        except ValidationError as error:
            raise ProfileError(f"{path}: sources.{code}.{_first(error)}") from None
    return Profile(seed=document.seed, sources={code: rows[code] for code in known})


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    return f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}"


def _uniform(*parts: object) -> float:
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:7]) / 2**56
