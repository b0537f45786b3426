"""Why an entry got what it got in a round, in whole sentences."""

from dataclasses import dataclass

from django.utils.translation import gettext

from allocation import presenters
from allocation.selectors.explanations import Explanation
from queue_registry import formats
from queue_registry.presenters import list_name


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicExplanation:
    """What came of one round for one entry: the round, where the entry stood, and why, in sentences."""

    round_id: int
    round_number: str
    list_name: str
    place: int | None
    sentences: tuple[str, ...]


def explained(found: Explanation) -> list[str]:
    """Return the sentences: where the entry stood, what came of it, and the proof."""
    stood = _stood(found)
    if found.dwelling:
        sentences = [gettext("The home %(dwelling)s was computed for it.") % {"dwelling": found.dwelling}]
    else:
        sentences = [
            gettext("No home was computed for it: %(reason)s.")
            % {"reason": presenters.passed_over(found.code)}
        ]
    if found.homes:
        sentences.append(presenters.witness_by_rooms(found.homes))
    if found.departure:
        ground = presenters.departure_ground(found.departure)
        sentences.append(
            gettext("The commission left the computed order here: %(ground)s.") % {"ground": ground}
        )
    return [stood, *sentences]


def _stood(found: Explanation) -> str:
    where = {"round": found.round_number, "list": list_name(found.list_number)}
    if found.place is None:
        return gettext("Round %(round)s. %(list)s.") % where
    return gettext("Round %(round)s. %(list)s, place when the list was frozen: %(place)s.") % {
        **where,
        "place": formats.whole(found.place),
    }


def told(found: Explanation) -> PublicExplanation:
    """Return the same for the household's own page, with the round that it leads to."""
    _round, *sentences = explained(found)
    return PublicExplanation(
        round_id=found.round_id,
        round_number=found.round_number,
        list_name=list_name(found.list_number),
        place=found.place,
        sentences=tuple(sentences),
    )
