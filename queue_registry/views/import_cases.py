"""Clerk: open questions of the old lists, one applicant at a time or many alike at once."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from queue_registry import import_case_forms as forms
from queue_registry import import_case_presenters, import_presenters
from queue_registry.models import Application, ImportDecision, User
from queue_registry.permissions import ROLES, Permission
from queue_registry.rules.legacy.codes import Code, Source
from queue_registry.rules.legacy.decision_values import CHOICES, DecisionRefused
from queue_registry.selectors import import_case_pages as pages
from queue_registry.selectors import import_decisions as selectors
from queue_registry.services import audit, import_assignments, import_decisions
from queue_registry.services.import_decisions import Answer
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT

_PAGE = 50


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def case_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Applications with open questions, the longest waiting first. The look is recorded."""
    return _list(request, desk)


def _list(
    request: HttpRequest, desk: Desk, *, bulk: forms.BulkDecision | None = None, problem: str = ""
) -> HttpResponse:
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"import_cases:{desk.akimat.kato}")
    query = request.GET
    code = query.get("code", "") if query.get("code", "") in set(CHOICES) else ""
    source = query.get("source", "") if query.get("source", "") in set(Source) else ""
    mine = query.get("mine") == "1"
    rows = selectors.list_queue(desk.akimat, code=code, source=source, to=desk.user if mine else None)
    page = Paginator(rows, _PAGE).get_page(query.get("page"))
    if bulk is None and code and forms.may_be_bulk(Code(code)):
        bulk = forms.BulkDecision(code=Code(code))
    context = {
        "desk": desk,
        "page": page,
        "codes": pages.open_codes_by_application(list(page)),
        "names": pages.names_of_staff(list(page)),
        "counts": sorted(selectors.count_open(desk.akimat).items()),
        "sources": list(Source),
        "code": code,
        "source": source,
        "mine": mine,
        "waiting": selectors.list_waiting(desk.akimat).count(),
        "bulk": bulk if desk.may["IMPORT_DECIDE"] else None,
        "assignment": forms.Assignment(clerks=_clerks(desk)) if desk.may["IMPORT_DECIDE"] else None,
        "problem": problem,
        "page_url": reverse("queue_registry:import_cases"),
        "section": "imports",
    }
    template = "queue_registry/import_cases.html"
    return render(request, template, context, status=CONFLICT if problem else 200)


def _clerks(desk: Desk) -> QuerySet[User]:
    """Staff of the akimat who may decide open questions."""
    roles = [role for role, held in ROLES.items() if Permission.IMPORT_DECIDE in held]
    return pages.list_staff(desk.akimat, roles=roles, on=desk.on)


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def case(request: HttpRequest, desk: Desk, application_id: int) -> HttpResponse:
    """All open questions of one application beside its rows and the registers."""
    return _case(request, desk, _found(desk, application_id))


def _found(desk: Desk, application_id: int) -> Application:
    rows = Application.objects.select_related("akimat", "applicant")
    return get_object_or_404(rows, pk=application_id, akimat=desk.akimat)


def _case(
    request: HttpRequest,
    desk: Desk,
    application: Application,
    *,
    bound: forms.CaseDecision | None = None,
    problem: str = "",
) -> HttpResponse:
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"application:{application.pk}")
    rows = selectors.rows_of(application)
    known = pages.known_of(application, rows, on=desk.on)
    decisions = list(selectors.list_decisions(application))
    current = {one.code: one for one in decisions if one.dropped_at is None}
    context = {
        "desk": desk,
        "application": application,
        "comparisons": [
            import_case_presenters.comparison(
                row,
                import_case_presenters.Known(
                    identity=known.identity_of(row), household=known.household, mapping=known.mapping
                ),
            )
            for row in rows
        ],
        "others": pages.others_of_household(application),
        "questions": [
            (code, detail, current.get(code), _form(application, Code(code), bound))
            for code, detail in sorted(selectors.details_of(application).items())
        ],
        "decided": [one for one in decisions if not _waits(one)],
        "dropping": forms.Dropping(),
        "bound": bound,
        "problem": problem,
        "next": selectors.next_after(desk.akimat, application),
        "page_url": reverse("queue_registry:import_case", args=[application.pk]),
        "section": "imports",
    }
    template = "queue_registry/import_case.html"
    return render(request, template, context, status=CONFLICT if problem else 200)


def _waits(decision: ImportDecision) -> bool:
    """Whether a decision stands with its question, for a second person."""
    return decision.needs_second and decision.approved_at is None and decision.dropped_at is None


