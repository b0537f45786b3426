import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.household import Person
from queue_registry.models.protection import APPEND_ONLY, KEPT_FOR_EVER


class IinChange(models.Model):
    """
    The population register says that somebody bears another IIN now. Nobody believes it alone: a clerk
    confirms it with a document, another person approves it; or somebody gives it up with a reason.

    `akimat` is the one that looks after it: that of the person's first application.
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="iin_changes")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="iin_changes")
    former_iin = models.CharField(max_length=12)
    current_iin = models.CharField(max_length=12)
    # Whom the register describes under the number of today: last, first, middle, birth_date.
    told = models.JSONField()
    told_at = models.DateTimeField()
    # Key of the question in the outbox, which has its own retention; hence no foreign key.
    check_request_id = models.BigIntegerField()
    document = models.CharField(max_length=300, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    confirmed_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    approved_at = models.DateTimeField(null=True)
    dropped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    dropped_at = models.DateTimeField(null=True)
    why_dropped = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(former_iin__regex=r"^[0-9]{12}$", current_iin__regex=r"^[0-9]{12}$")
                & ~Q(former_iin=F("current_iin")),
                name="iin_change_between_two_numbers",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True, document="")
                | (Q(confirmed_at__isnull=False, confirmed_by__isnull=False) & ~Q(document="")),
                name="iin_change_confirmed_with_a_document",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(
                    approved_at__isnull=False,
                    approved_by__isnull=False,
                    confirmed_at__isnull=False,
                    dropped_at__isnull=True,
                ),
                name="iin_change_approved_after_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("confirmed_by")),
                name="iin_change_approved_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True, dropped_by__isnull=True)
                | (Q(dropped_at__isnull=False, dropped_by__isnull=False) & ~Q(why_dropped="")),
                name="iin_change_dropped_with_a_reason",
            ),
            models.UniqueConstraint(
                fields=("person",),
                condition=Q(approved_at__isnull=True, dropped_at__isnull=True),
                name="one_open_iin_change_per_person",
            ),
        )
        triggers = (
            KEPT_FOR_EVER,
            pgtrigger.ReadOnly(
                name="iin_change_as_told",
                fields=["person", "former_iin", "current_iin", "told", "told_at", "check_request_id"],
            ),
        )

    def __str__(self) -> str:
        return f"IIN change {self.pk} of {self.person_id}"

    @property
    def is_open(self) -> bool:
        return self.approved_at is None and self.dropped_at is None


class FormerIin(models.Model):
    """
    A number that a person bore before: whoever names it means him. It goes before `Person.iin`, which another
    row may bear, made before anybody knew that the two are one; that row stays, and stands for nobody.
    """

    iin = models.CharField(max_length=12, unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="former_iins")
    change = models.OneToOneField(IinChange, on_delete=models.PROTECT, related_name="former")
    since = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(iin__regex=r"^[0-9]{12}$"), name="former_iin_is_twelve_digits"
            ),
        )
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"a former number of {self.person_id}"
