"""A queue that another installation keeps: every page of it says so, shows it, and changes nothing."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from queue_registry.models import Application, AuditEvent, QueueEntry, QueueTakeover
from queue_registry.services import keepers
from queue_registry.views import look_up_limits
from tests import factories
from tests.factories import AT, KATO
from tests.unit.queue_registry.outside import body, client_of, send
from tests.unit.queue_registry.services import intaking
from tests.whole_akimat import AFTER, HANDED_OVER_ON, KEEPER

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    town = factories.town()
    keepers.propose(akimat=town.akimat, keeper=KEEPER, from_on=HANDED_OVER_ON, by=town.admin, at=AT)
    keepers.approve(akimat=town.akimat, by=town.supervisor, at=AT)
    return town


@pytest.fixture
def now(monkeypatch):
    """Set the day on which the pages are asked for."""

    def lives_at(moment):
        monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: moment)

    lives_at(AFTER)
    return lives_at


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def leads_to_the_keeper(response, name=KEEPER.name_kk):
    document = html.fromstring(response.content.decode())
    return bool(document.xpath(f"//a[@href='{KEEPER.address}']")) and name in document.text_content()


def look_up(entry, *, language="kk"):
    asked = {"file_number": entry.file_number, "iin": entry.applicant.iin}
    return Client().post(f"/{language}/", asked, REMOTE_ADDR="192.0.2.7")


@pytest.mark.parametrize(("language", "name"), [("kk", KEEPER.name_kk), ("ru", KEEPER.name_ru)])
def test_public_pages_lead_to_the_new_keeper_in_their_language(town, now, language, name):
    entry = factories.waiting(town, day=1)
    decision = factories.confirmed(town, factories.ready(town, 1))
    round_id = decision.sitting.run.round_id
    pages = {
        "akimat": Client().get(f"/{language}/country/{KATO}/"),
        "place": look_up(entry, language=language),
        "round": Client().get(f"/{language}/rounds/{round_id}/"),
    }

    for page, response in pages.items():
        assert response.status_code == 200, page
        assert leads_to_the_keeper(response, name), page


def test_the_place_as_it_was_handed_over_can_still_be_read(town, now):
    factories.waiting(town, day=1)
    entry = factories.waiting(town, day=2)

    page = look_up(entry)

    document = html.fromstring(page.content.decode())
    assert document.xpath("string(//*[@class='kz-place'])") == "2"


def test_before_the_day_and_where_the_queue_was_taken_over_nothing_leads_away(town, now):
    entry = factories.waiting(town, day=1)
    now(AT)
    assert not leads_to_the_keeper(look_up(entry))
    assert not leads_to_the_keeper(Client().get(f"/kk/country/{KATO}/"))
    QueueTakeover.objects.create(
        keeper=town.akimat.keepers.get(),
        taken_at=AFTER,
        handed_over_by="admin",
        manifest_sha256="0" * 64,
        trail_head="0" * 64,
    )

    now(AFTER + timedelta(days=1))

    assert not leads_to_the_keeper(look_up(entry))
    assert not leads_to_the_keeper(Client().get(f"/kk/country/{KATO}/?x"))


def test_a_household_without_a_place_is_led_to_the_keeper_too(town, now):
    entry = factories.waiting(town, day=1)
    application = intaking.filed(town)
    assert not QueueEntry.objects.filter(application=application).exists()
    asked = {"file_number": application.file_number, "iin": application.applicant.iin}

    page = Client().post("/kk/", asked, REMOTE_ADDR="192.0.2.8")

    assert entry.pk
    assert leads_to_the_keeper(page)


def test_the_desk_says_so_on_its_pages_and_before_the_day_does_not(town, now):
    client = signed_in(town.clerk)
    assert leads_to_the_keeper(client.get(reverse("queue_registry:desk")))
    assert leads_to_the_keeper(client.get(reverse("queue_registry:work")))
    now(AT)
    assert not leads_to_the_keeper(client.get(reverse("queue_registry:desk")))


def test_an_act_at_the_desk_is_refused_in_words_and_leaves_nothing(town, now):
    entry = factories.waiting(town, day=1)
    records, rows = AuditEvent.objects.count(), list(QueueEntry.objects.values())
    iin = factories.invented_iin(4_444)

    answer = signed_in(town.clerk).post(reverse("queue_registry:intake_start"), {"iin": iin})

    assert answer.status_code == 409
    assert leads_to_the_keeper(answer)
    assert iin not in answer.content.decode()
    assert AuditEvent.objects.count() == records
    assert list(QueueEntry.objects.values()) == rows
    assert entry.pk


def test_a_household_that_acts_on_its_page_is_led_to_the_keeper(town, now):
    entry = factories.waiting(town, day=1)
    page = look_up(entry)
    token = html.fromstring(page.content.decode()).xpath("//input[@name='token']/@value")[0]

    answer = Client().post("/kk/certificate/pdf/", {"token": token, "language": "kk"})

    assert answer.status_code == 409
    assert leads_to_the_keeper(answer)


def test_the_api_refuses_with_a_code_and_the_address_of_the_keeper(town, now):
    token = client_of(town, days=90).token

    answer = send(Client(), token, body(town))

    assert answer.status_code == 409
    assert answer.json()["code"] == "KEPT_ELSEWHERE"
    assert answer.json()["keeper"] == KEEPER.address
    assert not Application.objects.exists()
