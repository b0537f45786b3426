"""
The commission's desk.

Every act on it is one service call; a refusal is said in words on the page and changes nothing.
"""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from allocation import commission, engine_io, presenters
from allocation.documents import policy_words, words
from allocation.models import (
    Bundle,
    Decision,
    Protocol,
    Sitting,
    Vote,
)
from allocation.rules.refusals import Refusal, Refused
from allocation.selectors import lines
from allocation.selectors.rounds import get_split
from allocation.services import decisions, protocols
from queue_registry.admin import ReadOnlyAdmin, akimat_name, column, exact_moment
from queue_registry.permissions import Permission, has_permission, permissions_in
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock
from queue_registry.services import audit

_PAGE: Final = 100
_FIRST_SHOWN: Final = 10


@admin.display(description=_("Decision"))
def outcome(sitting: Sitting) -> str:
    """Return what a sitting decided in words, or that it has not."""
    decision: Decision | None = getattr(sitting, "decision", None)
    return presenters.decision(decision.outcome) if decision else gettext("not yet")


@admin.register(Sitting)
class SittingAdmin(ReadOnlyAdmin):
    """The commission's sittings: the list, and the desk of each."""

    title = _("Sittings of the commission")
    permission = Permission.SITTING_VIEW
    akimat_path = "akimat"
    columns = (
        column("number", _("Number")),
        column("akimat", _("Akimat"), akimat_name),
        column("run.round.number", _("Round")),
        column("convened_at", _("Opened"), exact_moment),
        outcome,
    )
    ordering = ("-convened_at",)
    list_select_related = ("akimat", "run__round")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sitting]:
        sittings = super().get_queryset(request)
        return sittings.defer("run__result", "run__round__input").select_related(
            "akimat", "run__round__policy", "convened_by", "decision__decided_by"
        )

    def get_urls(self) -> list[URLPattern]:
        def desk(address: str, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            own = self.admin_site.admin_view(view)
            return path(f"<int:sitting_id>/{address}", own, name=f"allocation_sitting_{name}")

        get = require_GET
        post = require_POST
        return [
            self._list_url(),
            desk("change/", "change", get(self.sitting_view)),
            desk("vote/", "vote", post(self.vote_view)),
            desk("close/", "close", post(self.close_view)),
            desk("allotments/", "allotments", get(self.allotments_view)),
            desk("passed-over/", "passed_over", get(self.passed_over_view)),
            desk("lines/<int:line_id>/", "line", get(self.line_view)),
            desk("protocol-<str:language>.pdf", "protocol", get(self.protocol_view)),
            desk("bundle.zip", "bundle", get(self.bundle_view)),
        ]

    def _list_url(self) -> URLPattern:
        return super().get_urls()[0]

    # Views

    def sitting_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """The desk: members, quorum, the split, who got what, who was passed over, the vote."""
        return self._desk(request, self._sitting(request, sitting_id))

    def vote_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """Take the one vote of a member."""
        sitting = self._sitting(request, sitting_id)
        if not self._may(request, Permission.SITTING_VOTE, sitting):
            return self._desk(request, sitting, refused=Refused(Refusal.NOT_A_MEMBER), status=403)
        form = commission.Ballot(request.POST)
        if not form.is_valid():
            return self._desk(request, sitting, ballot=form, status=400)
        try:
            decisions.vote(
                sitting_id=sitting.pk,
                choice=Vote.Choice(form.cleaned_data["choice"]),
                reason=form.cleaned_data["reason"],
                result_sha256=form.cleaned_data["result_sha256"],
                by=self._person(request),
                at=clock.now(),
            )
        except Refused as refused:
            return self._desk(request, sitting, ballot=form, refused=refused, status=409)
        messages.success(request, gettext("Your vote is recorded."))
        return self._to_desk(sitting)

    def close_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """Let the chair close the vote as it came out."""
        sitting = self._sitting(request, sitting_id)
        if not self._may(request, Permission.SITTING_DECIDE, sitting):
            return self._desk(request, sitting, refused=Refused(Refusal.NOT_PRESIDING), status=403)
        form = commission.Closing(request.POST)
        if not form.is_valid():
            raise Http404
        confirmed = form.cleaned_data["outcome"] == Decision.Outcome.CONFIRMED
        close = decisions.confirm if confirmed else decisions.refuse
        try:
            close(
                sitting_id=sitting.pk,
                result_sha256=form.cleaned_data["result_sha256"],
                by=self._person(request),
                at=clock.now(),
            )
        except Refused as refused:
            return self._desk(request, sitting, refused=refused, status=409)
        messages.success(request, gettext("The decision is recorded."))
        return self._to_desk(sitting)

    def allotments_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """Everybody who was allotted a home, by turn. The look is recorded."""
        sitting = self._looked_at(request, sitting_id)
        page = Paginator(lines.list_served(sitting.run), _PAGE).get_page(request.GET.get("page"))
        return self._page(request, "allotments", sitting, {"page": page, "below": True})

    def passed_over_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """Everybody who was looked at and not served, by code and list. The look is recorded."""
        sitting = self._looked_at(request, sitting_id)
        rows = lines.list_passed_over(sitting.run)
        codes = list(rows.order_by("code").values_list("code", flat=True).distinct())
        numbers = list(rows.order_by("list_number").values_list("list_number", flat=True).distinct())
        form = commission.PassedOverFilter(request.GET, codes=codes, lists=numbers)
        if form.is_valid():
            rows = rows.filter(**{name: value for name, value in form.cleaned_data.items() if value})
        page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
        witnesses = {
            name: len(witness["dwellings"])
            for name, witness in engine_io.parsed(sitting.run.result)["witnesses"].items()
        }
        context = {"page": page, "filter": form, "witnesses": witnesses, "below": True}
        return self._page(request, "passed_over", sitting, context)

    def line_view(self, request: HttpRequest, sitting_id: int, line_id: int) -> HttpResponse:
        """
        What the run says of one entry: the home with its reserve, or the code with its witness. The look is
        recorded.
        """
        sitting = self._looked_at(request, sitting_id)
        line = lines.list_lines(sitting.run).filter(pk=line_id).first()
        if line is None:
            raise Http404
        witness = lines.list_witnesses(sitting.run)[line.witness] if line.witness else None
        context = {"line": line, "reserve": lines.get_reserve(line), "witness": witness, "below": True}
        return self._page(request, "line", sitting, context)

    def protocol_view(self, request: HttpRequest, sitting_id: int, language: str) -> HttpResponse:
        """The protocol as PDF; made from the stored rows the first time it is asked for."""
        sitting = self._sitting(request, sitting_id)
        if language not in protocols.LANGUAGES or not hasattr(sitting, "decision"):
            raise Http404
        stored = Protocol.objects.filter(sitting=sitting, language=language).first()
        protocol = stored or protocols.make(sitting_id=sitting.pk, language=language, at=clock.now())
        name = f"protocol-{sitting.akimat.kato}-{sitting.number}-{language}.pdf"
        return _file(protocol.content, name, "application/pdf")

    def bundle_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """The full bundle, by which the run can be checked without us. The look is recorded."""
        sitting = self._looked_at(request, sitting_id)
        bundle = Bundle.objects.filter(run=sitting.run, form=Bundle.Form.FULL).first()
        if bundle is None:
            raise Http404
        return _file(bundle.content, f"bundle-{sitting.run.round.number}.zip", "application/zip")

    # What the views share

    def _sitting(self, request: HttpRequest, sitting_id: int) -> Sitting:
        sitting: Sitting | None = self.get_queryset(request).filter(pk=sitting_id).first()
        if sitting is None:
            raise Http404
        return sitting

    def _looked_at(self, request: HttpRequest, sitting_id: int) -> Sitting:
        """The sitting, with a note that its families were looked at, one by one."""
        sitting = self._sitting(request, sitting_id)
        target = f"allocation_run:{sitting.run_id}"
        audit.record_view(akimat=sitting.akimat, by=self._person(request), at=clock.now(), target=target)
        return sitting

    def _may(self, request: HttpRequest, permission: Permission, sitting: Sitting) -> bool:
        return has_permission(self._person(request), permission, sitting.akimat, civil_day(clock.now()))

    def _to_desk(self, sitting: Sitting) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:allocation_sitting_change", args=[sitting.pk]))

    def _desk(
        self,
        request: HttpRequest,
        sitting: Sitting,
        *,
        ballot: commission.Ballot | None = None,
        refused: Refused | None = None,
        status: int = 200,
    ) -> HttpResponse:
        person, run = self._person(request), sitting.run
        held = permissions_in(person, sitting.akimat, civil_day(clock.now()))
        desk = commission.desk_of(sitting, person, held)
        split = get_split(run)
        passed_over = lines.list_passed_over(run).order_by().values("list_number", "code")
        context = {
            "desk": desk,
            "seats": commission.seat_rows(desk),
            "quorum": f"{sitting.quorum_numerator}/{sitting.quorum_denominator}",
            "ballot": ballot or commission.Ballot(initial={"result_sha256": run.result_sha256}),
            "refusal": presenters.refusal(refused) if refused else "",
            "changes": commission.changes_in_words(refused) if refused else [],
            "split": split,
            "policy": policy_words.rows(run.round.policy.document, civil_day(sitting.convened_at)),
            "allotted": split.given,
            "allotments": lines.list_served(run)[:_FIRST_SHOWN],
            "codes": passed_over.annotate(count=Count("pk")).order_by("list_number", "code"),
            "bundles": [
                (words.bundle_form(form), digest)
                for form, digest in run.bundles.order_by("form").values_list("form", "sha256")
            ],
        }
        return self._page(request, "desk", sitting, context, status=status)

    def _page(
        self,
        request: HttpRequest,
        name: str,
        sitting: Sitting,
        context: dict[str, Any],
        *,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Sitting No %(number)s") % {"number": sitting.number},
            "list_title": self.title,
            "opts": self.opts,
            "page_url": reverse("admin:allocation_sitting_change", args=[sitting.pk]),
            "sitting": sitting,
            "run": sitting.run,
            "round": sitting.run.round,
            "akimat_name": akimat_name(sitting.akimat),
            **context,
        }
        return TemplateResponse(request, f"admin/allocation/sitting/{name}.html", context, status=status)


def _file(content: bytes | memoryview, name: str, content_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(bytes(content), content_type=content_type, headers=headers)
