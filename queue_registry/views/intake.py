"""
Clerk: an application is put together, from an IIN to the moment of filing. All works without JavaScript.

An IIN comes in the body of a request and never gets into an address.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from queue_registry import application_presenters, intake_forms, notice_forms, presenters, verdict_presenters
from queue_registry.models import Consent, Intake, Person
from queue_registry.permissions import Permission
from queue_registry.rules import need
from queue_registry.rules.calendar import YearUnknown
from queue_registry.rules.iin import names_no_day
from queue_registry.rules.intakes import IntakeRefused
from queue_registry.rules.policy import Policy, PolicyBroken
from queue_registry.selectors import intakes as selectors
from queue_registry.selectors.applications import list_answers
from queue_registry.selectors.notices import list_contacts
from queue_registry.services import applications, audit, contacts, intakes, policies
from queue_registry.views.access import Desk, desk_page

_TARGET = "intake:{}"
_SAME_LOOK: Final = timedelta(minutes=1)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.APPLICATION_ENTER)
def start(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The intakes that are open, and the form that begins one by an IIN."""
    form = intake_forms.OpenIntake(request.POST or None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            intake = intakes.open_intake(akimat=desk.akimat, by=desk.user, at=desk.at, **form.cleaned_data)
        except IntakeRefused as refused:
            problem = application_presenters.intake_refusal(refused)
        else:
            return redirect("queue_registry:intake", intake_id=intake.pk)
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"intakes:{desk.akimat.kato}")
    context = {
        "desk": desk,
        "form": form,
        "problem": problem,
        "intakes": selectors.open_intakes(desk.akimat),
        "page_url": reverse("queue_registry:intake_start"),
        "section": "intake",
    }
    return render(request, "queue_registry/intake_start.html", context, status=409 if problem else 200)


