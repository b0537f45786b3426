"""JSON logs to standard output. The mask over twelve-digit numbers is a net, not a licence."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# An IIN is twelve digits; whatever looks like one never reaches a log line.
_TWELVE_DIGITS = re.compile(r"(?<!\d)\d{12}(?!\d)")


def mask_iins(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace twelve-digit runs in every text value of a log event."""
    return {
        key: _TWELVE_DIGITS.sub("[12 digits]", value) if isinstance(value, str) else value
        for key, value in event.items()
    }


def configure() -> None:
    """Set structlog and the standard library's logging up; called once by settings."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_iins,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                mask_iins,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
