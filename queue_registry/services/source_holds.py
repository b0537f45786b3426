"""
A state system is held, so that its answers ground nothing adverse, and let go again. Who does it by hand is a
person who may (`SOURCE_HOLD`); by itself `mass_flips` does.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from integrations.sources.definitions import DEFINITIONS
from queue_registry.models import SourceHold, User
from queue_registry.selectors import assessments as selectors
from queue_registry.selectors.rechecks import list_waiting_for
from queue_registry.services import assessment_requests, held_findings, hold_records, queue_entries


class HoldRefused(Exception):
    """The source is held already, or is not held, or no reason was given: `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def hold(*, source: str, why: str, by: User, at: datetime) -> SourceHold:
    """
    Hold a source by hand: until somebody lets it go, its failures count as unknown.

    :raises HoldRefused: SOURCE_UNKNOWN, REASON_MISSING, HELD_ALREADY.
    """
    if source not in DEFINITIONS:
        raise HoldRefused("SOURCE_UNKNOWN")
    if not why.strip():
        raise HoldRefused("REASON_MISSING")
    try:
        with transaction.atomic():
            made = SourceHold.objects.create(source=source, held_at=at, held_by=by, why_held=why.strip())
    except IntegrityError as error:
        raise HoldRefused("HELD_ALREADY") from error
    concerned = list(selectors.list_turned(source, since=selectors.doubted_since(made)))
    assessment_requests.request_assessments(entries=concerned, at=at)
    hold_records.record(made, entries=concerned, event="source.held", by=by, at=at, why=made.why_held)
    return made


@transaction.atomic
def release(*, source: str, why: str, by: User, at: datetime) -> SourceHold:
    """
    Let a source go: entries that it was doubted about are judged again, findings that waited get new looks.

    :raises HoldRefused: REASON_MISSING, NOT_HELD.
    """
    if not why.strip():
        raise HoldRefused("REASON_MISSING")
    held = (
        SourceHold.objects.select_for_update(no_key=True)
        .filter(source=source, released_at__isnull=True)
        .first()
    )
    if held is None:
        raise HoldRefused("NOT_HELD")
    # Entries before the requests about them, and the trail last.
    queue_entries.lock_entries(list_waiting_for(source).values_list("entry_id", flat=True))
    concerned = list(selectors.list_doubted(source))
    held.released_at, held.released_by, held.why_released = at, by, why.strip()
    held.save(update_fields=["released_at", "released_by", "why_released"])
    assessment_requests.request_assessments(entries=concerned, at=at)
    held_findings.take_up_again(source=source, at=at)
    hold_records.record(held, entries=concerned, event="source.released", by=by, at=at, why=why.strip())
    return held
