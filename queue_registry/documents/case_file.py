"""
The file of a case, for an auditor or a court: who, what the registers said, entries, events, procedures,
records of the trail, looks. No IIN stands in it, whatever somebody typed into a text.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from queue_registry import (
    fact_presenters,
    formats,
    ground_presenters,
    oversight_presenters,
    presenters,
    trail_words,
)
from queue_registry.documents import blocks
from queue_registry.documents.blocks import Block, Column
from queue_registry.exports import masked
from queue_registry.models import (
    Application,
    AuditEvent,
    HouseholdMember,
    Person,
    PersonalDataView,
    QueueEntry,
    RemovalCase,
    Review,
    SourceAnswer,
    User,
)
from queue_registry.move_presenters import move_outcome
from queue_registry.selectors import applications, oversight, queue, trail

LANGUAGES: Final = ("kk", "ru")
_NEWEST: Final = 500


def document(application: Application, *, language: str, by: User, at: datetime) -> dict[str, Any]:
    """Return the file as the JSON document that is set as PDF (form: `documents.blocks`)."""
    with translation.override(language):
        made: dict[str, Any] = _without_iins(_document(application, language, by, at))
        return made


def _document(application: Application, language: str, by: User, at: datetime) -> dict[str, Any]:
    akimat = application.akimat
    name = akimat.name_ru if language == "ru" else akimat.name_kk
    title = _("File of case %(number)s") % {"number": application.file_number}
    day = at.astimezone(formats.ALMATY)
    head = trail.head_sha256(akimat.kato)
    return {
        "format": "case-file/1",
        "language": language,
        "title": title,
        "subtitle": _("made on %(moment)s for %(name)s") % {"moment": formats.moment(at), "name": by},
        "akimat": name,
        "author": name,
        "date": {"year": day.year, "month": day.month, "day": day.day},
        "header": {"left": name, "right": title},
        "footer": {
            "left": _("Head of the trail: %(digest)s") % {"digest": head},
            "page": _("page {page} of {pages}"),
        },
        "sections": [
            _application(application),
            _facts(application),
            _entries(application),
            _events(application),
            _procedures(application),
            _records(application),
            _looks(application),
        ],
    }


def _without_iins(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, list):
        return [_without_iins(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_iins(item) for key, item in value.items()}
    return value


def _table(columns: Iterable[Column], rows: Sequence[Sequence[str]]) -> list[Block]:
    return [blocks.table(list(columns), rows) if rows else blocks.text(_("None."))]


def _household(application: Application) -> list[tuple[Person, str]]:
    members = HouseholdMember.objects.filter(application=application).select_related("person").order_by("pk")
    people = [(member.person, member.relation) for member in members]
    return [(application.applicant, "APPLICANT"), *people] if application.applicant else people


def _application(application: Application) -> dict[str, Any]:
    rows = [
        (_("File number"), application.file_number),
        (_("Applicant as the first record wrote it"), application.applicant_name or "–"),
        (_("Came"), presenters.origin(application.origin)),
        (_("Entered"), f"{formats.moment(application.entered_at)}, {application.entered_by}"),
    ]
    rows += [
        (presenters.relation(relation), person.full_name) for person, relation in _household(application)
    ]
    return blocks.section(_("Application and household"), [blocks.pairs(rows)])


def _facts(application: Application) -> dict[str, Any]:
    people = [person for person, _relation in _household(application)]
    columns = (
        Column(title=_("Person"), width=3),
        Column(title=_("State system"), width=3),
        Column(title=_("Answered"), width=2),
        Column(title=_("What it said"), width=5),
    )
    rows = [
        (
            answer.person.full_name,
            presenters.source(answer.source),
            formats.moment(answer.source_as_of or answer.answered_at),
            _said(answer),
        )
        for answer in applications.list_answers(people)
    ]
    return blocks.section(_("What the state systems said"), _table(columns, rows))


def _said(answer: SourceAnswer) -> str:
    return "; ".join(fact_presenters.fact_lines(answer)) or presenters.outcome(answer.outcome)


def _entries(application: Application) -> dict[str, Any]:
    columns = (
        Column(title=_("List"), width=4),
        Column(title=_("Registration moment"), width=3),
        Column(title=_("Status"), width=2),
        Column(title=_("Place"), number=True),
    )
    rows = [
        (
            presenters.list_name(standing.entry.waiting_list.number),
            formats.registration_moment(standing.entry.registered_at, time_known=standing.entry.time_known),
            presenters.entry_status(standing.entry.status),
            formats.whole(standing.place) if standing.place else "–",
        )
        for standing in queue.list_standings(application)
    ]
    return blocks.section(_("Entries"), _table(columns, rows))


def _events(application: Application) -> dict[str, Any]:
    columns = (
        Column(title=_("Moment"), width=2),
        Column(title=_("Who"), width=2),
        Column(title=_("What happened"), width=5),
        Column(title=_("Document"), width=3),
    )
    rows = [
        (
            formats.moment(event.recorded_at),
            str(event.by or "–"),
            ": ".join(
                part for part in (presenters.event(event), ground_presenters.ground(event.ground)) if part
            ),
            event.document or "–",
        )
        for entry in QueueEntry.objects.filter(application=application).order_by("pk")
        for event in reversed(applications.list_timeline(entry))
    ]
    return blocks.section(_("Events"), _table(columns, rows))


def _procedures(application: Application) -> dict[str, Any]:
    columns = (
        Column(title=_("Moment"), width=2),
        Column(title=_("Procedure"), width=2),
        Column(title=_("Ground and evidence"), width=4),
        Column(title=_("Outcome"), width=3),
    )
    cases = (
        RemovalCase.objects.filter(entry__application=application).order_by("proposed_at", "pk").iterator()
    )
    rows = [
        (
            formats.moment(case.proposed_at),
            _("Case of removal"),
            f"{ground_presenters.ground(case.ground)}: {case.evidence}",
            " ".join(part for part in (move_outcome(case.outcome), case.decision) if part) or _("open"),
        )
        for case in cases
    ]
    rows += [
        (
            formats.moment(review.opened_at),
            _("Review"),
            f"{review.claim} ({review.document})",
            " ".join(part for part in (move_outcome(review.outcome), review.decision) if part) or _("open"),
        )
        for review in Review.objects.filter(application=application).order_by("opened_at", "pk")
    ]
    return blocks.section(_("Removals and reviews"), _table(columns, rows))


def _records(application: Application) -> dict[str, Any]:
    columns = (
        Column(title=_("Number"), number=True),
        Column(title=_("Moment"), width=2),
        Column(title=_("Who"), width=2),
        Column(title=_("Act"), width=4),
        Column(title="SHA-256", width=3),
    )
    targets = oversight.targets_of_case(application)
    records: list[AuditEvent] = list(oversight.list_trail(application.akimat, targets=targets)[:_NEWEST])
    rows = [
        (
            str(record.seq),
            formats.moment(record.at),
            record.actor,
            f"{trail_words.act(record.event)}: {oversight_presenters.target(record.target)}",
            f"{record.sha256[:16]}…",
        )
        for record in reversed(records)
    ]
    return blocks.section(_("Records of the trail"), _table(columns, rows))


def _looks(application: Application) -> dict[str, Any]:
    columns = (
        Column(title=_("Moment"), width=2),
        Column(title=_("Who"), width=3),
        Column(title=_("Of what"), width=3),
    )
    targets = oversight.targets_of_case(application)
    looks: list[PersonalDataView] = list(oversight.list_looks(application.akimat, targets=targets)[:_NEWEST])
    rows = [
        (formats.moment(look.at), str(look.by), oversight_presenters.target(look.target))
        for look in reversed(looks)
    ]
    return blocks.section(_("Looks of staff"), _table(columns, rows))
