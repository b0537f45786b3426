"""Changed IINs that the population register told of: whose, what speaks against them, whom they concern."""

from datetime import date

from django.db.models import F, Q, QuerySet

from queue_registry.models import Akimat, Application, Fact, FormerIin, IinChange, Intake, Person
from queue_registry.rules.legacy.names import PersonName
from queue_registry.rules.renumbering import Doubt, Known, Told, doubts


def list_changes(akimat: Akimat) -> QuerySet[IinChange]:
    """Return the changed IINs that an akimat looks after: first what waits, last what is done."""
    return (
        IinChange.objects.filter(akimat=akimat)
        .select_related("person", "confirmed_by", "approved_by", "dropped_by")
        .order_by(
            F("approved_at").desc(nulls_first=True), F("dropped_at").desc(nulls_first=True), "told_at", "pk"
        )
    )


def count_open(akimat: Akimat) -> int:
    """Return how many changed IINs of an akimat wait for a person."""
    return IinChange.objects.filter(akimat=akimat, approved_at__isnull=True, dropped_at__isnull=True).count()


def applications_about(person: Person) -> QuerySet[Application]:
    """Return the applications whose household has a person: as applicant, as member, as kin."""
    kin = Fact.objects.filter(relative=person, answer__superseded_at__isnull=True)
    return (
        Application.objects.filter(
            Q(applicant=person)
            | Q(members__person=person, members__until_on__isnull=True)
            | Q(applicant__in=kin.values("person"))
        )
        .select_related("akimat")
        .distinct()
        .order_by("pk")
    )


def told_of(change: IinChange) -> Told:
    """Return what the register says of a changed number."""
    told = change.told
    return Told(
        iin=change.current_iin,
        name=PersonName(told["last"], told["first"], told["middle"]),
        born_on=date.fromisoformat(told["birth_date"]),
    )


def bearer_of(change: IinChange) -> Person | None:
    """Return another row of the register that bears the new number already, if there is one."""
    return Person.objects.filter(iin=change.current_iin).exclude(pk=change.person_id).first()


def doubts_of(change: IinChange) -> tuple[Doubt, ...]:
    """Return what speaks, by what is known now, against the two numbers being one person's."""
    bearer = bearer_of(change)
    exchanged = IinChange.objects.filter(former_iin=change.current_iin, current_iin=change.former_iin)
    return doubts(
        told_of(change),
        known=_known(change.person),
        bearer=_known(bearer) if bearer is not None else None,
        is_exchanged=exchanged.exists(),
        is_former_of_another=FormerIin.objects.filter(iin=change.current_iin).exists(),
    )


def has_case(person: Person) -> bool:
    """
    Say whether somebody applied at a desk under the new number, or is about to, or is named there: two cases
    of one person are a person's to settle before.
    """
    named = Q(applicant=person) | Q(members__contains=[{"person": person.pk}])
    at_a_desk = Application.objects.filter(applicant=person, joined_into__isnull=True).exclude(
        Q(origin=Application.Origin.IMPORT)
        | Q(status__in=[Application.Status.REFUSED, Application.Status.WITHDRAWN])
    )
    open_now = Intake.objects.filter(named, application__isnull=True, dropped_at__isnull=True)
    return at_a_desk.exists() or open_now.exists()


def _known(person: Person) -> Known:
    name = person.full_name or (
        Application.objects.filter(applicant=person)
        .exclude(applicant_name="")
        .order_by("pk")
        .values_list("applicant_name", flat=True)
        .first()
        or ""
    )
    told = Fact.objects.filter(person=person, kind="PERSON").order_by("-pk").values_list("value", flat=True)
    newest = told.first()
    return Known(name=name, born_on=date.fromisoformat(newest["birth_date"]) if newest else None)
