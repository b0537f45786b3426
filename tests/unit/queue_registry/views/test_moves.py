"""The pages of moves: each act from its form, told why if it is refused, done once if it is sent twice."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from queue_registry import article_presenters, ground_presenters, move_presenters
from queue_registry.ground_presenters import ground as event_ground
from queue_registry.models import (
    Akimat,
    CategoryPeriod,
    PersonalDataView,
    RegistrationChange,
    RemovalCase,
    Review,
    Succession,
)
from queue_registry.rules.categories import LISTS
from queue_registry.rules.move_refusals import MoveRefusal, MoveRefused
from queue_registry.rules.reasons import (
    RegistrationChangeGround,
    RemovalGround,
    ReviewSource,
    SuccessionGround,
    SuspensionGround,
)
from queue_registry.selectors import clock, moves, queue
from queue_registry.services import queue_entries
from tests import factories
from tests.unit.queue_registry.services.intaking import filed
from tests.unit.queue_registry.services.moving import (
    AT,
    FIRST_DECISION,
    notified,
    proposed,
    removed,
    second_supervisor,
    status_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return factories.town()


@pytest.fixture
def entry(town):
    return factories.waiting(town, number="4", family=[factories.HUSBAND, factories.DAUGHTER])


@pytest.fixture
def visit(town, client, monkeypatch):
    """Asks for pages as somebody of staff at a moment: visit("clerk").get("/desk/removals/")."""

    def sign_in(name, at=AT):
        monkeypatch.setattr(clock, "now", lambda: at)
        client.force_login(town.staff[name] if isinstance(name, str) else name)
        return client

    return sign_in


def says(response, text, **figures):
    """Whether a page says a text in Kazakh."""
    with translation.override("kk"):
        words = translation.gettext(text) % figures
    return escape(words) in response.content.decode()


def refused_with(response, code, **detail):
    """Whether a page says why an act was refused."""
    with translation.override("kk"):
        words = move_presenters.refusal(MoveRefused(code, **detail))
    return response.status_code == 409 and escape(words) in response.content.decode()


PROPOSAL = {
    "ground": "ACQUIRED_DWELLING",
    "evidence": "Extract No 5",
    "evidence_source": "egkn",
    "evidence_on": "2026-08-30",
}


def propose(client, entry, **changes):
    seen = moves.version_of(entry)
    return client.post(f"/desk/entries/{entry.pk}/removal/", {**PROPOSAL, "seen": seen, **changes})


def test_a_removal_goes_from_the_proposal_to_the_decision_by_pages(town, visit, entry):
    answer = propose(visit("clerk"), entry)
    case = RemovalCase.objects.get()
    address = f"/desk/removals/{case.pk}/"
    assert answer.url == address
    assert case.evidence_as_of == datetime(2026, 8, 29, 19, tzinfo=UTC)

    clerk = visit("clerk")
    clerk.post(f"{address}notify/", {"notify-document": "in person"})
    clerk.post(f"{address}object/", {"object-objection": "It is my brother's"})
    clerk.post(f"{address}hear/", {"hear-hearing": "Heard"})
    decision = {"decide-decision": "Decision No 12", "step": "remove"}
    assert visit("supervisor").post(f"{address}decide/", decision).status_code == 409
    assert status_of(entry) == "WAITING"
    assert visit("supervisor", FIRST_DECISION).post(f"{address}decide/", decision).url == address

    assert status_of(entry) == "DEREGISTERED"
    page = visit("auditor").get(address).content.decode()
    for text in ("Extract No 5", "in person", "It is my brother", "Heard", "Decision No 12"):
        assert text in page
    assert PersonalDataView.objects.filter(by=town.auditor, target=f"removal_case:{case.pk}").exists()


@pytest.mark.parametrize(("ground", "doubted"), [("DECEASED", True), ("ACQUIRED_DWELLING", False)])
def test_the_page_of_a_removal_says_what_is_not_certain_about_its_article(
    town, visit, entry, ground, doubted
):
    propose(visit("clerk"), entry, ground=ground)

    page = visit("supervisor").get(f"/desk/removals/{RemovalCase.objects.get().pk}/")

    assert says(page, article_presenters.doubt("DECEASED")) == doubted


def test_a_case_is_dropped_at_any_time(visit, town, entry):
    case = notified(town, entry)

    supervisor = visit("supervisor")
    supervisor.post(
        f"/desk/removals/{case.pk}/decide/", {"decide-decision": "Objection holds", "step": "drop"}
    )

    case.refresh_from_db()
    assert (case.outcome, status_of(entry)) == ("DROPPED", "WAITING")


def test_a_proposal_sent_twice_makes_one_case_and_the_second_clerk_is_told(town, visit, entry):
    seen = moves.version_of(entry)
    propose(visit("clerk"), entry, seen=seen)

    again = propose(visit("clerk2"), entry, seen=seen)

    assert refused_with(again, MoveRefusal.CASE_OPEN)
    assert RemovalCase.objects.count() == 1


def test_a_page_that_is_older_than_the_entry_proposes_nothing(town, visit, entry):
    seen = moves.version_of(entry)
    queue_entries.suspend(entry_id=entry.pk, by=town.clerk2, at=AT, ground="OWN_REQUEST")

    answer = propose(visit("clerk"), entry, seen=seen)

    assert refused_with(answer, MoveRefusal.CHANGED_MEANWHILE)
    assert not RemovalCase.objects.exists()


def test_a_notice_sent_twice_is_one_notice(town, visit, entry):
    case = proposed(town, entry)
    address, form = f"/desk/removals/{case.pk}/notify/", {"notify-document": "in person"}
    visit("clerk").post(address, form)

    assert refused_with(visit("clerk2").post(address, form), MoveRefusal.NOTICE_GIVEN)
    assert entry.application.notices.count() == 1


def test_a_protected_household_is_refused_with_the_article(town, visit):
    orphan = factories.waiting(town, number="2")

    answer = propose(visit("clerk"), orphan, ground="MOVED_AWAY")

    detail = {"category": "orphan", "article": "art 73: protected until housed"}
    assert refused_with(answer, MoveRefusal.PROTECTED, **detail)
    assert "73" in answer.content.decode()


@pytest.mark.parametrize(
    ("act", "field", "missing"),
    [
        ("notify", "notify-document", "Name the document"),
        ("object", "object-objection", "Write down what the household objects"),
        ("hear", "hear-hearing", "Write down what the hearing came to"),
    ],
)
def test_a_step_without_its_words_is_not_taken(town, visit, entry, act, field, missing):
    case = proposed(town, entry) if act == "notify" else notified(town, entry)

    answer = visit("clerk").post(f"/desk/removals/{case.pk}/{act}/", {field: " "})

    assert says(answer, missing)
    case.refresh_from_db()
    assert (case.objected_at, case.heard_at) == (None, None)


def test_the_register_of_removals_shows_ground_evidence_notice_contest_and_outcome(town, visit, entry):
    case = removed(town, entry)
    other = proposed(town, factories.waiting(town, day=3))
    visit("clerk", FIRST_DECISION).post(
        f"/desk/removals/{case.pk}/review/",
        {"contest-source": "COURT", "contest-claim": "Wrong", "contest-document": "No 4"},
    )

    page = visit("clerk", FIRST_DECISION).get("/desk/removals/")

    text = page.content.decode()
    assert text.index(other.entry.file_number) < text.index(entry.file_number)
    for words in ("removed from the list", "decision of a court", "is being reviewed"):
        assert says(page, words)
    assert case.evidence in text


def test_a_court_s_decision_puts_the_household_back(town, visit, entry):
    behind = factories.waiting(town, number="4", family=[factories.HUSBAND], day=9)
    case = removed(town, entry)
    clerk = visit("clerk", FIRST_DECISION)
    contest = {"contest-source": "COURT", "contest-claim": "Wrong", "contest-document": "Ruling No 4"}
    opened = clerk.post(f"/desk/removals/{case.pk}/review/", contest)
    review = Review.objects.get()
    assert opened.url == f"/desk/reviews/{review.pk}/"

    supervisor = visit("supervisor", FIRST_DECISION)
    page = supervisor.get(opened.url)
    assert says(page, "If the removal falls, the household stands on the list again at its former moment:")
    decision = {"decide-decision": "Carried out", "step": "overturn"}
    supervisor.post(f"{opened.url}decide/", decision)
    again = supervisor.post(f"{opened.url}decide/", decision)

    assert refused_with(again, MoveRefusal.REVIEW_DECIDED, outcome="OVERTURNED")
    assert status_of(entry) == "WAITING"
    assert [queue.place_of(one) for one in (entry, behind)] == [1, 2]


def test_a_complaint_on_a_refusal_is_opened_and_judged_by_pages(town, visit):
    application = filed(town)
    supervisor = visit("supervisor")
    refusal = {"refuse-ground": "FALSE_DATA", "refuse-decision": "No"}
    supervisor.post(f"/desk/applications/{application.pk}/refuse/", refusal)
    contest = {"contest-source": "CITIZEN", "contest-claim": "All is true", "contest-document": "No 6"}
    opened = visit("clerk").post(f"/desk/applications/{application.pk}/review/", contest)

    judge = visit(second_supervisor(town))
    judge.post(f"{opened.url}decide/", {"decide-decision": "All is true", "step": "overturn"})

    application.refresh_from_db()
    assert (application.status, application.entries.count()) == ("ACCEPTED", 1)


def test_who_decided_does_not_judge_the_complaint(town, visit, entry):
    case = removed(town, entry)
    contest = {"contest-source": "CITIZEN", "contest-claim": "Wrong", "contest-document": "No 4"}
    opened = visit("clerk", FIRST_DECISION).post(f"/desk/removals/{case.pk}/review/", contest)

    answer = visit("supervisor", FIRST_DECISION).post(
        f"{opened.url}decide/", {"decide-decision": "x", "step": "uphold"}
    )

    assert refused_with(answer, MoveRefusal.SECOND_PERSON_NEEDED)


def redating(entry, **changes):
    given = {"ground": "REINSTATEMENT", "day": "1998-03-01", "time": "", "document": "Ruling No 7"}
    return {**given, "seen": moves.version_of(entry), **changes}


def previewed(page):
    """The effect that a page shows, as its form carries it."""
    text = page.content.decode()
    field = text[text.index('name="previewed"') :]
    return field[field.index('value="') + 7 :].split('"')[0]


def test_a_moment_is_proposed_after_its_effect_was_seen_and_approved_by_a_second_person(town, visit, entry):
    ahead = factories.waiting(town, number="4", family=[factories.HUSBAND], day=0)
    clerk, address = visit("clerk"), f"/desk/entries/{entry.pk}/registration-moment/"

    unseen = clerk.post(address, redating(entry, step="propose"))
    assert not RegistrationChange.objects.exists()
    assert says(unseen, "Others who go one place back")
    proposed_ = clerk.post(address, redating(entry, step="propose", previewed=previewed(unseen)))
    change = RegistrationChange.objects.get()
    assert proposed_.url == f"/desk/registration-changes/{change.pk}/"
    assert change.registered_at == datetime(1998, 3, 1, 17, 59, 59, tzinfo=UTC)

    supervisor = visit("supervisor")
    assert says(supervisor.get(proposed_.url), "Others who go one place back")
    supervisor.post(f"{proposed_.url}decide/", {"step": "approve"})
    again = supervisor.post(f"{proposed_.url}decide/", {"step": "approve"})

    assert refused_with(again, MoveRefusal.CHANGE_CLOSED)
    entry.refresh_from_db()
    assert [queue.place_of(one) for one in (entry, ahead)] == [1, 2]
    assert entry.events.filter(kind="REGISTERED_AT_CHANGED").count() == 1


def test_an_effect_that_changed_since_is_shown_again(town, visit, entry):
    clerk, address = visit("clerk"), f"/desk/entries/{entry.pk}/registration-moment/"
    seen = previewed(clerk.post(address, redating(entry, step="preview")))

    other_day = redating(entry, step="propose", day="1999-03-01", previewed=seen)
    clerk.post(address, other_day)

    assert not RegistrationChange.objects.exists()


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"ground": ""}, "Choose a ground"),
        ({"day": ""}, "Enter the day"),
        ({"day": "1998-02-30"}, "Enter the day as year, month, day"),
        ({"time": "25:00"}, "Enter the time as hours and minutes"),
        ({"document": ""}, "Name the document"),
    ],
)
def test_a_change_that_lacks_something_says_what(visit, entry, changes, missing):
    answer = visit("clerk").post(f"/desk/entries/{entry.pk}/registration-moment/", redating(entry, **changes))

    assert says(answer, missing)


def test_a_proposed_moment_is_taken_back_or_not_approved(town, visit, entry):
    clerk, address = visit("clerk"), f"/desk/entries/{entry.pk}/registration-moment/"
    for name, act in (("clerk", "drop"), ("supervisor", "decide")):
        clerk = visit("clerk")
        shown = previewed(clerk.post(address, redating(entry)))
        change = clerk.post(address, redating(entry, step="propose", previewed=shown)).url
        visit(name).post(f"{change}{act}/", {"step": "drop"})

    assert RegistrationChange.objects.filter(dropped_at__isnull=False).count() == 2
    assert entry.events.count() == 1


def test_an_entry_is_suspended_once_and_resumed(town, visit, entry):
    clerk, seen = visit("clerk"), moves.version_of(entry)
    form = {"suspend-ground": "OWN_REQUEST", "suspend-document": "Request No 1", "suspend-seen": seen}
    clerk.post(f"/desk/entries/{entry.pk}/suspend/", form)

    again = visit("clerk2").post(f"/desk/entries/{entry.pk}/suspend/", form)

    assert refused_with(again, MoveRefusal.CHANGED_MEANWHILE)
    assert status_of(entry) == "SUSPENDED"
    form = {"resume-ground": "OWN_REQUEST", "resume-document": "No 2"}
    form["resume-seen"] = moves.version_of(entry)
    visit("clerk").post(f"/desk/entries/{entry.pk}/resume/", form)
    assert status_of(entry) == "WAITING"


def category(entry, prefix, **fields):
    given = {f"{prefix}-{name}": value for name, value in fields.items()}
    return {**given, f"{prefix}-document": "No 3", f"{prefix}-seen": moves.version_of(entry)}


def test_a_category_begins_and_stays_after_its_end(visit, entry):
    clerk, address = visit("clerk"), f"/desk/entries/{entry.pk}/categories/"
    begin = category(entry, "begin", category="disabled_child", from_on="2015-01-01")
    clerk.post(f"{address}begin/", begin)
    end = category(entry, "end", category="disabled_child", until_on="2026-08-01", sticky="on")

    clerk.post(f"{address}end/", end)

    period = CategoryPeriod.objects.get()
    assert (period.until_on.isoformat(), period.sticky) == ("2026-08-01", True)
    assert says(clerk.get(f"/desk/entries/{entry.pk}/moves/"), "goes on counting")


def test_another_category_shows_its_effect_before_it_is_saved(visit, town, entry):
    factories.waiting(town, number="3", day=9)
    clerk, address = visit("clerk"), f"/desk/entries/{entry.pk}/categories/change/"
    form = category(entry, "change", category="", to="large_family", from_on="2026-08-01")

    shown = clerk.post(address, {**form, "step": "change"})

    entry.refresh_from_db()
    assert entry.waiting_list.number == "4"
    assert says(shown, "What this does to places")
    text = shown.content.decode()
    field = text[text.index('name="change-previewed"') :]
    seen = field[field.index('value="') + 7 :].split('"')[0]
    clerk.post(address, {**form, "step": "change", "change-previewed": seen})
    entry.refresh_from_db()
    assert (entry.waiting_list.number, queue.place_of(entry)) == ("3", 1)


def test_a_category_that_does_not_stay_is_not_made_sticky(visit, entry):
    form = category(entry, "begin", category="pensioner", from_on="2015-01-01", sticky="on")

    answer = visit("clerk").post(f"/desk/entries/{entry.pk}/categories/begin/", form)

    assert says(answer, "This category does not go on counting after its end")
    assert not CategoryPeriod.objects.exists()


def test_the_place_passes_to_the_widower_once(town, visit, entry):
    widower = entry.application.members.get(relation="SPOUSE").person
    form = {"pass-ground": "DEATH", "pass-successor": widower.pk, "pass-document": "No 1"}
    form["pass-seen"] = moves.version_of(entry)
    address = f"/desk/entries/{entry.pk}/pass-on/"
    visit("clerk").post(address, form)

    # The same form again: he is the applicant by now, and no member to whom it could pass.
    again = visit("clerk2").post(address, form)

    assert says(again, "Choose the member to whom the place passes") or again.status_code == 409
    assert Succession.objects.get().successor == widower
    entry.refresh_from_db()
    assert entry.applicant == widower


def test_if_nobody_remains_the_page_says_why(town, visit):
    entry = factories.waiting(town, family=[factories.DAUGHTER])
    child = entry.application.members.get().person
    form = {"pass-ground": "DEATH", "pass-successor": child.pk, "pass-document": "No 1"}
    form["pass-seen"] = moves.version_of(entry)

    answer = visit("clerk").post(f"/desk/entries/{entry.pk}/pass-on/", form)

    assert refused_with(answer, MoveRefusal.NOBODY_REMAINS)


def test_foreign_cases_are_not_found(town, visit, entry):
    case = proposed(town, entry)
    town.clerk.memberships.update(akimat=Akimat.objects.create(kato="231010000", name_kk="Б", name_ru="Ч"))

    clerk = visit("clerk")
    for address in (f"removals/{case.pk}/", f"entries/{entry.pk}/moves/", f"entries/{entry.pk}/removal/"):
        assert clerk.get(f"/desk/{address}").status_code == 404


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_page_opens_in_both_languages_and_shows_no_iin(town, visit, entry, language):
    case, change = removed(town, entry), factories.waiting(town, day=5)
    client = visit("clerk", FIRST_DECISION)
    contest = {"contest-source": "COURT", "contest-claim": "Wrong", "contest-document": "No 4"}
    review = client.post(f"/desk/removals/{case.pk}/review/", contest).url
    assert client.post(reverse("set_language"), {"language": language, "next": "/"}).status_code == 302

    for address in (
        "/desk/removals/",
        "/desk/reviews/",
        "/desk/registration-changes/",
        f"/desk/removals/{case.pk}/",
        f"/desk/removals/{case.pk}/review/",
        f"/desk/entries/{change.pk}/moves/",
        f"/desk/entries/{change.pk}/removal/",
        f"/desk/entries/{change.pk}/review/",
        f"/desk/entries/{change.pk}/registration-moment/",
        review,
    ):
        answer = client.get(address)
        assert (address, answer.status_code) == (address, 200)
        assert f'lang="{language}"' in answer.content.decode()
        assert entry.applicant.iin not in answer.content.decode()


def test_every_code_of_a_move_has_its_words():
    for code in MoveRefusal:
        assert move_presenters._REFUSALS[code]
    for say, codes in (
        (ground_presenters.removal_ground, RemovalGround),
        (ground_presenters.suspension_ground, SuspensionGround),
        (ground_presenters.change_ground, RegistrationChangeGround),
        (ground_presenters.succession_ground, SuccessionGround),
        (move_presenters.contest_source, ReviewSource),
    ):
        for code in codes:
            with translation.override("en"):
                assert code.value not in say(code)
    for code in (*RemovalGround, *SuspensionGround, *RegistrationChangeGround, *SuccessionGround):
        assert event_ground(code) != code.value
    assert len(move_presenters.categories()) == len(LISTS)
