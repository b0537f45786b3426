"""What every provider keeps to, shown by the fake; and the guard between invented and living people."""

import re
from pathlib import Path

import pytest

from queue_registry.notices import providers
from queue_registry.notices.fake import FakeProvider
from queue_registry.notices.providers import (
    Fate,
    Message,
    NoProvider,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)

INVENTED = "+77000001234"
# No number of anybody: no code begins with a zero.
LIVING = "+70000000000"


def message(address=INVENTED, *, key="notice-delivery-1", channel="SMS"):
    return Message(key=key, channel=channel, address=address, subject="Subject", text="Text")


@pytest.fixture
def fake(tmp_path):
    return FakeProvider(tmp_path / "sent")


class Carrier:
    """A provider for living people that remembers what it was given."""

    for_invented_people = False

    def __init__(self):
        self.given = []

    def send(self, message):
        self.given.append(message.address)
        return Receipt(reference="1")

    def fate(self, reference):
        return Fate.DELIVERED


def test_a_message_is_taken_and_its_fate_can_be_asked(fake):
    receipt = fake.send(message())

    assert re.fullmatch(r"\S{1,64}", receipt.reference)
    assert fake.fate(receipt.reference) is Fate.DELIVERED
    assert fake.list_sent() == [{"channel": "SMS", "address": INVENTED, "subject": "Subject", "text": "Text"}]


def test_a_key_that_was_taken_before_is_not_sent_again(fake):
    first, again = fake.send(message()), fake.send(message())
    other = fake.send(message(key="notice-delivery-2"))

    assert first == again != other
    assert len(fake.list_sent()) == 2


def test_the_same_key_is_known_to_every_process(fake, tmp_path):
    receipt = fake.send(message())

    assert FakeProvider(tmp_path / "sent").send(message()) == receipt
    assert len(fake.list_sent()) == 1


@pytest.mark.parametrize("address", ["+77000000404", "dead@example.com"])
def test_a_dead_number_is_refused_for_good(fake, address):
    with pytest.raises(PermanentFailure) as failure:
        fake.send(message(address))

    assert failure.value.reason == "DEAD_ADDRESS"
    assert fake.list_sent() == []


@pytest.mark.parametrize("address", ["+77000000503", "out@example.com"])
def test_an_outage_is_temporary(fake, address):
    with pytest.raises(TemporaryFailure):
        fake.send(message(address))


@pytest.mark.parametrize(
    ("address", "fate"),
    [("+77000000410", Fate.DEAD), ("+77000000202", Fate.ON_ITS_WAY), ("silent@example.com", Fate.ON_ITS_WAY)],
)
def test_what_became_of_a_message_may_be_bad_or_unknown(fake, address, fate):
    assert fake.fate(fake.send(message(address)).reference) is fate


def test_a_reference_that_nobody_gave_is_no_answer(fake):
    with pytest.raises(TemporaryFailure):
        fake.fate("0" * 32)


def test_nothing_for_an_invented_number_leaves_by_a_real_provider():
    carrier = Carrier()

    with pytest.raises(PermanentFailure) as failure:
        providers.send(carrier, message(INVENTED))
    providers.send(carrier, message(LIVING))

    assert failure.value.reason == "NOT_FOR_THIS_PROVIDER"
    assert carrier.given == [LIVING]


def test_nothing_for_a_living_person_is_given_to_the_fake(fake):
    with pytest.raises(PermanentFailure):
        providers.send(fake, message(LIVING))

    assert fake.list_sent() == []


def test_the_guard_stands_before_every_call_of_a_provider():
    package = Path(providers.__file__).parent.parent
    calls = {
        path.name: len(re.findall(r"\bprovider\.send\(", path.read_text())) for path in package.rglob("*.py")
    }

    assert {name: count for name, count in calls.items() if count} == {"providers.py": 1}


def test_without_a_provider_nothing_is_sent(settings):
    settings.NOTICE_PROVIDER = ""
    provider = providers.from_settings()

    assert isinstance(provider, NoProvider)
    assert not providers.is_set()
    with pytest.raises(PermanentFailure):
        providers.send(provider, message(LIVING))
    with pytest.raises(TemporaryFailure):
        provider.fate("1")


def test_another_class_takes_its_place_by_the_setting(settings, tmp_path):
    settings.NOTICE_PROVIDER, settings.KEZEK_VAR = "queue_registry.notices.fake.FakeProvider", tmp_path

    providers.send(providers.from_settings(), message())

    assert len(list((tmp_path / "notices").glob("*.json"))) == 1
