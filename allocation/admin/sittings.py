"""The commission's desk: the list of sittings, the addresses of each, and what is only looked at."""

from collections.abc import Callable
from typing import Final

from django.contrib import admin
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from allocation import commission, commission_forms, engine_io, fitting, presenters
from allocation.admin.departures import DeparturePages
from allocation.admin.desk import file_response
from allocation.admin.sitting_acts import SittingActs
from allocation.models import Bundle, Decision, Protocol, Sitting
from allocation.selectors import lines
from allocation.services import decisions, protocols
from queue_registry.admin.read_only import akimat_name, column, exact_moment
from queue_registry.permissions import Permission
from queue_registry.selectors import clock
from queue_registry.verdict_presenters import findings_of

_PAGE: Final = 100
# The desk of a big round is opened by a whole commission at once; the decision compares again, under lock.
_COMPARED_FOR: Final = 60  # seconds


@admin.display(description=_("Decision"))
def outcome(sitting: Sitting) -> str:
    """Return what a sitting decided in words, or that it has not."""
    decision: Decision | None = getattr(sitting, "decision", None)
    return presenters.decision(decision.outcome) if decision else gettext("not yet")


@admin.register(Sitting)
class SittingAdmin(SittingActs, DeparturePages):
    """The commission's sittings: the list, and the desk of each."""

    title = _("Sittings of the commission")
    permission = Permission.SITTING_VIEW
    akimat_path = "akimat"
    columns = (
        column("number", _("Number")),
        column("akimat", _("Akimat"), akimat_name),
        column("run.round.number", _("Round")),
        column("sits_at", _("Sits"), exact_moment),
        column("convened_at", _("Convened"), exact_moment),
        outcome,
    )
    ordering = ("-convened_at",)
    list_select_related = ("akimat", "run__round")

    def get_urls(self) -> list[URLPattern]:
        def desk(address: str, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            own = self.admin_site.admin_view(view)
            return path(f"<int:sitting_id>/{address}", own, name=f"allocation_sitting_{name}")

        get = require_GET
        post = require_POST
        return [
            self._list_url(),
            desk("change/", "change", get(self.sitting_view)),
            desk("announce/", "announce", post(self.announce_view)),
            desk("attend/", "attend", post(self.attend_view)),
            desk("enter/", "enter", post(self.enter_view)),
            desk("let-go/", "let_go", post(self.let_go_view)),
            desk("declare/", "declare", post(self.declare_view)),
            desk("vote/", "vote", post(self.vote_view)),
            desk("close/", "close", post(self.close_view)),
            desk("changes/", "changes", get(self.changes_view)),
            desk("allotments/", "allotments", get(self.allotments_view)),
            desk("passed-over/", "passed_over", get(self.passed_over_view)),
            desk("lines/<int:line_id>/", "line", get(self.line_view)),
            desk("lines/<int:line_id>/depart/", "depart", get(self.depart_view)),
            desk("lines/<int:line_id>/propose/", "propose", post(self.propose_view)),
            desk("departures/<int:departure_id>/ballot/", "ballot", post(self.ballot_view)),
            desk("departures/<int:departure_id>/scan/", "departure_scan", get(self.departure_scan_view)),
            desk("protocol-<str:language>.pdf", "protocol", get(self.protocol_view)),
            desk("bundle.zip", "bundle", get(self.bundle_view)),
        ]

    def _list_url(self) -> URLPattern:
        return super().get_urls()[0]

    def sitting_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """The desk: members, quorum, the split, who got what, who was passed over, the vote."""
        return self.desk_page(request, self.sitting_of(request, sitting_id))

    def changes_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """What is no longer as the round was frozen; a part of the desk, and a page without scripts."""
        sitting = self.sitting_of(request, sitting_id)
        compared = cache.get_or_set(
            f"sitting-changes:{sitting.pk}",
            lambda: (clock.now(), decisions.stale_changes(sitting.run.round)),
            timeout=_COMPARED_FOR,
        )
        at, changes = compared or (clock.now(), [])
        name = "changes_found" if request.headers.get("HX-Request") else "changes"
        context = {"changes": commission.changes_in_words(changes), "compared_at": at, "below": True}
        return self.page(request, name, sitting, context)

    def allotments_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """Everybody who was allotted a home, by turn. The look is recorded."""
        sitting = self.looked_at(request, sitting_id)
        page = Paginator(lines.list_served(sitting.run), _PAGE).get_page(request.GET.get("page"))
        return self.page(request, "allotments", sitting, {"page": page, "below": True})

    def passed_over_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """Everybody who was looked at and not served, by code and list. The look is recorded."""
        sitting = self.looked_at(request, sitting_id)
        rows = lines.list_passed_over(sitting.run)
        codes = list(rows.order_by("code").values_list("code", flat=True).distinct())
        numbers = list(rows.order_by("list_number").values_list("list_number", flat=True).distinct())
        form = commission_forms.PassedOverFilter(request.GET, codes=codes, lists=numbers)
        if form.is_valid():
            rows = rows.filter(**{name: value for name, value in form.cleaned_data.items() if value})
        page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
        context = {
            "page": page,
            "filter": form,
            "witnesses": lines.witnessed_rooms(sitting.run),
            "below": True,
        }
        return self.page(request, "passed_over", sitting, context)

    def line_view(self, request: HttpRequest, sitting_id: int, line_id: int) -> HttpResponse:
        """
        What the run says of one entry: what was found of it, what fits it, the home with its reserve, or the
        code with its witness. The look is recorded.
        """
        sitting = self.looked_at(request, sitting_id)
        line = lines.list_lines(sitting.run).filter(pk=line_id).first()
        if line is None:
            raise Http404
        frozen = engine_io.parsed(sitting.run.round.input)
        key = engine_io.entry_key(file_number=line.entry.file_number, list_number=line.list_number)
        witness = lines.list_witnesses(sitting.run)[line.witness] if line.witness else None
        context = {
            "line": line,
            "reserve": lines.get_reserve(line),
            "witness": witness,
            "rooms": lines.witnessed_rooms(sitting.run).get(line.witness, ()),
            "found": next(row for row in frozen["entries"] if row["id"] == key),
            "fit": fitting.fit_of(frozen=frozen, entry=key),
            "homes": len(frozen["dwellings"]),
            "findings": findings_of(line.entry),
            "may_depart": self.may_depart(request, sitting, line),
            "below": True,
        }
        return self.page(request, "line", sitting, context)

    def protocol_view(self, request: HttpRequest, sitting_id: int, language: str) -> HttpResponse:
        """The protocol as PDF; made from the stored rows the first time it is asked for."""
        sitting = self.sitting_of(request, sitting_id)
        if language not in protocols.LANGUAGES or not hasattr(sitting, "decision"):
            raise Http404
        stored = Protocol.objects.filter(sitting=sitting, language=language).first()
        protocol = stored or protocols.make(sitting_id=sitting.pk, language=language, at=clock.now())
        name = f"protocol-{sitting.akimat.kato}-{sitting.number}-{language}.pdf"
        return file_response(protocol.content, name, "application/pdf")

    def bundle_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """The full bundle, by which the run can be checked without us. The look is recorded."""
        sitting = self.looked_at(request, sitting_id)
        bundle = Bundle.objects.filter(run=sitting.run, form=Bundle.Form.FULL).first()
        if bundle is None:
            raise Http404
        return file_response(bundle.content, f"bundle-{sitting.run.round.number}.zip", "application/zip")
