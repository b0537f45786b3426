"""Curves of growth as one SVG: each in a frame of its own, both scales in powers of ten."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

_WIDTH: Final = 330
_HEIGHT: Final = 240
_LEFT: Final = 56
_TOP: Final = 40
_INNER_WIDTH: Final = 240
_INNER_HEIGHT: Final = 150
_IN_A_ROW: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What is drawn in one frame: entries and cost of each point, and the slope of the line through them."""

    name: str
    points: Sequence[tuple[int, float]]
    slope: float


def draw(curves: Sequence[Curve]) -> str:
    """Return the picture."""
    rows = -(-len(curves) // _IN_A_ROW)
    width, height = _WIDTH * min(len(curves), _IN_A_ROW), _HEIGHT * rows
    frames = "\n".join(
        f'<g transform="translate({number % _IN_A_ROW * _WIDTH} {number // _IN_A_ROW * _HEIGHT})">\n'
        f"{_frame(curve)}\n</g>"
        for number, curve in enumerate(curves)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" font-family="sans-serif" font-size="11">\n'
        f"<title>How cost grows with entries</title>\n"
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n{frames}\n</svg>\n'
    )


def _frame(curve: Curve) -> str:
    across = _Scale([entries for entries, _ in curve.points], length=_INNER_WIDTH)
    upward = _Scale([cost for _, cost in curve.points], length=_INNER_HEIGHT)
    places = [
        (_LEFT + across.at(entries), _TOP + _INNER_HEIGHT - upward.at(cost)) for entries, cost in curve.points
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return "\n".join(
        [
            f'<text x="{_LEFT}" y="16" font-weight="bold">{escape(curve.name)}</text>',
            f'<text x="{_LEFT}" y="31">grows by the power {curve.slope:.2f}</text>',
            *_lines(across, upward),
            f'<polyline points="{path}" fill="none" stroke="#00703c" stroke-width="2"/>',
            *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#00703c"/>' for x, y in places),
        ]
    )


def _lines(across: "_Scale", upward: "_Scale") -> Iterator[str]:
    bottom, right = _TOP + _INNER_HEIGHT, _LEFT + _INNER_WIDTH
    for power in across.powers:
        x = _LEFT + across.at(10.0**power)
        yield f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{bottom}" stroke="#d8d8d8"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{10**power:,}</text>'
    for power in upward.powers:
        y = bottom - upward.at(10.0**power)
        yield f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="#d8d8d8"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>'


class _Scale:
    """A scale in powers of ten that begins and ends at whole ones."""

    def __init__(self, values: Sequence[float], *, length: int) -> None:
        self._first = math.floor(math.log10(min(values)) + 1e-9)
        self._last = max(math.ceil(math.log10(max(values)) - 1e-9), self._first + 1)
        self._length = length

    @property
    def powers(self) -> range:
        return range(self._first, self._last + 1)

    def at(self, value: float) -> float:
        """How far from the beginning a value stands."""
        return (math.log10(value) - self._first) / (self._last - self._first) * self._length
