"""Invented keys are fine in a demo, and are warned of everywhere else."""

import pytest

from allocation.signatures.checks import no_invented_keys

INVENTED = "allocation.signatures.dev_verifier.DevPkiVerifier"


@pytest.mark.parametrize(
    ("demo", "verifier", "warnings"),
    [(True, INVENTED, []), (False, "", []), (False, INVENTED, ["allocation.W001"])],
)
def test_invented_keys_are_warned_of_outside_a_demo(settings, demo, verifier, warnings):
    settings.DEMO, settings.SIGNATURE_VERIFIER = demo, verifier

    assert [message.id for message in no_invented_keys()] == warnings
