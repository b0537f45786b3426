"""One round through the pages of all who work on it, from ready homes to the keys, in a real browser."""

import hashlib
import subprocess
import sys

import pytest
from django.utils import timezone, translation

from allocation.models import Decision, Departure, Offer, SittingMember, Vote
from allocation.tasks import carry_out_freeze_orders, execute_requested_runs
from housing_queue import founding
from tests import factories
from tests.browser import assert_usable

ANSWER = {"name": "answer.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 signed answer"}
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PROGRAM = "Бағдарлама паспорты № 7, 12.03.2026"
DISSENT = "Бір отбасының құжаттары толық емес."


def kk(text, **figures):
    """The Kazakh words of a text, as the page shows them."""
    with translation.override("kk"):
        return translation.gettext(text) % figures


@pytest.fixture
def town(transactional_db, settings):
    """An akimat whose installation lives in the days of its invented register."""
    settings.DEMO = True
    made = factories.town()
    founding.set_demo_clock(lives_at=factories.AT, machine_now=timezone.now())
    return made


@pytest.fixture
def people(town, new_page, live_server):
    """Opens the browser of a member of staff, signed in by the page: people("clerk", width=360)."""

    def sign_in(name, *, language="kk", **screen):
        page = new_page(base_url=live_server.url, **screen)
        page.goto("/desk/")
        page.get_by_label(kk("User name")).fill(name)
        page.get_by_label(kk("Password")).fill(town.passwords[name])
        page.get_by_role("button", name=kk("Sign in")).click()
        page.get_by_role("button", name=kk("Sign out")).wait_for()
        if language == "ru":
            page.get_by_role("button", name="Русский").click()
        return page

    return sign_in


def press(page, text):
    page.get_by_role("button", name=kk(text), exact=True).click()


def follow(page, text):
    page.get_by_role("link", name=kk(text), exact=True).click()


def see(page, text, **figures):
    page.get_by_text(kk(text, **figures)).first.wait_for()


def choose(page, text):
    page.get_by_label(kk(text), exact=True).check()


def open_round(page):
    """The clerk opens a round of all ready homes, after one attempt without the document of the program."""
    follow(page, "Distributions")
    assert_usable(page)
    follow(page, "Open a round")
    page.get_by_text(kk("Figures of the policy, each with its act and basis")).click()
    see(page, "Housing Law of 16 April 1997 No 94, edition of 15 April 2022")
    press(page, "Open the round")
    see(page, "Enter the document that sets this number")
    assert_usable(page)
    page.get_by_label(kk("Homes for list %(number)s by the program", number="3")).fill("1")
    page.get_by_label(kk("Document of the program")).fill(PROGRAM)
    press(page, "Open the round")
    see(page, "The round is open. Freeze it when the homes are complete.")


def freeze_and_run(page):
    """The clerk fixes the candidates; the worker distributes, and the page shows it by itself."""
    press(page, "Fix candidates and homes")
    see(page, "Candidates and homes are being fixed.")
    carry_out_freeze_orders.delay()
    press(page, "Work the distribution out")
    see(page, "The distribution was asked for. It takes a few seconds.")
    execute_requested_runs.delay()
    page.get_by_role("heading", name=kk("Who was served")).wait_for()
    assert_usable(page)


def take_picture(page, path, *, height):
    """The upper part of a page; what is below would make a picture that nobody looks at."""
    width = page.viewport_size["width"]
    page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})


def vote_by_keyboard(page):
    """Nothing but Tab, Space and Enter: to the first choice, to the button."""
    page.locator("#id_choice_0").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Келісемін")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    see(page, "Your vote is recorded.")