@require_safe
@desk_page(Permission.APPLICATION_ENTER)
def page(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """One intake: what is known, what is missing, and every act on it. The look is recorded."""
    intake = _found(desk, intake_id)
    if intake.application_id:
        return redirect("queue_registry:application", application_id=intake.application_id)
    return _page(request, desk, intake)


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def claims(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Choose lists and categories."""
    form = intake_forms.Claims(request.POST)
    return _act(
        request,
        desk,
        intake_id,
        form,
        lambda seen: intakes.set_claims(claims=form.claims(), **seen),
        done=_("Lists and categories are chosen."),
    )


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def member(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Name a member of the household."""
    form = intake_forms.Member(request.POST, prefix="member")
    return _act(
        request,
        desk,
        intake_id,
        form,
        lambda seen: intakes.add_member(**form.cleaned_data, **seen),
        done=_("The member is named."),
    )


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def contact(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Record by what the applicant is reached."""
    intake = _found(desk, intake_id)
    form = notice_forms.Contact(request.POST, prefix="contact")
    if not form.is_valid():
        return _page(request, desk, intake, form=form)
    contacts.record(
        akimat=desk.akimat,
        person_id=intake.applicant_id,
        target=_TARGET.format(intake.pk),
        by=desk.user,
        at=desk.at,
        **form.cleaned_data,
    )
    messages.success(request, _("It is recorded. Notices go there from now on."))
    return redirect("queue_registry:intake", intake_id=intake.pk)


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def household(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Take everybody whom the registers propose."""
    return _act(
        request,
        desk,
        intake_id,
        django_forms.Form({}),
        lambda seen: intakes.take_household(**seen),
        done=_("The household is taken from the registers."),
    )


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def remove_member(request: HttpRequest, desk: Desk, intake_id: int, person_id: int) -> HttpResponse:
    """Take a named person off the household."""
    return _act(
        request,
        desk,
        intake_id,
        django_forms.Form({}),
        lambda seen: intakes.remove_member(person_id=person_id, **seen),
        done=_("The member is taken off."),
    )


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def document(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Add the scan of a document."""
    form = intake_forms.Document(request.POST, request.FILES, prefix="document")

    def add(seen: dict[str, Any]) -> object:
        del seen["version"]
        given = form.cleaned_data
        return intakes.add_document(
            kind=given["kind"], title=given["title"], scan=given["scan"].read(), **seen
        )

    return _act(request, desk, intake_id, form, add, done=_("The document is added."))


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def consent(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Record a consent; what it covers is asked at once."""
    intake = _found(desk, intake_id)
    people = _people(selectors.get_picture(intake, at=desk.at))
    form = intake_forms.ConsentForm(request.POST, prefix="consent", people=_choices(people))

    def record(seen: dict[str, Any]) -> object:
        del seen["version"]
        given = form.cleaned_data
        return intakes.record_consent(
            person_id=given["person"], channel=given["channel"], evidence=given["evidence"], **seen
        )

    return _act(
        request,
        desk,
        intake_id,
        form,
        record,
        done=_("The consent is recorded, and the registers are being asked."),
    )


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def look(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Look again: what the answers so far let us ask next is asked, and the page shows what came."""
    intake = _found(desk, intake_id)
    intakes.ask(intake_id=intake.pk, by=desk.user, at=desk.at)
    return redirect("queue_registry:intake", intake_id=intake.pk)


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def drop(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """Give the intake up."""
    return _act(
        request,
        desk,
        intake_id,
        django_forms.Form({}),
        lambda seen: intakes.drop(**seen),
        done=_("The intake was given up."),
        then=reverse("queue_registry:intake_start"),
    )


@require_POST
@desk_page(Permission.APPLICATION_ENTER)
def file(request: HttpRequest, desk: Desk, intake_id: int) -> HttpResponse:
    """File the application: it gets its moment and its number, or the page names what is missing."""
    return _act(
        request,
        desk,
        intake_id,
        django_forms.Form({}),
        lambda seen: applications.file(**seen),
        done=_("The application is filed: it has its file number and its registration moment."),
    )


def _found(desk: Desk, intake_id: int) -> Intake:
    return get_object_or_404(
        Intake.objects.select_related("akimat", "applicant", "opened_by"), pk=intake_id, akimat=desk.akimat
    )


def _act(
    request: HttpRequest,
    desk: Desk,
    intake_id: int,
    form: django_forms.Form,
    act: Callable[[dict[str, Any]], object],
    *,
    done: str,
    then: str = "",
) -> HttpResponse:
    """Do an act with the version that the clerk saw; what is refused is said on the page as it stands now."""
    intake, seen = _found(desk, intake_id), intake_forms.Version(request.POST)
    if not form.is_valid():
        return _page(request, desk, intake, form=form)
    version = seen.cleaned_data["version"] if seen.is_valid() else 0
    try:
        act({"intake_id": intake.pk, "version": version, "by": desk.user, "at": desk.at})
    except IntakeRefused as refused:
        return _page(request, desk, _found(desk, intake_id), refused=refused, status=409)
    except (policies.PolicyNotFound, PolicyBroken, YearUnknown):
        return _page(request, desk, intake, problem=_("The term of the decision is not known."), status=409)
    messages.success(request, done)
    return redirect(then or reverse("queue_registry:intake", args=[intake.pk]))


def _people(picture: selectors.Picture) -> dict[int, Person]:
    return Person.objects.in_bulk([member.facts.person for member in picture.household.members])


def _choices(people: dict[int, Person]) -> list[tuple[int, str]]:
    return [(key, person.full_name or person.iin) for key, person in people.items()]


def _findings(desk: Desk, picture: selectors.Picture) -> list[tuple[str, need.Judgment, list[Any]]]:
    """The verdict on each claim as far as it is known, in words."""
    try:
        version = policies.policy_in_force(akimat=desk.akimat, on=desk.on)
    except policies.PolicyNotFound:
        return []
    policy = Policy.from_document(version.document)
    judged = [
        (number, need.judge(case=case, policy=policy, on=desk.on)) for number, case in picture.cases.items()
    ]
    return [
        (number.value, one, [verdict_presenters.finding(found.as_json()) for found in one.findings])
        for number, one in judged
    ]


def _page(
    request: HttpRequest,
    desk: Desk,
    intake: Intake,
    *,
    form: django_forms.Form | None = None,
    refused: IntakeRefused | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    # While registers are asked the page looks again by itself, every few seconds.
    target = _TARGET.format(intake.pk)
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=target, once_in=_SAME_LOOK)
    picture = selectors.get_picture(intake, at=desk.at)
    people = _people(picture)
    named = Person.objects.in_bulk(selectors.named_in(intake))
    names = {key: person.full_name or person.iin for key, person in (people | named).items()}
    applicant = people.get(intake.applicant_id, intake.applicant)
    facts = picture.household.applicant.facts
    there = set(intake.documents.values_list("kind", flat=True))
    papers = [paper for paper in picture.papers if paper.value not in there]
    context = {
        "desk": desk,
        "intake": intake,
        "applicant": applicant,
        "identity": facts.identity,
        "no_day": names_no_day(intake.applicant.iin),
        "alike": _alike(desk, applicant, picture),
        "members": [
            (one.facts.person, names[one.facts.person], one.role, one.facts.person in named)
            for one in picture.household.members
        ],
        "named_apart": [
            (key, names[key])
            for key in named
            if key not in {one.facts.person for one in picture.household.members}
        ],
        "proposed": intakes.list_proposed(intake, at=desk.at),
        "names": names,
        "consents": Consent.objects.in_force(desk.at).filter(person__in=people).order_by("pk"),
        "contacts": list_contacts(intake.applicant),
        "consent_text": application_presenters.consent_text(),
        "without_consent": [names[key] for key in picture.without_consent],
        "documents": intake.documents.select_related("added_by").order_by("pk"),
        "missing": application_presenters.missing(papers, picture.without_consent, names),
        "answers": list_answers(list(people.values())),
        "waiting_for": sorted({presenters.source(one.source) for one in picture.unanswered}),
        "claims_chosen": intake.claims,
        "findings_by_list": _findings(desk, picture),
        "live": bool(picture.askable),
        "problem": problem or (application_presenters.intake_refusal(refused, names) if refused else ""),
        "page_url": reverse("queue_registry:intake", args=[intake.pk]),
        "section": "intake",
        **_forms(intake, people, form),
    }
    return render(request, "queue_registry/intake.html", context, status=status)


def _alike(desk: Desk, applicant: Person, picture: selectors.Picture) -> list[tuple[Person, str]]:
    """Others of the same name and birth date, each with the file number that is known here."""
    others = selectors.find_alike(applicant, picture.household.applicant.facts)
    known = selectors.find_known([person.pk for person in others], akimat=desk.akimat) if others else []
    numbers = {one.person: one.file_number for one in known}
    return [(person, numbers.get(person.pk, "")) for person in others]


def _forms(
    intake: Intake, people: dict[int, Person], bound: django_forms.Form | None
) -> dict[str, django_forms.Form | None]:
    """The page's forms, the bound one among them with its errors."""
    chosen = [f"{claim['list']}:{claim['category']}" for claim in intake.claims]
    initial = dict(zip(("first", "second"), chosen, strict=False))
    forms: dict[str, django_forms.Form] = {
        "claims_form": intake_forms.Claims(initial=initial),
        "member_form": intake_forms.Member(prefix="member"),
        "document_form": intake_forms.Document(prefix="document"),
        "consent_form": intake_forms.ConsentForm(prefix="consent", people=_choices(people)),
        "contact_form": notice_forms.Contact(prefix="contact"),
    }
    given = {name: bound for name, form in forms.items() if type(form) is type(bound)}
    return {**forms, **given, "bound": bound}
