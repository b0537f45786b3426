"""File numbers of a settlement: every applicant of the ledger has an application, and one alone."""

from collections.abc import Iterable, Mapping

from queue_registry.models import Application, Person, QueueEntry
from queue_registry.rules.legacy.outcomes import Ledger, LedgerApplicant
from queue_registry.services import applications, persons
from queue_registry.services.settlement_work import Settlement


def number_applicants(made: Settlement) -> None:
    """Give every applicant an application: the one whose rows or IIN it has, or a new number."""
    known = Application.objects.filter(
        akimat=made.akimat, origin=Application.Origin.IMPORT, joined_into__isnull=True
    ).select_related("applicant")
    by_iin = {one.applicant.iin: one for one in known if one.applicant is not None}
    free = {one.pk: one for one in known}
    made.led = _led_to_households(made, by_iin)
    by_iin |= _come_back(made, by_iin)
    for applicant in made.applicants:
        if applicant.iin in by_iin:
            application = by_iin[applicant.iin]
            made.numbered[applicant.key] = free.pop(application.pk, application)
    for applicant in made.applicants:
        held = (made.row_of(row).application_id for row in applicant.rows)
        key = next((key for key in held if key in free), None)
        if applicant.key not in made.numbered and key is not None:
            made.numbered[applicant.key] = _identify(made, free.pop(key), applicant)
    new = [one for one in made.applicants if one.key not in made.numbered]
    stored = applications.number_many(
        akimat=made.akimat, applications=[_application(made, one) for one in new]
    )
    made.numbered |= {one.key: application for one, application in zip(new, stored, strict=True)}
    holders = {one.key: one.household_of for one in made.ledger.applicants if one.key in made.led}
    made.numbered |= {key: made.numbered[holder] for key, holder in holders.items()}
    _join(made, free.values())


def _led_to_households(made: Settlement, by_iin: Mapping[str, Application]) -> set[str]:
    """
    Return the applicants whose household has another application, and who have no entry of their own: one
    that was given a place keeps its application, and a case of removal ends it.
    """
    led = {one.key: by_iin.get(one.iin or "") for one in made.ledger.applicants if one.household_of}
    numbers = [application.pk for application in led.values() if application is not None]
    placed = set(QueueEntry.objects.filter(application__in=numbers).values_list("application_id", flat=True))
    return {key for key, application in led.items() if application is None or application.pk not in placed}


def _come_back(made: Settlement, by_iin: Mapping[str, Application]) -> dict[str, Application]:
    """Give applicants back the number that led to another application: they have one of their own again."""
    iins = {one.iin for one in made.applicants if one.iin is not None} - by_iin.keys()
    joined = Application.objects.filter(
        akimat=made.akimat, origin=Application.Origin.IMPORT, joined_into__isnull=False
    )
    found = {
        one.applicant.iin: one
        for one in joined.select_related("applicant").order_by("-pk")
        if one.applicant is not None and one.applicant.iin in iins
    }
    Application.objects.filter(pk__in=[one.pk for one in found.values()]).update(joined_into=None)
    for one in found.values():
        one.joined_into = None
    return found


def people_of(ledger: Ledger) -> dict[str, Person]:
    iins = {one.iin for one in ledger.applicants if one.iin is not None}
    return persons.by_iin(iins | {member for one in ledger.applicants for member in one.members})


def _identify(made: Settlement, application: Application, applicant: LedgerApplicant) -> Application:
    """An application of the waiting file whose person is known now."""
    if application.applicant is None and applicant.iin is not None:
        application.applicant = made.people[applicant.iin]
        application.save(update_fields=["applicant"])
    return application


def _application(made: Settlement, applicant: LedgerApplicant) -> Application:
    batch = made.row_of(applicant.rows[0]).batch
    return Application(
        applicant=made.people[applicant.iin] if applicant.iin is not None else None,
        # Of a row with shifted columns nobody knows which cell is a name.
        applicant_name="" if applicant.rows[0].malformed else applicant.name[:400],
        origin=Application.Origin.IMPORT,
        entered_by_id=batch.imported_by_id,
        entered_at=made.at,
    )


def _join(made: Settlement, left: Iterable[Application]) -> None:
    """An application of the waiting file whose rows turned out to be another's leads there from now on."""
    holders: dict[int, Application] = {}
    for applicant in made.ledger.applicants:
        for row in applicant.rows:
            held = made.row_of(row).application_id
            if held is not None:
                holders.setdefault(held, made.numbered[applicant.key])
    for application in left:
        holder = holders.get(application.pk)
        if holder is None or holder == application:
            continue
        if application.entries.exists():
            made.left.append(application)
            continue
        application.joined_into = holder
        application.save(update_fields=["joined_into"])
