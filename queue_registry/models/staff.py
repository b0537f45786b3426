from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.household import Person
from queue_registry.models.protection import NEVER_DELETED
from queue_registry.rules.roles import Role


class User(AbstractUser):
    """
    A member of staff. `person` ties them to the registers, so that relatives among candidates are found.
    """

    middle_name = models.CharField(max_length=150, blank=True)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="staff_users"
    )

    class Meta(AbstractUser.Meta):
        # Who left is made inactive: what he did stays his.
        triggers = (NEVER_DELETED,)

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class StaffMembership(models.Model):
    """A role of a person in an akimat, from a day until a day (exclusive)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="staff")
    role = models.CharField(max_length=20)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    # The act that gave it: of who votes in the commission, the akimat's act on its members.
    document_number = models.CharField(max_length=60, blank=True)
    document_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(document_number="", document_on=None)
                | (~Q(document_number="") & Q(document_on__isnull=False)),
                name="staff_membership_document_all_or_nothing",
            ),
            models.CheckConstraint(condition=Q(role__in=list(Role)), name="staff_membership_role_is_known"),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")),
                name="staff_membership_until_after_from",
            ),
            models.UniqueConstraint(
                fields=("akimat", "user", "role"),
                condition=Q(until_on__isnull=True),
                name="one_open_staff_membership_per_role",
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} in {self.akimat_id}"

    @property
    def document(self) -> str:
        """The act that gave the role, the same in every language; empty if none is recorded."""
        return f"№ {self.document_number}, {self.document_on:%d.%m.%Y}" if self.document_on else ""
