"""What templates say in words and draw as pictures; the words are the presenters'."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from queue_registry import (
    citizen_presenters,
    fact_presenters,
    formats,
    ground_presenters,
    import_presenters,
    policy_acts,
    presenters,
)

register = template.Library()

for _words in (
    formats.day,
    formats.moment,
    formats.whole,
    formats.tenge,
    formats.area,
    policy_acts.act,
    fact_presenters.fact_lines,
    presenters.list_name,
    presenters.entry_status,
    citizen_presenters.served,
    citizen_presenters.office_address,
    citizen_presenters.keeper_name,
    presenters.category,
    presenters.tone,
    presenters.eligibility,
    presenters.verdict,
    presenters.reason,
    presenters.rule,
    presenters.rung,
    presenters.relation,
    presenters.origin,
    presenters.role,
    presenters.outcome,
    ground_presenters.ground,
    presenters.source,
    presenters.event,
    import_presenters.legacy_source,
    import_presenters.row_state,
    import_presenters.row_tone,
    import_presenters.import_code,
    import_presenters.import_remark,
    import_presenters.cells,
):
    register.filter(_words.__name__, _words)

# So many bars stand for a queue of any length.
_BARS: Final = 40
_BAR_WIDTH: Final = 18
_BAR_STEP: Final = 25


@register.simple_tag
def registration_moment(value: datetime, *, time_known: bool) -> str:
    """A registration moment: only the day where nobody wrote the time down."""
    return formats.registration_moment(value, time_known=time_known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language of the site: code, its own name, the same page in it."""

    code: str
    name: str
    url: str
    chosen: bool


_OWN_NAMES: Final = {"kk": "Қазақша", "ru": "Русский", "en": "English"}


@register.filter
def own_language_name(code: str) -> str:
    """The name of a language in itself."""
    return _OWN_NAMES[code]


@register.filter
def unbroken(number: str) -> SafeString:
    """A number that no narrow screen breaks at its dashes."""
    return format_html('<span class="kz-nowrap">{}</span>', number)


@register.simple_tag(takes_context=True)
def languages(context: dict[str, Any]) -> list[Language]:
    """Every language of the site with the address of the present page in it."""
    request: HttpRequest | None = context.get("request")
    path = request.path if request else "/"
    chosen = get_language()
    spoken = (
        settings.DESK_LANGUAGES
        if path.startswith(settings.STAFF_PATHS)
        else [code for code, _name in settings.LANGUAGES]
    )
    return [
        Language(code=code, name=_OWN_NAMES[code], url=_in_language(path, code), chosen=code == chosen)
        for code in spoken
    ]


def _in_language(path: str, code: str) -> str:
    url = translate_url(path, code)
    # A page that exists in no language (an error): the front page of the language.
    return f"/{code}/" if url == path and not path.startswith(f"/{code}/") else url


@register.inclusion_tag("components/queue_picture.html")
def queue_picture(place: int, length: int) -> dict[str, Any]:
    """A queue as a row of bars, the one with this place marked; its figures stand in words beside it."""
    count = max(1, min(length, _BARS))
    return {
        "bars": _bars(count, (place - 1) * count // max(length, 1)),
        "width": count * _BAR_STEP,
    }


@functools.cache
def _bars(count: int, mine: int) -> SafeString:
    """So many bars as SVG, one of them marked: few pictures for any number of places."""
    return mark_safe(  # noqa: S308 - integers and words of ours
        "\n".join(_bar(index, mine) for index in range(count))
    )


def _bar(index: int, mine: int) -> str:
    part = "other" if index < mine else "mine" if index == mine else "behind"
    y, height = (0, 100) if index == mine else (30, 70)
    return (
        f'<rect class="kz-queue__{part}" x="{index * _BAR_STEP}" y="{y}" '
        f'width="{_BAR_WIDTH}" height="{height}" />'
    )


@register.filter
def with_page(query: str, number: int) -> str:
    """Query of the same list on another page."""
    kept = [part for part in query.split("&") if part and not part.startswith("page=")]
    return "?" + "&".join([*kept, f"page={number}"])


@register.filter
def name_of(names: Mapping[int, str], key: int | None) -> str:
    """Name of a person by key; empty for somebody whom the page does not name."""
    return names.get(key, "") if key is not None else ""


@register.filter
def comma(value: str) -> str:
    """A decimal of a policy as people write it: "3,1"."""
    return formats.marked(value)
