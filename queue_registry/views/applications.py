"""Clerk: one case on one screen, the decision on its application, its documents. Reading is recorded."""

import hashlib
from collections.abc import Callable

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from queue_registry import application_presenters, intake_forms
from queue_registry.models import Application, ApplicationDocument
from queue_registry.permissions import Permission
from queue_registry.rules.intakes import IntakeRefused, scan_type
from queue_registry.rules.policy import PolicyBroken
from queue_registry.rules.reasons import RefusalGround
from queue_registry.selectors import applications as selectors
from queue_registry.selectors import cases, officers
from queue_registry.services import application_decisions, audit, policies
from queue_registry.views.access import Desk, desk_page


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def page(request: HttpRequest, desk: Desk, application_id: int) -> HttpResponse:
    """One case: facts, findings, documents, consents, entries with place, timeline, what is open."""
    return _page(request, desk, _found(desk, application_id))


@require_POST
@desk_page(Permission.APPLICATION_DECIDE)
def accept(request: HttpRequest, desk: Desk, application_id: int) -> HttpResponse:
    """Register the household."""
    form = intake_forms.Acceptance(request.POST, prefix="accept")
    return _act(
        request,
        desk,
        application_id,
        form,
        lambda: application_decisions.accept(
            application_id=application_id, by=desk.user, at=desk.at, **form.cleaned_data
        ),
        done=_("The household is registered. The notice is ordered."),
    )


@require_POST
@desk_page(Permission.APPLICATION_DECIDE)
def refuse(request: HttpRequest, desk: Desk, application_id: int) -> HttpResponse:
    """Refuse the application on a ground of the law."""
    form = intake_forms.ApplicationRefusal(request.POST, prefix="refuse")
    return _act(
        request,
        desk,
        application_id,
        form,
        lambda: application_decisions.refuse(
            application_id=application_id,
            ground=RefusalGround(form.cleaned_data["ground"]),
            decision=form.cleaned_data["decision"],
            by=desk.user,
            at=desk.at,
        ),
        done=_("The application is refused. The notice with the way to complain is ordered."),
    )


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def withdraw(request: HttpRequest, desk: Desk, application_id: int) -> HttpResponse:
    """The household takes its application back."""
    form = intake_forms.Withdrawal(request.POST, prefix="withdraw")
    return _act(
        request,
        desk,
        application_id,
        form,
        lambda: application_decisions.withdraw(
            application_id=application_id, by=desk.user, at=desk.at, **form.cleaned_data
        ),
        done=_("The application is withdrawn."),
    )


@require_safe
@desk_page(Permission.DOCUMENT_VIEW)
def document(request: HttpRequest, desk: Desk, document_id: int) -> HttpResponse:
    """The scan of a document, for saving; the look is recorded. One that was changed is not given out."""
    found = get_object_or_404(
        ApplicationDocument.objects.exclude(file="").filter(intake__akimat=desk.akimat)
        | ApplicationDocument.objects.exclude(file="").filter(application__akimat=desk.akimat),
        pk=document_id,
    )
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"document:{found.pk}")
    with found.file.open() as kept:
        content = kept.read()
    known = scan_type(content)
    if known is None or hashlib.sha256(content).hexdigest() != found.sha256:
        messages.error(request, _("The stored file is not the one that was added. Tell the administrator."))
        return redirect(_place_of(found))
    media, end = known
    response = HttpResponse(content, content_type=media)
    response.headers["Content-Disposition"] = f'attachment; filename="document-{found.pk}.{end}"'
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _place_of(document: ApplicationDocument) -> str:
    if document.application_id:
        return reverse("queue_registry:application", args=[document.application_id])
    return reverse("queue_registry:intake", args=[document.intake_id])


def _found(desk: Desk, application_id: int) -> Application:
    return get_object_or_404(
        Application.objects.select_related("akimat", "applicant", "entered_by", "decided_by", "intake"),
        pk=application_id,
        akimat=desk.akimat,
    )


def _act(
    request: HttpRequest,
    desk: Desk,
    application_id: int,
    form: django_forms.Form,
    act: Callable[[], object],
    *,
    done: str,
) -> HttpResponse:
    application = _found(desk, application_id)
    if not form.is_valid():
        return _page(request, desk, application, form=form)
    try:
        act()
    except IntakeRefused as refused:
        problem = application_presenters.intake_refusal(refused)
        return _page(request, desk, _found(desk, application_id), problem=problem, status=409)
    except (policies.PolicyNotFound, PolicyBroken):
        problem = _("The policy in force does not say by when a notice is sent.")
        return _page(request, desk, _found(desk, application_id), problem=problem, status=409)
    messages.success(request, done)
    return redirect("queue_registry:application", application_id=application.pk)


def _page(
    request: HttpRequest,
    desk: Desk,
    application: Application,
    *,
    form: django_forms.Form | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"application:{application.pk}")
    forms: dict[str, django_forms.Form] = {
        "accept_form": intake_forms.Acceptance(prefix="accept"),
        "refuse_form": intake_forms.ApplicationRefusal(prefix="refuse"),
        "withdraw_form": intake_forms.Withdrawal(prefix="withdraw"),
    }
    given = {name: form for name, one in forms.items() if type(one) is type(form)}
    try:
        version = policies.policy_in_force(akimat=desk.akimat, on=desk.on)
    except policies.PolicyNotFound:
        version = None
    timeline = selectors.list_case_timeline(application)
    context = {
        "desk": desk,
        "application": application,
        "case": cases.get_case_file(application, version, at=desk.at),
        "timeline": timeline,
        "officers": officers.by_name(desk.akimat, {line.actor for line in timeline}),
        "problem": problem,
        "bound": form,
        "page_url": reverse("queue_registry:application", args=[application.pk]),
        "section": "work",
        **forms,
        **given,
    }
    return render(request, "queue_registry/application.html", context, status=status)
