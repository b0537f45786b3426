from django.conf import settings
from django.db import models
from django.db.models import Q

from queue_registry.models import Akimat
from queue_registry.models.protection import APPEND_ONLY

_IS_LOAN = Q(kind="LOAN")


class Dwelling(models.Model):
    """
    A home to be let, or a counted place of a loan programme, with its state at all times.

    A person's file never sees it before an offer. What it went through is told by its `DwellingEvent`s.
    """

    class Kind(models.TextChoices):
        """A home; or one place of a loan programme, which is like any other place of it."""

        HOME = "HOME"
        LOAN = "LOAN"

    class State(models.TextChoices):
        """BUILDING: not handed over yet. GONE: taken out of the stock, with a ground."""

        BUILDING = "BUILDING"
        READY = "READY"
        RESERVED = "RESERVED"  # for a round
        OFFERED = "OFFERED"
        ALLOTTED = "ALLOTTED"
        GONE = "GONE"

    class Finish(models.TextChoices):
        """How far the home is finished."""

        FINISHED = "FINISHED"
        ROUGH = "ROUGH"
        UNFINISHED = "UNFINISHED"

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="dwellings")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.HOME)
    number = models.CharField(max_length=40, help_text="Inventory number, unique in the akimat.")
    # What it is for: code of the programme that it was handed to, or that lends (allocation/programmes);
    # empty: any round.
    programme = models.CharField(max_length=40, blank=True)
    budget_line = models.CharField(max_length=60, blank=True)
    cadastral_number = models.CharField(max_length=40, blank=True)
    rka = models.CharField(max_length=16, blank=True, help_text="Code in the register of addresses.")
    address_kk = models.CharField(max_length=300, blank=True)
    address_ru = models.CharField(max_length=300, blank=True)
    rooms = models.PositiveSmallIntegerField(null=True)
    area = models.DecimalField(
        max_digits=7, decimal_places=2, null=True, help_text="Useful area, square meters."
    )
    floor = models.SmallIntegerField(null=True)
    lift = models.BooleanField(default=False)
    accessible = models.BooleanField(default=False)
    finish = models.CharField(max_length=12, choices=Finish, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.READY)
    state_since = models.DateTimeField()
    # Since when it could be given and nobody has it; a round that comes to nothing does not start it anew.
    idle_since = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("akimat", "number"), name="one_dwelling_per_number"),
            models.CheckConstraint(condition=_IS_LOAN | Q(rooms__gte=1), name="dwelling_has_a_room"),
            models.CheckConstraint(condition=_IS_LOAN | Q(area__gt=0), name="dwelling_has_an_area"),
            models.CheckConstraint(
                condition=_IS_LOAN | (Q(floor__isnull=False) & ~Q(address_kk="") & ~Q(address_ru="")),
                name="dwelling_has_floor_and_address",
            ),
            models.CheckConstraint(
                condition=Q(kind="HOME")
                | (_IS_LOAN & ~Q(programme="") & Q(rooms=None, area=None, floor=None, address_kk="")),
                name="loan_place_has_a_programme_and_no_walls",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("BUILDING", "READY", "RESERVED", "OFFERED", "ALLOTTED", "GONE")),
                name="dwelling_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(finish__in=("", "FINISHED", "ROUGH", "UNFINISHED")),
                name="dwelling_finish_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("READY", "RESERVED", "OFFERED"), idle_since__isnull=False)
                | Q(state__in=("BUILDING", "ALLOTTED", "GONE"), idle_since__isnull=True),
                name="dwelling_idle_since_while_it_can_be_given",
            ),
        )

    def __str__(self) -> str:
        return self.number


class DwellingEvent(models.Model):
    """A home came into the stock or changed its state, when, by whom and on what ground; append-only."""

    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="events")
    moved_from = models.CharField(max_length=10, blank=True)
    moved_to = models.CharField(max_length=10)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # What moved it: number of the round, or the document of a person's act.
    ground = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = (models.Index(fields=("dwelling", "at", "id"), name="dwelling_event_of_dwelling"),)
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"{self.dwelling_id}: {self.moved_from} to {self.moved_to}"
