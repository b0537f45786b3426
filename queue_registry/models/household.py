from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper


class Person(models.Model):
    """
    One citizen, known by his IIN; asked about once however many households name him.

    Names are as the first record gave them; what the population register says are facts. `iin` is the number
    of today; what he bore before is `FormerIin`, and changes by an `IinChange` that two people approved.
    """

    iin = models.CharField(max_length=12, unique=True)
    last_name = models.CharField(max_length=120, blank=True)
    first_name = models.CharField(max_length=120, blank=True)
    middle_name = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(iin__regex=r"^[0-9]{12}$"), name="person_iin_is_twelve_digits"
            ),
        )
        # Parts of a name are found by trigrams, in capitals as `icontains` compares them.
        indexes = (
            GinIndex(
                *(
                    OpClass(Upper(name), name="gin_trgm_ops")
                    for name in ("last_name", "first_name", "middle_name")
                ),
                name="person_names_trigram",
            ),
        )

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.last_name, self.first_name, self.middle_name) if part)


class HouseholdMember(models.Model):
    """A person who would live with the applicant, named by a list or by the civil acts, for a period."""

    class Relation(models.TextChoices):
        SPOUSE = "SPOUSE"
        CHILD = "CHILD"
        PARENT = "PARENT"
        OTHER = "OTHER"

    application = models.ForeignKey(
        "queue_registry.Application", on_delete=models.PROTECT, related_name="members"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    relation = models.CharField(max_length=10, choices=Relation)
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("application", "person"),
                condition=Q(until_on__isnull=True),
                name="household_member_once",
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(from_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="household_member_until_after_from",
            ),
        )

    def __str__(self) -> str:
        return f"{self.relation} in {self.application_id}"
