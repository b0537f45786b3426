"""
Citizen: my data as the state sees it. Without sign-in, without cookies, without JavaScript.

File number and IIN under the limits of every look-up; then a code to the telephone; then everything that is
known, and what the household may do about it. What the code proved goes on in a sealed pass that is good for
half an hour. Every look at the data is on record.
"""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from queue_registry import my_data_forms, my_data_presenters
from queue_registry.code_presenters import code_refusal
from queue_registry.models import Application, PolicyVersion
from queue_registry.rules.calendar import YearUnknown, civil_day
from queue_registry.rules.data_disputes import DisputeRefused
from queue_registry.rules.intakes import IntakeRefused
from queue_registry.rules.one_time_codes import CodeRefused, Purpose
from queue_registry.rules.policy import PolicyBroken
from queue_registry.selectors import clock
from queue_registry.selectors.my_data import MyData, get_my_data
from queue_registry.services import data_disputes, my_data, one_time_codes
from queue_registry.services.policies import PolicyNotFound, policy_in_force
from queue_registry.views import look_up

_DOOR: Final = look_up.Door(template="queue_registry/my_data_form.html", section="my_place")
_CONFLICT: Final = 409


@look_up.personal_page
def page(request: HttpRequest) -> HttpResponse:
    """Ask for both numbers, send a code, take it, show the data, take what the household says of them."""
    if "pass" not in request.POST:
        return look_up.enter(request, _DOOR, _before_code)
    application = look_up.application_of_pass(request.POST["pass"])
    return look_up.expired(request, _DOOR) if application is None else _act(request, application)


def _before_code(request: HttpRequest, application: Application) -> HttpResponse:
    if look_up.is_switch(request):
        typed = look_up.as_typed(my_data_forms.Code, request) if "code" in request.POST else None
        return _ask(request, application, form=typed)
    if "code" in request.POST:
        return _unlock(request, application)
    if "send" in request.POST:
        return _send(request, application)
    return _ask(request, application)


def _send(request: HttpRequest, application: Application) -> HttpResponse:
    try:
        telephone = one_time_codes.send(
            application_id=application.pk, purpose=Purpose.MY_DATA, at=clock.now()
        )
    except CodeRefused as refused:
        return _ask(request, application, problem=code_refusal(refused))
    return _ask(request, application, form=my_data_forms.Code(), phone_end=telephone.end)


def _unlock(request: HttpRequest, application: Application) -> HttpResponse:
    form = my_data_forms.Code(request.POST)
    if not form.is_valid():
        return _ask(request, application, form=form)
    try:
        my_data.unlock(application_id=application.pk, code=form.cleaned_data["code"], at=clock.now())
    except CodeRefused as refused:
        return _ask(request, application, form=my_data_forms.Code(), problem=code_refusal(refused))
    return _shown(request, application)


def _ask(
    request: HttpRequest,
    application: Application,
    *,
    form: my_data_forms.Code | None = None,
    phone_end: str = "",
    problem: str = "",
) -> HttpResponse:
    context = {
        "token": look_up.token_of(application.pk),
        "form": form,
        "phone_end": phone_end,
        "problem": problem,
        "section": _DOOR.section,
        "kept": "kept" if form else "send",
    }
    status = _CONFLICT if problem else 200
    return render(request, "queue_registry/my_data_code.html", context, status=status)


def _act(request: HttpRequest, application: Application) -> HttpResponse:
    steps = {
        "dispute": _dispute,
        "consent": _consent,
        "leave": _before_withdrawal,
        "withdraw": _withdraw,
    }
    step = request.POST.get("step", "")
    # Whoever only changes the language does nothing by it.
    if look_up.is_switch(request) and step not in {"dispute", "leave"}:
        step = ""
    return steps.get(step, _shown)(request, application)


def _dispute(request: HttpRequest, application: Application) -> HttpResponse:
    """Ask what is wrong in a row; with a claim, open the question and say until when it is answered."""
    data = _data(application)
    row = data.row(request.POST.get("row", ""))
    if row is None:
        return _shown(request, application, problem=_("This row has changed meanwhile."))
    form = _claim(request)
    if not form.is_bound or not form.is_valid():
        my_data.record_read(application=application, at=clock.now())
        context = {"row": my_data_presenters.row_words(row, data), "form": form}
        return _page(request, application, "queue_registry/my_data_dispute.html", context)
    person, answer, fact = row.thing
    try:
        data_disputes.open_dispute(
            application_id=application.pk,
            person_id=person,
            answer_id=answer,
            fact_id=fact,
            claim=form.cleaned_data["claim"],
            at=clock.now(),
        )
    except DisputeRefused as refused:
        return _shown(request, application, problem=my_data_presenters.dispute_refusal(refused))
    except (PolicyNotFound, PolicyBroken, YearUnknown):
        return _shown(
            request,
            application,
            problem=_("No term for an answer is in force here yet. Go to the housing department."),
        )
    return _shown(request, application, done=_("The akimat was told. Its answer will stand beside the row."))


def _claim(request: HttpRequest) -> my_data_forms.Dispute:
    if look_up.is_switch(request):
        return look_up.as_typed(my_data_forms.Dispute, request)
    return my_data_forms.Dispute(request.POST if "claim" in request.POST else None)


def _consent(request: HttpRequest, application: Application) -> HttpResponse:
    try:
        my_data.give_consent(application=application, at=clock.now())
    except IntakeRefused:
        return _shown(request, application, problem=_("The consent could not be recorded. Go to the akimat."))
    return _shown(request, application, done=my_data_presenters.consent_done(gives=True))


def _before_withdrawal(request: HttpRequest, application: Application) -> HttpResponse:
    context = {"consequences": my_data_presenters.consequence_of_withdrawal()}
    return _page(request, application, "queue_registry/my_data_withdraw.html", context)


def _withdraw(request: HttpRequest, application: Application) -> HttpResponse:
    try:
        my_data.take_consent_back(application=application, at=clock.now())
    except IntakeRefused:
        return _shown(
            request, application, problem=_("The consent could not be taken back. Go to the akimat.")
        )
    return _shown(request, application, done=my_data_presenters.consent_done(gives=False))


def _shown(
    request: HttpRequest, application: Application, *, problem: str = "", done: str = ""
) -> HttpResponse:
    at = clock.now()
    data = _data(application)
    my_data.record_read(application=application, at=at)
    context = {
        "people": my_data_presenters.people(data),
        "applicant_covered": bool(data.people) and data.people[0].member.covered,
        "rung": data.rung,
        "arithmetic": data.rung.arithmetic if data.rung else None,
        "removals": data.removals,
        "entries": data.entries,
        "consent_text": my_data_presenters.consent_text(),
        "at": at,
        "problem": problem,
        "done": done,
    }
    return _page(
        request, application, "queue_registry/my_data.html", context, status=_CONFLICT if problem else 200
    )


def _page(
    request: HttpRequest,
    application: Application,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    shared = {
        "application": application,
        # The one of the code, so that half an hour stays half an hour.
        "pass": request.POST.get("pass") or look_up.pass_of(application.pk),
        "token": look_up.token_of(application.pk),
        "section": _DOOR.section,
        "kept": "kept",
    }
    return render(request, template, {**shared, **context}, status=status)


def _data(application: Application) -> MyData:
    at = clock.now()
    return get_my_data(application, _version(application), at=at)


def _version(application: Application) -> PolicyVersion | None:
    try:
        return policy_in_force(akimat=application.akimat, on=civil_day(clock.now()))
    except PolicyNotFound:
        return None
