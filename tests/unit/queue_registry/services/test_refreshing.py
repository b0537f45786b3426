"""A refusal rests on a document, or on a fresh word of a register that is not held; else it is asked."""

from datetime import timedelta

import pytest

from integrations.contract import FactKind, Outcome
from integrations.models import CheckRequest
from queue_registry.models import Application, SourceHold
from queue_registry.rules.intakes import IntakeRefusal, IntakeRefused
from queue_registry.rules.reasons import RefusalGround
from queue_registry.services import application_decisions, refreshing
from tests import factories
from tests.unit.queue_registry.services import intaking
from tests.unit.queue_registry.services.answering import HOME, hear

AT = factories.AT
STALE = AT + factories.FRESH + timedelta(microseconds=1)
OWNS = RefusalGround.OWNS_DWELLING

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return factories.town()


@pytest.fixture
def owner(town):
    """An application of somebody who owns a dwelling, by a word of the cadastre that holds a while."""
    return intaking.filed(town, intaking.known_worker(town, facts=[factories.dwelling_owned()]))


def refuse(town, application, *, ground=OWNS, at=AT):
    return application_decisions.refuse(
        application_id=application.pk, ground=ground, decision="Extract", by=town.supervisor, at=at
    )


def test_a_refusal_rests_on_the_last_moment_of_an_answer(town, owner):
    assert refuse(town, owner, at=STALE - timedelta(microseconds=1)).status == "REFUSED"


def test_a_refusal_does_not_rest_on_a_stale_answer(town, owner):
    with pytest.raises(IntakeRefused) as refused:
        refuse(town, owner, at=STALE)
    assert (refused.value.code, refused.value.detail["sources"]) == (
        IntakeRefusal.FACTS_NOT_FRESH,
        ["egkn"],
    )
    assert Application.objects.get().status == "PENDING"


def test_a_refusal_does_not_rest_on_a_held_source(town, owner):
    SourceHold.objects.create(source="egkn", held_at=AT)
    with pytest.raises(IntakeRefused) as refused:
        refuse(town, owner)
    assert refused.value.code is IntakeRefusal.FACTS_NOT_FRESH


@pytest.mark.parametrize("ground", [RefusalGround.FALSE_DATA, RefusalGround.NOT_RESIDENT])
def test_a_refusal_on_a_document_needs_no_register(town, owner, ground):
    assert refuse(town, owner, ground=ground, at=STALE).refusal_ground == ground


def test_what_is_stale_is_asked_again_once_and_the_fresh_word_grounds_the_refusal(town, owner):
    act = {"application_id": owner.pk, "by": town.supervisor}
    assert refreshing.ask_again(**act, at=AT) == 0
    assert refreshing.ask_again(**act, at=STALE) > 0
    assert refreshing.ask_again(**act, at=STALE) == 0
    question = CheckRequest.objects.get(source="egkn", purpose="decision")
    assert (question.lane, question.subject_iin) == ("INTERACTIVE", owner.applicant.iin)

    hear(question, Outcome.FOUND, at=STALE, facts=[(FactKind.PROPERTY_RIGHT, HOME)])
    assert refuse(town, owner, at=STALE).status == "REFUSED"


def test_nothing_is_asked_about_a_decided_application(town, owner):
    refuse(town, owner)
    with pytest.raises(IntakeRefused) as refused:
        refreshing.ask_again(application_id=owner.pk, by=town.supervisor, at=STALE)
    assert refused.value.code is IntakeRefusal.ALREADY_DECIDED
