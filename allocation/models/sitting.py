import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from allocation.models.run import AllocationRun
from queue_registry.models import Akimat


class Sitting(models.Model):
    """
    A meeting of the housing commission on one run.

    The quorum share and the majority rule are copied from the policy when the sitting is convened.
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="sittings")
    run = models.OneToOneField(AllocationRun, on_delete=models.PROTECT, related_name="sitting")
    number = models.PositiveIntegerField(help_text="Running number of the akimat's protocols.")
    convened_at = models.DateTimeField()
    convened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    quorum_numerator = models.PositiveSmallIntegerField()
    quorum_denominator = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("akimat", "number"), name="one_sitting_per_number"),
            models.CheckConstraint(
                condition=Q(quorum_numerator__gte=1) & Q(quorum_numerator__lte=F("quorum_denominator")),
                name="sitting_quorum_is_a_share",
            ),
        )

    def __str__(self) -> str:
        return f"sitting {self.number} of {self.akimat_id}"


class SittingMember(models.Model):
    """A voting member of the commission at a sitting; recused by the system where an interest is found."""

    class RecusalGround(models.TextChoices):
        CANDIDATE = "CANDIDATE"
        RELATIVE = "RELATIVE"
        HANDLED_RECORD = "HANDLED_RECORD"

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sittings")
    is_chair = models.BooleanField(default=False)
    recusal_ground = models.CharField(max_length=20, choices=RecusalGround, blank=True)
    # File number of the candidate in question, degree of kinship; printed in the protocol.
    recusal_detail = models.JSONField(default=dict)
    # False: no civil acts of this member are known, so that relatives among the candidates can't be told.
    family_known = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(recusal_ground__in=("", "CANDIDATE", "RELATIVE", "HANDLED_RECORD")),
                name="sitting_member_recusal_ground_is_known",
            ),
            models.UniqueConstraint(fields=("sitting", "user"), name="sitting_member_once"),
            models.UniqueConstraint(
                fields=("sitting",), condition=Q(is_chair=True), name="one_chair_per_sitting"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} at {self.sitting_id}"


class Vote(models.Model):
    """One member's vote on the whole proposal; append-only."""

    class Choice(models.TextChoices):
        FOR = "FOR"
        AGAINST = "AGAINST"
        ABSTAINED = "ABSTAINED"

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="votes")
    member = models.OneToOneField(SittingMember, on_delete=models.PROTECT, related_name="vote")
    choice = models.CharField(max_length=10, choices=Choice)
    reason = models.TextField(blank=True)
    cast_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(choice="AGAINST", reason=""), name="vote_against_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(choice__in=("FOR", "AGAINST", "ABSTAINED")), name="vote_choice_is_known"
            ),
        )
        triggers = (pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.choice} by {self.member_id}"


class Decision(models.Model):
    """The commission's act on a run, with the arithmetic that made it; append-only."""

    class Outcome(models.TextChoices):
        CONFIRMED = "CONFIRMED"
        REFUSED = "REFUSED"

    sitting = models.OneToOneField(Sitting, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=10, choices=Outcome)
    input_sha256 = models.CharField(max_length=64)
    result_sha256 = models.CharField(max_length=64)
    # Numbers of members: entitled, recused, needed, voted, for, against, abstained; whether the chair broke
    # a tie.
    arithmetic = models.JSONField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome__in=("CONFIRMED", "REFUSED")), name="decision_outcome_is_known"
            ),
        )
        triggers = (pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.outcome} of {self.sitting_id}"


class Protocol(models.Model):
    """The sitting's protocol as a PDF/A in one language; made again it has the same bytes. Append-only."""

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="protocols")
    language = models.CharField(max_length=2)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("sitting", "language"), name="one_protocol_per_sitting_and_language"
            ),
        )
        triggers = (pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.language} of {self.sitting_id}"
