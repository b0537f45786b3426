"""
What an auditor takes out of the system: tables with a signed manifest, the file of a case as PDF.

Either is a look at personal data and an act: the trail keeps the digest of what was handed out.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.db import transaction

from queue_registry import exports
from queue_registry.documents import case_file, typesetting
from queue_registry.models import Akimat, Application, User
from queue_registry.permissions import Permission, permissions_in, require
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import export_tables, trail
from queue_registry.services import audit

MOST_ROWS: Final = 200_000


class Kind(StrEnum):
    """What may be exported."""

    TRAIL = "TRAIL"
    LOOKS = "LOOKS"
    REMOVALS = "REMOVALS"
    TOTALS = "TOTALS"


class TooManyRows(Exception):
    """The export would have more rows than a spreadsheet is good for: fewer days have to be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked for: a kind of table, and filters by name as the selectors know them."""

    kind: Kind
    filters: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the manifest: every filter that was set, as text; a set of things as a sorted list."""
        shown = {
            name: sorted(value) if isinstance(value, frozenset) else str(value)
            for name, value in self.filters.items()
            if value not in (None, "")
        }
        return {"kind": str(self.kind), **shown}


@transaction.atomic
def make(*, akimat: Akimat, query: Query, by: User, at: datetime) -> bytes:
    """
    Return an export as a zip; IINs are in it only if the person's role may take them out.

    :raises NotAllowed: if the person may not read the trail here.
    :raises TooManyRows: if there are too many.
    """
    on = civil_day(at)
    require(by, Permission.TRAIL_VIEW, akimat, on)
    with_iin = Permission.IIN_EXPORT in permissions_in(by, akimat, on)
    origin = exports.Origin(
        akimat_kato=akimat.kato,
        by=by.username,
        at=at,
        query=query.as_json(),
        trail_head=trail.head_sha256(akimat.kato),
    )
    table = _table(akimat, query, with_iin=with_iin)
    content, manifest = exports.pack([table], origin=origin, with_iin=with_iin)
    audit.record_view(akimat=akimat, by=by, at=at, target=f"{query.kind.lower()}:{akimat.kato}")
    audit.record(
        akimat=akimat,
        by=by,
        at=at,
        event="export.made",
        target=f"export:{query.kind.lower()}",
        manifest_sha256=hashlib.sha256(manifest).hexdigest(),
        rows=len(table.rows),
        with_iin=with_iin,
    )
    return content


def _table(akimat: Akimat, query: Query, *, with_iin: bool) -> exports.Table:
    makers = {
        Kind.TRAIL: export_tables.trail,
        Kind.LOOKS: export_tables.looks,
        Kind.REMOVALS: export_tables.removals,
        Kind.TOTALS: export_tables.totals,
    }
    try:
        return makers[query.kind](akimat, most=MOST_ROWS, with_iin=with_iin, **query.filters)
    except export_tables.TooMany as error:
        raise TooManyRows(str(error)) from error


@transaction.atomic
def make_case_file(*, application: Application, language: str, by: User, at: datetime) -> bytes:
    """
    Return the file of a case as PDF/A in a language: facts, entries, events, records, looks; without IINs.

    :raises NotAllowed: if the person may not read the trail here.
    """
    akimat = application.akimat
    require(by, Permission.TRAIL_VIEW, akimat, civil_day(at))
    content = typesetting.pdf(case_file.document(application, language=language, by=by, at=at))
    audit.record_view(akimat=akimat, by=by, at=at, target=f"application:{application.pk}")
    audit.record(
        akimat=akimat,
        by=by,
        at=at,
        event="case_file.made",
        target=f"application:{application.pk}",
        language=language,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return content
