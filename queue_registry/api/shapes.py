"""What requests and answers of the API have in common."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from queue_registry.rules.intakes import IntakeRefusal

# The field that a refusal of the register is about; the others are about what is there already.
FIELD_OF: Final[Mapping[IntakeRefusal, str]] = MappingProxyType(
    {
        IntakeRefusal.NOT_AN_IIN: "iin",
        IntakeRefusal.NOT_YOUR_AKIMAT: "akimat",
        IntakeRefusal.CLAIMS_MISSING: "claims",
        IntakeRefusal.CATEGORY_OF_ANOTHER_LIST: "claims",
        IntakeRefusal.NOT_OF_THE_HOUSEHOLD: "consents",
        IntakeRefusal.SCAN_NOT_READABLE: "documents",
        IntakeRefusal.SCAN_TOO_LARGE: "documents",
    }
)


def plain(request: Request) -> HttpRequest:
    """Return the request as Django's own parts take it."""
    return request._request  # noqa: SLF001 - DRF has no other name for it


class StrictSerializer(serializers.Serializer[Any]):
    """A field that is not known is refused: a name typed wrong would be lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        found = super().to_internal_value(data)
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            problem = _("There is no such field.")
            # A name may hold what cannot be sent back: half of a surrogate pair.
            names = [str(name).encode("utf-8", "replace").decode() for name in unknown]
            raise serializers.ValidationError(dict.fromkeys(names, problem), "UNKNOWN_FIELD")
        return found
