"""
Applications of the old lists that may be of one person, where no IIN says so: proposed, never joined.

Not all are compared with all: only those that share a key, made of a part of the name and of one sign that
the table of combinations asks for. The rest is a sum: pairs make groups, whatever their order.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from queue_registry.rules.legacy.mentions import Mention, Pair, compare_mentions, slips

# A key that more applications share says nothing of any of them. Size and list of a family, beside a name,
# say something only where nobody else in the akimat is called so and has the same.
MOST_OF_ONE_KEY: Final = 40
MOST_OF_ONE_SIZE: Final = 2

_Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Applications that may be one person's, by their keys in order, and the pairs that tie them."""

    members: tuple[int, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The groups in order; and how many keys said nothing because too many share them."""

    groups: tuple[Group, ...]
    crowded: int


def find_groups(mentions: Sequence[Mention], *, apart: Collection[tuple[int, int]] = frozenset()) -> Found:
    """
    Return the groups of applications that a person should look at.

    :param apart: pairs, the lower key first, of which a person decided that they are two people.
    """
    unknown = [one for one in mentions if one.iin is None]
    by_key, crowded = _by_key(mentions, unknown)
    by_number = _by_number(mentions)
    pairs: dict[tuple[int, int], Pair] = {}
    seen = set(apart)
    for one in unknown:
        for other in _beside(one, by_key, by_number):
            keys = (min(one.key, other.key), max(one.key, other.key))
            if other.key == one.key or keys in seen:
                continue
            seen.add(keys)
            pair = compare_mentions(one, other)
            if pair is not None:
                pairs[keys] = pair
    return Found(groups=tuple(_groups(pairs.values())), crowded=crowded)


def _by_key(mentions: Iterable[Mention], unknown: Iterable[Mention]) -> tuple[dict[_Key, list[Mention]], int]:
    """Return the mentions by those keys that an application without a confirmed IIN has."""
    signs = {sign for one in unknown for sign in _signs(one)}
    by_key: dict[_Key, list[Mention]] = {key: [] for one in unknown for key in _keys(one, signs)}
    for one in mentions:
        for key in _keys(one, signs):
            sharing = by_key.get(key)
            # One more than counts is enough to know that there are too many.
            if sharing is not None and len(sharing) <= _most(key):
                sharing.append(one)
    too_many = [key for key, sharing in by_key.items() if len(sharing) > _most(key)]
    for key in too_many:
        del by_key[key]
    return by_key, sum(key[0] != "SIZE" for key in too_many)


def _most(key: _Key) -> int:
    return MOST_OF_ONE_SIZE if key[0] == "SIZE" else MOST_OF_ONE_KEY


def _by_number(mentions: Iterable[Mention]) -> dict[str, list[Mention]]:
    by_number: dict[str, list[Mention]] = defaultdict(list)
    for one in mentions:
        for number in one.numbers if one.iin is None else (one.iin,):
            if len(by_number[number]) <= MOST_OF_ONE_KEY:
                by_number[number].append(one)
    return {number: ones for number, ones in by_number.items() if len(ones) <= MOST_OF_ONE_KEY}


def _beside(
    one: Mention, by_key: dict[_Key, list[Mention]], by_number: dict[str, list[Mention]]
) -> Iterator[Mention]:
    """Yield the mentions to compare one with, some of them more than once."""
    for key in _keys(one, None):
        yield from by_key.get(key, ())
    for number in one.numbers:
        yield from by_number.get(number, ())
        for slip in slips(number):
            yield from by_number.get(slip, ())


def _keys(one: Mention, signs: Collection[_Key] | None) -> Iterator[_Key]:
    """Yield every sign together with every key of the names; only of `signs`, if they are given."""
    mine = [sign for sign in _signs(one) if signs is None or sign in signs]
    if not mine:
        return
    names = {key for name in one.names for key in name.keys}
    for sign in mine:
        for name in names:
            # Of a surname with initials, size and list alone are nothing to go by.
            if sign[0] != "SIZE" or name[0] == "F":
                yield (*sign, name)


def _signs(one: Mention) -> Iterator[_Key]:
    for kind, values in (("BORN", one.born), ("DAY", one.days), ("PHONE", one.phones)):
        for value in values:
            yield (kind, value)
    for iin in one.members | one.numbers:
        yield ("MEMBER", iin)
    for size in one.sizes:
        for number in one.lists:
            yield ("SIZE", size, number)


def _groups(pairs: Iterable[Pair]) -> list[Group]:
    """Return the groups that the pairs make, each told by its lowest key, in order."""
    ordered = sorted(pairs, key=lambda pair: pair.keys)
    head: dict[int, int] = {}

    def head_of(key: int) -> int:
        while head.setdefault(key, key) != key:
            head[key] = head[head[key]]
            key = head[key]
        return key

    for pair in ordered:
        low, high = sorted(map(head_of, pair.keys))
        head[high] = low
    members: dict[int, set[int]] = defaultdict(set)
    tied: dict[int, list[Pair]] = defaultdict(list)
    for pair in ordered:
        top = head_of(pair.keys[0])
        members[top].update(pair.keys)
        tied[top].append(pair)
    return [Group(members=tuple(sorted(members[top])), pairs=tuple(tied[top])) for top in sorted(members)]
