import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q


class PolicyVersion(models.Model):
    """
    The figures of one regime for one period, each with its act and article; unchangeable once approved.

    `document` is the reviewed TOML file as JSON; `sha256` is over the file's bytes.
    """

    code = models.CharField(max_length=40)
    in_force_from = models.DateField()
    in_force_until = models.DateField(null=True, blank=True)
    act = models.TextField()
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("code", "in_force_from"), name="one_policy_version_a_day"),
            models.CheckConstraint(
                condition=Q(in_force_until__isnull=True) | Q(in_force_until__gt=F("in_force_from")),
                name="policy_version_until_after_from",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="policy_version_approved_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("drafted_by")),
                name="policy_version_approved_by_another_person",
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="approved_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__approved_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} from {self.in_force_from}"
