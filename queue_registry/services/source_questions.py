"""Questions to the state systems about the people of the register, put into the outbox of `integrations`."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Final

from integrations import services as outbox
from integrations.contract import Lane, Period, Query
from queue_registry.models import Person
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.facts import Source
from queue_registry.rules.income import window
from queue_registry.rules.sources import Question
from queue_registry.selectors import consents

PURPOSE: Final = "need"


def ask_about(
    *, people: Iterable[Person], sources: Collection[Source], at: datetime, by: str, lane: Lane = Lane.BULK
) -> int:
    """
    Put questions about people who consented themselves into the outbox; return how many were new.

    One person is asked once a month.
    """
    named = {person.pk: person for person in people}
    given = consents.in_force(named, at=at)
    asked = [Question(person=key, source=source) for key in named for source in sources]
    found = {one: given.of(one, applicant=one.person) for one in asked}
    return put({one: consent for one, consent in found.items() if consent}, at=at, by=by, lane=lane)


def put(asked: Mapping[Question, consents.Given], *, at: datetime, by: str, lane: Lane = Lane.BULK) -> int:
    """Put questions into the outbox, each with the consent that covers it; return how many were new."""
    people = Person.objects.filter(pk__in={question.person for question in asked})
    iins = dict(people.values_list("pk", "iin"))
    by_key = sorted(asked.items(), key=lambda one: (one[0].person, one[0].source))
    return outbox.enqueue(
        [
            query(
                iins[question.person], question.source, at=at, by=by, lane=lane, consent_ref=given.reference
            )
            for question, given in by_key
        ],
        at=at,
        shared=True,
    )


def query(
    iin: str,
    source: str,
    *,
    at: datetime,
    by: str,
    lane: Lane = Lane.BULK,
    purpose: str = PURPOSE,
    bucket: str = "",
    consent_ref: str = "",
) -> Query:
    """Return a question about a person; without a `bucket` it is the same question all the month."""
    on = civil_day(at)
    period = None
    if source in {Source.ENPF, Source.EMAKET}:
        first = date.fromisoformat(f"{window(on)[0]}-01")
        period = Period(start=first, until=on.replace(day=1))
    return Query(
        source=source,
        iin=iin,
        purpose=purpose,
        bucket=bucket or f"{on:%Y-%m}",
        period=period,
        consent_ref=consent_ref,
        requested_by=by,
        lane=lane,
    )
