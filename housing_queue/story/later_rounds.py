"""
The second and the third round: one in which the commission leaves the order, and loans by the ladder.

By the same pages as the first; the figures of the story are those of the first round alone.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from allocation import engine_io
from allocation.models import AllocationRun, Bundle, Departure, Dwelling
from allocation.services import dwellings
from allocation.services.dwellings import NewDwelling
from allocation.services.replays import replay
from housing_queue.story import bundles, commission, distribution, keys
from housing_queue.story.browser import Browser
from housing_queue.story.expecting import expect
from housing_queue.story.story import Story
from queue_registry.rules.calendar import TIME_ZONE, civil_day
from queue_registry.selectors import clock
from queue_registry.services import policies

_PROGRAMME: Final = "2-10-20"
_PLACES: Final = 5
_HOMES: Final = 3
_RECHECKED: Final = 30
_OPENING: Final = datetime.min.time().replace(hour=9)


def depart(story: "Story") -> AllocationRun:
    """
    On the day of the first round, whose account goes on: for one home the commission leaves the computed
    order, by a vote of its own.
    """
    with story.step("departure", "Second round: the commission leaves the computed order for one home"):
        until = civil_day(clock.now()).replace(month=12, day=31)
        run = distribution.work_out(
            story,
            address="/desk/rounds/open/",
            homes=_new_homes(story),
            quota=0,
            period_from=until.replace(month=1, day=1).isoformat(),
            period_until=until.isoformat(),
        )
        sitting = commission.convene(story, run)
        departure = commission.depart(story, sitting)
        story.say(commission.vote(story, sitting))
        story.say(_carried(run, departure) if departure else "nobody for whom the order could be left")
        account = engine_io.parsed(run.round.input)["year_to_date"]
        story.say(
            f"the account of {run.round.period_from} – {run.round.period_until} began with "
            f"{account['distributed']} homes"
        )
        story.say(keys.sign_all(story, sitting))
    return run


def lend(story: "Story") -> AllocationRun:
    """
    The akimat goes over to the ladder; a clerk takes loan places in, and a round gives them to those whose
    income stands on the second rung. What the registers said before is old by now: they are asked again.
    """
    with story.step("ladder", "Third round: places of a loan program, by the ladder of incomes"):
        _go_over(story, "ladder-2022")
        clerk = story.browser_of("clerk")
        clerk.fill(
            clerk.get("/desk/homes/places/"), programme=_PROGRAMME, count=str(_PLACES), document="Letter 3"
        )
        places = list(Dwelling.objects.filter(akimat=story.akimat, programme=_PROGRAMME).order_by("number"))
        expect(len(places) == _PLACES, f"{_PLACES} places were taken in, there are {len(places)}")
        address = f"/desk/rounds/open/?programme={_PROGRAMME}"
        run = distribution.work_out(story, address=address, homes=places, quota=0, recheck=_RECHECKED)
        _expect_ladder(story, run)
        sitting = commission.convene(story, run)
        story.say(commission.vote(story, sitting))
        story.say(keys.sign_all(story, sitting))
    return run


def check(story: "Story") -> None:
    """Every round is run again, and every bundle verified at home, after all that changed since."""
    with story.step("replay", "Every round again: byte for byte, each bundle by plain Python"):
        for run in AllocationRun.objects.filter(round__akimat=story.akimat).order_by("pk"):
            differences = replay(run)
            expect(not differences, f"{run.round.number} does not replay: {differences}")
            for bundle in run.bundles.order_by("form"):
                bundles.verified(bytes(bundle.content))
            public = Browser(story.base_url).get(f"/kk/rounds/{run.round_id}/bundle.zip")
            stored = run.bundles.get(form=Bundle.Form.PUBLIC)
            expect(public.content == bytes(stored.content), f"{run.round.number}: another bundle is public")
            said = bundles.found_altered(public.content)
            story.say(f"{run.round.number}: the same bytes, bundles verified; one byte altered: {said}")


def _carried(run: AllocationRun, departure: Departure) -> str:
    """The departure got its votes, and the home went to the family that it names; return it in words."""
    departure.refresh_from_db()
    line, instead = departure.line, departure.instead
    expect(departure.is_carried and instead is not None, "everybody was for the departure; it is not carried")
    given = run.offers.filter(dwelling=line.dwelling, entry=instead)
    expect(given.exists(), "the home of the departure is not offered to the family that it names")
    return f"departure carried, {len(departure.passed_over)} passed over by it"


def _go_over(story: "Story", code: str) -> None:
    """The administrator lets the akimat distribute by another policy from tomorrow; it is tomorrow."""
    now = clock.now()
    tomorrow = civil_day(now) + timedelta(days=1)
    admin = story.founded.staff["admin"]
    policies.put_in_force(akimat=story.akimat, code=code, from_on=tomorrow, by=admin, at=now)
    story.move_clock(datetime.combine(tomorrow, _OPENING, tzinfo=TIME_ZONE))


def _new_homes(story: "Story") -> list[Dwelling]:
    numbers = [f"N-{index:04d}" for index in range(1, _HOMES + 1)]
    dwellings.add_many(
        akimat=story.akimat,
        dwellings=[
            NewDwelling(
                number=number,
                address_kk=f"Жаңа қала шағын ауданы, {number}",
                address_ru=f"микрорайон Жана кала, {number}",
                rooms=2,
                area=Decimal("52.8"),
                floor=2,
                lift=False,
                accessible=False,
            )
            for number in numbers
        ],
        by=story.founded.staff["clerk"],
        at=clock.now(),
        document="Acceptance act 2",
    )
    return list(Dwelling.objects.filter(akimat=story.akimat, number__in=numbers).order_by("number"))


def _expect_ladder(story: "Story", run: AllocationRun) -> None:
    result = engine_io.parsed(run.result)
    served, others = result["allotments"], [row["code"] for row in result["passed_over"]]
    on_other_rung = sum(code.startswith("OTHER_RUNG:") for code in others)
    expect(len(served) + len(result["unallotted"]) == _PLACES, f"{len(served)} served by {_PLACES} places")
    expect(all(others), "somebody was passed over without a code")
    story.say(
        f"{len(served)} of {_PLACES} places given; {len(others)} passed over, {on_other_rung} of them "
        "by income on another rung"
    )
