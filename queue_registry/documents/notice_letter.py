"""
Notices as letters on paper, many in one file: each in Kazakh and in Russian, on pages of its own.

A document of letters is {"title", "author", "date", "letters": [{"language", "akimat", "day", "number",
"name", "address", "title", "paragraphs", "signature", "footer"}]}, all texts ready to be read (`letter.typ`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from queue_registry import formats
from queue_registry.documents import typesetting
from queue_registry.models import Akimat, Fact, NoticeDelivery
from queue_registry.notices import texts

LAYOUT: Final = "letter.typ"


def pdf(letters: Sequence[NoticeDelivery], *, akimat: Akimat, at: datetime) -> bytes:
    """Return letters of an akimat as one PDF, to be printed on a day."""
    return typesetting.pdf(document(letters, akimat=akimat, at=at), layout=LAYOUT)


def document(letters: Sequence[NoticeDelivery], *, akimat: Akimat, at: datetime) -> dict[str, Any]:
    """Return letters as the JSON document that is set as PDF."""
    day = at.astimezone(formats.ALMATY)
    codes = _registrations(letters)
    with translation.override(texts.LANGUAGES[0]):
        author, title = texts.akimat_name(akimat), _("Letters with notices")
    return {
        "title": title,
        "author": author,
        "date": {"year": day.year, "month": day.month, "day": day.day},
        "letters": [
            _letter(letter, language, codes, at) for letter in letters for language in texts.LANGUAGES
        ],
    }


def _letter(
    delivery: NoticeDelivery, language: str, codes: Mapping[int, str], at: datetime
) -> dict[str, Any]:
    notice, application = delivery.notice, delivery.notice.application
    person = application.applicant
    text = texts.text_of(notice, language=language)
    with translation.override(language):
        code = codes.get(person.pk, "") if person else ""
        return {
            "language": language,
            "akimat": texts.akimat_name(application.akimat),
            "day": formats.day(at),
            "number": _("File number %(number)s") % {"number": application.file_number},
            "name": person.full_name if person else application.applicant_name,
            "address": _("Address by the register, code %(code)s:") % {"code": code}
            if code
            else _("Address:"),
            "title": text.subject,
            "paragraphs": list(text.paragraphs),
            "signature": _("For the akimat"),
            "footer": _("Letter %(letter)s of the file %(number)s")
            % {"letter": delivery.pk, "number": application.file_number},
        }


def _registrations(letters: Collection[NoticeDelivery]) -> dict[int, str]:
    """Return codes of the addresses at which people are registered: registers tell no other address."""
    people = {letter.notice.application.applicant_id for letter in letters}
    told = Fact.objects.filter(
        person__in=people, kind="REGISTRATION", answer__superseded_at__isnull=True
    ).values_list("person", "value__rka")
    return {person: code for person, code in told if code}
