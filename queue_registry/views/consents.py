"""Clerk: consents of a case, given and taken back; the people who have to be asked for theirs."""

from collections.abc import Callable
from typing import Any, Final

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from queue_registry import application_presenters, consent_forms
from queue_registry.models import Application, Person
from queue_registry.permissions import Permission
from queue_registry.rules.intakes import IntakeRefused
from queue_registry.selectors import cases, consent_work
from queue_registry.services import audit, consents
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT, wants

_PAGE: Final = 50


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def people(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Whom to contact for a consent, who waits longest for it first. The look is recorded."""
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"no_consent:{desk.akimat.kato}")
    page = Paginator(consent_work.list_missing(desk.akimat), _PAGE).get_page(request.GET.get("page"))
    keys = [row["person"] for row in page]
    names, contacts = Person.objects.in_bulk(keys), consent_work.list_contacts(keys)
    applications = Application.objects.in_bulk([row["application"] for row in page])
    context = {
        "desk": desk,
        "page": page,
        "rows": [
            {
                "person": names[row["person"]],
                "application": applications[row["application"]],
                "since": row["since"],
                "contacts": contacts.get(row["person"], ()),
            }
            for row in page
        ],
        "section": "consents",
    }
    return render(request, "queue_registry/no_consent.html", context)


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def case(request: HttpRequest, desk: Desk, application_id: int) -> HttpResponse:
    """Who of a household may be asked about, by which consent; how the others were contacted."""
    return _page(request, desk, _found(desk, application_id))


@require_POST
@desk_page(Permission.CONSENT_KEEP)
def record(request: HttpRequest, desk: Desk, application_id: int) -> HttpResponse:
    """Somebody agreed to the registers being asked."""
    return _act(
        request,
        desk,
        application_id,
        "consent",
        lambda data: consents.record(
            application_id=application_id,
            person_id=data.pop("person"),
            by=desk.user,
            at=desk.at,
            **data,
        ),
        done=_("The consent is recorded. The registers are asked now."),
    )


@require_POST
@desk_page(Permission.CONSENT_KEEP)
def withdraw(request: HttpRequest, desk: Desk, application_id: int) -> HttpResponse:
    """Somebody takes their consents back: what follows is said first."""
    application = _found(desk, application_id)
    form = _forms(desk, application, request.POST)["withdrawal"]
    if form.is_valid() and not wants(request, "withdraw"):
        who = Person.objects.get(pk=form.cleaned_data["person"])
        return _page(request, desk, application, bound=form, leaving=who)
    return _act(
        request,
        desk,
        application_id,
        "withdrawal",
        lambda data: consents.withdraw(
            application_id=application_id,
            person_id=data.pop("person"),
            by=desk.user,
            at=desk.at,
            **data,
        ),
        done=_("The withdrawal is recorded. Open questions are closed; nobody lost a place."),
    )


@require_POST
@desk_page(Permission.CONSENT_KEEP)
def contact(request: HttpRequest, desk: Desk, application_id: int) -> HttpResponse:
    """Somebody was contacted, or could not be."""
    return _act(
        request,
        desk,
        application_id,
        "contact",
        lambda data: consents.record_contact(
            application_id=application_id,
            person_id=data.pop("person"),
            by=desk.user,
            at=desk.at,
            **data,
        ),
        done=_("The contact is recorded."),
    )


def _found(desk: Desk, application_id: int) -> Application:
    return get_object_or_404(
        Application.objects.select_related("akimat", "applicant"), pk=application_id, akimat=desk.akimat
    )


def _act(
    request: HttpRequest,
    desk: Desk,
    application_id: int,
    name: str,
    act: Callable[[dict[str, Any]], object],
    *,
    done: str,
) -> HttpResponse:
    application = _found(desk, application_id)
    form = _forms(desk, application, request.POST)[name]
    if not form.is_valid():
        return _page(request, desk, application, bound=form)
    try:
        act(dict(form.cleaned_data))
    except IntakeRefused as refused:
        problem = application_presenters.intake_refusal(refused)
        return _page(request, desk, application, problem=problem)
    messages.success(request, done)
    return redirect("queue_registry:case_consents", application_id=application.pk)


def _forms(
    desk: Desk, application: Application, data: Any = None, *, seen: int = 0
) -> dict[str, django_forms.Form]:
    """The page's forms; with data all are bound, and one of them is looked at."""
    members = consent_work.list_members(application, at=desk.at)
    named = [(one.person.pk, one.person.full_name or "–") for one in members]
    return {
        "consent": consent_forms.Consent(data, prefix="consent", people=named, on=desk.on),
        "withdrawal": consent_forms.Withdrawal(data, prefix="withdrawal", people=named),
        "contact": consent_forms.Contact(
            data, prefix="contact", people=named, initial={"seen": seen} if data is None else None
        ),
    }


def _page(
    request: HttpRequest,
    desk: Desk,
    application: Application,
    *,
    bound: django_forms.Form | None = None,
    problem: str = "",
    leaving: Person | None = None,
) -> HttpResponse:
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"application:{application.pk}")
    members = consent_work.list_members(application, at=desk.at)
    keys = [one.person.pk for one in members]
    found = consent_work.list_contacts(keys)
    contacts = sorted(
        (one for rows in found.values() for one in rows), key=lambda one: (one.at, one.pk), reverse=True
    )
    forms = _forms(desk, application, seen=application.consent_contacts.count())
    if bound is not None:
        forms |= {name: bound for name, one in forms.items() if type(one) is type(bound)}
    context = {
        "desk": desk,
        "application": application,
        "members": members,
        "consents": cases.list_consents(application, [one.person for one in members]),
        "contacts": contacts,
        "consent_text": application_presenters.consent_text(),
        "leaving": leaving,
        "problem": problem,
        "bound": bound,
        "page_url": reverse("queue_registry:case_consents", args=[application.pk]),
        "section": "consents",
        **{f"{name}_form": form for name, form in forms.items()},
    }
    return render(request, "queue_registry/case_consents.html", context, status=CONFLICT if problem else 200)
