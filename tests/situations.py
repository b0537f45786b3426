"""
The twelve situations in which a household reads its page (product E3), each built by the acts that lead to
it.

Everything that stands on a page is fixed: numbers, names of homes, moments. Each returns the application.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from queue_registry.models import AkimatOffice, Application, CategoryPeriod, MissingConsent, QueueEntry
from queue_registry.rules.file_number import file_number
from queue_registry.rules.reasons import RemovalGround, ReviewSource, SuspensionGround
from queue_registry.services import queue_entries, reviews, suspensions
from tests import factories
from tests.factories import AT, Town
from tests.unit.queue_registry.services.moving import FIRST_DECISION, notified, removed

READ_AT = datetime(2026, 9, 15, 5, 30, tzinfo=UTC)
CONTESTED_AT = FIRST_DECISION + timedelta(days=2)


def office(town: Town) -> AkimatOffice:
    """Where the housing department of the invented akimat is."""
    return AkimatOffice.objects.create(
        akimat=town.akimat,
        from_on=date(2026, 1, 1),
        address_kk="Ойдан көшесі, 1-үй, 12-бөлме",
        address_ru="улица Вымышленная, дом 1, кабинет 12",
        telephone="+7 700 000 00 12",
        recorded_at=AT,
    )


def housed(town: Town, entry: QueueEntry, *, at: datetime = AT) -> None:
    """The household got a home from this list, by the acts of the register alone."""
    queue_entries.mark_offered(entry_id=entry.pk, by=None, at=at, document="protocol 1")
    queue_entries.mark_housed(entry_id=entry.pk, by=town.clerk, at=at, document="contract 1")


def home(town: Town, number: str = "Ү-1", *, rooms: int = 1, area: str = "36.40"):
    """A home with an address that does not change."""
    return factories.ready(
        town,
        rooms=rooms,
        area=area,
        finish="ROUGH",
        number=number,
        address_kk=f"Ойдан көшесі, {number}",
        address_ru=f"улица Вымышленная, {number}",
    )


def in_category(town: Town, entry: QueueEntry, category: str = "pensioner", **changes: object) -> None:
    """The entry stands on its list by a category."""
    period = {"from_on": date(2015, 3, 2), "document": "Application"} | changes
    CategoryPeriod.objects.create(
        entry=entry, category=category, recorded_by=town.clerk, recorded_at=AT, **period
    )


def on_list(town: Town) -> Application:
    """Waits; somebody before him got a home, and another stands before him by the same category."""
    first, before, other, mine = (factories.waiting(town, number="4", day=day) for day in (1, 2, 3, 4))
    for entry in (first, before, mine):
        in_category(town, entry)
    in_category(town, other, "kandas")
    housed(town, first)
    return mine.application


def place_changed(town: Town) -> Application:
    """Two before him got homes or were removed, and one of them was put back."""
    first, second, third, mine = (factories.waiting(town, day=day) for day in (1, 2, 3, 4))
    housed(town, first)
    removed(town, second, ground=RemovalGround.MOVED_AWAY)
    case = removed(town, third, ground=RemovalGround.MOVED_AWAY)
    opened = _contest(town, case)
    reviews.overturn(
        review_id=opened.pk, decision="Decision of the court No 7", by=town.chair, at=CONTESTED_AT
    )
    return mine.application


def consent_missing(town: Town) -> Application:
    """Nobody has signed that the registers may be asked."""
    mine = factories.waiting(town, consented=False, known=False)
    MissingConsent.objects.create(entry=mine, person=mine.applicant, since=AT)
    return mine.application


def removal_proposed(town: Town) -> Application:
    """He was told that the akimat means to remove him, and may object."""
    mine = factories.waiting(town)
    notified(town, mine)
    return mine.application


def suspended(town: Town) -> Application:
    """The registers contradict each other about him."""
    return _suspended(town, SuspensionGround.DATA_CONTRADICT)


def second_refusal(town: Town) -> Application:
    """He refused two fitting homes within a year."""
    return _suspended(town, SuspensionGround.SECOND_REFUSAL)


def _suspended(town: Town, ground: SuspensionGround) -> Application:
    mine = factories.waiting(town)
    suspensions.suspend(entry_id=mine.pk, ground=ground, document="Memo No 3", by=town.clerk, at=AT)
    return mine.application


def offer_open(town: Town) -> Application:
    """A home waits for his answer."""
    mine = factories.waiting(town)
    factories.confirmed(town, home(town))
    return mine.application


def passed_over(town: Town) -> Application:
    """The only home that fits him went to who stood before him, and another to a family after him."""
    factories.waiting(town, day=1)
    mine = factories.waiting(town, day=2)
    factories.waiting(town, day=3, family=(factories.HUSBAND, factories.DAUGHTER))
    factories.confirmed(town, [*home(town), *home(town, "Ү-2", rooms=2, area="52.80")])
    return mine.application


def housed_himself(town: Town) -> Application:
    """He has the keys."""
    mine = factories.waiting(town)
    housed(town, mine)
    return mine.application


def removed_himself(town: Town) -> Application:
    """He was removed by a decision that he may contest."""
    mine = factories.waiting(town)
    removed(town, mine)
    return mine.application


def removal_contested(town: Town) -> Application:
    """His complaint about the removal is being reviewed."""
    mine = factories.waiting(town)
    _contest(town, removed(town, mine))
    return mine.application


def _contest(town: Town, case):
    return reviews.open_on_removal(
        case_id=case.pk,
        source=ReviewSource.CITIZEN,
        claim="The flat is my brother's",
        document="Complaint No 4",
        by=town.clerk,
        at=CONTESTED_AT,
    )


def waiting_file(town: Town) -> Application:
    """He has a file number and no place: something of the old list has to be decided by a person."""
    return Application.objects.create(
        akimat=town.akimat,
        running_number=900,
        file_number=file_number(kato=town.akimat.kato, running_number=900),
        applicant=factories.PersonFactory(),
        origin=Application.Origin.IMPORT,
        entered_by=town.clerk,
        entered_at=AT,
    )


SITUATIONS: dict[str, Callable[[Town], Application]] = {
    "01-on-list": on_list,
    "02-place-changed": place_changed,
    "03-consent-missing": consent_missing,
    "04-removal-proposed": removal_proposed,
    "05-suspended": suspended,
    "06-second-refusal": second_refusal,
    "07-offer-open": offer_open,
    "08-passed-over": passed_over,
    "09-housed": housed_himself,
    "10-removed": removed_himself,
    "11-removal-contested": removal_contested,
    "12-waiting-file": waiting_file,
}
