"""The pages of departures at a sitting: proposing one, and the scan that it rests on."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext

from allocation import commission_forms, engine_io, refusal_presenters
from allocation.admin.desk import DeskAdmin, file_response
from allocation.models import AllocationLine, Departure, Sitting
from allocation.rules.refusals import Refused
from allocation.selectors import lines
from allocation.selectors.departures import can_depart
from allocation.services import departures
from queue_registry.permissions import Permission
from queue_registry.rules.intakes import scan_type
from queue_registry.selectors import clock


class DeparturePages(DeskAdmin):
    """The secretary proposes to leave the computed order for one home."""

    def depart_view(self, request: HttpRequest, sitting_id: int, line_id: int) -> HttpResponse:
        """The form of a departure for one served family, and who could get the home instead."""
        sitting = self.looked_at(request, sitting_id)
        self.require(request, Permission.DEPARTURE_PROPOSE, sitting)
        return self._form(request, sitting, self._line(sitting, line_id), commission_forms.Proposal())

    def propose_view(self, request: HttpRequest, sitting_id: int, line_id: int) -> HttpResponse:
        """Put the departure before the commission."""
        sitting = self.looked_at(request, sitting_id)
        self.require(request, Permission.DEPARTURE_PROPOSE, sitting)
        line = self._line(sitting, line_id)
        form = commission_forms.Proposal(request.POST, request.FILES)
        if not form.is_valid():
            return self._form(request, sitting, line, form, status=400)
        given = form.cleaned_data
        try:
            departures.propose(
                sitting_id=sitting.pk,
                line_id=line.pk,
                instead=given["instead"],
                ground=Departure.Ground(given["ground"]),
                explanation=given["explanation"],
                paper=departures.Paper(title=given["title"], content=given["scan"].read()),
                by=self._person(request),
                at=clock.now(),
            )
        except Refused as refused:
            return self._form(request, sitting, line, form, refused=refused, status=409)
        messages.success(request, gettext("The departure is put before the commission."))
        return self.to_desk(sitting)

    def departure_scan_view(self, request: HttpRequest, sitting_id: int, departure_id: int) -> HttpResponse:
        """The scan that a departure rests on. The look is recorded."""
        sitting = self.looked_at(request, sitting_id)
        departure = Departure.objects.filter(pk=departure_id, sitting=sitting).first()
        if departure is None:
            raise Http404
        with departure.document.file.open("rb") as file:
            content = file.read()
        media, ending = scan_type(content) or ("application/octet-stream", "bin")
        return file_response(content, f"departure-{departure.pk}.{ending}", media)

    def may_depart(self, request: HttpRequest, sitting: Sitting, line: AllocationLine) -> bool:
        """Whether the person may propose now to leave the order for a line."""
        return (
            line.dwelling_id is not None
            and self.may(request, Permission.DEPARTURE_PROPOSE, sitting)
            and can_depart(sitting)
            and not Departure.objects.filter(sitting=sitting, line=line).exists()
        )

    def _line(self, sitting: Sitting, line_id: int) -> AllocationLine:
        line = lines.list_served(sitting.run).filter(pk=line_id).first()
        if line is None:
            raise Http404
        return line

    def _form(
        self,
        request: HttpRequest,
        sitting: Sitting,
        line: AllocationLine,
        form: commission_forms.Proposal,
        *,
        refused: Refused | None = None,
        status: int = 200,
    ) -> HttpResponse:
        takers = departures.takers_of(
            line,
            frozen=engine_io.parsed(sitting.run.round.input),
            result=engine_io.parsed(sitting.run.result),
        )
        context = {
            "line": line,
            "form": form,
            "takers": [engine_io.file_number_of(key) for key in takers[: commission_forms.TAKERS_SHOWN]],
            "more": max(0, len(takers) - commission_forms.TAKERS_SHOWN),
            "refusal": refusal_presenters.refusal(refused) if refused else "",
            "below": True,
        }
        return self.page(request, "departure_form", sitting, context, status=status)
