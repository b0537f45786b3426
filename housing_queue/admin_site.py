"""
The admin site: the commission's desk, and read-only lists for support and audit.

Only a person of staff with a role that is open today comes in; what each may see is asked of the role, never
of Django's own permissions, and a superuser without a role sees nothing.
"""

from typing import Any, Final

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from queue_registry.permissions import akimats_of, memberships, permissions_anywhere
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock, keepers

# Whoever could read these rows could make the codes of others.
_SHOWN_TO_NOBODY: Final = frozenset({"otp_totp"})
_APPS: Final = {"allocation": _("Distribution"), "queue_registry": _("Register")}


class KezekAdminSite(AdminSite):
    """Signs people in on the desk's page; names apps and lists in the language of the page."""

    site_title = _("Kezek: commission and audit")
    site_header = _("Kezek: commission and audit")
    index_title = _("Commission and audit")
    site_url = None
    enable_nav_sidebar = False
    empty_value_display = "–"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Leave out what no list shows."""
        models: list[Any] = (
            [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        )
        shown = [model for model in models if model._meta.app_label not in _SHOWN_TO_NOBODY]  # noqa: SLF001
        super().register(shown, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        if not (user.is_active and user.is_staff):
            return False
        return memberships(user, civil_day(clock.now())).exists()

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send strangers to the one sign-in page; a signed-in person without a role is told no."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", request.get_full_path()))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """
        Add what the person may do in any akimat: it decides which links the frame has; and who keeps the
        queues of the person's akimats that are kept elsewhere. A page of one akimat names that one's alone.
        """
        at = clock.now()
        held = permissions_anywhere(request.user, civil_day(at))
        return {
            **super().each_context(request),
            "may": {permission.value: True for permission in held},
            "kept_elsewhere": keepers.list_resting(akimats_of(request.user, civil_day(at)), at=at),
        }

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return apps with their lists by the names that the lists give themselves."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["name"] = _APPS.get(app["app_label"], app["name"])
            for model in app["models"]:
                model["name"] = getattr(self.get_model_admin(model["model"]), "title", model["name"])
        return apps
