"""Papers of a round with their scans: kept with their digest, under names that tell nothing."""

import hashlib
import uuid
from datetime import datetime

from django.core.files.base import ContentFile

from allocation.models import AllocationRound, RoundDocument
from allocation.rules.refusals import Refusal, Refused
from queue_registry.models import User
from queue_registry.rules.intakes import scan_type


def keep(round_: AllocationRound, *, title: str, content: bytes, by: User, at: datetime) -> RoundDocument:
    """
    Keep a paper of a round with its scan, inside the caller's transaction; the caller records it.

    :raises Refused: REASON_MISSING (no title), SCAN_MISSING (no PDF, JPEG or PNG).
    """
    title, found = title.strip(), scan_type(content)
    if not title:
        raise Refused(Refusal.REASON_MISSING)
    if found is None:
        raise Refused(Refusal.SCAN_MISSING)
    document = RoundDocument(
        round=round_,
        title=title,
        sha256=hashlib.sha256(content).hexdigest(),
        added_by=by,
        added_at=at,
    )
    document.file.save(f"{uuid.uuid4().hex}.{found[1]}", ContentFile(content), save=False)
    document.save()
    return document
