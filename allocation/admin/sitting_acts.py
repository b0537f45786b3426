"""
The acts at a sitting: each is one service call; a refusal is said in words on the desk and changes nothing.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext

from allocation import commission, commission_forms
from allocation.admin.desk import DeskAdmin
from allocation.models import Decision, Departure, Sitting, Vote
from allocation.rules.refusals import Refusal, Refused
from allocation.services import attendance, decisions, departures, sittings
from queue_registry.permissions import Permission
from queue_registry.selectors import clock


class SittingActs(DeskAdmin):
    """Invitation, attendance, interests, votes, the closing."""

    def vote_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """Take the one vote of a member."""
        sitting = self.sitting_of(request, sitting_id)
        if not self.may(request, Permission.SITTING_VOTE, sitting):
            return self._not_allowed(request, sitting, Refusal.NOT_A_MEMBER)
        form = commission_forms.Ballot(request.POST)
        if not form.is_valid():
            return self.desk_page(request, sitting, ballot=form, status=400)
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
            return self.desk_page(request, sitting, ballot=form, refused=refused, status=409)
        messages.success(request, gettext("Your vote is recorded."))
        return self.to_desk(sitting)

    def ballot_view(self, request: HttpRequest, sitting_id: int, departure_id: int) -> HttpResponse:
        """Take the one vote of a member on a departure."""
        sitting = self.sitting_of(request, sitting_id)
        departure = Departure.objects.filter(pk=departure_id, sitting=sitting).first()
        if departure is None:
            raise Http404
        if not self.may(request, Permission.SITTING_VOTE, sitting):
            return self._not_allowed(request, sitting, Refusal.NOT_A_MEMBER)
        form = commission_forms.Ballot(request.POST, prefix=commission.ballot_prefix(departure_id))
        if not form.is_valid():
            return self.desk_page(request, sitting, form=form, status=400)
        return self._act(
            request,
            sitting,
            lambda: departures.vote(
                departure_id=departure.pk,
                choice=Vote.Choice(form.cleaned_data["choice"]),
                reason=form.cleaned_data["reason"],
                result_sha256=form.cleaned_data["result_sha256"],
                by=self._person(request),
                at=clock.now(),
            ),
            done=gettext("Your vote is recorded."),
        )

    def close_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """Let who presides close the vote as it came out."""
        sitting = self.sitting_of(request, sitting_id)
        if not self.may(request, Permission.SITTING_DECIDE, sitting):
            return self._not_allowed(request, sitting, Refusal.NOT_PRESIDING)
        form = commission_forms.Closing(request.POST)
        if not form.is_valid():
            raise Http404
        confirmed = form.cleaned_data["outcome"] == Decision.Outcome.CONFIRMED
        close = decisions.confirm if confirmed else decisions.refuse
        return self._act(
            request,
            sitting,
            lambda: close(
                sitting_id=sitting.pk,
                result_sha256=form.cleaned_data["result_sha256"],
                by=self._person(request),
                at=clock.now(),
            ),
            done=gettext("The decision is recorded."),
        )

    def announce_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """Let the secretary say when and where the commission sits, and on what."""
        sitting = self._arranged(request, sitting_id)
        form = commission_forms.Invitation(request.POST)
        if not form.is_valid():
            return self.desk_page(request, sitting, form=form, status=400)
        return self._act(
            request,
            sitting,
            lambda: sittings.announce(
                sitting_id=sitting.pk,
                sits_at=form.sits_at,
                place=form.cleaned_data["place"],
                agenda=form.cleaned_data["agenda"],
                by=self._person(request),
                at=clock.now(),
            ),
            done=gettext("The invitation is on the page of every member."),
        )

    def attend_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """Let a member sign in to the sitting."""
        sitting = self.sitting_of(request, sitting_id)
        if not self.may(request, Permission.SITTING_VOTE, sitting):
            return self._not_allowed(request, sitting, Refusal.NOT_A_MEMBER)
        person = self._person(request)
        return self._act(
            request,
            sitting,
            lambda: attendance.attend(sitting_id=sitting.pk, user_id=person.pk, by=person, at=clock.now()),
            done=gettext("You take part in the sitting."),
        )

    def enter_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """Let the secretary enter that a member is there."""
        return self._presence(
            request, sitting_id, attendance.attend, gettext("It is entered that the member is there.")
        )

    def let_go_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """Let the secretary enter that a member has gone."""
        return self._presence(
            request, sitting_id, attendance.leave, gettext("It is entered that the member has gone.")
        )

    def declare_view(self, request: HttpRequest, sitting_id: int) -> HttpResponse:
        """Let a member declare an interest of his own."""
        sitting = self.sitting_of(request, sitting_id)
        if not self.may(request, Permission.DECLARE_INTEREST, sitting):
            return self._not_allowed(request, sitting, Refusal.NOT_A_MEMBER)
        form = commission_forms.Interest(request.POST)
        if not form.is_valid():
            return self.desk_page(request, sitting, form=form, status=400)
        return self._act(
            request,
            sitting,
            lambda: attendance.declare(
                sitting_id=sitting.pk,
                text=form.cleaned_data["text"],
                by=self._person(request),
                at=clock.now(),
            ),
            done=gettext("Your interest is declared: you are recused."),
        )

    def _presence(
        self, request: HttpRequest, sitting_id: int, enter: Callable[..., Any], done: str
    ) -> HttpResponse:
        sitting = self._arranged(request, sitting_id)
        form = commission_forms.Presence(request.POST)
        if not form.is_valid():
            raise Http404
        return self._act(
            request,
            sitting,
            lambda: enter(
                sitting_id=sitting.pk,
                user_id=form.cleaned_data["user"],
                by=self._person(request),
                at=clock.now(),
            ),
            done=done,
        )

    def _arranged(self, request: HttpRequest, sitting_id: int) -> Sitting:
        """The sitting, for the secretary alone."""
        sitting = self.sitting_of(request, sitting_id)
        self.require(request, Permission.SITTING_CONVENE, sitting)
        return sitting

    def _not_allowed(self, request: HttpRequest, sitting: Sitting, code: Refusal) -> HttpResponse:
        return self.desk_page(request, sitting, refused=Refused(code), status=403)

    def _act(
        self, request: HttpRequest, sitting: Sitting, act: Callable[[], Any], *, done: str
    ) -> HttpResponse:
        try:
            act()
        except Refused as refused:
            return self.desk_page(request, sitting, refused=refused, status=409)
        messages.success(request, done)
        return self.to_desk(sitting)
