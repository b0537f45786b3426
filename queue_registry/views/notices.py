"""Clerk: notices of a case and by what its household is reached; what did not arrive; letters to post."""

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

from queue_registry import notice_forms, notice_presenters
from queue_registry.documents import notice_letter
from queue_registry.models import Application, Notice, NoticeChannel, NoticeDelivery
from queue_registry.permissions import Permission
from queue_registry.rules.notices import NoticeRefused
from queue_registry.selectors import notices as selectors
from queue_registry.services import audit, contacts, notices
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT

_PAGE: Final = 50
# As many letters as are printed in one go.
_LETTERS: Final = 200


@require_safe
@desk_page(Permission.NOTICE_DELIVER)
def notice_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What did not arrive, letters to be printed and posted, letters on their way."""
    return _list(request, desk)


@require_POST
@desk_page(Permission.NOTICE_DELIVER)
def letters(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The chosen letters as one PDF. Each is a look at its case."""
    chosen = selectors.list_letters(desk.akimat, _keys(request))
    if not chosen:
        return _list(request, desk, problem=_("Choose at least one letter."))
    for key in sorted({letter.notice.application_id for letter in chosen}):
        audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"application:{key}")
    content = notice_letter.pdf(chosen, akimat=desk.akimat, at=desk.at)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="letters.pdf"'
    response.headers["Cache-Control"] = "no-store, private"
    return response