@pytest.mark.worker
def test_one_round_is_walked_through_the_pages(town, people, worker, new_page, live_server, pictures):
    register = factories.register(town)
    worker(DJANGO_SETTINGS_MODULE="housing_queue.settings", DEMO="true")
    clerk = people("clerk")

    open_round(clerk)
    freeze_and_run(clerk)
    share = clerk.get_by_role("row").filter(has_text="= 3 × 4/10").inner_text()
    assert ("6/5" in share, "1,2000" in share) == (True, True)
    see(clerk, "No dwelling of the round fits the family")

    secretary = people("secretary")
    secretary.goto(clerk.url)
    press(secretary, "Hand it to the commission")
    follow(secretary, "To the sitting")
    assert_usable(secretary)
    sitting = secretary.url

    sister = register.entries["sister"].file_number
    recused = people("member1", width=360)
    recused.goto(sitting)
    see(recused, "You may not vote here: you have an interest in this round.")
    assert recused.locator("#members-table").locator("..").get_by_text(sister).is_visible()
    assert recused.locator("#id_choice").count() == 0
    assert_usable(recused)

    in_favor = people("member2")
    sign_in_to(in_favor, sitting)
    take_picture(in_favor, pictures / "sitting-kk-1280.png", height=2600)
    vote_by_keyboard(in_favor)

    against = people("member3", width=360)
    sign_in_to(against, sitting)
    take_picture(against, pictures / "sitting-kk-360.png", height=1900)
    second_window = against.context.new_page()
    second_window.goto(sitting)
    choose(against, "Against")
    press(against, "Cast the vote")
    see(against, "Say why you vote against.")
    assert_usable(against)
    against.get_by_label(kk("Reason")).fill(DISSENT)
    press(against, "Cast the vote")
    see(against, "Your vote is recorded.")
    choose(second_window, "For")
    press(second_window, "Cast the vote")
    see(second_window, "You have voted already.")

    late = people("member4")
    sign_in_to(late, sitting)
    choose(late, "For")

    chair = people("chair")
    sign_in_to(chair, sitting)
    open_yet = (
        "The vote cannot be closed yet: its outcome is open. Of those present have not voted: %(count)s."
    )
    see(chair, open_yet, count=2)
    choose(chair, "For")
    press(chair, "Cast the vote")
    see(chair, "The proposal has its majority. Closing the vote makes the offers.")
    press(chair, "Confirm the distribution")
    see(chair, "The decision is recorded.")
    assert_usable(chair)
    with chair.expect_download() as protocol:
        follow(chair, "Protocol in Kazakh (PDF)")
    assert protocol.value.path().read_bytes().startswith(b"%PDF-")

    press(late, "Cast the vote")
    see(late, "The sitting has decided already.")

    decision = Decision.objects.get()
    assert decision.arithmetic["recused"] == 1
    assert SittingMember.objects.get(recusal_ground="RELATIVE").user == town.member1
    assert Vote.objects.get(choice="AGAINST").reason == DISSENT
    assert Vote.objects.count() == 3

    answer_offers(clerk, register)
    citizen = new_page(base_url=live_server.url, width=360, javascript=False)
    look_as_a_citizen(citizen, register)
    take_picture(citizen, pictures / "round-kk-360.png", height=1900)


def sign_in_to(page, sitting):
    """A member opens the sitting and takes part."""
    page.goto(sitting)
    press(page, "I take part")
    see(page, "You take part in the sitting.")


