"""The papers of a contract in both languages; made again they have the same bytes."""

import hashlib
from datetime import datetime

from django.utils import translation

from allocation.documents import tenancy_paper
from allocation.models import Tenancy, TenancyPaper
from allocation.services.protocols import LANGUAGES
from queue_registry.documents import typesetting


def make(tenancy: Tenancy, *, at: datetime) -> list[TenancyPaper]:
    """Make and keep the papers of a new contract inside the caller's transaction, which records it."""
    contents = {language: content(tenancy, language) for language in LANGUAGES}
    return [
        TenancyPaper.objects.create(
            tenancy=tenancy,
            language=language,
            content=made,
            sha256=hashlib.sha256(made).hexdigest(),
            made_at=at,
        )
        for language, made in contents.items()
    ]


def content(tenancy: Tenancy, language: str) -> bytes:
    """Return the PDF of a contract in one language."""
    with translation.override(language):
        return typesetting.pdf(tenancy_paper.document(tenancy, language))
