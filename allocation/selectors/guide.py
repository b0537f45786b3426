"""The way of a round in seven steps: what lies behind, what is under way, what comes next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Final

from allocation import run_progress
from allocation.models import AllocationRound, AllocationRun
from allocation.selectors.rounds import RoundState
from queue_registry.models import Sweep
from queue_registry.rules.calendar import TIME_ZONE, civil_day

# A recheck reaches some way behind the homes: many at the top of a list are passed over.
_REACH: Final = 3
_LEAST_REACH: Final = 10


class Step(StrEnum):
    """The steps, in their order."""

    HOMES = "HOMES"
    FIGURES = "FIGURES"
    RECHECK = "RECHECK"
    SEAL = "SEAL"
    RUN = "RUN"
    SITTING = "SITTING"
    DECISION = "DECISION"


class StepState(StrEnum):
    """Where a step stands. SKIPPED: it was left out, as a recheck may be."""

    DONE = "DONE"
    UNDER_WAY = "UNDER_WAY"
    NEXT = "NEXT"
    LATER = "LATER"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideStep:
    """One step, and where it stands."""

    step: Step
    state: StepState

    @property
    def is_current(self) -> bool:
        """Whether there is something to do or to wait for."""
        return self.state in {StepState.NEXT, StepState.UNDER_WAY}


# Of each state of a round: the step that it has come to, and whether that is under way.
_REACHED: Final = {
    RoundState.OPEN: (Step.SEAL, StepState.NEXT),
    RoundState.FROZEN: (Step.RUN, StepState.NEXT),
    RoundState.RUNNING: (Step.RUN, StepState.UNDER_WAY),
    RoundState.RUN: (Step.SITTING, StepState.NEXT),
    RoundState.SITTING: (Step.DECISION, StepState.UNDER_WAY),
}
_ORDER: Final = tuple(Step)


def list_steps(state: str, *, recheck: Sweep | None) -> list[GuideStep]:
    """Return the seven steps of a round in this state, with the recheck that belongs to it."""
    return list(_steps(RoundState(state), recheck))


def _steps(state: RoundState, recheck: Sweep | None) -> Iterator[GuideStep]:
    reached, its_state = _REACHED.get(state, (None, StepState.DONE))
    at = len(_ORDER) if reached is None else _ORDER.index(reached)
    for number, step in enumerate(_ORDER):
        if step is Step.RECHECK:
            yield GuideStep(step=step, state=_recheck_state(state, recheck))
        elif number == at:
            yield GuideStep(step=step, state=its_state)
        else:
            yield GuideStep(step=step, state=StepState.DONE if number < at else StepState.LATER)


def _recheck_state(state: RoundState, recheck: Sweep | None) -> StepState:
    if recheck is None:
        return StepState.NEXT if state is RoundState.OPEN else StepState.SKIPPED
    return StepState.DONE if recheck.finished_at is not None else StepState.UNDER_WAY


def get_recheck(round_: AllocationRound) -> Sweep | None:
    """
    Return the last recheck before an allocation that the akimat began since the day on which the round was
    opened, up to its seal; or None.
    """
    midnight = datetime.combine(civil_day(round_.opened_at), time(), tzinfo=TIME_ZONE)
    found = Sweep.objects.filter(
        akimat=round_.akimat_id, purpose=Sweep.Purpose.BEFORE_ALLOCATION, started_at__gte=midnight
    )
    if round_.frozen_at is not None:
        found = found.filter(started_at__lte=round_.frozen_at)
    return found.order_by("-started_at", "-pk").first()


def depth_for(homes: int) -> int:
    """Return how many of each list a recheck for so many homes is proposed to reach."""
    return max(_LEAST_REACH, homes * _REACH)


def get_refused_run(round_: AllocationRound) -> AllocationRun | None:
    """Return the last run if it was refused for a change since the seal."""
    last = round_.runs.defer("result").order_by("-requested_at", "-pk").first()
    return last if last is not None and last.refusal else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """How far a run has come: so many of its stages are behind, and this one is under way."""

    stage: str
    done: int
    stages: int

    @property
    def percent(self) -> int:
        """Whole hundredths of the stages that are behind."""
        return self.done * 100 // self.stages


def get_run_progress(run: AllocationRun) -> RunProgress:
    """Return how far a run has come; one that no worker has taken stands before its first stage."""
    stages = tuple(run_progress.Stage)
    stage = run_progress.get(run)
    return RunProgress(
        stage=stage or "", done=0 if stage is None else stages.index(stage), stages=len(stages)
    )
