"""
Red flags: pure functions over what happened, in n log n. A flag is a question to another person, no verdict.

Limits are dated data (`queue_registry/flags/*.toml`); a flag holds figures and codes, and screens make words.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from queue_registry.rules.flags import contacts, distribution, moments, people, places
from queue_registry.rules.flags.kinds import Flag, FlagKind
from queue_registry.rules.flags.limits import Limits
from queue_registry.rules.flags.values import Histories


def find(histories: Histories, limits: Limits, *, at: datetime) -> list[Flag]:
    """Return every flag, by kind and subject; of one kind and subject the strongest."""
    walked = places.walk(histories, near=limits.whole(FlagKind.NEIGHBOUR_GAIN, "places"))
    return _strongest(
        chain(
            moments.before_entry(histories, limits),
            moments.out_of_sequence(histories, limits),
            moments.jumps(walked.gains, limits),
            moments.after_announcement(histories, walked.gains, limits),
            people.clerk_rates(histories, limits),
            people.odd_hours(histories, limits),
            people.neighbor_gains(walked.removed, limits),
            people.officials(histories, limits),
            contacts.same_contacts(histories, limits),
            distribution.not_first(walked.ahead, limits),
            distribution.not_on_list(histories),
            distribution.later_before_earlier(histories, limits),
            distribution.shares(histories, limits),
            distribution.homes(histories, limits, at=at),
        )
    )


def _strongest(flags: Iterable[Flag]) -> list[Flag]:
    best: dict[tuple[FlagKind, str], Flag] = {}
    for flag in flags:
        known = best.get((flag.kind, flag.subject))
        if known is None or flag.strength > known.strength:
            best[flag.kind, flag.subject] = flag
    return [best[key] for key in sorted(best)]
