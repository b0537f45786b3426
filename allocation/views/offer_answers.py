"""
Citizen: the home that is offered to me, and my answer. Without sign-in, without cookies, without JavaScript.

Three steps on one address, each sent as a form: file number and IIN, under the limits of every look-up; a
code to the telephone; the answer with the code. What the first step proved goes on in a sealed token that is
good for half an hour: no IIN comes back to the browser.
"""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from allocation import offer_presenters, refusal_presenters
from allocation.offer_forms import ACCEPT, UNFIT, CodedAnswer
from allocation.rules.refusals import Refused
from allocation.selectors import offers
from allocation.services import offer_answers
from queue_registry.code_presenters import code_refusal
from queue_registry.models import Application
from queue_registry.rules.one_time_codes import CodeRefused, Purpose
from queue_registry.selectors import clock
from queue_registry.services import one_time_codes
from queue_registry.views import look_up

_DOOR: Final = look_up.Door(template="allocation/public_offer_form.html", section="offer")
_CONFLICT: Final = 409


@look_up.personal_page
def page(request: HttpRequest) -> HttpResponse:
    """Ask for file number and IIN, show the offer, send a code, take the answer."""
    return look_up.enter(request, _DOOR, _step)


def _step(request: HttpRequest, application: Application) -> HttpResponse:
    if look_up.is_switch(request):
        typed = look_up.as_typed(CodedAnswer, request) if "code" in request.POST else None
        return _shown(request, application, form=typed)
    if "answer" in request.POST or "code" in request.POST:
        return _answer(request, application)
    return _send(request, application) if "send" in request.POST else _shown(request, application)


def _send(request: HttpRequest, application: Application) -> HttpResponse:
    if offers.open_offer_of(application) is None:
        return _shown(request, application)
    try:
        telephone = one_time_codes.send(
            application_id=application.pk, purpose=Purpose.OFFER_ANSWER, at=clock.now()
        )
    except CodeRefused as refused:
        problem = code_refusal(refused)
        return _shown(request, application, problem=problem, status=_CONFLICT)
    return _shown(request, application, form=CodedAnswer(), phone_end=telephone.end)


def _answer(request: HttpRequest, application: Application) -> HttpResponse:
    offer, form = offers.open_offer_of(application), CodedAnswer(request.POST)
    if offer is None:
        return _shown(request, application)
    if not form.is_valid():
        return _shown(request, application, form=form)
    data = form.cleaned_data
    told: dict[str, Any] = {"offer_id": offer.pk, "application_id": application.pk, "code": data["code"]}
    try:
        if data["answer"] == ACCEPT:
            offer_answers.accept(**told, at=clock.now())
        else:
            offer_answers.refuse(**told, reason=data["reason"], unfit=data["answer"] == UNFIT, at=clock.now())
    except CodeRefused as refused:
        problem = code_refusal(refused)
        return _shown(request, application, form=form, problem=problem, status=_CONFLICT)
    except Refused as refused:
        problem = refusal_presenters.refusal(refused)
        return _shown(request, application, problem=problem, status=_CONFLICT)
    return _shown(request, application, done=offer_presenters.answered(data["answer"]))


def _shown(
    request: HttpRequest,
    application: Application,
    *,
    form: CodedAnswer | None = None,
    phone_end: str = "",
    problem: str = "",
    done: str = "",
    status: int = 200,
) -> HttpResponse:
    at, offer = clock.now(), offers.open_offer_of(application)
    context = {
        "application": application,
        "offer": offer,
        "too_high": offer is not None and offers.is_too_high(offer, at=at),
        "days": 0 if offer is None else offers.working_days_left(offer, at=at),
        "at": at,
        "token": look_up.token_of(application.pk),
        "form": form,
        "phone_end": phone_end,
        "problem": problem,
        "done": done,
        "section": _DOOR.section,
        "kept": "kept" if offer and form else "again",
    }
    return render(request, "allocation/public_offer.html", context, status=status)
