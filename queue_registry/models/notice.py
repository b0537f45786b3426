from django.conf import settings
from django.db import models
from django.db.models import Q

from queue_registry.models.application import Application
from queue_registry.models.household import Person
from queue_registry.models.protection import KEPT_FOR_EVER


class Notice(models.Model):
    """A written notice to the household; this row is its order; `NoticeDelivery` is how it went."""

    class Kind(models.TextChoices):
        REGISTERED = "REGISTERED"
        REFUSED = "REFUSED"
        SUSPENDED = "SUSPENDED"
        REMOVAL_PROPOSED = "REMOVAL_PROPOSED"
        DEREGISTERED = "DEREGISTERED"
        REINSTATED = "REINSTATED"
        REVIEW_DECIDED = "REVIEW_DECIDED"
        REDATED = "REDATED"
        SUCCESSION = "SUCCESSION"
        DATA_DISPUTE_SETTLED = "DATA_DISPUTE_SETTLED"
        # Of a distribution; their words are the distribution's own (`allocation.notice_texts`).
        OFFER_MADE = "OFFER_MADE"
        RESERVE_CALLED = "RESERVE_CALLED"
        OFFER_EXPIRED = "OFFER_EXPIRED"
        OFFER_WITHDRAWN = "OFFER_WITHDRAWN"
        HOUSED = "HOUSED"
        PASSED_OVER = "PASSED_OVER"
        DEPARTED_FROM = "DEPARTED_FROM"
        CONTRACT_DUE = "CONTRACT_DUE"
        CONTRACT_NOT_SIGNED = "CONTRACT_NOT_SIGNED"
        TENANCY_ANNULLED = "TENANCY_ANNULLED"

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=20, choices=Kind)
    facts = models.JSONField(default=dict, help_text="What the wording is made of: grounds, days, numbers.")
    due_on = models.DateField(help_text="The last day on which it may be sent.")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} to {self.application_id}"


class NoticeChannel(models.TextChoices):
    """By what a notice reaches a household."""

    SMS = "SMS"
    EMAIL = "EMAIL"
    LETTER = "LETTER"


class ContactPoint(models.Model):
    """A telephone or an address of e-mail by which a person is reached, from a moment until a moment."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="contact_points")
    channel = models.CharField(max_length=10, choices=NoticeChannel)
    value = models.CharField(max_length=254)
    language = models.CharField(max_length=2, default="kk")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(channel__in=["SMS", "EMAIL"]), name="contact_point_channel_is_known"
            ),
            models.CheckConstraint(condition=~Q(value=""), name="contact_point_has_a_value"),
            models.CheckConstraint(
                condition=Q(language__in=["kk", "ru"]), name="contact_point_language_is_known"
            ),
            models.UniqueConstraint(
                fields=("person", "channel"),
                condition=Q(ended_at__isnull=True),
                name="one_current_contact_point_per_channel",
            ),
        )
        triggers = (KEPT_FOR_EVER,)

    def __str__(self) -> str:
        return f"{self.channel} of {self.person_id}"


class NoticeDelivery(models.Model):
    """
    One notice on its way by one channel; the row is the queue.

    DUE = to be handed to the provider at `next_attempt_at`; HANDED_OVER = the provider took it and has not
    said more; DELIVERED; UNDELIVERED = given up, with the reason: then a clerk has a task until `settled_at`.
    A letter is DUE until somebody printed and posted it.
    """

    class State(models.TextChoices):
        """Where a delivery stands."""

        DUE = "DUE"
        HANDED_OVER = "HANDED_OVER"
        DELIVERED = "DELIVERED"
        UNDELIVERED = "UNDELIVERED"

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=NoticeChannel)
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=15, choices=State, default=State.DUE)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    provider_reference = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    handed_over_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # An undelivered one was looked at by somebody: who, when, and what was done instead.
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    settled_how = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["DUE", "HANDED_OVER", "DELIVERED", "UNDELIVERED"]),
                name="notice_delivery_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["SMS", "EMAIL", "LETTER"]), name="notice_delivery_channel_is_known"
            ),
            models.CheckConstraint(
                condition=Q(channel="LETTER", contact_point__isnull=True)
                | (~Q(channel="LETTER") & Q(contact_point__isnull=False)),
                name="notice_delivery_goes_to_a_contact_point",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["DELIVERED", "UNDELIVERED"], closed_at__isnull=False)
                | Q(state__in=["DUE", "HANDED_OVER"], closed_at__isnull=True),
                name="notice_delivery_closed_at_exactly_when_closed",
            ),
            models.CheckConstraint(
                condition=~Q(state="UNDELIVERED") | ~Q(reason=""),
                name="notice_delivery_undelivered_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | (
                    Q(settled_at__isnull=False, settled_by__isnull=False, state="UNDELIVERED")
                    & ~Q(settled_how="")
                ),
                name="notice_delivery_settled_by_somebody",
            ),
        )
        indexes = (
            models.Index(
                fields=("next_attempt_at", "id"),
                condition=Q(state__in=["DUE", "HANDED_OVER"]),
                name="notice_delivery_due",
            ),
            models.Index(
                fields=("notice",),
                condition=Q(state="UNDELIVERED", settled_at__isnull=True),
                name="notice_delivery_for_a_clerk",
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel} of notice {self.notice_id}: {self.state}"
