"""Says it aloud where invented keys would be taken for signatures."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register  # noqa: A004 - Django's own word

_INVENTED = "allocation.signatures.dev_verifier.DevPkiVerifier"


@register()
def no_invented_keys(**_: Any) -> list[CheckMessage]:
    """Warn of the development authority outside a demo: whoever holds its folder signs as anybody."""
    if settings.DEMO or settings.SIGNATURE_VERIFIER != _INVENTED:
        return []
    return [
        Warning(
            "SIGNATURE_VERIFIER trusts the invented keys of a test stand.",
            hint="Name the class that asks NCANode, see docs/signatures.md.",
            id="allocation.W001",
        )
    ]
