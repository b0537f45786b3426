"""
An adult of a household: my own consent to the registers being asked. Without sign-in, cookies or JavaScript.

The household's file number and the adult's own IIN under the limits of every look-up; a code to the adult's
own telephone; the answer with the code. Nothing is shown here that is known of anybody, not even whether a
consent was given: nobody but the person can tell.
"""

from typing import Final

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from queue_registry import my_data_forms, my_data_presenters
from queue_registry.code_presenters import code_refusal
from queue_registry.forms import OwnLookUp
from queue_registry.models import Application
from queue_registry.rules.intakes import IntakeRefused
from queue_registry.rules.one_time_codes import CodeRefused, Purpose
from queue_registry.selectors import clock
from queue_registry.selectors.family_adults import Adult, get_adult, get_adult_of
from queue_registry.services import my_data, one_time_codes
from queue_registry.views import look_up

_DOOR: Final = look_up.Door(
    template="queue_registry/my_consent_form.html", section="my_place", form=OwnLookUp
)
_SALT: Final = "queue_registry.look_up.adult"
_CONFLICT: Final = 409


@look_up.personal_page
def page(request: HttpRequest) -> HttpResponse:
    """Ask for both numbers, send a code to the adult's own telephone, take the answer with it."""
    return look_up.through(request, _DOOR, _step, ask=_ask, of_token=_adult_of_token)


def _ask(file_number: str, iin: str) -> Adult | None:
    try:
        return get_adult_of(file_number=file_number, iin=iin, at=clock.now())
    except Application.DoesNotExist:
        return None


def token_of(adult: Adult) -> str:
    """Return what goes on from step to step once both numbers were right."""
    return signing.dumps([adult.application.pk, adult.person.pk], salt=_SALT)


def _adult_of_token(token: str) -> Adult | None:
    try:
        application_id, person_id = signing.loads(token, salt=_SALT, max_age=look_up.TOKEN_SECONDS)
    except signing.BadSignature:
        return None
    return get_adult(application_id=application_id, person_id=person_id, at=clock.now())


def _step(request: HttpRequest, adult: Adult) -> HttpResponse:
    if look_up.is_switch(request):
        typed = look_up.as_typed(my_data_forms.OwnConsent, request) if "code" in request.POST else None
        return _shown(request, adult, form=typed)
    if "choice" in request.POST or "code" in request.POST:
        return _answer(request, adult)
    return _send(request, adult) if "send" in request.POST else _shown(request, adult)


def _send(request: HttpRequest, adult: Adult) -> HttpResponse:
    try:
        telephone = one_time_codes.send(
            application_id=adult.application.pk,
            person_id=adult.person.pk,
            purpose=Purpose.CONSENT,
            at=clock.now(),
        )
    except CodeRefused as refused:
        return _shown(request, adult, problem=code_refusal(refused))
    return _shown(request, adult, form=my_data_forms.OwnConsent(), phone_end=telephone.end)


def _answer(request: HttpRequest, adult: Adult) -> HttpResponse:
    form = my_data_forms.OwnConsent(request.POST)
    if not form.is_valid():
        return _shown(request, adult, form=form)
    gives = form.cleaned_data["choice"] == my_data_forms.GIVE
    try:
        my_data.answer_for_oneself(
            application_id=adult.application.pk,
            person_id=adult.person.pk,
            gives=gives,
            code=form.cleaned_data["code"],
            at=clock.now(),
        )
    except CodeRefused as refused:
        return _shown(request, adult, form=form, problem=code_refusal(refused))
    except IntakeRefused:
        return look_up.expired(request, _DOOR)
    return _shown(request, adult, done=my_data_presenters.consent_done(gives=gives))


def _shown(
    request: HttpRequest,
    adult: Adult,
    *,
    form: my_data_forms.OwnConsent | None = None,
    phone_end: str = "",
    problem: str = "",
    done: str = "",
) -> HttpResponse:
    context = {
        "application": adult.application,
        "token": token_of(adult),
        "consent_text": my_data_presenters.consent_text(),
        "consequences": my_data_presenters.consequence_of_withdrawal(),
        "form": form,
        "phone_end": phone_end,
        "problem": problem,
        "done": done,
        "section": _DOOR.section,
        "kept": "kept" if form else "again",
    }
    status = _CONFLICT if problem else 200
    return render(request, "queue_registry/my_consent.html", context, status=status)
