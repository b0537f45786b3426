"""The secret of a telephone lies sealed in the database: who reads its row makes no codes."""

from base64 import b32encode
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation
from django_otp.plugins.otp_totp.models import TOTPDevice
from structlog.testing import CapturingLogger

from integrations import sealing
from integrations.models import OutboxAct
from queue_registry import second_factor_presenters as presenters
from queue_registry.models import AuditEvent, Telephone
from queue_registry.rules.second_factor import FactorRefusal
from queue_registry.selectors import second_factors as selectors
from queue_registry.services import second_factors
from tests import factories
from tests.second_factor import NEW, PAGE, code_of, signed_in, tied

pytestmark = pytest.mark.django_db
moving = import_module("queue_registry.migrations.0042_secrets_move_into_telephones")


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def telephone(town):
    tied(town.chair)
    return Telephone.objects.get(user=town.chair)


def taken(user, code):
    return second_factors.verify(user=user, code=code, at=factories.AT)


def test_the_secret_stands_in_no_row_in_any_spelling(telephone):
    secret = telephone.secret
    assert len(secret) == 20
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (t::text || encode(t.sealed_secret, 'escape')) FROM queue_registry_telephone AS t"
        )
        (row,) = cursor.fetchone()
    spellings = (b32encode(secret).decode(), secret.hex(), secret.decode("latin-1"))
    # As the database writes bytes: hex of hex, too, if somebody kept letters instead of bytes.
    spellings += (secret.hex().encode().hex(), b32encode(secret).hex())
    assert [one for one in spellings if one.lower() in row.lower()] == []
    assert bytes(telephone.sealed_secret).hex() in row, "this is not the row of the telephone"
    assert not TOTPDevice.objects.exists()


def test_each_telephone_has_a_secret_of_its_own(town, telephone):
    tied(town.supervisor)
    other = Telephone.objects.get(user=town.supervisor)
    assert other.secret != telephone.secret
    assert other.sealed_secret != telephone.sealed_secret


def test_its_codes_are_taken_once(town, telephone):
    code = code_of(town.chair)
    assert taken(town.chair, code) == telephone
    assert taken(town.chair, code) is FactorRefusal.WRONG_CODE


def test_a_new_key_seals_the_secret_anew_and_the_old_one_can_go(town, telephone, settings):
    (old,) = settings.ENVELOPE_KEYS
    secret, code = telephone.secret, code_of(town.chair)
    taken(town.chair, code)
    last = Telephone.objects.get().last_t
    settings.ENVELOPE_KEYS = ["a new one", old]
    assert telephone.secret == secret

    call_command("rotate_envelopes", "--operator", "aliya")

    settings.ENVELOPE_KEYS = ["a new one"]
    anew = Telephone.objects.get()
    assert (anew.secret, anew.last_t) == (secret, last)
    assert OutboxAct.objects.get(kind="ROTATE").rows == 1
    assert taken(town.chair, code) is FactorRefusal.WRONG_CODE, "a code was taken twice"
    Telephone.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert taken(town.chair, code_of(town.chair)) == anew
    settings.ENVELOPE_KEYS = [old]
    with pytest.raises(sealing.Unreadable):
        anew.secret  # noqa: B018 - to read it is the point


def test_a_secret_that_no_key_opens_is_told(telephone, settings):
    settings.ENVELOPE_KEYS = ["a new one"]
    with pytest.raises(CommandError, match="1 open with no key"):
        call_command("rotate_envelopes", "--operator", "aliya")
    assert Telephone.objects.get().sealed_secret == telephone.sealed_secret


def test_whose_secret_no_key_opens_is_told_whom_to_ask_and_has_not_failed(
    town, telephone, settings, monkeypatch
):
    client = signed_in(town.chair, password=town.passwords["chair"])
    code, keys = code_of(town.chair), settings.ENVELOPE_KEYS
    settings.ENVELOPE_KEYS = ["a new one"]

    logged = CapturingLogger()
    monkeypatch.setattr(second_factors, "logger", logged)

    answer = client.post(PAGE, {"code": code})

    assert answer.status_code == 200
    with translation.override("kk"):
        assert str(presenters.refusal(FactorRefusal.UNREADABLE)) in answer.content.decode()
    assert [(one.method_name, one.args) for one in logged.calls] == [
        ("error", ("second_factor.secret_unreadable",))
    ]
    assert not AuditEvent.objects.filter(event="second_factor.failed").exists()
    assert Telephone.objects.get().throttling_failure_count == 0
    assert client.get("/desk/").status_code == 302, "somebody came in without a code"
    settings.ENVELOPE_KEYS = ["a new one", *keys]
    assert client.post(PAGE, {"code": code_of(town.chair)}).status_code == 302


def test_a_code_on_paper_still_lets_in_and_another_telephone_is_tied(town, settings):
    papers = tied(town.chair)
    client = signed_in(town.chair, password=town.passwords["chair"])
    settings.ENVELOPE_KEYS = ["a new one"]

    assert client.post(PAGE, {"code": papers[0]}).status_code == 302
    assert client.get(NEW).status_code == 200
    (waiting,) = Telephone.objects.filter(confirmed=False)
    assert waiting.is_readable
    assert selectors.count_unreadable() == 1


def test_a_telephone_that_waits_under_a_lost_key_is_replaced_by_a_new_one(town, settings):
    lost = second_factors.begin(user=town.chair)
    client = signed_in(town.chair, password=town.passwords["chair"])
    settings.ENVELOPE_KEYS = ["a new one"]
    given = second_factors.enroll(user=town.chair, code="123456", at=factories.AT)
    assert given is FactorRefusal.UNREADABLE

    assert client.get(NEW).status_code == 200

    (waiting,) = Telephone.objects.all()
    assert waiting.pk != lost.pk
    assert waiting.is_readable


def test_those_who_watch_are_told_how_many_telephones_no_key_opens(town, telephone, settings):
    tied(town.supervisor)
    second_factors.begin(user=town.member1)
    assert selectors.count_unreadable() == 0

    settings.ENVELOPE_KEYS = ["a new one"]

    assert selectors.count_unreadable() == 2


def test_secrets_that_lay_open_are_sealed_and_the_telephone_stays_tied(town):
    open_one = TOTPDevice.objects.create(
        user=town.chair, name="telephone", confirmed=True, last_t=7, throttling_failure_count=3
    )
    secret = bytes.fromhex(open_one.key)

    moving.seal(apps, None)

    moved = Telephone.objects.get()
    assert (moved.user, moved.secret, moved.confirmed) == (town.chair, secret, True)
    assert (moved.last_t, moved.throttling_failure_count) == (7, 3)
    assert not TOTPDevice.objects.exists()

    moving.open_again(apps, None)

    again = TOTPDevice.objects.get()
    assert (again.key, again.last_t, again.confirmed) == (secret.hex(), 7, True)
    assert not Telephone.objects.exists()
