"""Removals through the pages, in a real browser: one that falls by an objection, one that a court undoes."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from housing_queue import founding
from queue_registry.models import RemovalCase, Review
from queue_registry.selectors import invariants, queue
from tests import factories
from tests.browser import assert_usable

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EVIDENCE = "Құқықтар тіркелімінен үзінді № 5"
OBJECTION = "Пәтер інімдікі, менікі емес."


def kk(text, **figures):
    """The Kazakh words of a text, as the page shows them."""
    with translation.override("kk"):
        return translation.gettext(text) % figures


def live_on(days):
    """Let the installation live so many days after the factories' day."""
    founding.set_demo_clock(lives_at=factories.AT + timedelta(days=days), machine_now=timezone.now())


@pytest.fixture
def town(transactional_db, settings):
    """An akimat whose installation lives in the days of its invented register."""
    settings.DEMO = True
    made = factories.town()
    live_on(0)
    return made


@pytest.fixture
def people(town, new_page, live_server):
    """Opens the browser of a member of staff, signed in by the page: people("clerk", width=360)."""

    def sign_in(name, **screen):
        page = new_page(base_url=live_server.url, **screen)
        page.goto("/desk/")
        page.get_by_label(kk("User name")).fill(name)
        page.get_by_label(kk("Password")).fill(town.passwords[name])
        page.get_by_role("button", name=kk("Sign in")).click()
        page.get_by_role("button", name=kk("Sign out")).wait_for()
        return page

    return sign_in


def press(page, text):
    page.get_by_role("button", name=kk(text), exact=True).click()


def follow(page, text):
    page.get_by_role("link", name=kk(text), exact=True).first.click()


def see(page, text, **figures):
    page.get_by_text(kk(text, **figures)).first.wait_for()


def propose(clerk, entry):
    """The clerk proposes a removal, after one attempt without the evidence."""
    clerk.goto(f"/desk/entries/{entry.pk}/")
    follow(clerk, "Propose a removal")
    assert_usable(clerk)
    clerk.locator("#id_ground").select_option("ACQUIRED_DWELLING")
    press(clerk, "Propose the removal")
    see(clerk, "Say what proves the ground")
    assert_usable(clerk)
    clerk.locator("#id_evidence").fill(EVIDENCE)
    clerk.locator("#id_evidence_source").select_option("egkn")
    press(clerk, "Propose the removal")
    see(clerk, "The removal is proposed. Tell the household now.")


def tell(clerk):
    clerk.locator("#id_notify-document").fill("Қолына берілді, 01.09.2026")
    press(clerk, "Record the notice")
    see(clerk, "The notice is recorded. The household's term runs from today.")
    assert_usable(clerk)


def test_an_objection_that_holds_leaves_the_household_at_its_place(town, people):
    first, second = (factories.waiting(town, day=day) for day in (1, 2))
    clerk, other_clerk = people("clerk"), people("clerk2", width=360)
    other_clerk.goto(f"/desk/entries/{first.pk}/removal/")

    propose(clerk, first)
    other_clerk.locator("#id_ground").select_option("MOVED_AWAY")
    other_clerk.locator("#id_evidence").fill("Басқа қала")
    press(other_clerk, "Propose the removal")
    see(other_clerk, "A removal of this entry is proposed already. Go on with that case.")
    assert_usable(other_clerk)

    tell(clerk)
    live_on(1)
    clerk.locator("#id_object-objection").fill(OBJECTION)
    press(clerk, "Record the objection")
    see(clerk, "The objection is recorded. The household is heard before a removal.")
    clerk.locator("#id_hear-hearing").fill("Үзінді ініге тиесілі.")
    press(clerk, "Record the hearing")
    see(clerk, "The hearing is recorded.")

    supervisor = people("supervisor", width=360)
    supervisor.goto(clerk.url)
    assert supervisor.get_by_role("button", name=kk("Remove from the list")).count() == 0
    assert_usable(supervisor)
    supervisor.locator("#id_decide-decision").fill("Қарсылық негізді.")
    press(supervisor, "Drop the case")
    see(supervisor, "The case is dropped: the household stays at its place.")
    follow(supervisor, "To the removals")
    assert_usable(supervisor)

    case = RemovalCase.objects.get()
    assert (case.outcome, case.objection) == ("DROPPED", OBJECTION)
    first.refresh_from_db()
    assert [queue.place_of(entry) for entry in (first, second)] == [1, 2]


