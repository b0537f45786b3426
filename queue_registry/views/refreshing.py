"""The registers are asked again about a pending application, so that a decision rests on fresh words."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from queue_registry import application_presenters
from queue_registry.models import Application
from queue_registry.permissions import Permission
from queue_registry.rules.intakes import IntakeRefused
from queue_registry.services import refreshing
from queue_registry.views.access import Desk, desk_page


@require_POST
@desk_page(Permission.APPLICATION_DECIDE)
def ask_again(request: HttpRequest, desk: Desk, application_id: int) -> HttpResponse:
    """Ask again whatever is no longer fresh; the answers come by themselves."""
    application = get_object_or_404(Application, pk=application_id, akimat=desk.akimat)
    try:
        asked = refreshing.ask_again(application_id=application.pk, by=desk.user, at=desk.at)
    except IntakeRefused as refused:
        messages.error(request, application_presenters.intake_refusal(refused))
    else:
        done = _("The registers are asked again. Their answers come by themselves.")
        messages.success(
            request, done if asked else _("Nothing has to be asked again, or it is asked already.")
        )
    return redirect("queue_registry:application", application_id=application.pk)
