"""What anybody may know of a certificate from its code: no name, no number, nothing of the household."""

from dataclasses import dataclass

from queue_registry.models import Certificate
from queue_registry.selectors.queue import list_standings


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A certificate that was issued here, and whether the household stands today where it said."""

    certificate: Certificate
    unchanged: bool


def find(code: str) -> Certificate | None:
    """Return the certificate with a code, if one was issued."""
    return Certificate.objects.select_related("application__akimat").filter(code=code).first()


def check(code: str) -> Checked | None:
    """Return what is known of the certificate with a code, or None: forged, or mistyped."""
    certificate = find(code)
    if certificate is None:
        return None
    today = {
        (one.entry.waiting_list.number, one.place)
        for one in list_standings(certificate.application)
        if one.place is not None
    }
    said = {(one["list"], one["place"]) for one in certificate.said}
    return Checked(certificate=certificate, unchanged=said == today)
