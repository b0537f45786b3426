"""A document as PDF/A-2b: the same document makes the same bytes in every process."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import typst

_FOLDER: Final = Path(__file__).resolve().parent


def pdf(document: Mapping[str, Any], *, layout: str = "layout.typ") -> bytes:
    """
    Return the PDF of a document in a layout; its date is the document's own, never the clock's.

    The form of a document of `layout.typ` is told by `documents.blocks`, that of others beside its maker.

    The document travels as JSON beside the layout, so that no text in it can be read as markup.
    """
    day = document["date"]
    content: bytes = typst.compile(
        str(_FOLDER / layout),
        root=str(_FOLDER),
        font_paths=[str(_FOLDER / "fonts")],
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards="a-2b",
        timestamp=int(datetime(day["year"], day["month"], day["day"], tzinfo=UTC).timestamp()),
        sys_inputs={"data": json.dumps(document, ensure_ascii=False, sort_keys=True)},
    )
    return content
