"""What pages of open questions show beside the rows: who is meant, who else, what the registers say."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from queue_registry.models import (
    Akimat,
    Application,
    ImportCase,
    ImportDecision,
    ImportRow,
    QueueEntry,
    StaffMembership,
    User,
)
from queue_registry.rules.legacy.codes import Code, Source
from queue_registry.rules.legacy.mapping import CategoryMapping
from queue_registry.rules.legacy.register import Identities, Identity, household_by_register
from queue_registry.rules.legacy.rows import Field
from queue_registry.rules.roles import Role
from queue_registry.selectors import import_decisions, ledgers, legacy

_COMMON = (Field.IIN, Field.DATE)
_CELLS: Mapping[str, tuple[str, ...]] = {
    Source.SPP: (
        *(Field.NUMBER, *_COMMON, Field.LAST_NAME, Field.FIRST_NAME, Field.MIDDLE_NAME),
        *(Field.LIST_CODE, Field.FAMILY_IINS, Field.PHONE, Field.STATUS),
    ),
    Source.RSHEP: (*(Field.NUMBER, *_COMMON, Field.NAME, Field.LIST_CODE, Field.FAMILY_COUNT, Field.STATUS),),
    Source.PAPER: (*_COMMON, Field.NAME, Field.CATEGORY, Field.FAMILY_COUNT, Field.NOTE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the registers say of the people of some rows."""

    identities: Identities
    household: tuple[str, ...]
    mapping: CategoryMapping

    def identity_of(self, row: ImportRow) -> object:
        """Return who the population register says the IIN of a row is; None where it did not answer."""
        iin = legacy.read([row])[0].iin.iin
        return self.identities.get(iin) if iin else None


def known_of(application: Application, rows: Sequence[ImportRow], *, on: date) -> Known:
    """Return what the registers say of the people whom an application's rows name."""
    parsed = legacy.read(rows)
    iins = legacy.iins_of(parsed)
    if application.applicant is not None:
        iins.add(application.applicant.iin)
    families = legacy.families(iins)
    applicants = {row.iin.iin for row in parsed if row.iin.iin}
    kin = {iin for one in applicants for iin in household_by_register(families.get(one, ()), on=on)}
    identities = legacy.identities(iins | kin)
    names = [
        f"{who.name.last} {who.name.first}"
        for who in (identities.get(iin) for iin in sorted(kin))
        if isinstance(who, Identity)
    ]
    return Known(
        identities=identities,
        household=tuple(names),
        mapping=ledgers.mapping_in_force(application.akimat),
    )


def others_of_household(application: Application) -> list[tuple[Application, list[QueueEntry]]]:
    """Return the applications of the same household, each with its entries."""
    detail = import_decisions.details_of(application).get(Code.HOUSEHOLD_TWICE, {})
    iins = [iin for iin in detail.get("others", "").split(";") if iin]
    return [
        (one, list(one.entries.select_related("waiting_list").order_by("pk")))
        for one in import_decisions.others_of(application, iins)
    ]


def open_codes_by_application(applications: Collection[Application]) -> dict[int, list[str]]:
    """Return the codes of the open questions of each application."""
    codes: dict[int, list[str]] = defaultdict(list)
    cases = ImportCase.objects.filter(application__in=applications, closed_at__isnull=True)
    for application, code in cases.order_by("code").values_list("application_id", "code"):
        codes[application].append(code)
    return dict(codes)


def has_unanswered(application: Application) -> bool:
    """Say whether an application has a question that neither is closed nor waits for a second person."""
    waiting = ImportDecision.objects.filter(
        application=application, dropped_at__isnull=True, needs_second=True, approved_at__isnull=True
    )
    cases = ImportCase.objects.filter(application=application, closed_at__isnull=True)
    return cases.exclude(code__in=waiting.values("code")).exists()


def names_of_staff(applications: Collection[Application]) -> dict[int, str]:
    """Return the names of those to whom the applications of a queue are given, by key."""
    given = (vars(application).get("assigned_to") for application in applications)
    keys = [int(key) for key in given if key is not None]
    return {user.pk: str(user) for user in User.objects.filter(pk__in=keys)}


def list_staff(akimat: Akimat, *, roles: Collection[Role], on: date) -> QuerySet[User]:
    """Return who has one of the roles in the akimat on the day, by name."""
    held = StaffMembership.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gt=on), akimat=akimat, role__in=roles, from_on__lte=on
    )
    return User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("last_name", "pk")


def all_cells(code: Code, rows: Sequence[ImportRow], cells: Mapping[str, str]) -> dict[str, str]:
    """Return every cell that a row with shifted columns may have, with what stands under its header."""
    if code is not Code.MALFORMED_ROW or not rows:
        return {}
    return {str(name): cells.get(name, "") for name in _CELLS[rows[0].batch.source]}