def test_a_court_puts_a_removed_household_back_before_those_behind(town, people):
    entries = [factories.waiting(town, day=day) for day in (1, 2, 3)]
    removed = entries[0]
    clerk = people("clerk")
    propose(clerk, removed)
    tell(clerk)
    case_url = clerk.url

    live_on(6)
    supervisor = people("supervisor")
    supervisor.goto(case_url)
    supervisor.locator("#id_decide-decision").fill("№ 12 шешім")
    press(supervisor, "Remove from the list")
    see(supervisor, "The household is removed. The written notice is ordered.")
    removed.refresh_from_db()
    assert removed.status == "DEREGISTERED"
    assert [queue.place_of(entry) for entry in entries] == [None, 1, 2]

    live_on(40)
    clerk.goto(case_url)
    follow(clerk, "Contest the removal")
    assert_usable(clerk)
    clerk.locator("#id_contest-source").select_option("COURT")
    clerk.locator("#id_contest-claim").fill("Пәтер оған тиесілі емес.")
    clerk.locator("#id_contest-document").fill("Сот шешімі № 4, 09.10.2026")
    press(clerk, "Open the review")
    see(clerk, "The review is open. The place follows from the former moment.")

    supervisor.goto(clerk.url)
    see(supervisor, "Others who go one place back")
    assert_usable(supervisor)
    supervisor.locator("#id_decide-decision").fill("Сот шешімі орындалды")
    press(supervisor, "The decision falls")
    see(supervisor, "The review is decided. The notice is ordered.")
    assert_usable(supervisor)

    assert Review.objects.get().outcome == "OVERTURNED"
    removed.refresh_from_db()
    assert [queue.place_of(entry) for entry in entries] == [1, 2, 3]
    assert invariants.impossible() == []


def test_a_moment_and_a_place_pass_through_the_pages(town, people):
    """A date seventeen years back, seen before it is proposed; then the place passes to the widower."""
    ahead = factories.waiting(town, day=1)
    entry = factories.waiting(town, day=2, family=[factories.HUSBAND])
    clerk = people("clerk", width=360)
    clerk.goto(f"/desk/entries/{entry.pk}/registration-moment/")
    clerk.locator("#id_ground").select_option("DIGITIZATION")
    clerk.locator("#id_day").fill("1998-05-06")
    clerk.locator("#id_document").fill("Тіркеу кітабы, 12-бет")
    press(clerk, "Show the effect on places")
    see(clerk, "What this does to places")
    assert_usable(clerk)
    press(clerk, "Propose the change")
    see(clerk, "The change is proposed. A second person has to approve it.")

    supervisor = people("supervisor")
    supervisor.goto(clerk.url)
    assert_usable(supervisor)
    press(supervisor, "Approve the change")
    see(supervisor, "The registration moment is changed. The notice is ordered.")

    clerk.goto(f"/desk/entries/{entry.pk}/moves/")
    assert_usable(clerk)
    widower = entry.application.members.get().person
    clerk.locator("#id_pass-ground").select_option("DEATH")
    clerk.locator("#id_pass-successor").select_option(str(widower.pk))
    clerk.locator("#id_pass-document").fill("Куәлік № 1")
    press(clerk, "Pass the place on")
    see(clerk, "The place passed on. The family is judged anew.")

    entry.refresh_from_db()
    assert entry.applicant == widower
    assert [queue.place_of(one) for one in (entry, ahead)] == [1, 2]
