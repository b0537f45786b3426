"""A new key of the envelopes: everything is sealed anew, a stopped run goes on, nothing gets lost."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from integrations import kept_envelopes, key_rotation, sealing
from integrations.contract import Lane, Outcome
from integrations.models import AccessToken, CheckAttempt, CheckRequest, CheckState, OutboxAct
from tests import factories

pytestmark = pytest.mark.django_db
AT = datetime(2026, 9, 1, 4, tzinfo=UTC)


def answered(number, content=b"<answer/>"):
    request = CheckRequest.objects.create(
        key=f"key-{number}",
        source="gbd_fl",
        operation="person",
        contract_version="1",
        subject_iin=factories.invented_iin(number),
        purpose="NEED",
        bucket="2026-09",
        lane=Lane.BULK.value,
        requested_at=AT,
        state=CheckState.ANSWERED,
        next_attempt_at=AT,
        deadline_at=AT + timedelta(days=1),
        attempts=1,
        closed_at=AT,
    )
    return CheckAttempt.objects.create(
        message_id=UUID(int=number + 1),
        request=request,
        source="gbd_fl",
        asked_at=AT,
        answered_at=AT,
        outcome=Outcome.FOUND.value,
        envelope=sealing.seal(content),
        envelope_sha256=hashlib.sha256(content).hexdigest(),
    )


def token(number):
    return AccessToken.objects.create(
        message_id=UUID(int=number + 1),
        iin=factories.invented_iin(number),
        source="gbd_fl",
        requested_at=AT,
        answered_at=AT,
        outcome=Outcome.FOUND.value,
        code=sealing.seal(b"code"),
        expires_at=AT + timedelta(hours=1),
    )


@pytest.fixture
def sealed_with_old(settings):
    settings.ENVELOPE_KEYS = ["old"]
    rows = [answered(number) for number in range(5)]
    token(1)
    settings.ENVELOPE_KEYS = ["new", "old"]
    return rows


def rotate():
    return list(key_rotation.rotate(by="aliya", at=AT))[-1]


def test_all_is_sealed_anew_and_the_old_key_can_go(sealed_with_old, settings, capsys):
    call_command("rotate_envelopes", "--operator", "aliya")

    assert "6 seen, 6 sealed anew" in capsys.readouterr().out
    settings.ENVELOPE_KEYS = ["new"]
    assert [kept_envelopes.read(row) for row in CheckAttempt.objects.all()] == [b"<answer/>"] * 5
    assert sealing.unseal(bytes(AccessToken.objects.get().code)) == b"code"
    assert sum(OutboxAct.objects.filter(kind="ROTATE", by="aliya").values_list("rows", flat=True)) == 6


def test_a_run_that_was_stopped_goes_on_and_a_second_one_does_nothing(sealed_with_old, monkeypatch):
    monkeypatch.setattr(key_rotation, "BATCH", 2)
    run = key_rotation.rotate(by="aliya", at=AT)
    assert next(run) == key_rotation.Progress(seen=2, sealed_anew=2)
    run.close()
    before = dict(CheckAttempt.objects.values_list("pk", "envelope"))

    assert rotate() == key_rotation.Progress(seen=6, sealed_anew=4)

    after = dict(CheckAttempt.objects.values_list("pk", "envelope"))
    assert [bytes(before[key]) == bytes(after[key]) for key in sorted(before)] == [True] * 2 + [False] * 3
    assert rotate() == key_rotation.Progress(seen=6)


def test_what_no_key_opens_stays_and_is_told(sealed_with_old, settings):
    lost = sealed_with_old[0]
    settings.ENVELOPE_KEYS = ["new"]
    with pytest.raises(CommandError, match="6 open with no key"):
        call_command("rotate_envelopes", "--operator", "aliya")
    assert bytes(CheckAttempt.objects.get(pk=lost.pk).envelope) == bytes(lost.envelope)
    assert not OutboxAct.objects.exists()


def test_purged_envelopes_stay_purged(sealed_with_old, settings):
    kept_envelopes.purge(by="timer", at=AT + timedelta(days=settings.ENVELOPE_RETENTION_DAYS, seconds=1))
    assert rotate().seen == 1
    assert not CheckAttempt.objects.exclude(envelope=None).exists()
