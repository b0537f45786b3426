from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.protection import APPEND_ONLY


class Akimat(models.Model):
    """The body that keeps the lists of a territory. Its code is the shard key of everything below it."""

    kato = models.CharField(max_length=9, unique=True, help_text="Nine-digit code of the territory.")
    name_kk = models.CharField(max_length=200)
    name_ru = models.CharField(max_length=200)
    bin = models.CharField(
        max_length=12,
        blank=True,
        help_text="Business number of the body: what its members sign bears it. "
        "Empty: nothing can be signed.",
    )
    # The last running number given to an application; taken under a row lock, never given back.
    last_running_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(kato__regex=r"^[0-9]{9}$"), name="akimat_kato_is_nine_digits"),
            models.CheckConstraint(
                condition=Q(bin="") | Q(bin__regex=r"^[0-9]{12}$"), name="akimat_bin_is_twelve_digits"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kato} {self.name_kk}"


class AkimatPolicy(models.Model):
    """Which policy an akimat distributes by, and from when: a dated setting."""

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="policies")
    code = models.CharField(max_length=40)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("akimat", "from_on"), name="one_akimat_policy_a_day"),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")),
                name="akimat_policy_until_after_from",
            ),
        )

    def __str__(self) -> str:
        return f"{self.akimat_id}: {self.code} from {self.from_on}"


class AkimatOffice(models.Model):
    """
    Where a household finds the housing department of an akimat, from a day on until the next row.

    Nothing stands in for a row that is not there: then no address is shown.
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="offices")
    from_on = models.DateField()
    address_kk = models.CharField(max_length=300)
    address_ru = models.CharField(max_length=300)
    telephone = models.CharField(max_length=40, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("akimat", "from_on"), name="one_akimat_office_a_day"),
            models.CheckConstraint(
                condition=~Q(address_kk="") & ~Q(address_ru=""), name="akimat_office_has_an_address"
            ),
        )
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"{self.akimat_id}: office from {self.from_on}"
