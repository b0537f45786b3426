"""
Anybody: the lists, those housed and the country's figures as files, with the words that describe them.

A file's version follows from the head of the trail: whoever has it gets no byte of it again.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from queue_registry import downloads, open_data
from queue_registry.models import Akimat, TrailHead
from queue_registry.open_data import Dataset
from queue_registry.rules.calendar import TIME_ZONE, civil_day
from queue_registry.rules.intakes import categories_of
from queue_registry.rules.publishing import PublishingRules, rules_in_force
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.selectors import clock, country, gate, open_lists
from queue_registry.views import cacheable

# One more whenever a file changes its shape.
_SHAPE: Final = 2
_FIRST_YEAR: Final = 2023
_MONTHS: Final = 12

Rows = Callable[[], Iterable[downloads.Row]]


@require_safe
def catalog(request: HttpRequest) -> HttpResponseBase:
    """What is published: every file with its fields, licence and last change."""

    def make() -> HttpResponse:
        at = clock.now()
        akimats, changes = gate.keepers(Akimat.objects.order_by("kato")), country.last_changes()
        context = {
            "datasets": open_data.DATASETS,
            "formats": open_data.FORMATS,
            "licence": open_data.LICENCE,
            "licence_url": open_data.LICENCE_URL,
            "akimats": [(one, changes.get(one.kato)) for one in akimats],
            "changed_at": max(changes.values(), default=None),
            "rules": rules_in_force(civil_day(at)),
            "categories": [(number.value, categories_of(number)) for number in ListNumber],
            "at": at,
            "section": "open_data",
        }
        return render(request, "queue_registry/open_data.html", context)

    return cacheable.page(request, key=f"open-data:{get_language()}", make=make)


@require_safe
def lists(request: HttpRequest, kato: str, form: str) -> HttpResponseBase:
    """Those who stand in the lists of an akimat now."""
    akimat, rules = _akimat(kato), _rules()
    rows = partial(open_lists.list_registered, akimat, rules=rules)
    return _file(request, open_data.WAITING, kato, form, rows, rules)


@require_safe
def lists_of_year(request: HttpRequest, kato: str, year: int, form: str) -> HttpResponseBase:
    """Those who stood in the lists of an akimat on the first day of a year."""
    akimat, rules = _akimat(kato), _rules()
    if year not in years(civil_day(clock.now())):
        raise Http404
    rows = partial(open_lists.list_of_year, akimat, year, rules=rules)
    return _file(request, open_data.WAITING, f"{kato}-{year}", form, rows, rules)


@require_safe
def housed(request: HttpRequest, form: str, kato: str = "") -> HttpResponseBase:
    """Those who were housed in the last 24 months, in an akimat or in the country."""
    akimats = Akimat.objects.filter(pk=_akimat(kato).pk) if kato else Akimat.objects.all()
    rules = _rules()
    since = _months_before(civil_day(clock.now()), rules.months_of_housed)
    rows = partial(open_lists.list_housed, akimats, since=since, rules=rules)
    return _file(request, open_data.HOUSED, kato or "all", form, rows, rules)


@require_safe
def counts(request: HttpRequest, form: str) -> HttpResponseBase:
    """How many wait and how many were housed, by akimat and list."""
    return _file(request, open_data.COUNTS, "all", form, _counts, _rules())


def years(on: date) -> range:
    """Return the years of whose first day the lists are published."""
    return range(_FIRST_YEAR, on.year + 1)


def _counts() -> Iterable[downloads.Row]:
    for place in country.get_country(at=clock.now()).places:
        for number, one in place.figures.lists.items():
            served = civil_day(one.oldest_served).isoformat() if one.oldest_served else ""
            yield (
                place.akimat.kato,
                place.akimat.name_kk,
                place.akimat.name_ru,
                number,
                one.waiting,
                one.housed,
                served,
            )


def _akimat(kato: str) -> Akimat:
    akimat = gate.keepers(Akimat.objects.filter(kato=kato)).first()
    if akimat is None:
        raise Http404
    return akimat


def _rules() -> PublishingRules:
    return rules_in_force(civil_day(clock.now()))


def _months_before(on: date, months: int) -> datetime:
    year, month = divmod(on.year * _MONTHS + on.month - 1 - months, _MONTHS)
    # A day that the earlier month does not have: from its last day but three on, rather more than less.
    return datetime(year, month + 1, min(on.day, 28), tzinfo=TIME_ZONE)


def _file(
    request: HttpRequest, dataset: Dataset, part: str, form: str, rows: Rows, rules: PublishingRules
) -> HttpResponseBase:
    version = _version(dataset, part, form, rules)
    known = cacheable.unchanged(request, version=version)
    if known is not None:
        return cacheable.tagged(request, known, version=version)
    response = _response(dataset, part, form, rows)
    name = f"kezek-{dataset.code}-{part}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Link"] = f'<{open_data.LICENCE_URL}>; rel="license"'
    return cacheable.tagged(request, response, version=version)


def _response(dataset: Dataset, part: str, form: str, rows: Rows) -> HttpResponseBase:
    content_type = downloads.CONTENT_TYPES[form]
    if form == "xlsx":
        book = downloads.workbook(dataset.code, dataset.columns, rows())
        return FileResponse(book, content_type=content_type)
    if form == "json":
        parts = downloads.json_parts(_about(dataset, part), dataset.columns, rows())
        return StreamingHttpResponse(parts, content_type=content_type)
    return StreamingHttpResponse(downloads.csv_lines(dataset.columns, rows()), content_type=content_type)


def _about(dataset: Dataset, part: str) -> dict[str, Any]:
    changed = country.last_changes()
    newest = max((at for kato, at in changed.items() if part.startswith(kato) or part == "all"), default=None)
    with override("en"):
        fields = [{"name": name, "meaning": str(meaning)} for name, meaning in dataset.fields]
    return {
        "dataset": dataset.code,
        "part": part,
        "licence": open_data.LICENCE,
        "changed_at": newest.isoformat() if newest else None,
        "fields": fields,
    }


def _version(dataset: Dataset, part: str, form: str, rules: PublishingRules) -> str:
    """The same as long as no act was recorded and no day has passed."""
    heads = TrailHead.objects.order_by("akimat_kato")
    if part != "all":
        heads = heads.filter(akimat_kato=part[:9])
    told = [
        _SHAPE,
        dataset.code,
        part,
        form,
        rules.code,
        civil_day(clock.now()),
        *heads.values_list("sha256"),
    ]
    return hashlib.sha256("|".join(map(str, told)).encode()).hexdigest()
