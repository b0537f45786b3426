"""Applications of old lists that may be one person's: what is known of each, which groups are open."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Final

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from queue_registry.legacy_files.stored import unpacked
from queue_registry.models import (
    Akimat,
    Application,
    AuditEvent,
    Fact,
    ImportBatch,
    ImportDecision,
    ImportRow,
    MatchGroup,
)
from queue_registry.rules.legacy.cells import text_of
from queue_registry.rules.legacy.codes import FAILS_IDENTITY
from queue_registry.rules.legacy.dates import read_date
from queue_registry.rules.legacy.mentioned import lists_of, mention_of
from queue_registry.rules.legacy.mentions import Mention
from queue_registry.rules.legacy.rows import Field, renumbered
from queue_registry.selectors import iin_numbers, ledgers, legacy

SEARCHED: Final = "match_groups.searched"
_SETTLED: Final = "legacy_ledger.settled"
# Headers under which lists that have birth dates keep them.
_BORN: Final = re.compile(r"дата\s*рожд|туған\s*күн|birth", re.IGNORECASE)


def list_mentions(akimat: Akimat, *, on: date) -> list[Mention]:
    """
    Return what is known of each application of the old lists that may still turn out to be another's.

    Those of which a person decided whose they are wait for nothing but the next ledger.
    """
    rows: dict[int, list[ImportRow]] = defaultdict(list)
    for row in legacy.list_rows(akimat):
        if row.application_id is not None:
            rows[row.application_id].append(row)
    applications = (
        Application.objects.filter(akimat=akimat, origin=Application.Origin.IMPORT, pk__in=rows)
        .filter(joined_into__isnull=True)
        .exclude(Q(applicant__isnull=True, pk__in=_decided(akimat)))
        .select_related("applicant")
        .order_by("pk")
    )
    current = iin_numbers.current()
    iins = {one.applicant.iin for one in applications if one.applicant is not None}
    identities, families = legacy.identities(iins), legacy.families(iins)
    mapping = ledgers.mapping_in_force(akimat)
    mentions = []
    for application in applications:
        iin = application.applicant.iin if application.applicant else None
        parsed = [renumbered(legacy.parsed(row), current) for row in rows[application.pk]]
        mentions.append(
            mention_of(
                parsed,
                key=application.pk,
                iin=iin,
                identity=identities.get(iin) if iin else None,
                kin=families.get(iin, ()) if iin else (),
                numbers=[] if iin else _numbers(rows[application.pk]),
                lists=lists_of(parsed, mapping),
                born=_born(rows[application.pk]),
                as_of=on,
            )
        )
    return mentions


def _decided(akimat: Akimat) -> set[int]:
    """Keys of applications whose row's person was decided on."""
    made = ImportDecision.objects.filter(
        application__akimat=akimat,
        code__in=[code.value for code in FAILS_IDENTITY],
        dropped_at__isnull=True,
        superseded_by__isnull=True,
    )
    return set(made.values_list("application_id", flat=True))


def _numbers(rows: Iterable[ImportRow]) -> list[str]:
    return [text_of(unpacked(row.cells).get(Field.IIN)) for row in rows]


def _born(rows: Iterable[ImportRow]) -> set[date]:
    found = set()
    for row in rows:
        for name, cell in unpacked(row.cells).items():
            read = read_date(cell, imported_on=row.batch.imported_on) if _BORN.search(name) else None
            if read is not None and read.day is not None and read.is_full:
                found.add(read.day)
    return found


def pairs_apart(akimat: Akimat) -> set[tuple[int, int]]:
    """Return the pairs, the lower key first, of which a person decided that they are two people."""
    decided = MatchGroup.objects.filter(akimat=akimat, outcome=MatchGroup.Outcome.DIFFERENT)
    return {
        pair for members in decided.values_list("members", flat=True) for pair in combinations(members, 2)
    }


def list_standing(akimat: Akimat) -> QuerySet[MatchGroup]:
    """Return the groups that no newer one replaced, and that are not gone."""
    rows = MatchGroup.objects.filter(akimat=akimat, superseded_by__isnull=True, gone_at__isnull=True)
    return rows.order_by("pk")


def list_groups(akimat: Akimat, *, is_open: bool) -> QuerySet[MatchGroup]:
    """Return the open groups, the longest waiting first; or the decided ones, the newest first."""
    if is_open:
        return list_standing(akimat).filter(outcome="").order_by("proposed_at", "pk")
    decided = MatchGroup.objects.filter(akimat=akimat).exclude(outcome="").select_related("decided_by")
    return decided.order_by("-decided_at", "-pk")


def count_open(akimat: Akimat) -> int:
    """Return how many groups wait for a person."""
    return list_groups(akimat, is_open=True).count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One application of a group: what its rows say, and what the population register says of its person."""

    application: Application
    rows: list[ImportRow]
    register: dict[str, str]

    @property
    def is_known(self) -> bool:
        """Whether the population register confirmed who it is."""
        return self.application.applicant_id is not None

    @property
    def born(self) -> date | None:
        """Birth date by the population register."""
        said = self.register.get("birth_date")
        return date.fromisoformat(said) if said else None


def members_of(groups: Collection[MatchGroup]) -> dict[int, Member]:
    """Return the applications of some groups by key."""
    keys = {key for group in groups for key in group.members}
    applications = Application.objects.filter(pk__in=keys).select_related("applicant", "joined_into")
    rows = legacy.rows_of(list(applications))
    people = [one.applicant_id for one in applications if one.applicant_id is not None]
    said = Fact.objects.filter(person__in=people, kind="PERSON", answer__superseded_at__isnull=True)
    by_person = dict(said.values_list("person_id", "value"))
    return {
        one.pk: Member(
            application=one,
            rows=rows.get(one.pk, []),
            register=by_person.get(one.applicant_id or 0, {}),
        )
        for one in applications
    }


def list_due() -> list[Akimat]:
    """Return the akimats whose ledger was made since somebody searched it for groups."""
    confirmed = ImportBatch.objects.filter(akimat=OuterRef("pk"), confirmed_at__isnull=False)
    return list(
        Akimat.objects.filter(Exists(confirmed))
        .annotate(settled=_newest(_SETTLED), searched=Coalesce(_newest(SEARCHED), -1))
        .filter(settled__gt=F("searched"))
        .order_by("kato")
    )


def _newest(event: str) -> Subquery:
    acts = AuditEvent.objects.filter(
        akimat_kato=OuterRef("kato"),
        target=Concat(Value("akimat:"), OuterRef("kato"), output_field=CharField()),
        event=event,
    )
    return Subquery(acts.order_by("-seq").values("seq")[:1])
