"""Words of the country's figures and of the published files for templates."""

from datetime import datetime

from django import template

from queue_registry import formats, presenters
from queue_registry.country_presenters import name_of
from queue_registry.models import Akimat
from queue_registry.rules.publishing import MERGED

register = template.Library()

register.filter("category", presenters.category)
register.filter("month", formats.month)


@register.filter
def akimat_name(akimat: Akimat) -> str:
    """Name of an akimat in the page's language."""
    return name_of(akimat)


@register.simple_tag
def merged_code() -> str:
    """What stands in a file where a category is not named."""
    return MERGED


@register.filter
def day_or_dash(value: datetime | None) -> str:
    """A day, or a dash where there is none."""
    return formats.day(value) if value else "–"
