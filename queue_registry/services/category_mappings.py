"""
The akimat's table from local categories to the six lists: drafted by one person, approved by two others.

In force it closes every question about its wordings, and its order inside a list stays that of the moments:
the ledger is made again from it.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from queue_registry.models import Akimat, CategoryMappingVersion, User
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.legacy import mapping_drafts
from queue_registry.rules.legacy.mapping import MappedCategory, document_of, mapping_from, mapping_of
from queue_registry.rules.legacy.mapping_drafts import MappingRefusal, MappingRefused
from queue_registry.selectors import category_mappings as selectors
from queue_registry.selectors import ledgers
from queue_registry.services import audit, settlements

_CODE: Final = "local-categories"


@transaction.atomic
def draft(
    *, akimat: Akimat, lines: Sequence[MappedCategory], act: str, by: User, at: datetime
) -> CategoryMappingVersion:
    """
    Propose another table. The same form sent twice finds its draft.

    :raises MappingRefused: what `mapping_drafts.check` says, NOTHING_CHANGED, DRAFT_OPEN.
    """
    mapping_drafts.check(lines)
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    mapping = mapping_of(code=_CODE, in_force_from=civil_day(at), act=act, categories=tuple(lines))
    document = document_of(mapping)
    sha256 = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    waiting = selectors.open_draft(locked)
    if waiting is not None:
        if waiting.sha256 == sha256 and waiting.drafted_by_id == by.pk:
            return waiting
        raise MappingRefused(MappingRefusal.DRAFT_OPEN)
    changes = mapping_drafts.difference(ledgers.mapping_in_force(locked), mapping)
    if not changes:
        raise MappingRefused(MappingRefusal.NOTHING_CHANGED)
    version = CategoryMappingVersion.objects.create(
        akimat=locked, document=document, sha256=sha256, drafted_by=by, drafted_at=at
    )
    _record(version, "category_mapping.drafted", by=by, at=at, changes=len(changes), act=act)
    return version


@transaction.atomic
def approve(*, version_id: int, by: User, at: datetime) -> CategoryMappingVersion:
    """
    Approve a draft: the first of two people, then the second, with whom it is in force.

    :raises MappingRefused: DRAFT_CLOSED, ANOTHER_PERSON_NEEDED (who drafted or approved it already).
    """
    version = _locked(version_id)
    if version.dropped_at is not None or version.in_force_at is not None:
        raise MappingRefused(MappingRefusal.DRAFT_CLOSED)
    if by.pk in {version.drafted_by_id, version.approved_by_id}:
        raise MappingRefused(MappingRefusal.ANOTHER_PERSON_NEEDED)
    if version.approved_by_id is None:
        version.approved_by, version.approved_at = by, at
        version.save(update_fields=["approved_by", "approved_at"])
        _record(version, "category_mapping.approved", by=by, at=at)
        return version
    version.approved_second_by, version.in_force_at = by, at
    version.save(update_fields=["approved_second_by", "in_force_at"])
    settlements.request(version.akimat, at=at)
    changed = len(mapping_from(version.document).categories)
    _record(version, "category_mapping.put_in_force", by=by, at=at, lines=changed)
    return version


@transaction.atomic
def drop(*, version_id: int, by: User, at: datetime) -> CategoryMappingVersion:
    """
    Give a draft up; its row stays.

    :raises MappingRefused: DRAFT_CLOSED if it is in force.
    """
    version = _locked(version_id)
    if version.in_force_at is not None:
        raise MappingRefused(MappingRefusal.DRAFT_CLOSED)
    if version.dropped_at is None:
        version.dropped_at = at
        version.save(update_fields=["dropped_at"])
        _record(version, "category_mapping.dropped", by=by, at=at)
    return version


def _locked(version_id: int) -> CategoryMappingVersion:
    akimat_id = CategoryMappingVersion.objects.values_list("akimat_id", flat=True).get(pk=version_id)
    Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat_id)
    return CategoryMappingVersion.objects.select_related("akimat").get(pk=version_id)


def _record(version: CategoryMappingVersion, event: str, *, by: User, at: datetime, **data: object) -> None:
    audit.record(
        akimat=version.akimat,
        by=by,
        at=at,
        event=event,
        target=f"category_mapping:{version.pk}",
        mapping_sha256=version.sha256,
        **data,
    )