def test_a_whole_sitting_without_its_chair(town, people, settings, tmp_path, pictures):
    """Invited, attended, one recused by kinship and one by his own word, a departure, dissent, a tie."""
    settings.MEDIA_ROOT = tmp_path
    register = factories.register(town)
    sitting = factories.convened(town, register.homes, quotas=factories.ONE_BY_PROGRAM)
    desk = f"/admin/allocation/sitting/{sitting.pk}/change/"

    secretary = people("secretary")
    secretary.goto(desk)
    nothing = "Nothing has changed since the lists were frozen. Compared: %(moment)s."
    secretary.get_by_text(kk(nothing, moment="").removesuffix(".").strip()).wait_for()
    invite(secretary)
    propose_a_departure(secretary, register)
    assert_usable(secretary)

    recused = people("member1", width=360)
    recused.goto(desk)
    see(recused, "You may not vote here: you have an interest in this round.")
    assert_usable(recused)

    declared = people("member4", width=360)
    sign_in_to(declared, desk)
    declared.get_by_text(kk("I have an interest that no register knows")).click()
    declared.get_by_label(kk("What is your interest?")).fill("Үміткердің туысымен бірге тұрамын.")
    press(declared, "Declare the interest")
    see(declared, "Your interest is declared: you are recused.")

    presiding = people("member2")
    sign_in_to(presiding, desk)
    secretary.goto(desk)
    third = secretary.get_by_role("row").filter(has_text=str(town.member3))
    third.get_by_role("button", name=kk("Is there")).click()
    see(secretary, "It is entered that the member is there.")
    against = people("member3", width=360)
    against.goto(desk)
    for page, choice, reason in ((presiding, 0, ""), (against, 1, "Сот актісін көрген жоқпын.")):
        vote_on_departure(page, choice, reason)
    take_picture(presiding, pictures / "departure-kk-1280.png", height=3200)
    vote_by_keyboard(presiding)
    choose_on_the_whole(against, "Against", DISSENT)
    assert_usable(against)

    presiding.reload()
    see(presiding, "The proposal has its majority. Closing the vote makes the offers.")
    press(presiding, "Confirm the distribution")
    see(presiding, "The decision is recorded.")
    assert_usable(presiding)

    decision = Decision.objects.get()
    assert (decision.decided_by, decision.arithmetic["chair_broke_tie"]) == (town.member2, True)
    assert (decision.arithmetic["recused"], decision.arithmetic["needed"]) == (2, 2)
    departure = Departure.objects.get()
    assert departure.is_carried
    assert Offer.objects.get(dwelling=departure.line.dwelling).entry == register.entries["late_worker"]
    assert not Offer.objects.filter(entry=register.entries["worker"]).exists()


def invite(page):
    """The secretary says when and where the commission sits."""
    page.get_by_text(kk("Say when and where it sits")).click()
    page.get_by_label(kk("Day of the sitting")).fill("2026-09-01")
    page.get_by_label(kk("Hour of the sitting")).fill("09:00")
    page.get_by_label(kk("Where"), exact=True).fill("Мәжіліс залы")
    page.get_by_label(kk("Further points of the agenda")).fill("Азаматтардың хаттары")
    press(page, "Invite the members")
    see(page, "The invitation is on the page of every member.")
    assert page.get_by_text("Азаматтардың хаттары").first.is_visible()


def propose_a_departure(page, register):
    """From the line of the family that is left: ground, document with its scan, and who gets the home."""
    worker, sister, late = (
        register.entries[name].file_number for name in ("worker", "sister", "late_worker")
    )
    page.get_by_role("link", name=worker).click()
    follow(page, "Propose a departure")
    assert_usable(page)
    page.locator("#id_ground").select_option("COURT_ACT")
    page.locator("#id_explanation").fill("Сот тұрғын жайды осы отбасына берді.")
    page.locator("#id_instead").fill(late)
    page.locator("#id_title").fill("12.08.2026 ж. № 5 шешім")
    page.locator("#id_scan").set_input_files(
        {"name": "act.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 invented"}
    )
    press(page, "Put it before the commission")
    see(page, "The departure is put before the commission.")
    passed_over = page.get_by_text(f"{worker}, {sister}")
    assert passed_over.is_visible()


def vote_on_departure(page, choice, reason):
    prefix = f"id_departure-{Departure.objects.get().pk}"
    page.locator(f"#{prefix}-choice_{choice}").check()
    page.locator(f"#{prefix}-reason").fill(reason)
    page.locator("section").get_by_role("button", name=kk("Cast the vote")).click()
    see(page, "Your vote is recorded.")


