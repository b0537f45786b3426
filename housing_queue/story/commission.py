"""The commission of the story: convened, a departure, votes on the page, closed by the chair."""

import re
from collections import Counter

from allocation.models import AllocationRun, Decision, Departure, Offer, Sitting
from housing_queue.story.expecting import StepFailed, expect
from housing_queue.story.story import Story

_FILE_NUMBER = re.compile(r"\d{6}-\d{7}-\d")
_SCAN = b"%PDF-1.7 scan of the court act"


def convene(story: "Story", run: AllocationRun) -> Sitting:
    """The secretary convenes the commission; every member who may vote signs in."""
    secretary = story.browser_of("secretary")
    secretary.fill(secretary.get(f"/desk/rounds/{run.round_id}/"), to="/sitting/")
    sitting = Sitting.objects.get(run=run)
    for member in sitting.members.filter(recusal_ground="").order_by("pk"):
        browser = story.browser_of(member.user.username)
        browser.fill(browser.get(desk_of(sitting)), to="/attend/")
    return sitting


def vote(story: "Story", sitting: Sitting) -> str:
    """Every member votes on the page and the chair confirms; return the votes in words."""
    for member in sitting.members.filter(recusal_ground="").order_by("pk"):
        browser = story.browser_of(member.user.username)
        browser.fill(browser.get(desk_of(sitting)), to="/vote/", choice="FOR")
    chair = story.browser_of("chair")
    chair.fill(chair.get(desk_of(sitting)), to="/close/", outcome=Decision.Outcome.CONFIRMED)
    decision = Decision.objects.filter(sitting=sitting).first()
    expect(decision is not None, "the chair closed the vote and there is no decision")
    votes = Counter(sitting.votes.values_list("choice", flat=True))
    recused = sitting.members.exclude(recusal_ground="").count()
    made = Offer.objects.filter(run=sitting.run_id).count()
    return f"votes {dict(votes)}, recused {recused}; {made} offers made"


def depart(story: "Story", sitting: Sitting) -> Departure | None:
    """
    The secretary proposes to leave the computed order for one home; that is voted on by itself.

    None where no home of the round fits two other families: nobody could get it by a departure of anybody.
    """
    secretary = story.browser_of("secretary")
    takers: list[str] = []
    page = secretary.get(desk_of(sitting))
    for line in sitting.run.lines.filter(dwelling__isnull=False).select_related("entry").order_by("turn"):
        page = secretary.get(f"/admin/allocation/sitting/{sitting.pk}/lines/{line.pk}/depart/")
        takers = [one for one in _FILE_NUMBER.findall(page.text) if one != line.entry.file_number]
        if len(takers) > 1:
            break
    if len(takers) < 2:
        return None
    after = secretary.upload(
        page,
        to="/propose/",
        files={"scan": ("act.pdf", _SCAN)},
        ground=Departure.Ground.COURT_ACT,
        explanation="The court awarded the home to this family.",
        instead=takers[1],
        title="Court act No 5",
    )
    departure = Departure.objects.filter(sitting=sitting).first()
    if departure is None:
        raise StepFailed(f"the departure was not taken: {after.text[:300]}")
    for member in sitting.members.filter(recusal_ground="").order_by("pk"):
        browser = story.browser_of(member.user.username)
        choice = {f"departure-{departure.pk}-choice": "FOR"}
        browser.fill(browser.get(desk_of(sitting)), to=f"/departures/{departure.pk}/ballot/", **choice)
    return departure


def desk_of(sitting: Sitting) -> str:
    """The address of the commission's page of a sitting."""
    return f"/admin/allocation/sitting/{sitting.pk}/change/"
