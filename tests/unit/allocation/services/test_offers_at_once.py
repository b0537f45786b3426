"""Two at once over one home: one of them acts, the other is told; nothing is done twice."""

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from allocation.models import Dwelling, Offer
from allocation.rules.refusals import Refused
from allocation.services import offer_answers, offers
from queue_registry.models import AuditEvent, OneTimeCode
from queue_registry.notices.fake import FakeProvider
from queue_registry.rules.one_time_codes import CodeRefused, Purpose
from queue_registry.services import one_time_codes
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.services.sending import reached

pytestmark = pytest.mark.django_db(transaction=True)
LAST_MOMENT = datetime(2026, 9, 8, 18, 59, 59, tzinfo=UTC)
WAIT_SECONDS = 30


@pytest.fixture
def town(transactional_db, settings, tmp_path):
    settings.NOTICE_PROVIDER, settings.KEZEK_VAR = "queue_registry.notices.fake.FakeProvider", tmp_path
    return factories.town()


@pytest.fixture
def offer(town):
    for day in (1, 2, 3):
        reached(town, factories.waiting(town, day=day))
    factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))
    return Offer.objects.get()


def at_once(*acts):
    """Run the acts at the same moment; what each came to: "done" or the code of its refusal."""
    gate, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            gate.wait(WAIT_SECONDS)
            act()
            outcomes[number] = "done"
        except (Refused, CodeRefused) as refused:
            outcomes[number] = str(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS)
    assert not any(thread.is_alive() for thread in threads)
    return outcomes


def count(event):
    return AuditEvent.objects.filter(event=event).count()


def test_two_officers_answer_for_one_home(town, offer):
    outcomes = at_once(
        lambda: offers.accept(offer_id=offer.pk, by=town.clerk, at=AT),
        lambda: offers.refuse(offer_id=offer.pk, reason="x", by=town.staff["clerk2"], at=AT),
    )

    assert sorted(outcomes) == ["OFFER_ANSWERED", "done"]
    offer.refresh_from_db()
    accepted = offer.state == Offer.State.ACCEPTED
    assert (count("offer.accepted"), count("offer.refused")) == (int(accepted), int(not accepted))
    assert Offer.objects.filter(state=Offer.State.OPEN).count() == int(not accepted)
    assert Dwelling.objects.get().state == Dwelling.State.OFFERED


def test_an_expiry_races_with_an_acceptance_of_the_last_moment(town, offer):
    outcomes = at_once(
        lambda: offers.accept(offer_id=offer.pk, by=town.clerk, at=LAST_MOMENT),
        lambda: offers.expire(offer_id=offer.pk, at=LAST_MOMENT + timedelta(seconds=1)),
    )

    assert sorted(outcomes) == ["OFFER_ANSWERED", "done"]
    offer.refresh_from_db()
    assert (count("offer.accepted"), count("offer.expired")) in {(1, 0), (0, 1)}
    live = Offer.objects.filter(state__in=["OPEN", "ACCEPTED"])
    assert live.count() == 1
    assert live.get().entry.status == "OFFERED"


def test_one_code_sent_twice_acts_once(town, offer):
    one_time_codes.send(application_id=offer.application_id, purpose=Purpose.OFFER_ANSWER, at=AT)
    (text,) = [message["text"] for message in FakeProvider.from_settings().list_sent()]
    code = re.findall(r"\b\d{6}\b", text)[0]
    told = {"offer_id": offer.pk, "application_id": offer.application_id, "code": code, "at": AT}

    outcomes = at_once(*[lambda: offer_answers.accept(**told)] * 3)

    assert sorted(outcomes) == ["NONE_SENT", "NONE_SENT", "done"]
    assert count("offer.accepted") == 1
    assert OneTimeCode.objects.get().used_at == AT


def test_tries_at_once_are_all_counted(town, offer):
    one_time_codes.send(application_id=offer.application_id, purpose=Purpose.OFFER_ANSWER, at=AT)
    told = {"offer_id": offer.pk, "application_id": offer.application_id, "code": "x", "at": AT}

    outcomes = at_once(*[lambda: offer_answers.accept(**told)] * 6)

    assert sorted(outcomes) == ["TRIES_OVER"] + ["WRONG"] * 5
    assert OneTimeCode.objects.get().tries == 5
