"""How a place changed, in words and as a picture: counted reasons, never a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry import formats, ground_presenters
from queue_registry.rules.place import Change, Reason, ReasonCode, by_month, joined
from queue_registry.selectors.place_history import PlaceHistory

_REASONS: Final[Mapping[ReasonCode, str]] = {
    ReasonCode.HOUSED: _("got a home"),
    ReasonCode.REMOVED: _("were removed from the list"),
    ReasonCode.RESTORED: _("were put back on the list, before this entry"),
    ReasonCode.REGISTERED_AHEAD: _("came on the list with an earlier registration moment"),
    ReasonCode.MOVED_AHEAD: _("moved before this entry: their registration moment was changed"),
    ReasonCode.MOVED_BEHIND: _("moved behind this entry: their registration moment was changed"),
    ReasonCode.CAME_FROM_LIST: _("came from another list, before this entry"),
    ReasonCode.LEFT_FOR_LIST: _("went to another list"),
    ReasonCode.OWN_MOMENT: _("the registration moment of this entry was changed"),
    ReasonCode.OWN_LIST: _("this entry changed its list"),
}
# So many changes are told by day; more are told by month, and what is older than the last rows as one row.
_BY_DAY: Final = 12
_ROWS: Final = 24
_WIDTH: Final = 600
_HEIGHT: Final = 120
_EDGE: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonLine:
    """One counted reason: by how much it changed the place, with its sign, and why."""

    effect: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One row of the table beside the picture; a place is None where the entry had none."""

    period: str
    place_from: int | None
    place_to: int | None
    reasons: tuple[ReasonLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceChart:
    """The picture's lines as SVG points, the highest and the lowest place, and the rows, newest first."""

    lines: tuple[str, ...]
    highest: int
    lowest: int
    since: date
    first_place: int
    rows: tuple[ChangeLine, ...]
    width: int = _WIDTH
    height: int = _HEIGHT


def place_chart(history: PlaceHistory, *, on: date) -> PlaceChart:
    """Return the history of a place until a day as picture and table."""
    changes = history.changes if len(history.changes) <= _BY_DAY else tuple(by_month(history.changes))
    steps = _steps(history, changes, on=on)
    places = [place for _day, place in steps if place is not None]
    return PlaceChart(
        lines=_lines(steps, lowest=max(places)),
        highest=min(places),
        lowest=max(places),
        since=history.registered_on,
        first_place=history.place,
        rows=tuple(_row(change) for change in reversed(_last(changes))),
    )


def _last(changes: Sequence[Change]) -> list[Change]:
    """The last changes; all that is older is one of them, so that the sums stay whole."""
    if len(changes) <= _ROWS:
        return list(changes)
    return [joined(changes[: 1 - _ROWS]), *changes[1 - _ROWS :]]


def _row(change: Change) -> ChangeLine:
    return ChangeLine(
        period=_period(change.since, change.on),
        place_from=change.place_from,
        place_to=change.place_to,
        reasons=tuple(
            ReasonLine(effect=_signed(effect), words=reason_words(reason))
            for reason, effect in change.effects.items()
        ),
    )


def _period(since: date, on: date) -> str:
    if since == on:
        return formats.day(on)
    if (since.year, since.month) == (on.year, on.month):
        return formats.month(f"{on:%Y-%m}")
    return f"{formats.day(since)} – {formats.day(on)}"


def _signed(effect: int) -> str:
    sign = "\N{MINUS SIGN}" if effect < 0 else "+"
    return f"{sign}{formats.whole(abs(effect))}"


def reason_words(reason: Reason) -> str:
    """A reason with its ground, as people read it behind a number."""
    ground = ground_presenters.ground(reason.ground)
    words = gettext(_REASONS[reason.code])
    return f"{words} ({ground})" if ground else words


def _steps(history: PlaceHistory, changes: Sequence[Change], *, on: date) -> list[tuple[date, int | None]]:
    """The place at the end of each day on which it changed, from the registration until today."""
    steps: list[tuple[date, int | None]] = [(history.registered_on, history.place)]
    steps += [(change.on, change.place_to) for change in changes]
    return [*steps, (max(on, steps[-1][0]), steps[-1][1])]


def _lines(steps: Sequence[tuple[date, int | None]], *, lowest: int) -> tuple[str, ...]:
    """Stairs whose bottom is the first place of the list; a new line begins behind a time without a place."""
    first, last = steps[0][0], steps[-1][0]
    days = max((last - first).days, 1)
    lines: list[list[str]] = [[]]
    before: int | None = None
    for day, place in steps:
        x = (day - first).days * _WIDTH // days
        if before is not None:
            lines[-1].append(f"{x},{_y(before, lowest)}")
        if place is None:
            lines.append([])
        else:
            lines[-1].append(f"{x},{_y(place, lowest)}")
        before = place
    return tuple(" ".join(line) for line in lines if line)


def _y(place: int, lowest: int) -> int:
    return _HEIGHT - _EDGE - place * (_HEIGHT - 2 * _EDGE) // max(lowest, 1)