@require_POST
@desk_page(Permission.NOTICE_DELIVER)
def posted(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The chosen letters were posted."""
    try:
        count = notices.post(akimat=desk.akimat, delivery_ids=_keys(request), by=desk.user, at=desk.at)
    except NoticeRefused as refused:
        return _list(request, desk, problem=notice_presenters.notice_refusal(refused))
    messages.success(request, _("Letters recorded as posted: %(count)s.") % {"count": count})
    return redirect("queue_registry:notices")


def _keys(request: HttpRequest) -> list[int]:
    return sorted({int(key) for key in request.POST.getlist("delivery") if key.isascii() and key.isdigit()})


def _list(request: HttpRequest, desk: Desk, *, problem: str = "") -> HttpResponse:
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"notices:{desk.akimat.kato}")
    due = Paginator(selectors.list_due_letters(desk.akimat), _LETTERS)
    context = {
        "desk": desk,
        "problem": problem,
        "undelivered": selectors.list_undelivered(desk.akimat)[:_PAGE],
        "undelivered_count": selectors.list_undelivered(desk.akimat).count(),
        "page": due.get_page(request.GET.get("page")),
        "posted": selectors.list_posted_letters(desk.akimat)[:_PAGE],
        "posted_count": selectors.list_posted_letters(desk.akimat).count(),
        "page_url": reverse("queue_registry:notices"),
        "section": "notices",
    }
    return render(request, "queue_registry/notices.html", context, status=CONFLICT if problem else 200)


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def case(request: HttpRequest, desk: Desk, application_id: int) -> HttpResponse:
    """The notices of a case with everything that became of them. The look is recorded."""
    return _case(request, desk, _found(desk, application_id))


@require_POST
@desk_page(Permission.NOTICE_DELIVER)
def record_contact(request: HttpRequest, desk: Desk, application_id: int) -> HttpResponse:
    """A telephone or an e-mail of the applicant, in place of the earlier one."""
    application = _found(desk, application_id)
    form = notice_forms.Contact(request.POST, prefix="contact")
    if application.applicant_id is None:
        return _case(request, desk, application, problem=_("Nobody knows yet whose application this is."))
    person_id = application.applicant_id
    return _act(
        request,
        desk,
        application,
        form,
        lambda: contacts.record(
            akimat=desk.akimat,
            person_id=person_id,
            target=f"application:{application.pk}",
            by=desk.user,
            at=desk.at,
            **form.cleaned_data,
        ),
        done=_("It is recorded. Notices go there from now on."),
    )


@require_POST
@desk_page(Permission.NOTICE_DELIVER)
def end_contact(request: HttpRequest, desk: Desk, application_id: int) -> HttpResponse:
    """Nothing is sent to the applicant's telephone, or e-mail, any more."""
    application = _found(desk, application_id)
    form = notice_forms.EndContact(request.POST)
    if application.applicant_id is None:
        return _case(request, desk, application, problem=_("Nobody knows yet whose application this is."))
    person_id = application.applicant_id
    return _act(
        request,
        desk,
        application,
        form,
        lambda: contacts.end(
            akimat=desk.akimat,
            person_id=person_id,
            channel=NoticeChannel(form.cleaned_data["channel"]),
            target=f"application:{application.pk}",
            by=desk.user,
            at=desk.at,
        ),
        done=_("It is ended. Nothing is sent there any more."),
    )


@require_POST
@desk_page(Permission.NOTICE_DELIVER)
def send_again(request: HttpRequest, desk: Desk, notice_id: int) -> HttpResponse:
    """A notice goes once more."""
    notice = get_object_or_404(
        Notice.objects.select_related("application"), pk=notice_id, application__akimat=desk.akimat
    )
    form = notice_forms.SendAgain(request.POST, prefix=f"again{notice_id}")
    return _act(
        request,
        desk,
        _found(desk, notice.application_id),
        form,
        lambda: notices.send_again(
            akimat=desk.akimat,
            notice_id=notice_id,
            channel=NoticeChannel(form.cleaned_data["channel"]),
            by=desk.user,
            at=desk.at,
        ),
        done=_("The notice is on its way again."),
    )


@require_POST
@desk_page(Permission.NOTICE_DELIVER)
def settle(request: HttpRequest, desk: Desk, delivery_id: int) -> HttpResponse:
    """What was done about a notice that did not arrive."""
    form = notice_forms.Settlement(request.POST, prefix=f"settle{delivery_id}")
    return _act(
        request,
        desk,
        _of_delivery(desk, delivery_id),
        form,
        lambda: notices.settle(
            akimat=desk.akimat, delivery_id=delivery_id, by=desk.user, at=desk.at, **form.cleaned_data
        ),
        done=_("It is recorded, and off the working list."),
    )


@require_POST
@desk_page(Permission.NOTICE_DELIVER)
def report(request: HttpRequest, desk: Desk, delivery_id: int) -> HttpResponse:
    """A posted letter was received, or came back."""
    form = notice_forms.Report(request.POST, prefix=f"report{delivery_id}")
    return _act(
        request,
        desk,
        _of_delivery(desk, delivery_id),
        form,
        lambda: notices.report(
            akimat=desk.akimat,
            delivery_id=delivery_id,
            received=request.POST.get("step") == "received",
            by=desk.user,
            at=desk.at,
            **form.cleaned_data,
        ),
        done=_("What became of the letter is recorded."),
    )


def _found(desk: Desk, application_id: int) -> Application:
    return get_object_or_404(
        Application.objects.select_related("akimat", "applicant"), pk=application_id, akimat=desk.akimat
    )


def _of_delivery(desk: Desk, delivery_id: int) -> Application:
    delivery = get_object_or_404(
        NoticeDelivery.objects.select_related("notice"),
        pk=delivery_id,
        notice__application__akimat=desk.akimat,
    )
    return _found(desk, delivery.notice.application_id)


def _act(
    request: HttpRequest,
    desk: Desk,
    application: Application,
    form: django_forms.Form,
    act: Callable[[], object],
    *,
    done: str,
) -> HttpResponse:
    if not form.is_valid():
        return _case(request, desk, application, form=form)
    try:
        act()
    except NoticeRefused as refused:
        return _case(request, desk, application, problem=notice_presenters.notice_refusal(refused))
    messages.success(request, done)
    return redirect("queue_registry:case_notices", application_id=application.pk)


def _case(
    request: HttpRequest,
    desk: Desk,
    application: Application,
    *,
    form: django_forms.Form | None = None,
    problem: str = "",
) -> HttpResponse:
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"application:{application.pk}")
    bound = {str(form.prefix): form} if form is not None else {}
    context: dict[str, Any] = {
        "desk": desk,
        "application": application,
        "contacts": selectors.list_contacts(application.applicant) if application.applicant else [],
        "notices": [_with_forms(notice, bound) for notice in selectors.list_case_notices(application)],
        "contact_form": bound.get("contact") or notice_forms.Contact(prefix="contact"),
        "bound": form,
        "problem": problem,
        "page_url": reverse("queue_registry:case_notices", args=[application.pk]),
        "section": "work",
    }
    return render(request, "queue_registry/case_notices.html", context, status=CONFLICT if problem else 200)


def _with_forms(notice: Notice, bound: dict[str, django_forms.Form]) -> dict[str, Any]:
    """A notice with what can be done about it: sent again, a letter's fate told, a failure settled."""
    state = NoticeDelivery.State
    acts: list[tuple[str, NoticeDelivery, django_forms.Form]] = []
    for delivery in notice.deliveries.all():
        if delivery.state == state.UNDELIVERED and delivery.settled_at is None:
            prefix = f"settle{delivery.pk}"
            settlement = bound.get(prefix) or notice_forms.Settlement(prefix=prefix)
            acts.append(("settle", delivery, settlement))
        elif delivery.channel == NoticeChannel.LETTER and delivery.state == state.HANDED_OVER:
            prefix = f"report{delivery.pk}"
            acts.append(("report", delivery, bound.get(prefix) or notice_forms.Report(prefix=prefix)))
    again = f"again{notice.pk}"
    return {
        "notice": notice,
        "acts": acts,
        "again": bound.get(again) or notice_forms.SendAgain(prefix=again),
    }
