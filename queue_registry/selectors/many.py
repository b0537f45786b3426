"""Thousands of values in one question, as one array instead of thousands of parameters."""

from collections.abc import Iterable

from django.db.models.expressions import RawSQL


def texts(values: Iterable[str]) -> RawSQL:
    """Return what stands behind `__in` for many texts."""
    return RawSQL("SELECT unnest(%s::text[])", [list(values)])
