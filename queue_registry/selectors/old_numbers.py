"""The permanent file number that the number of an old list leads to."""

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from queue_registry.models import Application, ImportRow
from queue_registry.rules.legacy.rows import Field
from queue_registry.selectors import iin_numbers


def list_applications_with_old_number(*, source: str, digits: str, iin: str) -> list[Application]:
    """
    Return the applications whose applicant has this IIN and whose old row has a number of these digits.

    A paper list has no numbers but those of its rows. Rows that a corrected file replaced count, too: people
    hold papers with the earlier number. One query whichever of the two is wrong.

    :param digits: those of the old number, without leading zeros.
    """
    mine = Application.objects.filter(applicant__iin__in=iin_numbers.numbers_of(iin))
    joined = Application.objects.filter(joined_into__in=mine)
    rows = (
        ImportRow.objects.filter(
            application__in=mine.values("pk").union(joined.values("pk")),
            batch__source=source,
            batch__confirmed_at__isnull=False,
            batch__undone_at__isnull=True,
        )
        .annotate(
            number_digits=_digits(F("number")),
            ordinal_digits=_digits(KeyTextTransform(Field.ORDINAL.value, "cells")),
        )
        .filter(Q(number_digits=digits) | Q(ordinal_digits=digits))
        .select_related("application__joined_into")
        .order_by("application__running_number", "pk")
    )
    found = [row.application for row in rows if row.application is not None]
    return list(dict.fromkeys(one.joined_into or one for one in found))


def _digits(text: Combinable) -> Func:
    """The digits of a text, leading zeros aside; zero alone stays."""
    bare = _without(Coalesce(text, Value(""), output_field=TextField()), "[^0-9]")
    return _without(bare, "^0+(?=[0-9])")


def _without(text: Func, pattern: str) -> Func:
    return Func(
        text,
        Value(pattern),
        Value(""),
        Value("g"),
        function="regexp_replace",
        output_field=TextField(),
    )
