"""Answers that were kept before envelopes were sealed are sealed by the migration, and stay readable."""

import hashlib
import uuid
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from integrations import kept_envelopes
from integrations.models import CheckAttempt, CheckRequest

AT = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
EARLIER = [("integrations", "0001_initial")]


@pytest.mark.django_db(transaction=True)
def test_what_was_kept_before_is_sealed_and_what_was_given_up_gets_an_owner():
    executor = MigrationExecutor(connection)
    executor.migrate(EARLIER)
    apps = executor.loader.project_state(EARLIER).apps
    request = apps.get_model("integrations", "CheckRequest").objects.create(
        key="k",
        source="zags",
        lane="BULK",
        requested_at=AT,
        next_attempt_at=AT,
        deadline_at=AT + timedelta(days=1),
        state="DEAD",
        closed_at=AT,
        dead_reason="TOO_OLD",
    )
    apps.get_model("integrations", "CheckAttempt").objects.create(
        message_id=uuid.uuid4(),
        request=request,
        asked_at=AT,
        answered_at=AT,
        outcome="TEMPORARY",
        envelope=zlib.compress(b"<kept/>"),
        envelope_sha256=hashlib.sha256(b"<kept/>").hexdigest(),
    )

    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())

    attempt = CheckAttempt.objects.get()
    assert bytes(attempt.envelope) != zlib.compress(b"<kept/>")
    assert kept_envelopes.read(attempt) == b"<kept/>"
    assert CheckRequest.objects.get().owner == "operator"
    assert attempt.source == CheckRequest.objects.get().source != ""
