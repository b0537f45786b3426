from django.db import models
from django.db.models import F, Q

from queue_registry.models.application import Application
from queue_registry.models.household import Person
from queue_registry.models.protection import NEVER_DELETED


class OneTimeCode(models.Model):
    """
    A code sent to a telephone, by which the household acts on its page; kept as a digest.

    It goes to the applicant; with `person` it is an adult's of the family, and acts for that person alone.

    It serves one purpose, once, until it is over or was guessed at too often.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="one_time_codes")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="one_time_codes")
    purpose = models.CharField(max_length=20)
    salt = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("sent_at")), name="one_time_code_expires_after_it_was_sent"
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(used_at__lte=F("expires_at")),
                name="one_time_code_used_in_time",
            ),
            models.CheckConstraint(
                condition=Q(purpose="CONSENT", person__isnull=False)
                | (~Q(purpose="CONSENT") & Q(person__isnull=True)),
                name="one_time_code_of_a_consent_names_its_person",
            ),
        )
        indexes = (
            models.Index(fields=("application", "purpose", "sent_at"), name="one_time_code_of_application"),
        )
        triggers = (NEVER_DELETED,)

    def __str__(self) -> str:
        return f"{self.purpose} of {self.application_id}"
