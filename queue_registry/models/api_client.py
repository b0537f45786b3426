from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.application import Application
from queue_registry.models.intake import Intake
from queue_registry.models.protection import APPEND_ONLY, NEVER_DELETED


class ApiPermission(models.TextChoices):
    """What another system may be allowed to do."""

    APPLICATION_FILE = "APPLICATION_FILE"


class ApiClient(models.Model):
    """
    Another state system that may ask in some akimats, until its token expires or is revoked.

    Only the SHA-256 of the token is kept. `user` is the name under which its acts stand in the trail: nobody
    can sign in with it.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_client")
    token_sha256 = models.CharField(max_length=64, unique=True)
    akimats = models.ManyToManyField(Akimat, related_name="api_clients")
    permissions = ArrayField(models.CharField(max_length=30, choices=ApiPermission))
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="api_client_expires_after_issue"
            ),
            models.CheckConstraint(
                condition=Q(token_sha256__regex=r"^[0-9a-f]{64}$"),  # noqa: S106 - a pattern
                name="api_client_keeps_a_digest",
            ),
            models.CheckConstraint(
                condition=Q(permissions__contained_by=list(ApiPermission)),
                name="api_client_permissions_are_known",
            ),
        )
        triggers = (NEVER_DELETED,)

    def __str__(self) -> str:
        return f"API client {self.pk}"


class ApiRequest(models.Model):
    """
    An application that another system handed in, with the answer that it got: the same request gets it again.

    The body is not kept, only a keyed digest of it. Append-only.
    """

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="requests")
    key = models.CharField(max_length=64, help_text="The Idempotency-Key of the request.")
    body_digest = models.CharField(max_length=64)
    intake = models.OneToOneField(Intake, on_delete=models.PROTECT, related_name="api_request")
    application = models.OneToOneField(
        Application, on_delete=models.PROTECT, null=True, related_name="api_request"
    )
    answer = models.JSONField(help_text="As it was given; no personal data.")
    received_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("client", "key"), name="one_api_request_per_client_and_key"),
            models.CheckConstraint(condition=~Q(key=""), name="api_request_has_a_key"),
        )
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"API request {self.pk}"
