"""An automatic round needs a green gate at each step until its result; the commission decides without one."""

import html
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import translation

from allocation.models import AllocationRound
from allocation.refusal_presenters import refusal
from allocation.rules.refusals import Refusal, Refused
from allocation.services import rounds, runs
from queue_registry import gate_presenters
from queue_registry.models import ImportCase
from queue_registry.rules.digitization.gate import Criterion
from queue_registry.selectors import clock
from queue_registry.services import gates
from tests import factories
from tests.unit.queue_registry.services import gating

AT = factories.AT
AUTOMATIC = AllocationRound.Mode.AUTOMATIC
pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


def open_automatic(town, dwellings=(), at=AT):
    return rounds.open_round(
        akimat=town.akimat,
        dwelling_ids=[one.pk for one in dwellings],
        quotas=factories.QUOTAS,
        by=town.secretary,
        at=at,
        mode=AUTOMATIC,
    )


def question(town):
    application = town.akimat.applications.first()
    return ImportCase.objects.create(application=application, code="NO_DATE", opened_at=AT)


def test_an_attempt_while_red_is_refused_and_the_criteria_are_named(town):
    factories.waiting(town)
    question(town)

    with pytest.raises(Refused) as refused:
        open_automatic(town)

    assert refused.value.code is Refusal.GATE_NOT_GREEN
    assert refused.value.detail["light"] == "RED"
    assert refused.value.detail["criteria"] == [
        Criterion.OPEN_CASES,
        Criterion.SAMPLE_SIZE,
        Criterion.SAMPLE_ERROR,
        Criterion.CHECKED_LATELY,
        Criterion.SEALED,
    ]
    assert "%(" not in refusal(refused.value)
    assert not AllocationRound.objects.exists()


def test_while_nobody_opened_the_gate_it_is_refused_though_no_criterion_fails(town):
    gating.ready(town)

    with pytest.raises(Refused) as refused:
        open_automatic(town)

    assert (refused.value.code, refused.value.detail["light"]) == (Refusal.GATE_NOT_GREEN, "AMBER")
    assert refused.value.detail["criteria"] == []


def test_while_green_it_goes_through_to_its_result(town):
    gating.opened(town)
    opened = open_automatic(town, factories.ready(town))

    frozen = rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT)
    run = runs.execute(run_id=runs.request(round_id=frozen.pk, by=town.secretary, at=AT).pk, at=AT)

    assert (opened.mode, run.executed_at) == (AUTOMATIC, AT)


def test_a_gate_that_turns_red_or_is_closed_stops_an_automatic_round_at_its_next_step(town):
    gating.opened(town)
    opened = open_automatic(town, factories.ready(town))
    case = question(town)
    with pytest.raises(Refused) as red:
        rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT)
    ImportCase.objects.filter(pk=case.pk).update(closed_at=AT)
    frozen = rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT)
    gates.close(akimat=town.akimat, reason="Doubt", by=town.supervisor, at=AT + timedelta(hours=1))
    with pytest.raises(Refused) as closed:
        runs.request(round_id=frozen.pk, by=town.secretary, at=AT + timedelta(hours=2))

    assert red.value.detail["criteria"] == [Criterion.OPEN_CASES]
    assert (closed.value.code, closed.value.detail["criteria"]) == (Refusal.GATE_NOT_GREEN, [])


def test_the_commission_decides_whatever_the_light(town):
    factories.waiting(town)
    question(town)

    opened = factories.open_round(town, factories.ready(town))

    assert opened.mode == AllocationRound.Mode.COMMISSION
    assert rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT).frozen_at == AT


def test_the_database_keeps_to_known_modes_and_to_the_one_of_the_opening(town):
    opened = factories.open_round(town)
    rows = AllocationRound.objects.filter(pk=opened.pk)

    with pytest.raises(DatabaseError, match="Cannot update rows"), transaction.atomic():
        rows.update(mode=AUTOMATIC)
    opened.pk, opened.number, opened.mode = None, "R-2026-9", "BY_LOT"
    with pytest.raises(IntegrityError, match="allocation_round_mode_is_known"), transaction.atomic():
        opened.save(force_insert=True)


def test_the_form_asks_for_the_mode_and_says_what_is_missing(town, client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    factories.waiting(town)
    client.force_login(town.secretary)
    asked = {"mode": "AUTOMATIC", "quota_3": 0, "document_3": "Passport No 7"}

    page = client.post("/desk/rounds/open/", asked)

    assert page.status_code == 200
    with translation.override("kk"):
        assert gate_presenters.criterion(Criterion.SEALED) in html.unescape(page.content.decode())
    assert not AllocationRound.objects.exists()
    client.post("/desk/rounds/open/", asked | {"mode": "COMMISSION"})
    assert AllocationRound.objects.get().mode == "COMMISSION"
