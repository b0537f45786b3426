"""Words of the pages of old lists; the words are the presenters'."""

from collections.abc import Mapping

from django import template

from queue_registry import import_case_presenters

register = template.Library()

register.filter("import_answer", import_case_presenters.answer)
register.filter("import_value", import_case_presenters.value)
register.filter("import_lists", import_case_presenters.lists)


@register.filter
def codes_of(codes: Mapping[int, list[str]], application: int) -> list[str]:
    """Codes of the open questions of an application."""
    return codes.get(application, [])
