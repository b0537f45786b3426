"""What pages of past lists look up by key."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def list_of(numbers: Mapping[int, str], waiting_list: int) -> str:
    """Number of a list by its key."""
    return numbers[waiting_list]
