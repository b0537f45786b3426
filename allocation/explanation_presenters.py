"""Why an entry got what it got in a round, in whole sentences."""

from django.utils.translation import gettext

from allocation import presenters
from allocation.selectors.explanations import Explanation
from queue_registry import formats
from queue_registry.presenters import list_name


def explained(found: Explanation) -> list[str]:
    """Return the sentences: where the entry stood, what came of it, and the proof."""
    stood = gettext("Round %(round)s. %(list)s, place when the list was frozen: %(place)s.") % {
        "round": found.round_number,
        "list": list_name(found.list_number),
        "place": formats.whole(found.place),
    }
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
