"""The page on which two people say who keeps a queue: the same acts as the commands, the same refusals."""

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from queue_registry.keeper_presenters import refusal, standing, tone
from queue_registry.models import Akimat, AuditEvent, QueueKeeper, TrailHead
from queue_registry.rules.keepers import KeeperRefusal, KeeperStanding
from queue_registry.selectors import keepers as selectors
from queue_registry.services import keepers
from tests import factories
from tests.factories import AT, KATO
from tests.whole_akimat import AFTER, HANDED_OVER_ON, KEEPER

pytestmark = pytest.mark.django_db
PAGE = "/desk/keepers/"
TOLD = {
    "name_kk": KEEPER.name_kk,
    "name_ru": KEEPER.name_ru,
    "address": KEEPER.address,
    "document": KEEPER.document,
    "from_on": HANDED_OVER_ON.isoformat(),
}


@pytest.fixture
def town(monkeypatch):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)
    return factories.town()


def at_desk(user):
    client = Client()
    client.force_login(user)
    return client


def words_of(answer):
    return " ".join(html.fromstring(answer.content.decode()).text_content().split())


def test_an_administrator_proposes_and_a_supervisor_approves(town):
    admin, supervisor = at_desk(town.admin), at_desk(town.supervisor)
    assert admin.post(f"{PAGE}propose/", TOLD).headers["Location"] == PAGE
    keeper = QueueKeeper.objects.get()
    assert selectors.is_kept_here(town.akimat, on=HANDED_OVER_ON)

    approved = supervisor.post(reverse("queue_registry:keeper_approve", args=[keeper.pk]))

    assert approved.headers["Location"] == PAGE
    assert not selectors.is_kept_here(town.akimat, on=HANDED_OVER_ON)
    assert TrailHead.objects.get(pk=KATO).closed_from is not None
    records = AuditEvent.objects.filter(target=f"queue_keeper:{keeper.pk}").order_by("seq")
    assert list(records.values_list("event", "actor")) == [
        ("queue_keeper.proposed", "admin"),
        ("queue_keeper.approved", "supervisor"),
    ]


def test_an_administrator_takes_it_back_before_its_day(town):
    admin = at_desk(town.admin)
    admin.post(f"{PAGE}propose/", TOLD)
    drop = reverse("queue_registry:keeper_drop", args=[QueueKeeper.objects.get().pk])

    assert admin.post(drop).headers["Location"] == PAGE

    assert QueueKeeper.objects.get().dropped_by == town.admin
    again = admin.post(drop)
    assert again.status_code == 409
    assert refusal(KeeperRefusal.NOTHING_PROPOSED) in words_of(again)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"address": "javascript:alert(1)"}, "address"),
        ({"address": "ftp://keeper.example.kz/"}, "address"),
        ({"address": ""}, "address"),
        ({"name_kk": " "}, "name_kk"),
        ({"name_ru": "x" * 201}, "name_ru"),
        ({"document": ""}, "document"),
        ({"from_on": "tomorrow"}, "from_on"),
    ],
)
def test_a_proposal_that_is_not_filled_in_as_it_should_be_changes_nothing(town, wrong, field):
    answer = at_desk(town.admin).post(f"{PAGE}propose/", TOLD | wrong)

    assert answer.context["form"].errors.keys() == {field}
    assert not QueueKeeper.objects.exists()


def test_refusals_of_the_service_are_said_in_words(town):
    admin = at_desk(town.admin)
    today = admin.post(f"{PAGE}propose/", TOLD | {"from_on": factories.ON.isoformat()})
    assert today.status_code == 409
    assert refusal(KeeperRefusal.NOT_IN_FUTURE) in words_of(today)
    assert KEEPER.document in today.content.decode(), "what was typed is lost"
    admin.post(f"{PAGE}propose/", TOLD)
    assert f"{PAGE}propose/" not in admin.get(PAGE).content.decode(), "one waits already"
    second = admin.post(f"{PAGE}propose/", TOLD)
    assert refusal(KeeperRefusal.PROPOSED_ALREADY) in words_of(second)
    assert QueueKeeper.objects.count() == 1


def test_who_proposed_it_is_refused_and_sees_no_button(town):
    keeper = keepers.propose(
        akimat=town.akimat, keeper=KEEPER, from_on=HANDED_OVER_ON, by=town.supervisor, at=AT
    )
    supervisor = at_desk(town.supervisor)
    approve = reverse("queue_registry:keeper_approve", args=[keeper.pk])
    assert approve not in supervisor.get(PAGE).content.decode()

    answer = supervisor.post(approve)

    assert refusal(KeeperRefusal.ANOTHER_PERSON_NEEDED) in words_of(answer)
    assert QueueKeeper.objects.get().approved_at is None


def test_a_keeper_of_another_akimat_is_not_found(town):
    other = Akimat.objects.create(kato="231010000", name_kk="Бөтен", name_ru="Чужой")
    foreign = keepers.propose(akimat=other, keeper=KEEPER, from_on=HANDED_OVER_ON, by=town.admin, at=AT)

    for user, act in ((town.supervisor, "keeper_approve"), (town.admin, "keeper_drop")):
        assert at_desk(user).post(reverse(f"queue_registry:{act}", args=[foreign.pk])).status_code == 404
    assert KEEPER.name_kk not in words_of(at_desk(town.admin).get(PAGE))


def test_once_it_is_kept_elsewhere_the_page_tells_and_offers_nothing(town, monkeypatch):
    keeper = keepers.propose(akimat=town.akimat, keeper=KEEPER, from_on=HANDED_OVER_ON, by=town.admin, at=AT)
    keepers.approve(akimat=town.akimat, by=town.supervisor, at=AT)
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AFTER)
    admin = at_desk(town.admin)

    page = admin.get(PAGE)

    assert standing(KeeperStanding.IN_FORCE) in words_of(page)
    assert f"{PAGE}propose/" not in page.content.decode()
    assert reverse("queue_registry:keeper_drop", args=[keeper.pk]) not in page.content.decode()
    later = TOLD | {"from_on": "2026-12-01"}
    assert admin.post(f"{PAGE}propose/", later).status_code == 409
    assert QueueKeeper.objects.count() == 1


def test_an_auditor_reads_the_list(town):
    keepers.propose(akimat=town.akimat, keeper=KEEPER, from_on=HANDED_OVER_ON, by=town.admin, at=AT)
    page = at_desk(town.auditor).get(PAGE)
    assert KEEPER.document in words_of(page)
    assert "<form" not in html.tostring(html.fromstring(page.content.decode()).xpath("//main")[0]).decode()


def test_every_standing_and_refusal_has_words():
    assert all(standing(code) != code for code in KeeperStanding)
    assert all(refusal(code) != code for code in KeeperRefusal)
    assert {tone(code) for code in KeeperStanding} == {"", "wait", "good"}
