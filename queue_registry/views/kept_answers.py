"""Auditor: the answer of a state system as it came, for a purpose; no browser keeps what is given out."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from queue_registry import kept_answer_presenters
from queue_registry.kept_answer_forms import OpenAnswer
from queue_registry.models import SourceAnswer
from queue_registry.permissions import Permission
from queue_registry.rules.kept_answers import KeptAnswerRefused, Purpose
from queue_registry.selectors import oversight
from queue_registry.services import audit, kept_answers
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.SOURCE_ANSWER_VIEW)
def page(request: HttpRequest, desk: Desk, answer_id: int) -> HttpResponse:
    """One answer with its receipt, and the form that opens it. Each look is recorded."""
    answer = get_object_or_404(SourceAnswer.objects.select_related("person"), pk=answer_id)
    application = oversight.applications_of(answer.person, desk.akimat).first()
    if application is None:
        raise Http404
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"person:{answer.person_id}")
    form = OpenAnswer(request.POST if request.method == "POST" else None)
    problem = ""
    if form.is_bound and form.is_valid():
        try:
            content = kept_answers.open_answer(
                akimat=desk.akimat,
                answer=answer,
                purpose=Purpose(form.cleaned_data["purpose"]),
                document=form.cleaned_data["document"],
                by=desk.user,
                at=desk.at,
            )
        except KeptAnswerRefused as refused:
            problem = kept_answer_presenters.refusal(refused.code)
        else:
            return _download(content, f"answer-{answer.pk}.xml")
    context = {
        "desk": desk,
        "answer": answer,
        "application": application,
        "form": form,
        "problem": problem,
        "page_url": reverse("queue_registry:kept_answer", args=[answer.pk]),
        "section": "audit",
    }
    status = CONFLICT if problem else 200
    return render(request, "queue_registry/kept_answer.html", context, status=status)


def _download(content: bytes, name: str) -> HttpResponse:
    """Never shown by the browser itself: what another system sent is not trusted."""
    response = HttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store, private"
    return response