def choose_on_the_whole(page, choice, reason):
    choose(page, choice)
    page.get_by_label(kk("Reason")).fill(reason)
    press(page, "Cast the vote")
    see(page, "Your vote is recorded.")


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_page_is_usable_on_a_phone(town, new_page, live_server, people, language):
    """With a full round, an empty one and one still open; at 360 px nothing scrolls sideways."""
    empty = factories.confirmed(town)
    register = factories.register(town)
    decision = factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM)
    opened = factories.open_round(town, factories.ready(town))
    rounds = [empty.sitting.run.round_id, decision.sitting.run.round_id]
    offer = Offer.objects.get(entry=register.entries["orphan"])
    clerk = ["rounds/", "rounds/open/", "homes/", "offers/", f"offers/{offer.pk}/", f"rounds/{opened.pk}/"]
    clerk += [f"rounds/{key}/{page}" for key in rounds for page in ("", "passed-over/")]
    lines = decision.sitting.run.lines
    shown = [lines.exclude(witness="").first(), lines.filter(dwelling__isnull=False).first()]
    sittings = [f"allocation/sitting/{one.sitting_id}/change/" for one in (empty, decision)]
    below = ["allotments/", "passed-over/", *(f"lines/{line.pk}/" for line in shown)]
    commission = ["", *sittings, *(f"allocation/sitting/{decision.sitting_id}/{page}" for page in below)]
    lists = ["allocationround", "allocationrun", "allocationline", "dwelling", "offer", "sitting"]

    for name, addresses in (
        ("clerk", [f"/desk/{page}" for page in clerk]),
        ("member1", [f"/admin/{page}" for page in commission]),
        ("auditor", [f"/admin/allocation/{name}/" for name in lists]),
    ):
        _walk(people(name, language=language, width=360), addresses, language)
    citizen = new_page(base_url=live_server.url, width=360)
    public = ["rounds/", "trail/", *(f"rounds/{key}/" for key in rounds)]
    _walk(citizen, [f"/{language}/{page}" for page in public], language)


def _walk(page, addresses, language):
    for address in addresses:
        answer = page.goto(address)
        assert (address, answer.status) == (address, 200)
        assert page.locator("html").get_attribute("lang") == language
        assert_usable(page)


def answer_offers(clerk, register):
    """The orphan takes the home; the worker's family refuses, and the sister's is called."""
    orphan, worker_, sister = (register.entries[name] for name in ("orphan", "worker", "sister"))
    follow(clerk, "Offers")
    assert_usable(clerk)
    clerk.get_by_role("link", name=orphan.file_number).click()
    see(clerk, "Working days left after today: %(days)s", days=5)
    assert_usable(clerk)
    clerk.locator("#id_document").fill("12.09.2026 ж. № 14 өтініш")
    clerk.locator("#id_scan").set_input_files(ANSWER)
    press(clerk, "Record the acceptance")
    see(clerk, "The acceptance is recorded. The contract and the keys follow.")

    follow(clerk, "Offers")
    clerk.get_by_role("link", name=worker_.file_number).click()
    press(clerk, "Record the refusal")
    see(clerk, "Give the reason of the refusal")
    clerk.locator("#id_refusal-reason").fill("Қабаты жоғары")
    clerk.locator("#id_refusal-document").fill("12.09.2026 ж. № 15 өтініш")
    clerk.locator("#id_refusal-scan").set_input_files(ANSWER)
    press(clerk, "Record the refusal")
    see(clerk, "The refusal is recorded. The household keeps its place, and the next family is called.")

    orphan.refresh_from_db()
    worker_.refresh_from_db()
    assert (orphan.status, worker_.status) == ("OFFERED", "WAITING")
    assert Offer.objects.get(entry=sister).state == Offer.State.OPEN


def look_as_a_citizen(page, register):
    """Without scripts and on a phone: the round, who was served, and a bundle that verifies at home."""
    page.goto("/")
    follow(page, "Distributions")
    page.get_by_role("link", name="R-2026-1").click()
    orphan = register.entries["orphan"]
    row = page.get_by_role("row").filter(has_text=orphan.file_number)
    assert "2015 ж. 2 наурыз" in row.inner_text().replace("\N{NO-BREAK SPACE}", " ")

    with page.expect_download() as download:
        follow(page, "Download the public bundle")
    bundle = download.value.path()
    digest = hashlib.sha256(bundle.read_bytes()).hexdigest()
    assert page.get_by_text(digest).is_visible()
    done = subprocess.run(
        [sys.executable, "-I", bundle], capture_output=True, text=True, check=False, cwd=bundle.parent
    )
    assert (done.returncode, done.stdout.strip()) == (0, "verified")
