"""Writing a question: small XML bodies made of text, everything escaped."""

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from integrations.contract import Query


def element(
    name: str,
    fields: Mapping[str, str],
    *,
    attributes: Mapping[str, str] | None = None,
    inside: bytes = b"",
) -> bytes:
    """Return one element with a child for each field, in UTF-8; `inside` are further children as XML."""
    head = "".join(f" {key}={quoteattr(value)}" for key, value in (attributes or {}).items())
    children = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in fields.items())
    return f"<{name}{head}>{children}".encode() + inside + f"</{name}>".encode()


def span(query: Query) -> dict[str, str]:
    """Return the fields of the query's period, none if it has none; `dateTo` is the first day outside."""
    if query.period is None:
        return {}
    return {"dateFrom": query.period.start.isoformat(), "dateTo": query.period.until.isoformat()}
