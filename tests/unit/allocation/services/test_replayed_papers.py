"""A replay makes protocols and manifest again, too; the demo's command signs what the commission decided."""

import io

import pytest
from django.core.management import CommandError, call_command

from allocation.models import AllocationRun, Manifest, Signature
from allocation.services.replays import replay
from queue_registry.models import Akimat
from tests import contracts, factories
from tests.factories import AT


@pytest.fixture
def authority(settings, tmp_path):
    settings.DEMO = True
    return contracts.set_up_signing(settings, tmp_path)


@pytest.fixture
def sitting(town, authority, monkeypatch):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)
    factories.waiting(town)
    return factories.confirmed(town, factories.ready(town, rooms=1, area="36.40")).sitting


def test_signed_papers_come_out_again_and_a_changed_name_is_named(sitting, authority):
    contracts.sign_all(authority, sitting)
    run = AllocationRun.objects.get(sitting=sitting)
    assert replay(run) == []

    Akimat.objects.update(name_ru="Другое название")

    assert [difference.where for difference in replay(run)] == ["protocol ru"]


def test_the_demo_signs_for_everybody_and_locks(sitting):
    out = io.StringIO()

    call_command("sign_demo", sitting.pk, stdout=out)

    assert contracts.reloaded(sitting).locked_at == AT
    assert Signature.objects.count() == 5
    assert out.getvalue().splitlines()[-1].startswith("chair: signed")
    with pytest.raises(CommandError, match="Nobody is left"):
        call_command("sign_demo", sitting.pk, stdout=out)


def test_the_demo_writes_a_file_for_the_page(sitting, tmp_path):
    file = tmp_path / "member1.p7s"

    call_command("sign_demo", sitting.pk, user="member1", out=file, stdout=io.StringIO())

    assert file.read_bytes()[:1] == b"\x30"
    assert Signature.objects.count() == 0


def test_invented_keys_sign_in_a_demo_alone(sitting, settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="demo"):
        call_command("sign_demo", sitting.pk, stdout=io.StringIO())
    assert not Manifest.objects.exists()


def test_keys_of_a_test_stand_are_made_once(tmp_path):
    out = io.StringIO()

    call_command("make_signing_keys", tmp_path / "keys", stdout=out)

    assert "SIGNATURE_PKI_DIR=" in out.getvalue()
    assert (tmp_path / "keys" / "ca.key").stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="there already"):
        call_command("make_signing_keys", tmp_path / "keys", stdout=out)
