"""Thousands of values in one question, as one array instead of thousands of parameters."""

from collections.abc import Iterable

from django.db.models.expressions import RawSQL

from queue_registry.selectors.kept_queries import Given


def texts(values: Iterable[str]) -> RawSQL:
    """Return what stands behind `__in` for many texts."""
    # Written as PostgreSQL writes an array, at once: the driver would look at each text by itself.
    given = list(values)
    written = '","'.join(given)
    if "\\" in written or written.count('"') != 2 * max(len(given) - 1, 0):
        written = '","'.join([_escaped(value) for value in given])
    return RawSQL("SELECT unnest(%s::text[])", [f'{{"{written}"}}' if given else "{}"])


def these(keys: Iterable[int]) -> RawSQL:
    """Return what stands behind `__in` for many keys: a freeze asks about thousands at once."""
    return RawSQL("SELECT unnest(%s::bigint[])", [f"{{{','.join(map(str, keys))}}}"])


def keys(values: Given) -> RawSQL:
    """Return what stands behind `__in` for a list of keys that a kept query is given."""
    # Within a question of its own: how many there are decides no plan, so that one is made for all.
    return RawSQL("SELECT unnest((SELECT %s::bigint[]))", [values])


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