def _form(
    application: Application,
    code: Code,
    bound: forms.CaseDecision | None = None,
    request: HttpRequest | None = None,
) -> forms.CaseDecision | None:
    """The form of a question; the one that was sent keeps what was typed."""
    if bound is not None and bound.code == code:
        return bound
    if code not in CHOICES:
        return None
    rows = [row for row in selectors.rows_of(application) if code in {*row.codes, *row.questions}]
    cells = import_case_presenters.cells_of(rows[0]) if rows else {}
    return forms.CaseDecision(
        request.POST if request else None,
        request.FILES if request else None,
        code=code,
        rows=[(selectors.key_of(row), _place(row.batch.source, row.sheet, row.row)) for row in rows],
        cells=pages.all_cells(code, rows, cells),
        initial={"seen": selectors.seen_of(application)},
    )


def _place(source: str, sheet: str, row: int) -> str:
    number = _("row %(number)s") % {"number": row}
    return ", ".join(part for part in (import_presenters.legacy_source(source), sheet, number) if part)


@require_POST
@desk_page(Permission.IMPORT_DECIDE)
def decide(request: HttpRequest, desk: Desk, application_id: int, code: str) -> HttpResponse:
    """Answer one question; then the next of the application, or the next case, is opened."""
    application = _found(desk, application_id)
    form = _form(application, Code(code), request=request) if code in CHOICES else None
    if form is None or not form.is_valid():
        return _case(request, desk, application, bound=form)
    scan = form.cleaned_data["scan"]
    try:
        decision = import_decisions.decide(
            application_id=application.pk,
            answer=Answer(**form.told(), scan=scan.read() if scan else b""),
            seen=form.cleaned_data["seen"],
            by=desk.user,
            at=desk.at,
        )
    except DecisionRefused as refused:
        problem = import_case_presenters.refusal(refused)
        return _case(request, desk, application, bound=form, problem=problem)
    done = _("Decided. A second person has to approve the day.") if decision.needs_second else _("Decided.")
    messages.success(request, done)
    return _next(desk, application)


def _next(desk: Desk, application: Application) -> HttpResponse:
    if pages.has_unanswered(application):
        return redirect("queue_registry:import_case", application_id=application.pk)
    following = selectors.next_after(desk.akimat, application)
    if following is None:
        return redirect("queue_registry:import_cases")
    return redirect("queue_registry:import_case", application_id=following.pk)


@require_POST
@desk_page(Permission.IMPORT_DECIDE)
def decide_many(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Give the chosen cases the same answer."""
    code = request.POST.get("code", "")
    form = forms.BulkDecision(request.POST, code=Code(code)) if _is_bulk(code) else None
    chosen = _chosen(request)
    if form is None or not chosen or not form.is_valid():
        return _list(request, desk, bulk=form, problem=_("Choose cases, and answer the question."))
    try:
        count = import_decisions.decide_many(
            akimat=desk.akimat,
            application_ids=chosen,
            answer=Answer(**form.told()),
            by=desk.user,
            at=desk.at,
        )
    except DecisionRefused as refused:
        return _list(request, desk, bulk=form, problem=import_case_presenters.refusal(refused))
    text = ngettext("%(count)s case is decided.", "%(count)s cases are decided.", count)
    messages.success(request, text % {"count": count})
    return redirect(f"{reverse('queue_registry:import_cases')}?code={code}")


def _is_bulk(code: str) -> bool:
    return code in CHOICES and forms.may_be_bulk(Code(code))


@require_POST
@desk_page(Permission.IMPORT_DECIDE)
def assign(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Give the chosen cases to somebody."""
    form, chosen = forms.Assignment(request.POST, clerks=_clerks(desk)), _chosen(request)
    if not form.is_valid() or not chosen:
        return _list(request, desk, problem=_("Choose cases, and to whom they are given."))
    count = import_assignments.assign(
        akimat=desk.akimat, application_ids=chosen, to=form.cleaned_data["to"], by=desk.user, at=desk.at
    )
    text = ngettext("%(count)s case changed hands.", "%(count)s cases changed hands.", count)
    messages.success(request, text % {"count": count})
    return redirect("queue_registry:import_cases")


def _chosen(request: HttpRequest) -> list[int]:
    """Keys of the cases whose boxes were ticked."""
    return [int(key) for key in request.POST.getlist("chosen") if key.isdecimal()]
