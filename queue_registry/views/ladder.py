"""
Anybody: on which rung of the ladder would a family be with these incomes? Nothing is stored or logged.

The arithmetic is the register's own; only the incomes are typed instead of asked for. They come as a form
that is sent, so that no figure gets into an address.
"""

from fractions import Fraction
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from queue_registry.ladder_forms import LadderHelp
from queue_registry.rules import income, need
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import Policy, PolicyBroken
from queue_registry.selectors import clock
from queue_registry.selectors.judgments import arithmetic_of
from queue_registry.services.policies import PolicyNotFound, policy_in_force
from queue_registry.views.look_up import is_switch, personal_page

_TEMPLATE: Final = "queue_registry/ladder.html"


@personal_page
def ladder(request: HttpRequest) -> HttpResponse:
    """Ask for people and incomes; answer with the rung, its arithmetic, and the policy it rests on."""
    today = civil_day(clock.now())
    form = LadderHelp(request.POST if request.method == "POST" else None, today=today)
    context = _answer(form) if form.is_bound and form.is_valid() else {}
    if is_switch(request) and not context:
        # What was typed so far goes along, and nothing is said about it.
        form = LadderHelp(None, today=today, typed=request.POST)
    return render(request, _TEMPLATE, {"form": form, "section": "ladder", "kept": "kept", **context})


def _answer(form: LadderHelp) -> dict[str, Any]:
    data = form.cleaned_data
    try:
        version = policy_in_force(akimat=data["akimat"], on=data["on"])
        policy = Policy.from_document(version.document)
        figures = need.figures_on(policy, data["on"])
    except (PolicyNotFound, PolicyBroken):
        form.add_error("on", _("No policy of this akimat is known for that day: choose a later one"))
        return {}
    told = _income(form)
    rung = income.rung(per_member=told.per_member, ladder=figures.rungs)
    return {
        "arithmetic": arithmetic_of(told, rung, policy, on=data["on"]),
        "version": version,
        "akimat": data["akimat"],
        "on": data["on"],
    }


def _income(form: LadderHelp) -> income.Income:
    """What was typed, as the register holds what its sources told."""
    total = sum(map(Fraction, form.amounts()), Fraction(0))
    members = form.cleaned_data["members"]
    return income.Income(
        total=total,
        members=members,
        per_member=total / income.MONTHS / members,
        gaps=(),
        unanswered=(),
    )
