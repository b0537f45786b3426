import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from allocation.models.run import AllocationRun
from queue_registry.models import Akimat
from queue_registry.models.protection import APPEND_ONLY, NEVER_DELETED


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
    sits_at = models.DateTimeField(null=True, help_text="When it sits, as the invitation says.")
    place = models.CharField(max_length=200, blank=True)
    # Further points beside the round, in the order of the agenda.
    agenda = models.JSONField(default=list)
    # Who opened, froze and ran the round and convened the sitting, with an interest by kinship, if any:
    # [{"user", "acts", "ground", "detail", "family_known"}].
    preparers = models.JSONField(default=list)
    # Who leads and closes the vote: the chair; if the chair is recused or absent, the member whose mandate is
    # the oldest [ours].
    presiding = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # The protocol is final: as many have signed as make a quorum, the presiding member last.
    locked_at = models.DateTimeField(null=True)
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
        PREPARED_ROUND = "PREPARED_ROUND"
        DECLARED = "DECLARED"

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sittings")
    is_chair = models.BooleanField(default=False)
    recusal_ground = models.CharField(max_length=20, choices=RecusalGround, blank=True)
    # File number of the candidate in question, degree of kinship; printed in the protocol.
    recusal_detail = models.JSONField(default=dict)
    # False: no civil acts of this member are known, so that relatives among the candidates can't be told.
    family_known = models.BooleanField(default=False)
    # The mandate as it stood when the sitting was convened.
    mandate_from = models.DateField(null=True)
    mandate_until = models.DateField(null=True)
    mandate_document = models.CharField(max_length=300, blank=True)
    attended_at = models.DateTimeField(null=True)
    # Who entered that he is there: himself by signing in to the sitting, or the secretary.
    attended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    recusal_ground__in=(
                        "",
                        "CANDIDATE",
                        "RELATIVE",
                        "HANDLED_RECORD",
                        "PREPARED_ROUND",
                        "DECLARED",
                    )
                ),
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
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"{self.choice} by {self.member_id}"


class Departure(models.Model):
    """
    A departure from the computed order: another entry instead of the served one, or nobody; never changed.

    The commission votes on each by itself (`DepartureVote`); what it came to is told once the vote is closed.
    """

    class Ground(models.TextChoices):
        """Why the computed order is left; the document says it at length."""

        COURT_ACT = "COURT_ACT"
        HOME_UNFIT = "HOME_UNFIT"
        NEED_CEASED = "NEED_CEASED"
        INPUT_ERROR = "INPUT_ERROR"
        HOUSEHOLD_DECLINED = "HOUSEHOLD_DECLINED"

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="departures")
    # The served line that is left.
    line = models.ForeignKey("allocation.AllocationLine", on_delete=models.PROTECT, related_name="departures")
    # Who gets the dwelling instead; none: it stays in the stock.
    instead = models.ForeignKey(
        "queue_registry.QueueEntry", on_delete=models.PROTECT, null=True, related_name="+"
    )
    ground = models.CharField(max_length=20, choices=Ground)
    explanation = models.TextField()
    document = models.ForeignKey(
        "allocation.RoundDocument", on_delete=models.PROTECT, related_name="departures"
    )
    # Public keys of the entries that stand before `instead` and whom the dwelling fits, the left one too.
    passed_over = models.JSONField(default=list)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    # Its arithmetic and result once the vote is closed.
    is_carried = models.BooleanField(null=True)
    arithmetic = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("sitting", "line"), name="one_departure_per_line"),
            models.CheckConstraint(
                condition=Q(
                    ground__in=(
                        "COURT_ACT",
                        "HOME_UNFIT",
                        "NEED_CEASED",
                        "INPUT_ERROR",
                        "HOUSEHOLD_DECLINED",
                    )
                ),
                name="departure_ground_is_known",
            ),
            models.CheckConstraint(condition=~Q(explanation=""), name="departure_is_explained"),
        )
        triggers = (
            NEVER_DELETED,
            pgtrigger.ReadOnly(
                name="departure_as_proposed",
                fields=[
                    "sitting",
                    "line",
                    "instead",
                    "ground",
                    "explanation",
                    "document",
                    "passed_over",
                    "proposed_by",
                    "proposed_at",
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.ground} at {self.sitting_id}"


class DepartureVote(models.Model):
    """One member's vote on one departure; append-only."""

    departure = models.ForeignKey(Departure, on_delete=models.PROTECT, related_name="votes")
    member = models.ForeignKey(SittingMember, on_delete=models.PROTECT, related_name="departure_votes")
    choice = models.CharField(max_length=10, choices=Vote.Choice)
    reason = models.TextField(blank=True)
    cast_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("departure", "member"), name="one_vote_per_departure_and_member"),
            models.CheckConstraint(
                condition=~Q(choice="AGAINST", reason=""), name="departure_vote_against_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(choice__in=("FOR", "AGAINST", "ABSTAINED")),
                name="departure_vote_choice_is_known",
            ),
        )
        triggers = (APPEND_ONLY,)

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
        triggers = (APPEND_ONLY,)

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
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"{self.language} of {self.sitting_id}"


class Manifest(models.Model):
    """
    What members sign: canonical JSON of decisions, digests of inputs, result and both protocols, the policy.

    Append-only; made again it has the same bytes.
    """

    sitting = models.OneToOneField(Sitting, on_delete=models.PROTECT, related_name="manifest")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"manifest of {self.sitting_id}"


class Signature(models.Model):
    """A member's detached CMS, one SignerInfo, over the manifest; the presiding member's over theirs, too."""

    member = models.OneToOneField(SittingMember, on_delete=models.PROTECT, related_name="signature")
    manifest = models.ForeignKey(Manifest, on_delete=models.PROTECT, related_name="signatures")
    cms = models.BinaryField()
    # SHA-256 of the bytes that were signed: of the manifest, or of it with the digests of the members' CMS.
    signed_sha256 = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64, help_text="Of the CMS itself.")
    # What was verified: algorithm, serial number of the certificate, validity, time stamp; no IIN.
    report = models.JSONField()
    signed_at = models.DateTimeField(help_text="By the time stamp.")
    received_at = models.DateTimeField()

    class Meta:
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"signature of {self.member_id}"
