"""The page of state systems: how each is, what came of its questions, and not a word about anybody."""

import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import translation
from lxml import html

from integrations import dead_letters, limits, services
from integrations.contract import Lane, Outcome
from integrations.models import CheckAttempt
from queue_registry.models import Person, SourceAnswer, SourceHold
from queue_registry.rules.facts import Source
from queue_registry.rules.iin import is_iin
from queue_registry.selectors import clock, sources
from queue_registry.selectors.sources import Health, Share
from queue_registry.services import source_questions
from queue_registry.source_presenters import WIDTH, mix, span
from tests import asking, factories
from tests.unit.integrations.golden import IIN
from tests.unit.integrations.test_outbox import Scripted, question

AT = datetime(2026, 9, 3, 4, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def ask(reply=None, *, at=AT, number=1, source="zags", **fields):
    """So many questions that a system answers with bytes of its own, or with a failure."""
    asked = [question(source=source, bucket=f"{uuid.uuid4()}", **fields) for _ in range(number)]
    services.enqueue(asked, at=at, freshness=services.Freshness.ASK_ANYWAY)
    services.record_answers(asking.ask_due(limit=100, at=at, transport=Scripted(reply)))


def state(code="zags", at=AT):
    return next(one for one in sources.list_states(at=at) if one.code == code)


def test_every_system_has_a_row_also_those_that_are_switched_off_or_were_never_asked():
    states = {one.code: one.health for one in sources.list_states(at=AT)}

    assert states["zags"] is Health.NOT_ASKED
    assert states["vehicles"] is Health.OFF


@pytest.mark.parametrize(
    ("good", "bad", "health"),
    [(1, 0, Health.ANSWERS), (2, 2, Health.ANSWERS), (2, 3, Health.FAILING), (0, 1, Health.FAILING)],
)
def test_a_system_fails_when_more_than_half_of_its_last_hour_did(good, bad, health):
    ask(number=good)
    ask(500, number=bad)

    assert state().health is health
    assert state(at=AT + timedelta(hours=1, seconds=1)).health is Health.NOT_ASKED


def test_a_later_and_a_missing_consent_are_no_failures():
    ask()
    for outcome in (Outcome.RATE_LIMITED, Outcome.NO_CONSENT):
        CheckAttempt.objects.filter(outcome=Outcome.FOUND).update(outcome=outcome)
        ask(at=AT + timedelta(seconds=len(outcome)))

    found = state(at=AT + timedelta(minutes=1))
    assert found.health is Health.ANSWERS
    assert sources.shares(found.tally.hour) == {
        Share.ANSWERED: 1,
        Share.NO_CONSENT: 1,
        Share.NOT_NOW: 1,
        Share.FAILED: 0,
    }


@pytest.mark.parametrize(("seconds", "health"), [(10, Health.ANSWERS), (11, Health.SLOW)])
def test_a_system_is_slow_when_answers_take_more_than_a_third_of_the_patience(seconds, health):
    ask()
    CheckAttempt.objects.update(answered_at=AT + timedelta(seconds=seconds))

    found = state(at=AT + timedelta(minutes=1))

    assert (found.health, found.tally.mean_time) == (health, timedelta(seconds=seconds))


def test_an_open_circuit_says_until_when_it_is_left_alone():
    ask(503, number=limits.FAILURES_TO_OPEN)

    found = state()

    assert found.health is Health.CIRCUIT_OPEN
    assert found.usage.open_until - AT >= limits.FIRST_PAUSE


def test_maintenance_goes_by_the_clock_of_almaty(monkeypatch):
    definition = replace(sources.DEFINITIONS["zags"], maintenance_windows=((time(2), time(4)),))
    monkeypatch.setattr(sources, "DEFINITIONS", {**sources.DEFINITIONS, "zags": definition})
    two_in_the_night = datetime(2026, 8, 31, 21, 0, tzinfo=UTC)

    assert state(at=two_in_the_night).health is Health.MAINTENANCE
    assert state(at=two_in_the_night - timedelta(minutes=1)).health is Health.NOT_ASKED


def test_the_last_hour_and_the_last_day_are_counted_by_outcome_up_to_their_limits():
    ask(at=AT - timedelta(days=1, minutes=1))
    ask(500, at=AT - timedelta(hours=2))
    ask(at=AT - timedelta(minutes=59))

    tally = state().tally

    # The question that failed two hours ago is asked again beside the newer one.
    assert tally.hour == {"FOUND": 2}
    assert tally.day == {"FOUND": 2, "TEMPORARY": 1}
    assert state("egkn").tally.day == {}


def test_the_newest_word_counts_and_a_failure_after_it_is_none():
    ask(at=AT)
    later = AT + timedelta(minutes=5)
    ask(500, at=later)

    answered_at = state(at=later).answered_at

    assert AT < answered_at < later


@pytest.mark.parametrize(("hours", "is_over"), [(72, False), (73, True)])
def test_a_system_is_marked_when_its_answers_are_older_than_expected(hours, is_over):
    ask()
    SourceAnswer.objects.create(
        person=Person.objects.create(iin=IIN),
        source="zags",
        outcome="FOUND",
        source_as_of=AT - timedelta(hours=hours),
        answered_at=AT,
    )

    lag = state().lag

    assert (lag.behind, lag.is_over) == (timedelta(hours=hours), is_over)
    assert state("egkn").lag is None


def test_permits_waiting_questions_and_dead_letters_stand_beside_each_other(settings):
    settings.GATEWAY_LIMITS_FACTOR = 1
    cache.clear()
    ask(403)
    dead_letters.assign(owner="Ops of Zags", by="admin", at=AT, source="zags")
    services.enqueue([question(bucket="b1"), question(bucket="b2")], at=AT - timedelta(hours=1))
    services.enqueue([question(bucket="i", lane=Lane.INTERACTIVE)], at=AT + timedelta(hours=1))

    found = state()

    assert (found.usage.sent, found.usage.rate, found.usage.held, found.usage.slots) == (1, 5, 0, 4)
    assert found.waiting[Lane.BULK].count == 2
    assert found.waiting[Lane.BULK].due_since == AT - timedelta(hours=1)
    assert (found.waiting[Lane.INTERACTIVE].count, found.waiting[Lane.INTERACTIVE].due_since) == (1, None)
    assert [(dead.reason, dead.owner, dead.count) for dead in found.given_up] == [
        ("REFUSED", "Ops of Zags", 1)
    ]


def test_without_the_counter_of_permits_the_page_says_so_and_shows_the_rest(monkeypatch):
    def unreachable(*_args, **_options):
        raise limits.LimitsUnreachable

    ask()
    monkeypatch.setattr(limits, "usage", unreachable)

    assert (state().usage, state().health) == (None, Health.ANSWERS)


# The picture


def test_a_bar_shows_every_part_that_happened_and_never_more_than_the_whole():
    parts = mix({"FOUND": 100_000, "NO_CONSENT": 1, "TEMPORARY": 1})

    assert [part.share for part in parts] == ["answered", "no_consent", "failed"]
    assert all(part.width > 0 for part in parts)
    assert parts[-1].x + parts[-1].width <= WIDTH
    assert [one.x for one in parts[1:]] == [one.x + one.width for one in parts[:-1]]


def test_a_bar_of_nothing_has_no_parts():
    assert mix({}) == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (timedelta(0), "0 ms"),
        (timedelta(milliseconds=1999), "1,999 ms"),
        (timedelta(seconds=119), "119 s"),
        (timedelta(minutes=2), "2 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=2), "2 d"),
    ],
)
def test_spans_of_time_are_said_in_their_largest_unit(value, words):
    with translation.override("en"):
        assert span(value).replace("\N{NO-BREAK SPACE}", " ") == words


