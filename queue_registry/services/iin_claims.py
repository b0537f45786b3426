"""What the population register says of changed numbers, kept for a person to confirm: no act by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from integrations.contract import Renumbered
from queue_registry.models import Akimat, IinChange, Person
from queue_registry.selectors import iin_changes as selectors
from queue_registry.selectors import keepers
from queue_registry.services import audit


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One answer: about whom, what it says of the number of today, and the question that it answers."""

    person: Person
    said: Renumbered
    check_request_id: int


@transaction.atomic
def note(claims: Iterable[Claim], *, at: datetime) -> list[tuple[Akimat, audit.Act]]:
    """
    Keep what is new, each for the akimat of the person's first application; return what the trail has to say
    of it, which the caller records.

    Somebody who stands in no application is nobody's task. What was given up is told again only when the
    register names another number.
    """
    made = [change for claim in claims if (change := _noted(claim, at)) is not None]
    return [
        (change.akimat, audit.Act(event="iin_change.told", target=f"iin_change:{change.pk}"))
        for change in made
    ]


def _noted(claim: Claim, at: datetime) -> IinChange | None:
    person, said = claim.person, claim.said
    first = selectors.applications_about(person).exclude(akimat__in=keepers.resting(at)).first()
    numbers = {"former_iin": person.iin, "current_iin": said.iin}
    if first is None or IinChange.objects.filter(person=person, **numbers).exists():
        return None
    try:
        with transaction.atomic():
            return IinChange.objects.create(
                akimat=first.akimat,
                person=person,
                told={
                    "last": said.last,
                    "first": said.first,
                    "middle": said.middle,
                    "birth_date": said.birth_date.isoformat(),
                },
                told_at=at,
                check_request_id=claim.check_request_id,
                **numbers,
            )
    except IntegrityError:
        return None  # another change of the person's waits already
