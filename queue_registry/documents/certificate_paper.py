"""A certificate of place as a document that is set as PDF: the same row makes the same bytes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from queue_registry import formats, presenters
from queue_registry.documents import blocks, typesetting
from queue_registry.models import Certificate
from queue_registry.notices.texts import akimat_name
from queue_registry.rules.certificates import shown


def pdf(certificate: Certificate) -> bytes:
    """Return the PDF of a certificate in its language."""
    return typesetting.pdf(document(certificate))


def document(certificate: Certificate) -> dict[str, Any]:
    """Return a certificate as the JSON document that is set as PDF; no IIN stands in it."""
    application, day = certificate.application, certificate.issued_at.astimezone(formats.ALMATY)
    with translation.override(certificate.language):
        name = akimat_name(application.akimat)
        title = _("Certificate of place in the housing queue")
        return {
            "format": "certificate/1",
            "language": certificate.language,
            "title": title,
            "subtitle": _("As of %(moment)s, Asia/Almaty time")
            % {"moment": formats.moment(certificate.issued_at)},
            "akimat": name,
            "author": name,
            "date": {"year": day.year, "month": day.month, "day": day.day},
            "header": {"left": name, "right": title},
            "footer": {
                "left": _("Code %(code)s") % {"code": shown(certificate.code)},
                "page": _("page {page} of {pages}"),
            },
            "sections": [_who(certificate), *_places(certificate), _check(certificate)],
        }


def _who(certificate: Certificate) -> dict[str, Any]:
    application = certificate.application
    person = application.applicant
    rows = [
        (_("Applicant"), person.full_name if person else application.applicant_name),
        (_("File number"), application.file_number),
    ]
    never = _("The file number never changes. The place does: it is that of the moment above.")
    return blocks.section(_("Whose place"), [blocks.pairs(rows), blocks.text(never)])


def _places(certificate: Certificate) -> Iterator[dict[str, Any]]:
    for said in certificate.said:
        moment = datetime.fromisoformat(said["registered_at"])
        rows = [
            (_("Place in this list"), formats.whole(said["place"])),
            (_("Entries ahead"), formats.whole(said["place"] - 1)),
            (_("Entries in the whole list"), formats.whole(said["length"])),
            (
                _("Registration moment"),
                formats.registration_moment(moment, time_known=said["time_known"]),
            ),
            (_("Status"), presenters.entry_status(said["status"])),
        ]
        yield blocks.section(presenters.list_name(said["list"]), [blocks.pairs(rows)])


def _check(certificate: Certificate) -> dict[str, Any]:
    how = _(
        "Anybody can check this certificate by its code: the page says when it was issued, by which akimat, "
        "which place it told, and whether the place is still the same. It shows nothing of the person."
    )
    address = f"{settings.PUBLIC_URL}{reverse('queue_registry_public:certificate')}"
    url = f"{address}?code={shown(certificate.code)}"
    picture = str(segno.make(url, error="m", micro=False).svg_inline(border=0, omitsize=True))
    rows = [(_("Code"), shown(certificate.code))]
    code = blocks.code(svg=picture, url=url, caption=_("Where it is checked:"))
    return blocks.section(_("How to check it"), [blocks.text(how), blocks.pairs(rows), code])
