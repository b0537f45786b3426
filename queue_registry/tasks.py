"""Background work of the register: each task takes rows that are due and makes one service call."""

import time

from celery import shared_task

from integrations.gateway.transport import GatewayTransport
from integrations.services import GatewayUnreachable
from queue_registry.selectors import clock
from queue_registry.services import checks

_CHUNK = 500
_SECONDS = 20


@shared_task(acks_late=True)
def ask_due_checks(**_: object) -> None:
    """Ask what is due, chunk by chunk, then assess entries whose facts changed; stop after some seconds."""
    until = time.monotonic() + _SECONDS
    with GatewayTransport.from_settings() as transport:
        while time.monotonic() < until:
            try:
                asked = checks.ask_due(limit=_CHUNK, at=clock.now(), transport=transport)
            except GatewayUnreachable:
                return  # the rows stay due
            if not asked and not checks.assess_due(limit=_CHUNK, at=clock.now()):
                return
