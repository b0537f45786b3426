"""The ledger of old lists from what is known now: rows, registers, decisions, the akimat's own mapping."""

from collections.abc import Collection, Sequence
from datetime import date

from queue_registry import collector
from queue_registry.models import Akimat, CategoryMappingVersion
from queue_registry.rules.legacy import decisions
from queue_registry.rules.legacy.decisions import Decision
from queue_registry.rules.legacy.ledger import reconcile
from queue_registry.rules.legacy.mapping import CategoryMapping, first_mapping, mapping_from
from queue_registry.rules.legacy.outcomes import Ledger
from queue_registry.rules.legacy.register import Families
from queue_registry.rules.legacy.rows import ParsedRow
from queue_registry.selectors import import_decisions, legacy


def mapping_version(akimat: Akimat) -> CategoryMappingVersion | None:
    """Return the akimat's own table that two people approved last, if there is one."""
    versions = CategoryMappingVersion.objects.filter(akimat=akimat, in_force_at__isnull=False)
    return versions.order_by("-in_force_at", "-pk").first()


def mapping_in_force(akimat: Akimat) -> CategoryMapping:
    """
    Return the table of local categories that counts in an akimat: its own, or the one that the project ships,
    which counts as approved by the founding until the akimat has one of its own.
    """
    version = mapping_version(akimat)
    return mapping_from(version.document) if version else first_mapping()


def families_of(rows: Sequence[ParsedRow], made: Collection[Decision]) -> Families:
    """Return the families of everybody whom rows and decisions name."""
    return legacy.families(_iins(rows, made))


@collector.paused()
def make(
    rows: Sequence[ParsedRow],
    *,
    akimat: Akimat,
    on: date,
    made: Collection[Decision] | None = None,
    families: Families | None = None,
    mapping: CategoryMapping | None = None,
) -> Ledger:
    """
    Return the ledger of these rows; what is not given (decisions, families, mapping) is what counts now.
    """
    if made is None:
        made = import_decisions.list_counting(akimat)
    named = _iins(rows, made)
    if families is None:
        families = legacy.families(named)
    kin = {one.iin for relatives in families.values() for one in relatives}
    return reconcile(
        rows,
        identities=legacy.identities(named | kin),
        families=families,
        mapping=mapping or mapping_in_force(akimat),
        as_of=on,
        decisions=made,
    )


def _iins(rows: Sequence[ParsedRow], made: Collection[Decision]) -> set[str]:
    named = {iin for one in made for iin in decisions.iins_of(one.value)}
    return legacy.iins_of(rows) | named
