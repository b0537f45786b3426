"""A sealed round is announced at once to everybody, with its digests; a cancelled one stays announced."""

import hashlib
import re
import subprocess
import sys
from datetime import timedelta
from html import unescape

import pytest

from allocation.models import Bundle
from allocation.services import rounds
from queue_registry.rules.iin import is_iin
from tests import factories
from tests.factories import AT


@pytest.fixture
def sealed(town):
    register = factories.register(town)
    return factories.frozen_round(town, register.homes, quotas=factories.ONE_BY_PROGRAM)


def page_of(client, round_, language="kk"):
    return client.get(f"/{language}/rounds/{round_.pk}/")


def test_an_open_round_is_not_announced(client, town):
    assert page_of(client, factories.open_round(town)).status_code == 404


def test_a_sealed_round_is_announced_with_figures_digests_and_no_family(client, town, sealed):
    rounds.plan_sitting(round_id=sealed.pk, sits_at=AT + timedelta(days=3), by=town.secretary, at=AT)

    body = page_of(client, sealed).content.decode()

    for digest in (*sealed.seal.values(), sealed.input_sha256):
        assert digest in body
        body = body.replace(digest, "")
    assert "R-2026-1" in client.get("/kk/rounds/").content.decode()
    assert not [word for word in re.findall(r"\d{12}", body) if is_iin(word)]
    assert not re.search(r"271010-\d{7}-\d", body)


def test_a_round_cancelled_after_its_seal_stays_announced_with_the_reason(client, town, sealed):
    rounds.cancel(round_id=sealed.pk, reason="A home was flooded", by=town.secretary, at=AT)

    body = page_of(client, sealed, "ru").content.decode()

    assert "A home was flooded" in body
    assert sealed.seal["public_input"] in body
    assert "R-2026-1" in client.get("/kk/rounds/").content.decode()


def test_a_round_cancelled_before_its_seal_was_never_announced(client, town):
    opened = factories.open_round(town)
    rounds.cancel(round_id=opened.pk, reason="Opened by mistake", by=town.secretary, at=AT)

    assert page_of(client, opened).status_code == 404


def test_the_seal_stands_on_the_page_of_the_decided_round_too(client, town):
    run = factories.confirmed(town).sitting.run

    body = page_of(client, run.round).content.decode()

    assert run.round.seal["public_input"] in body


def test_what_the_page_says_to_type_gives_the_digests_of_the_page(client, town, sealed, tmp_path):
    body = unescape(page_of(client, sealed).content.decode())
    (command,) = re.findall(r'python3 -c "(.*?)"</span>', body, re.DOTALL)
    run = factories.run_of(town, sealed)
    content = bytes(Bundle.objects.get(run=run, form="PUBLIC").content)
    (tmp_path / f"{sealed.number}-public.zip").write_bytes(content)

    told = subprocess.run(
        [sys.executable, "-I", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert told.stdout.split() == ["dwellings", sealed.seal["dwellings"], "policy", sealed.seal["policy"]]
    assert hashlib.sha256(content).hexdigest() == Bundle.objects.get(run=run, form="PUBLIC").sha256
