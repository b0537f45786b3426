"""
Clerk: an application is put together, from an IIN to the moment of filing. All works without JavaScript.

An IIN comes in the body of a request and never gets into an address.
"""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from queue_registry import application_presenters, intake_forms, notice_forms
from queue_registry.models import Intake
from queue_registry.permissions import Permission
from queue_registry.rules.calendar import YearUnknown
from queue_registry.rules.intakes import IntakeRefused
from queue_registry.rules.policy import PolicyBroken
from queue_registry.selectors import intakes as selectors
from queue_registry.services import applications, audit, contacts, intakes, policies
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.intake_page import TARGET, choices_of, people_of, show


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.APPLICATION_ENTER)
def start(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The intakes that are open, and the form that begins one by an IIN."""
    form = intake_forms.OpenIntake(request.POST or None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            intake = intakes.open_intake(akimat=desk.akimat, by=desk.user, at=desk.at, **form.cleaned_data)
        except IntakeRefused as refused:
            problem = application_presenters.intake_refusal(refused)
        else:
            return redirect("queue_registry:intake", intake_id=intake.pk)
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"intakes:{desk.akimat.kato}")
    context = {
        "desk": desk,
        "form": form,
        "problem": problem,
        "intakes": selectors.open_intakes(desk.akimat),
        "page_url": reverse("queue_registry:intake_start"),
        "section": "intake",
    }
    return render(request, "queue_registry/intake_start.html", context, status=409 if problem else 200)


@require_safe
@desk_page(Permission.APPLICATION_ENTER)
def page(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """One intake: what is known, what is missing, and every act on it. The look is recorded."""
    intake = _found(desk, intake_id)
    if intake.application_id:
        return redirect("queue_registry:application", application_id=intake.application_id)
    return show(request, desk, intake)


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def claims(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Choose lists and categories."""
    form = intake_forms.Claims(request.POST)
    return _act(
        request,
        desk,
        intake_id,
        form,
        lambda seen: intakes.set_claims(claims=form.claims(), **seen),
        done=_("Lists and categories are chosen."),
    )


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def member(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Name a member of the household."""
    form = intake_forms.Member(request.POST, prefix="member")
    return _act(
        request,
        desk,
        intake_id,
        form,
        lambda seen: intakes.add_member(**form.cleaned_data, **seen),
        done=_("The member is named."),
    )


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def contact(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Record by what the applicant is reached."""
    intake = _found(desk, intake_id)
    form = notice_forms.Contact(request.POST, prefix="contact")
    if not form.is_valid():
        return show(request, desk, intake, form=form)
    contacts.record(
        akimat=desk.akimat,
        person_id=intake.applicant_id,
        target=TARGET.format(intake.pk),
        by=desk.user,
        at=desk.at,
        **form.cleaned_data,
    )
    messages.success(request, _("It is recorded. Notices go there from now on."))
    return redirect("queue_registry:intake", intake_id=intake.pk)


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def household(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Take everybody whom the registers propose."""
    return _act(
        request,
        desk,
        intake_id,
        django_forms.Form({}),
        lambda seen: intakes.take_household(**seen),
        done=_("The household is taken from the registers."),
    )


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def remove_member(request: HttpRequest, desk: Desk, intake_id: int, person_id: int) -> HttpResponse:
    """Take a named person off the household."""
    return _act(
        request,
        desk,
        intake_id,
        django_forms.Form({}),
        lambda seen: intakes.remove_member(person_id=person_id, **seen),
        done=_("The member is taken off."),
    )


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def document(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Add the scan of a document."""
    form = intake_forms.Document(request.POST, request.FILES, prefix="document")

    def add(seen: dict[str, Any]) -> object:
        del seen["version"]
        given = form.cleaned_data
        return intakes.add_document(
            kind=given["kind"], title=given["title"], scan=given["scan"].read(), **seen
        )

    return _act(request, desk, intake_id, form, add, done=_("The document is added."))


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def consent(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Record a consent; what it covers is asked at once."""
    intake = _found(desk, intake_id)
    people = people_of(selectors.get_picture(intake, at=desk.at))
    form = intake_forms.ConsentForm(request.POST, prefix="consent", people=choices_of(people))

    def record(seen: dict[str, Any]) -> object:
        del seen["version"]
        given = form.cleaned_data
        return intakes.record_consent(
            person_id=given["person"], channel=given["channel"], evidence=given["evidence"], **seen
        )

    return _act(
        request,
        desk,
        intake_id,
        form,
        record,
        done=_("The consent is recorded, and the registers are being asked."),
    )


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def look(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Look again: what the answers so far let us ask next is asked, and the page shows what came."""
    intake = _found(desk, intake_id)
    intakes.ask(intake_id=intake.pk, by=desk.user, at=desk.at)
    return redirect("queue_registry:intake", intake_id=intake.pk)


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def drop(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Give the intake up."""
    return _act(
        request,
        desk,
        intake_id,
        django_forms.Form({}),
        lambda seen: intakes.drop(**seen),
        done=_("The intake was given up."),
        then=reverse("queue_registry:intake_start"),
    )


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def file(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """File the application: it gets its moment and its number, or the page names what is missing."""
    return _act(
        request,
        desk,
        intake_id,
        django_forms.Form({}),
        lambda seen: applications.file(**seen),
        done=_("The application is filed: it has its file number and its registration moment."),
    )


def _found(desk: Desk, intake_id: int) -> Intake:
    return get_object_or_404(
        Intake.objects.select_related("akimat", "applicant", "opened_by"), pk=intake_id, akimat=desk.akimat
    )


def _act(
    request: HttpRequest,
    desk: Desk,
    intake_id: int,
    form: django_forms.Form,
    act: Callable[[dict[str, Any]], object],
    *,
    done: str,
    then: str = "",
) -> HttpResponse:
    """Do an act with the version that the clerk saw; what is refused is said on the page as it stands now."""
    intake, seen = _found(desk, intake_id), intake_forms.Version(request.POST)
    if not form.is_valid():
        return show(request, desk, intake, form=form)
    version = seen.cleaned_data["version"] if seen.is_valid() else 0
    try:
        act({"intake_id": intake.pk, "version": version, "by": desk.user, "at": desk.at})
    except IntakeRefused as refused:
        return show(request, desk, _found(desk, intake_id), refused=refused, status=409)
    except (policies.PolicyNotFound, PolicyBroken, YearUnknown):
        return show(request, desk, intake, problem=_("The term of the decision is not known."), status=409)
    messages.success(request, done)
    return redirect(then or reverse("queue_registry:intake", args=[intake.pk]))
