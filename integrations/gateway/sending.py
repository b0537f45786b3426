"""How our envelopes are made: who sends them, and who signs them, if anybody."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from integrations.contract import Message
from integrations.gateway import envelope, signing

SENDER_ID: Final = "kezek"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Makes envelopes that are ready to be sent."""

    sender_id: str = SENDER_ID
    signatures: signing.Signatures | None = None

    @classmethod
    def from_settings(cls) -> Self:
        """
        Return the sender that this installation is.

        :raises OSError: if a file of keys can't be read.
        :raises ValueError: if it holds no key or no certificate.
        """
        return cls(signatures=signing.from_settings())

    def message(
        self,
        body: bytes,
        *,
        source: str,
        service_id: str,
        message_id: uuid.UUID,
        correlation_id: str,
        timeout: timedelta,
        at: datetime,
    ) -> Message:
        """Return a business body as an envelope ready to be sent."""
        raw = envelope.wrap(
            body,
            message_id=str(message_id),
            correlation_id=correlation_id,
            service_id=service_id,
            message_date=at,
            sender_id=self.sender_id,
        )
        return Message(
            source=source,
            body=self.signatures.sign(raw) if self.signatures else raw,
            message_id=str(message_id),
            correlation_id=correlation_id,
            timeout=timeout,
        )
