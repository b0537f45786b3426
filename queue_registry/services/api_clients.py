"""
Tokens of other state systems: issued once, kept as a digest, good until they expire or are revoked.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from queue_registry.models import Akimat, ApiClient, ApiPermission, User
from queue_registry.services import audit
from queue_registry.services.staff import INSTALLATION

_TOKEN_BYTES: Final = 32
# So a token that leaked is found in logs and repositories by whoever looks for it.
_PREFIX: Final = "kezek_"


class ApiClientRefused(ValueError):
    """A token was not issued or revoked; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A client with its token, which nobody can ever show again."""

    client: ApiClient
    token: str


@transaction.atomic
def issue(
    *,
    name: str,
    akimats: Collection[Akimat],
    permissions: Collection[ApiPermission],
    expires_at: datetime,
    at: datetime,
) -> Issued:
    """
    Let another system ask in some akimats under a user name of its own, until a moment.

    :raises ApiClientRefused: if the name is taken, or nothing is allowed, or it ends before it begins.
    """
    if User.objects.filter(username=name).exists():
        raise ApiClientRefused(f"there is a user {name} already")
    if not akimats or not permissions or expires_at <= at:
        raise ApiClientRefused("a token is for some akimats, for something, and for some time")
    user = User(username=name, is_active=False)
    user.set_unusable_password()
    user.save()
    token = _PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    client = ApiClient.objects.create(
        user=user,
        token_sha256=digest_of(token),
        permissions=sorted(permissions),
        issued_at=at,
        expires_at=expires_at,
    )
    client.akimats.set(akimats)
    for akimat in sorted(akimats, key=_by_kato):
        _record(client, akimat, "api.token_issued", at=at, expires_at=expires_at.isoformat())
    return Issued(client=client, token=token)


@transaction.atomic
def revoke(*, name: str, at: datetime) -> ApiClient:
    """
    Take a token back at once; what was asked with it stays as it is.

    :raises ApiClientRefused: if there is no such client.
    """
    rows = ApiClient.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    client = rows.filter(user__username=name).first()
    if client is None:
        raise ApiClientRefused(f"there is no client {name}")
    if client.revoked_at is None:
        client.revoked_at = at
        client.save(update_fields=["revoked_at"])
        for akimat in client.akimats.order_by("kato"):
            _record(client, akimat, "api.token_revoked", at=at)
    return client


def find(token: str, *, at: datetime) -> ApiClient | None:
    """Return the client whose token this is, if it is good at the moment."""
    client = ApiClient.objects.select_related("user").filter(token_sha256=digest_of(token)).first()
    if client is None or client.revoked_at is not None or client.expires_at <= at:
        return None
    return client


def digest_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _by_kato(akimat: Akimat) -> str:
    return akimat.kato


def _record(client: ApiClient, akimat: Akimat, event: str, *, at: datetime, **data: str) -> None:
    audit.record(
        akimat=akimat,
        by=INSTALLATION,
        at=at,
        event=event,
        target=f"api_client:{client.pk}",
        client=client.user.username,
        permissions=client.permissions,
        **data,
    )
