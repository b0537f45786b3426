"""The schema of a question on the synchronous channel (`integrations/schemas/`): what we may send."""

from functools import cache
from pathlib import Path
from typing import Final

from lxml import etree

SCHEMA_FILE: Final = Path(__file__).resolve().parents[1] / "schemas" / "soap-envelope.xsd"


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA_FILE, etree.XMLParser(no_network=True)))


def first_breach(envelope: etree._Element) -> str | None:
    """Return where a question breaks the schema, None if it keeps to it. Names elements, never values."""
    schema = _schema()
    if schema.validate(envelope):
        return None
    error = schema.error_log[0]  # type: ignore[index] # the types of lxml forget it
    element = (error.path or "").rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    return f"{element}: breaks the schema ({error.type_name.removeprefix('SCHEMAV_')})"
