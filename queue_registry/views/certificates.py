"""
Citizen: a certificate of my place, and anybody: is this certificate genuine?

From the code alone the page says when it was issued, by which akimat, which place it told, and whether that
is still so; nothing of the person. With the IIN besides, the code stands for the file number.
"""

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from queue_registry.certificate_forms import CertificateCode, OwnCertificate
from queue_registry.models import Application
from queue_registry.rules.certificates import shown
from queue_registry.selectors import certificates as selectors
from queue_registry.selectors import clock
from queue_registry.selectors.applications import get_application_of
from queue_registry.services import certificates
from queue_registry.views import look_up, public

_TEMPLATE: Final = "queue_registry/certificate.html"
_PRINTED: Final = frozenset({"kk", "ru"})
# Two forms of one page have fields of their own.
_OWN_IDS: Final = "own_%s"


@look_up.personal_page
def issue(request: HttpRequest) -> HttpResponse:
    """The certificate as a PDF, for whoever has shown both numbers a while ago."""
    application = look_up.application_of_token(request.POST.get("token", ""))
    if application is None:
        return look_up.expired(request, public.DOOR)
    language = get_language() if get_language() in _PRINTED else settings.LANGUAGE_CODE
    try:
        with look_up.limited(request):
            issued, content = certificates.issue(
                application_id=application.pk, language=str(language), at=clock.now()
            )
    except look_up.Stopped as stopped:
        return stopped.response
    except certificates.NoPlace:
        return public.answer(request, application)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{shown(issued.code)}.pdf"'
    return response


@look_up.personal_page
def certificate(request: HttpRequest) -> HttpResponse:
    """Check a code; with the IIN of the applicant open the place page."""
    if request.method == "POST":
        return _open(request)
    form = CertificateCode(request.GET if "code" in request.GET else None)
    if not form.is_bound or not form.is_valid():
        # Whoever only changes the language is not told yet what is wrong.
        if "language" in request.GET:
            form = CertificateCode(initial={"code": request.GET.get("code", "")})
        return _page(request, form=form)
    try:
        with look_up.limited(request):
            checked = selectors.check(form.cleaned_data["code"])
    except look_up.Stopped as stopped:
        return stopped.response
    if checked is None:
        return _page(request, form=CertificateCode(), unknown=True)
    own = OwnCertificate(auto_id=_OWN_IDS, initial={"code": shown(checked.certificate.code)})
    return _page(request, form=CertificateCode(), checked=checked, own=own)


def _open(request: HttpRequest) -> HttpResponse:
    if look_up.is_switch(request):
        typed = {name: request.POST.get(name, "") for name in OwnCertificate.base_fields}
        return _page(request, form=CertificateCode(), own=OwnCertificate(initial=typed, auto_id=_OWN_IDS))
    own = OwnCertificate(request.POST, auto_id=_OWN_IDS)
    if not own.is_valid():
        return _page(request, form=CertificateCode(), own=own)
    code, iin = own.cleaned_data["code"], own.cleaned_data["iin"]
    try:
        application = look_up.find(request, number=f"certificate:{code}", iin=iin, ask=lambda: _of(code, iin))
    except look_up.Stopped as stopped:
        return stopped.response
    if application is None:
        # An empty form, and the same words whether the code is none of ours or another person's.
        return _page(request, form=CertificateCode(), own=OwnCertificate(auto_id=_OWN_IDS), not_found=True)
    return public.answer(request, application)


def _of(code: str, iin: str) -> Application | None:
    """The same two queries whichever of the two is wrong, so that the answer's time tells nothing."""
    found = selectors.find(code)
    try:
        return get_application_of(file_number=found.application.file_number if found else "", iin=iin)
    except Application.DoesNotExist:
        return None


def _page(request: HttpRequest, **context: Any) -> HttpResponse:
    # What goes along when the language is changed: the form that is filled, or the code that was checked.
    kept = "checked" if "checked" in context else "own" if "own" in context else "check"
    return render(request, _TEMPLATE, {**context, "section": "certificate", "kept": kept})
