"""
Seals of the digitized lists: every entry with a place is a leaf under one root, and the root is published.

Whoever has the receipt of one line proves it without the others; a salt keeps a leaf from being guessed.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from queue_registry.models import Akimat, ListSeal, QueueEntry, SealedLeaf, User
from queue_registry.rules.digitization import seal as rules
from queue_registry.rules.digitization.gate_refusals import GateRefusal, GateRefused
from queue_registry.rules.digitization.seal import Leaf
from queue_registry.services import audit

_SALT_BYTES: Final = 16
_COPY: Final = (
    "COPY queue_registry_sealedleaf"
    " (seal_id, position, file_number, list_number, registered_at, place, salt, sha256) FROM STDIN"
)


@transaction.atomic
def seal(*, akimat: Akimat, by: User, at: datetime) -> ListSeal:
    """
    Seal the lists of an akimat as they stand: leaves by list and place, each with a salt of its own.

    :raises GateRefused: NOBODY_STANDS.
    """
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    leaves = _leaves(locked)
    if not leaves:
        raise GateRefused(GateRefusal.NOBODY_STANDS)
    digests = [leaf.sha256 for leaf in leaves]
    sealed = ListSeal.objects.create(
        akimat=locked, sealed_at=at, sealed_by=by, root=rules.root(digests), leaves=len(leaves)
    )
    _store(sealed, zip(leaves, digests, strict=True))
    audit.record(
        akimat=locked,
        by=by,
        at=at,
        event="list_seal.sealed",
        target=f"list_seal:{sealed.pk}",
        root=sealed.root,
        leaves=sealed.leaves,
    )
    return sealed


def _leaves(akimat: Akimat) -> list[Leaf]:
    """One leaf for each entry with a place, by list and place; places are counted on the way."""
    rows = (
        QueueEntry.objects.filter(akimat=akimat)
        .active()
        .order_by("waiting_list__number", "registered_at", "file_number", "pk")
        .values_list("file_number", "waiting_list__number", "registered_at")
    )
    places: dict[str, int] = {}
    leaves = []
    for file_number, list_number, registered_at in rows:
        places[list_number] = places.get(list_number, 0) + 1
        leaves.append(
            Leaf(
                file_number=file_number,
                list_number=list_number,
                registered_at=registered_at,
                place=places[list_number],
                salt=secrets.token_hex(_SALT_BYTES),
            )
        )
    return leaves


def _store(sealed: ListSeal, leaves: Iterable[tuple[Leaf, str]]) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for position, (leaf, digest) in enumerate(leaves):
            copy.write_row(
                (
                    sealed.pk,
                    position,
                    leaf.file_number,
                    leaf.list_number,
                    leaf.registered_at,
                    leaf.place,
                    leaf.salt,
                    digest,
                )
            )


def receipt(leaf: SealedLeaf) -> dict[str, Any]:
    """Return the receipt of one sealed line; of the others only their digests are read."""
    sealed = leaf.seal
    digests = list(
        SealedLeaf.objects.filter(seal=sealed).order_by("position").values_list("sha256", flat=True)
    )
    return rules.receipt(
        akimat_kato=sealed.akimat.kato,
        sealed_at=sealed.sealed_at,
        leaf=Leaf(
            file_number=leaf.file_number,
            list_number=leaf.list_number,
            registered_at=leaf.registered_at,
            place=leaf.place,
            salt=leaf.salt,
        ),
        position=leaf.position,
        leaves=digests,
    )
