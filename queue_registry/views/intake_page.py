"""The page of one intake: what is known, what is missing, its forms. The look is recorded."""

from datetime import timedelta
from typing import Any, Final

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from queue_registry import application_presenters, intake_forms, notice_forms, presenters, verdict_presenters
from queue_registry.models import Consent, Intake, Person
from queue_registry.rules import need
from queue_registry.rules.iin import names_no_day
from queue_registry.rules.intakes import IntakeRefused
from queue_registry.rules.policy import Policy
from queue_registry.selectors import intakes as selectors
from queue_registry.selectors.applications import list_answers
from queue_registry.selectors.notices import list_contacts
from queue_registry.services import audit, intakes, policies
from queue_registry.views.access import Desk

TARGET = "intake:{}"


_SAME_LOOK: Final = timedelta(minutes=1)


def people_of(picture: selectors.Picture) -> dict[int, Person]:
    return Person.objects.in_bulk([member.facts.person for member in picture.household.members])


def choices_of(people: dict[int, Person]) -> list[tuple[int, str]]:
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


def show(
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
    target = TARGET.format(intake.pk)
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=target, once_in=_SAME_LOOK)
    picture = selectors.get_picture(intake, at=desk.at)
    people = people_of(picture)
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
        "consent_form": intake_forms.ConsentForm(prefix="consent", people=choices_of(people)),
        "contact_form": notice_forms.Contact(prefix="contact"),
    }
    given = {name: bound for name, form in forms.items() if type(form) is type(bound)}
    return {**forms, **given, "bound": bound}
