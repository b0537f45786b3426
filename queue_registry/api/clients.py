"""Other state systems prove by a token who they are: `Authorization: Bearer kezek_...`."""

from typing import Any, Final

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from queue_registry.models import ApiClient, ApiPermission, User
from queue_registry.selectors import clock
from queue_registry.services import api_clients

_KEYWORD: Final = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """The client whose token is sent. What is wrong of a token is not told."""

    def authenticate(self, request: Request) -> tuple[User, ApiClient] | None:
        keyword, _space, token = get_authorization_header(request).partition(b" ")
        if keyword.lower() != _KEYWORD.lower().encode():
            return None
        client = api_clients.find(token.decode("latin-1").strip(), at=clock.now())
        if client is None:
            raise AuthenticationFailed(_("This token is not good."))
        return client.user, client

    def authenticate_header(self, request: Request) -> str:
        return _KEYWORD


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes the token."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class MayFile(BasePermission):
    """Clients that may hand applications in; nobody of staff does it here."""

    def has_permission(self, request: Request, view: Any) -> bool:
        client = request.auth
        return isinstance(client, ApiClient) and ApiPermission.APPLICATION_FILE in client.permissions
