"""
Who stands at the desk: every page of it names the permission that it needs, and gets the akimat it works
for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from queue_registry.models import Akimat, User
from queue_registry.permissions import NotAllowed, Permission, akimats_of, permissions_in
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock, keepers

_CHOSEN = "akimat"

P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One person of staff at work: for which akimat, since what moment, and what they may do there."""

    user: User
    akimat: Akimat
    akimats: tuple[Akimat, ...]
    permissions: frozenset[Permission]
    at: datetime

    @property
    def on(self) -> date:
        """The day, by Almaty's calendar."""
        return civil_day(self.at)

    @property
    def keeper(self) -> keepers.Elsewhere | None:
        """Who keeps the queue if another installation does; asked for only where the trail is closed."""
        closed_from: datetime | None = vars(self.akimat).get("closed_from")
        if closed_from is None or closed_from > self.at:
            return None
        return keepers.elsewhere(self.akimat, on=self.on)

    @property
    def may(self) -> dict[str, bool]:
        """For templates: {"STOCK_VIEW": True, …}."""
        return {permission.value: permission in self.permissions for permission in Permission}


def desk_page(
    permission: Permission,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Desk, P], HttpResponse]],
    Callable[Concatenate[HttpRequest, P], HttpResponse],
]:
    """
    Let a view in only with the permission in the chosen akimat; it gets the desk as its second argument.

    Foreign akimats are not found by the view's own queries: it asks for rows of `desk.akimat` alone.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, Desk, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @login_required
        @wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            desk = _desk_of(request, permission)
            if permission not in desk.permissions:
                raise NotAllowed(permission)
            return view(request, desk, *args, **kwargs)

        checked.permission = permission  # type: ignore[attr-defined]
        return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", checked)

    return decorate


def _desk_of(request: HttpRequest, permission: Permission) -> Desk:
    user, at = cast("User", request.user), clock.now()
    akimats = tuple(akimats_of(user, civil_day(at)).annotate(closed_from=keepers.closed_from()))
    wanted = request.GET.get(_CHOSEN)
    if wanted is not None:
        request.session[_CHOSEN] = wanted
    chosen = request.session.get(_CHOSEN) if len(akimats) > 1 or wanted is not None else None
    if not akimats:
        raise NotAllowed(permission)
    akimat = next((one for one in akimats if one.kato == chosen), akimats[0])
    return Desk(
        user=user,
        akimat=akimat,
        akimats=akimats,
        permissions=permissions_in(user, akimat, civil_day(at)),
        at=at,
    )
