from base64 import b32encode
from urllib.parse import quote, urlencode

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from integrations import sealing
from queue_registry.models.akimat import Akimat
from queue_registry.models.protection import NEVER_DELETED
from queue_registry.rules.second_factor import DIGITS, HALF_MINUTE, HALF_MINUTES_BESIDE


class Telephone(TimestampMixin, ThrottlingMixin, Device):  # type: ignore[misc]
    """
    A telephone that is tied to a sign-in, or waits for its first code: a device of django-otp.

    Its secret is sealed with the newest of ENVELOPE_KEYS, as kept envelopes are: who reads the whole database
    makes no codes. `last_t` is the number of the half-minute whose code was taken last.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sealed_secret = models.BinaryField()
    last_t = models.BigIntegerField(default=-1)

    @property
    def secret(self) -> bytes:
        """What the telephone knows. :raises Unreadable: if none of the keys opens it."""
        return sealing.unseal(bytes(self.sealed_secret))

    @property
    def is_readable(self) -> bool:
        """Whether a key of this installation opens the secret."""
        try:
            return bool(self.secret)
        except sealing.Unreadable:
            return False

    @property
    def config_url(self) -> str:
        """What the telephone reads as a picture: secret, sign-in and whose system it is."""
        issuer = str(settings.OTP_TOTP_ISSUER)
        told = {
            "secret": b32encode(self.secret).decode(),
            "algorithm": "SHA1",
            "digits": DIGITS,
            "period": HALF_MINUTE,
            "issuer": issuer,
        }
        label = quote(f"{issuer}:{self.user.get_username()}")
        return f"otpauth://totp/{label}?{urlencode(told, quote_via=quote)}"

    def verify_token(self, token: str) -> bool:
        """
        Take the code of this half-minute or of one beside it, once, and afterwards none of an older one.

        A wrong one makes the next try wait. Whoever calls it has locked the row.
        """
        if not self.verify_is_allowed()[0]:
            return False
        shown = TOTP(self.secret, step=HALF_MINUTE, digits=DIGITS)
        shown.time = shown.time  # a half-minute may end in the middle of this
        is_right = token.isdecimal() and shown.verify(int(token), HALF_MINUTES_BESIDE, self.last_t + 1)
        if not is_right:
            self.throttle_increment()
            return False
        self.last_t = shown.t()
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True

    def get_throttle_factor(self) -> int:
        """Return how many seconds the first wrong code makes the next try wait."""
        return 1


class RecoveryCode(models.Model):
    """
    A code on paper that lets somebody of staff in once without the telephone; kept as a keyed digest only.

    Codes of before are ended, not deleted, when a telephone is tied anew or untied.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "digest"), name="one_recovery_code_per_digest"),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(ended_at__isnull=True),
                name="recovery_code_used_or_ended",
            ),
        )

    def __str__(self) -> str:
        return f"of {self.user_id}, made {self.made_at}"


class SecondFactorReset(models.Model):
    """A telephone is to be untied from a sign-in: one person proposes it, another does it or drops it."""

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="second_factor_resets")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="second_factor_resets"
    )
    reason = models.TextField()
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    is_carried_out = models.BooleanField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, is_carried_out__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False, is_carried_out__isnull=False),
                name="second_factor_reset_decided_at_by_and_how_together",
            ),
            # Dropping needs nobody else: it changes nothing.
            models.CheckConstraint(
                condition=Q(is_carried_out__isnull=True)
                | Q(is_carried_out=False)
                | ~Q(decided_by=F("proposed_by")),
                name="second_factor_reset_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(proposed_by=F("user")) & (Q(decided_by__isnull=True) | ~Q(decided_by=F("user"))),
                name="second_factor_reset_not_of_oneself",
            ),
            models.UniqueConstraint(
                fields=("user",),
                condition=Q(decided_at__isnull=True),
                name="one_open_second_factor_reset_per_user",
            ),
        )
        triggers = (
            NEVER_DELETED,
            pgtrigger.Protect(
                name="decided_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__decided_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"of {self.user_id}, proposed {self.proposed_at}"
