"""What the pages and the acts of a sitting share: whose it is, what may be done at it, the desk itself."""

from typing import Any, Final

from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext

from allocation import commission, commission_forms, refusal_presenters, split_picture
from allocation.documents import policy_words, words
from allocation.models import Sitting
from allocation.rules.refusals import Refused
from allocation.selectors import lines
from allocation.selectors.rounds import get_split
from queue_registry.admin.read_only import ReadOnlyAdmin, akimat_name
from queue_registry.models import Akimat
from queue_registry.permissions import Permission, has_permission, permissions_in, require
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock, keepers
from queue_registry.services import audit

_FIRST_SHOWN: Final = 10


class DeskAdmin(ReadOnlyAdmin):
    """A sitting found for a person, and its desk."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sitting]:
        sittings = super().get_queryset(request)
        return sittings.defer("run__result", "run__round__input").select_related(
            "akimat", "run__round__policy", "convened_by", "decision__decided_by"
        )

    def sitting_of(self, request: HttpRequest, sitting_id: int) -> Sitting:
        """The sitting, if the person may see it; else it is not found."""
        sitting: Sitting | None = self.get_queryset(request).filter(pk=sitting_id).first()
        if sitting is None:
            raise Http404
        return sitting

    def looked_at(self, request: HttpRequest, sitting_id: int) -> Sitting:
        """The sitting, with a note that its families were looked at, one by one."""
        sitting = self.sitting_of(request, sitting_id)
        target = f"allocation_run:{sitting.run_id}"
        audit.record_view(akimat=sitting.akimat, by=self._person(request), at=clock.now(), target=target)
        return sitting

    def may(self, request: HttpRequest, permission: Permission, sitting: Sitting) -> bool:
        """Whether the person holds a permission where the sitting is."""
        return has_permission(self._person(request), permission, sitting.akimat, civil_day(clock.now()))

    def require(self, request: HttpRequest, permission: Permission, sitting: Sitting) -> None:
        """Pass if the person holds a permission where the sitting is. :raises NotAllowed: if not."""
        require(self._person(request), permission, sitting.akimat, civil_day(clock.now()))

    def to_desk(self, sitting: Sitting) -> HttpResponse:
        """Send the person back to the desk after an act."""
        return HttpResponseRedirect(reverse("admin:allocation_sitting_change", args=[sitting.pk]))

    def desk_page(
        self,
        request: HttpRequest,
        sitting: Sitting,
        *,
        ballot: commission_forms.Ballot | None = None,
        form: Any = None,
        refused: Refused | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """
        The desk: what is decided, who sits, the split, who got what, who was passed over, the vote.

        :param form: a form of another act that was not filled in as it should be.
        """
        person, run, at = self._person(request), sitting.run, clock.now()
        held = permissions_in(person, sitting.akimat, civil_day(at))
        desk = commission.desk_of(sitting, person, held, at)
        split = get_split(run)
        passed_over = lines.list_passed_over(run).order_by().values("list_number", "code")
        context = {
            "desk": desk,
            "seats": commission.seat_rows(desk),
            "preparers": commission.preparers(sitting),
            "quorum": f"{sitting.quorum_numerator}/{sitting.quorum_denominator}",
            "ballot": ballot or commission_forms.Ballot(initial={"result_sha256": run.result_sha256}),
            "interest": _own(form, commission_forms.Interest) or commission_forms.Interest(),
            "invitation": _own(form, commission_forms.Invitation) or _invitation(sitting),
            "problems": form if form is not None else ballot,
            "refusal": refusal_presenters.refusal(refused) if refused else "",
            "changes": commission.refused_changes(refused),
            "split": split,
            "picture": split_picture.of(split),
            "policy": policy_words.rows(run.round.policy.document, civil_day(sitting.convened_at)),
            "allotted": split.given,
            "allotments": lines.list_served(run)[:_FIRST_SHOWN],
            "codes": passed_over.annotate(count=Count("pk")).order_by("list_number", "code"),
            "bundles": [
                (words.bundle_form(form), digest)
                for form, digest in run.bundles.order_by("form").values_list("form", "sha256")
            ],
        }
        return self.page(request, "desk", sitting, context, status=status)

    def page(
        self,
        request: HttpRequest,
        name: str,
        sitting: Sitting,
        context: dict[str, Any],
        *,
        status: int = 200,
    ) -> HttpResponse:
        """Return a page of the sitting by the name of its template."""
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
            "kept_elsewhere": keepers.list_resting(
                Akimat.objects.filter(pk=sitting.akimat_id), at=clock.now()
            ),
            **context,
        }
        return TemplateResponse(request, f"admin/allocation/sitting/{name}.html", context, status=status)


def file_response(content: bytes | memoryview, name: str, content_type: str) -> HttpResponse:
    """Return a file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(bytes(content), content_type=content_type, headers=headers)


def _own(form: Any, kind: type) -> Any:
    return form if isinstance(form, kind) else None


def _invitation(sitting: Sitting) -> commission_forms.Invitation:
    return commission_forms.Invitation(initial=commission_forms.invited(sitting))
