"""What pages of moves share: an act is tried, and why it was not done is said in words."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from queue_registry import move_presenters
from queue_registry.models import QueueEntry
from queue_registry.rules.calendar import YearUnknown
from queue_registry.rules.move_refusals import MoveRefused
from queue_registry.rules.policy import PolicyBroken
from queue_registry.services import audit
from queue_registry.services.policies import PolicyNotFound
from queue_registry.views.access import Desk

CONFLICT: Final = 409


def problem_of(act: Callable[[], object]) -> str:
    """Do one act; return in words why it was refused, or nothing if it was done."""
    try:
        act()
    except MoveRefused as refused:
        return move_presenters.refusal(refused)
    except YearUnknown as unknown:
        return _("The holidays of %(year)s are not known yet, so no term can be counted.") % {
            "year": unknown.year
        }
    except (PolicyNotFound, PolicyBroken):
        return _("No policy with the terms of this procedure is in force here.")
    return ""


def entry_of(desk: Desk, entry_id: int) -> QueueEntry:
    """Return an entry of the desk's akimat with what pages of moves show; the look is recorded."""
    entry = get_object_or_404(
        QueueEntry.objects.select_related("akimat", "waiting_list", "applicant", "application"),
        pk=entry_id,
        akimat=desk.akimat,
    )
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"queue_entry:{entry.pk}")
    return entry


def wants(request: HttpRequest, step: str) -> bool:
    """Say which of a form's buttons was pressed."""
    return request.POST.get("step") == step
