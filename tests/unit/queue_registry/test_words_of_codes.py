"""
Every code of a closed set has its words in both languages.

A page never fails for want of a word: it shows the code and logs it. So nobody but this test tells whoever
adds a code to a rule that people are to read it, too.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain

import pytest
from django.utils import translation

from integrations.contract import FactKind
from integrations.sources.definitions import DEFINITIONS
from queue_registry import citizen_presenters, fact_presenters, ground_presenters, presenters
from queue_registry.models import Application, QueueEntryEvent
from queue_registry.rules import categories, making_findings
from queue_registry.rules.citizen_states import CitizenState
from queue_registry.rules.facts import Said
from queue_registry.rules.findings import Rule, Verdict
from queue_registry.rules.need import Eligibility
from queue_registry.rules.policy import Policy
from queue_registry.rules.reasons import (
    EntryGround,
    RegistrationChangeGround,
    RemovalGround,
    SuccessionGround,
    SuspensionGround,
)
from queue_registry.rules.roles import Role
from queue_registry.rules.statuses import HELD, MOVES, QueueEntryStatus
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.services import policies

UNANSWERED = (
    making_findings.IDENTITY_MISMATCH,
    making_findings.NOT_IN_REGISTER,
    making_findings.SOURCE_UNANSWERED,
    making_findings.NO_CONSENT,
)
RUNGS = [
    rung for path in policies.files() for rung, _limit in Policy.from_document(policies.read(path)[0]).ladder
]
SAID: list[tuple[Callable[[str], str], list[str]]] = [
    (presenters.list_name, list(ListNumber)),
    (presenters.entry_status, list(QueueEntryStatus)),
    (presenters.eligibility, list(Eligibility)),
    (presenters.verdict, list(Verdict)),
    (presenters.reason, [*making_findings.FAILURES.values(), *UNANSWERED]),
    (presenters.rule, list(Rule)),
    (presenters.rung, RUNGS),
    (presenters.category, [*categories.LISTS]),
    (presenters.category, sorted(chain.from_iterable(one.statuses for one in DEFINITIONS.values()))),
    (presenters.origin, list(Application.Origin)),
    (presenters.role, list(Role)),
    (presenters.outcome, list(Said)),
    (ground_presenters.ground, list(EntryGround)),
    (
        ground_presenters.ground,
        [*SuspensionGround, *RemovalGround, *RegistrationChangeGround, *SuccessionGround],
    ),
]
CODES = [pytest.param(say, code, id=f"{say.__name__}-{code}") for say, codes in SAID for code in codes]


def spoken(say):
    """What is said in the two languages of the pages."""
    said = []
    for language in ("kk", "ru"):
        with translation.override(language):
            said.append(say())
    return said


@pytest.mark.parametrize(("say", "code"), CODES)
def test_a_code_has_its_words_in_both_languages(say, code):
    kazakh, russian = spoken(lambda: say(code))

    assert code not in {kazakh, russian}
    assert kazakh
    assert russian


@pytest.mark.parametrize(
    ("moved_from", "moved_to"), [(one, other) for one, others in MOVES.items() for other in sorted(others)]
)
def test_a_move_has_its_words_in_both_languages(moved_from, moved_to):
    move = QueueEntryEvent(
        kind=QueueEntryEvent.Kind.MOVED,
        moved_from=moved_from,
        moved_to=moved_to,
        registered_at=datetime(2016, 3, 2, tzinfo=UTC),
    )

    for said in spoken(lambda: presenters.event(move)):
        assert "→" not in said


def test_every_status_has_its_color_and_what_is_held_that_of_waiting():
    assert set(presenters._STATUS_TONES) == set(QueueEntryStatus)
    assert {presenters.tone(status) for status in HELD} == {"wait"}


def test_every_kind_of_fact_is_told_in_a_line_but_income_which_is_summed_up():
    assert set(fact_presenters._SENTENCES) == set(FactKind) - {FactKind.INCOME_MONTH}


def test_a_household_is_told_every_state_and_what_it_may_do_where_it_is_held():
    assert set(citizen_presenters._STATES) == set(CitizenState)
    assert set(citizen_presenters._TONES) == set(CitizenState)
    assert set(SuspensionGround) <= set(citizen_presenters._WITH_CAUSE)