# The page


@pytest.fixture
def town():
    return factories.town()


def open_page(client, user):
    client.force_login(user)
    return client.get(reverse("queue_registry:sources"))


def test_the_page_shows_health_figures_and_the_picture_and_no_person(client, town):
    now = clock.now()
    person = Person.objects.create(iin=IIN, last_name="Ойдан-Тегі")
    factories.consent(person, at=now - timedelta(days=1))
    source_questions.ask_about(
        people=[person], sources=[Source.EGKN, Source.ZAGS, Source.GBD_FL], at=now, by="test"
    )
    asking.ask_and_store(limit=10, at=now, transport=Scripted())
    ask(500, at=now, source="enpf")

    page = open_page(client, town.supervisor)

    text = page.content.decode()
    assert page.status_code == 200
    assert SourceAnswer.objects.filter(person=person).count() == 3
    assert not [number for number in re.findall(r"[0-9]{12}", text) if is_iin(number)]
    assert not [name for name in ("Ойдан-Тегі", "Әбдіғалиұлы") if name in text]
    tree = html.fromstring(text)
    assert len(tree.xpath("//table[caption/@id='sources-table']/tbody/tr")) == len(sources.DEFINITIONS)
    assert len(tree.xpath("//svg[@class='kz-mix']")) == 4
    assert len(tree.xpath("//*[contains(@class, 'kz-status--bad')]")) == 1


def test_the_page_asks_the_database_a_few_times_however_much_there_is(
    client, town, django_assert_max_num_queries
):
    client.force_login(town.admin)
    for number in range(30):
        ask(at=clock.now(), source="egkn" if number % 2 else "zags")

    with django_assert_max_num_queries(16):
        assert client.get(reverse("queue_registry:sources")).status_code == 200


def test_an_administrator_holds_a_system_and_lets_it_go_each_with_a_reason(client, town):
    client.force_login(town.admin)

    def post(act, **fields):
        return client.post(
            reverse(f"queue_registry:source_{act}"), {f"{act}-{k}": v for k, v in fields.items()}
        )

    assert post("hold", source="egkn", why=" ").status_code == 200
    assert not SourceHold.objects.exists()
    assert post("release", source="egkn", why="All is well").status_code == 409
    assert post("hold", source="egkn", why="Half a register came").status_code == 302
    assert post("hold", source="egkn", why="Once more").status_code == 409
    held = state("egkn", at=clock.now()).hold
    assert (held.held_by, held.why_held) == (town.admin, "Half a register came")
    assert "Half a register came" in client.get(reverse("queue_registry:sources")).content.decode()
    assert post("release", source="egkn", why=" ").status_code == 200
    assert post("release", source="egkn", why="The owner repaired it").status_code == 302
    assert state("egkn", at=clock.now()).hold is None
    assert SourceHold.objects.get().why_released == "The owner repaired it"


def test_who_only_looks_sees_no_form_and_holds_nothing(client, town):
    page = open_page(client, town.supervisor)

    assert not html.fromstring(page.content.decode()).xpath("//form[contains(@action, 'sources')]")
    answer = client.post(reverse("queue_registry:source_hold"), {"hold-source": "egkn"})
    assert (answer.status_code, SourceHold.objects.count()) == (403, 0)


def test_a_held_system_is_said_to_be_held(client, town):
    SourceHold.objects.create(source="egkn", held_at=clock.now(), flips=30, answers=1000)

    assert state("egkn", at=clock.now()).hold is not None
    tree = html.fromstring(open_page(client, town.auditor).content.decode())
    assert len(tree.xpath("//*[@id='hold-egkn']")) == 1


def test_clerks_and_the_commission_do_not_see_it(client, town):
    for user in (town.clerk, town.chair, town.secretary):
        assert open_page(client, user).status_code == 403
