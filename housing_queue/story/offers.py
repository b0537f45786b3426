"""Offers of the story: accepted, refused, expired."""

from collections import Counter
from datetime import datetime, timedelta

from allocation.models import AllocationRun, Offer
from allocation.tasks import expire_offers
from housing_queue.story import waiting
from housing_queue.story.browser import Browser
from housing_queue.story.expecting import expect
from housing_queue.story.story import OPENING, Story
from queue_registry.formats import ALMATY


def answer(story: Story, run: AllocationRun) -> None:
    """One household refuses and the reserve is called, one lets the term pass, all others accept."""
    with story.step(
        "offers", "Offers: accepted, refused (the reserve is called), expired after five working days"
    ):
        clerk = story.browser_of("clerk")
        first = list(Offer.objects.filter(run=run).order_by("pk"))
        if len(first) > 1:
            _answer(clerk, first[0], to="/refuse/", prefix="refusal-", reason="TOO_FAR")
        silent = first[-1:]
        for offer in Offer.objects.filter(run=run, state=Offer.State.OPEN).exclude(
            pk__in=[o.pk for o in silent]
        ):
            _answer(clerk, offer, to="/accept/")
        for offer in silent:
            _let_pass(story, offer)
        states = Counter(Offer.objects.filter(run=run).values_list("state", flat=True))
        called = Offer.objects.filter(run=run, call__gt=0).count()
        story.say(f"{dict(sorted(states.items()))}; called from the reserve {called}")


def _answer(clerk: Browser, offer: Offer, *, to: str, prefix: str = "", **fields: str) -> None:
    page = clerk.get(f"/desk/offers/{offer.pk}/")
    typed = {"document": f"Statement of the household, {offer.entry.file_number}", **fields}
    clerk.upload(
        page,
        to=to,
        files={f"{prefix}scan": ("answer.pdf", b"%PDF-1.7 signed answer")},
        **{f"{prefix}{name}": value for name, value in typed.items()},
    )
    offer.refresh_from_db()
    expect(
        offer.state != Offer.State.OPEN,
        f"the offer to {offer.entry.file_number} was answered and is still open",
    )


def _let_pass(story: Story, offer: Offer) -> None:
    """Let the installation's clock run past the term; the beat's task closes the offer."""
    after = datetime.combine(offer.answer_by + timedelta(days=1), OPENING, tzinfo=ALMATY)
    story.move_clock(after)
    expire_offers.delay()
    waiting.until(
        lambda: Offer.objects.filter(pk=offer.pk, state=Offer.State.OPEN).count(),
        out=story.out,
        what="offers past their term are open",
        why="are beat and worker alive",
    )
    offer.refresh_from_db()
    expect(offer.state == Offer.State.EXPIRED, f"the offer to {offer.entry.file_number} is {offer.state}")
