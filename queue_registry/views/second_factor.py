"""The second step of the sign-in: a code of the telephone, or one on paper; and tying a telephone."""

from typing import Any, Final, cast

import django_otp
import segno
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from queue_registry import second_factor_presenters as presenters
from queue_registry.models import Telephone, User
from queue_registry.rules.second_factor import FactorRefusal
from queue_registry.selectors import clock
from queue_registry.selectors import second_factors as selectors
from queue_registry.services import second_factors

_LONGEST: Final = 20


class Code(forms.Form):
    """A code as somebody typed it."""

    code = forms.CharField(
        label=_("Code of the second step"),
        max_length=_LONGEST,
        error_messages={"required": _("Type the code")},
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input govuk-input--width-10",
                "autocomplete": "one-time-code",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Ask for a code; whoever gave one reads what is tied to the sign-in."""
    user = cast("User", request.user)
    if selectors.device_of(user) is None:
        return redirect(_with_next(request, "second_factor_new"))
    if _is_verified(user):
        codes = selectors.count_recovery_codes(user)
        return render(request, "registration/second_factor_tied.html", {"recovery_codes": codes})
    form = Code(request.POST or None)
    if form.is_valid():
        taken = second_factors.verify(user=user, code=form.cleaned_data["code"], at=clock.now())
        if not isinstance(taken, FactorRefusal):
            _vouch(request, taken)
            return redirect(_next(request))
        form.add_error("code", presenters.refusal(taken))
    return render(request, "registration/second_factor.html", _asking(request, form))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Tie a telephone: its secret as a picture and in letters, its first code, then the codes for paper."""
    user = cast("User", request.user)
    if selectors.device_of(user) is not None and not _is_verified(user):
        # Whoever knows only the password must not tie a telephone of his own.
        return redirect(_with_next(request, "second_factor"))
    form = Code(request.POST or None)
    if form.is_valid():
        codes = second_factors.enroll(user=user, code=form.cleaned_data["code"], at=clock.now())
        if not isinstance(codes, FactorRefusal):
            _vouch(request, cast("Telephone", selectors.device_of(user)))
            told = {"codes": codes, "next": _next(request)}
            return render(request, "registration/recovery_codes.html", told)
        form.add_error("code", presenters.refusal(codes))
    device = second_factors.begin(user=user)
    context = {
        **_asking(request, form),
        "picture": _picture(device),
        "secret": presenters.secret(device.secret),
    }
    return render(request, "registration/second_factor_new.html", context)


def _asking(request: HttpRequest, form: Code) -> dict[str, Any]:
    return {"form": form, "next": _next(request), "demo": settings.DEMO}


def _is_verified(user: Any) -> bool:
    return bool(user.is_verified())


def _vouch(request: HttpRequest, device: Telephone) -> None:
    """From here on the session counts as verified; its old key, whoever may know it, opens nothing."""
    request.session.cycle_key()
    django_otp.login(request, device)


def _picture(device: Telephone) -> str:
    code = segno.make(device.config_url, error="m", micro=False)
    return mark_safe(code.svg_inline(scale=5, border=2))  # noqa: S308 - drawn by us from our own secret


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else reverse("start")


def _with_next(request: HttpRequest, name: str) -> str:
    return reverse(name, query={"next": _next(request)})
