"""Scans of documents: kept with their digest, outside the web root, under names that tell nothing."""

import hashlib
import uuid
from datetime import datetime
from typing import Final

from django.core.files.base import ContentFile

from queue_registry.models import Application, ApplicationDocument, User
from queue_registry.rules.intakes import scan_type

_LONGEST_TITLE: Final = 200


def keep(
    application: Application, *, title: str, content: bytes, by: User, at: datetime
) -> ApplicationDocument | None:
    """Add the scan of a document to an application's file, or nothing where there is none."""
    found = scan_type(content)
    if found is None:
        return None
    document = ApplicationDocument(
        application=application,
        kind=ApplicationDocument.Kind.OTHER,
        title=title[:_LONGEST_TITLE],
        sha256=hashlib.sha256(content).hexdigest(),
        added_by=by,
        added_at=at,
    )
    document.file.save(f"{uuid.uuid4().hex}.{found[1]}", ContentFile(content), save=False)
    document.save()
    return document
