"""Whatever registers say or fail to say: no case without two looks, nothing lost to an outage."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from integrations.contract import FactKind, Outcome
from integrations.models import CheckRequest
from queue_registry.models import Assessment, QueueEntry, RecheckFinding, RemovalCase, SourceHold
from queue_registry.selectors import rechecks as selectors
from queue_registry.services import assessment_requests, assessments, policies, rechecks, source_holds
from tests import factories
from tests.unit.queue_registry.services.answering import HOME, hear, told

pytestmark = pytest.mark.django_db

STEP = timedelta(hours=1)
OWNED = [(FactKind.PROPERTY_RIGHT, HOME)]
FAILED = (Outcome.TEMPORARY, Outcome.PERMANENT, Outcome.CONTRACT_VIOLATION, Outcome.RATE_LIMITED)

# Single steps, and those that often follow each other, so that many examples come as far as a case.
SINGLE = ("owns", "owns nothing", "fails", "second owns", "second owns nothing", "second fails")
BURSTS = (
    ("owns", "swept"),
    ("owns", "swept", "second owns"),
    ("second owns", "concluded"),
    ("swept", "concluded"),
    ("a month passes",),
    ("hold",),
    ("release",),
)
steps = st.lists(st.sampled_from([*((one,) for one in SINGLE), *BURSTS]), min_size=2, max_size=6).map(
    lambda bursts: [step for burst in bursts for step in burst]
)


@pytest.fixture
def town():
    return factories.town()


class World:
    """One household that was eligible, and a cadastre that says anything."""

    def __init__(self, town, failure):
        self.town, self.failure = town, failure
        self.entry = factories.waiting(town)
        self.at = factories.AT + STEP
        self.only_outages = True  # it has said nothing adverse so far
        self.judge()

    def judge(self):
        assessment_requests.request_assessments(entries=[self.entry], at=self.at)
        while assessment_requests.assess_due(limit=10, at=self.at):
            pass

    def standing(self):
        """What a round would be told now."""
        version = policies.policy_in_force(akimat=self.town.akimat, on=factories.ON)
        assessed = assessments.assess(entries=self.rows(), policy_version=version, at=self.at)
        return assessed[self.entry.pk].eligibility

    def rows(self):
        return list(QueueEntry.objects.filter(pk=self.entry.pk).select_related("akimat", "waiting_list"))

    def says(self, outcome, facts=()):
        self.only_outages = self.only_outages and not facts
        told(self.entry.applicant, "egkn", outcome, at=self.at, facts=facts)

    def says_again(self, outcome, facts=()):
        for question in CheckRequest.objects.filter(purpose="second-look", state="DUE"):
            hear(question, outcome, at=self.at, facts=facts)

    def hold(self):
        if not SourceHold.objects.filter(released_at__isnull=True).exists():
            source_holds.hold(source="egkn", why="Doubts", by=self.town.admin, at=self.at)

    def release(self):
        if SourceHold.objects.filter(released_at__isnull=True).exists():
            source_holds.release(source="egkn", why="Looked at", by=self.town.admin, at=self.at)

    def conclude(self):
        for key in selectors.list_closed_looks(limit=10, at=self.at):
            rechecks.conclude(finding_id=key, at=self.at)

    def do(self, step):
        self.at += timedelta(days=31) if step == "a month passes" else STEP
        {
            "owns": lambda: self.says(Outcome.FOUND, OWNED),
            "owns nothing": lambda: self.says(Outcome.NOT_FOUND_CONFIRMED),
            "fails": lambda: self.says(self.failure),
            "second owns": lambda: self.says_again(Outcome.FOUND, OWNED),
            "second owns nothing": lambda: self.says_again(Outcome.NOT_FOUND_CONFIRMED),
            "second fails": lambda: self.says_again(self.failure),
            "a month passes": lambda: None,
            "hold": self.hold,
            "release": self.release,
            "swept": lambda: rechecks.see(entries=self.rows(), sweep=None, at=self.at),
            "concluded": self.conclude,
        }[step]()
        self.judge()


def check_case(case):
    """Two answers of one source, the second asked after the first came, saying the same, and not held."""
    finding = RecheckFinding.objects.get(removal_case=case)
    first, second = finding.first_answer, finding.second_answer
    assert first.source == second.source == case.evidence_source == "egkn"
    assert first.person == second.person
    assert first.answered_at < CheckRequest.objects.get(pk=second.check_request_id).closed_at
    assert CheckRequest.objects.get(pk=second.check_request_id).requested_at >= first.answered_at
    assert {fact.value["share"] for answer in (first, second) for fact in answer.facts.all()} == {"1/2"}
    assert all(answer.facts.exists() for answer in (first, second))
    assert second.answered_at <= case.proposed_at <= second.fresh_until
    held = SourceHold.objects.filter(source="egkn", held_at__lte=case.proposed_at)
    assert all(one.released_at is not None and one.released_at <= case.proposed_at for one in held)


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(steps=steps, failure=st.sampled_from(FAILED))
@example(steps=["owns", "swept", "second owns", "concluded"], failure=Outcome.TEMPORARY)
@example(steps=["owns", "swept", "hold", "second owns", "concluded", "release"], failure=Outcome.TEMPORARY)
@example(steps=["owns", "a month passes", "swept", "concluded"], failure=Outcome.TEMPORARY)
@example(steps=["fails", "a month passes", "fails", "swept"], failure=Outcome.PERMANENT)
def test_no_case_without_two_looks_and_no_standing_lost_to_an_outage(town, steps, failure):
    with transaction.atomic():
        world = World(town, failure)
        for step in steps:
            world.do(step)
            for case in RemovalCase.objects.all():
                check_case(case)
            if world.only_outages:
                assert world.standing() == "ELIGIBLE"
                assert Assessment.objects.get().eligibility == "ELIGIBLE"
                assert not RecheckFinding.objects.exists()
        world.entry.refresh_from_db()
        assert world.entry.status == "WAITING"
        event(f"cases: {RemovalCase.objects.count()}")
        transaction.set_rollback(True)
