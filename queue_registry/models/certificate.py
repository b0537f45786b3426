from django.db import models
from django.db.models import Q

from queue_registry.models.application import Application
from queue_registry.models.protection import APPEND_ONLY


class Certificate(models.Model):
    """
    A certificate of place that a household took: its code, and what it said. Append-only.

    The PDF itself is not kept, only its digest: it names a person. `said` is a list of {"list", "place",
    "length", "registered_at", "time_known", "status"}, one for each list on which there was a place.
    """

    code = models.CharField(max_length=16)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="certificates")
    language = models.CharField(max_length=2)
    issued_at = models.DateTimeField()
    said = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("code",), name="one_certificate_per_code"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9A-HJKMNP-TV-Z]{16}$"), name="certificate_code_can_be_typed"
            ),
            models.CheckConstraint(
                condition=Q(language__in=("kk", "ru")), name="certificate_in_a_language_of_state"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="certificate_keeps_its_digest"
            ),
        )
        indexes = (models.Index(fields=("application", "issued_at"), name="certificate_of_application"),)
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"certificate {self.pk}"
