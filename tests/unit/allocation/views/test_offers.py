"""The clerk's pages of offers: an answer needs the paper that the household signed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from allocation.models import Dwelling, Offer
from queue_registry.models import Akimat, PersonalDataView
from queue_registry.rules.facts import Source
from queue_registry.rules.intakes import LARGEST_SCAN
from queue_registry.selectors import clock
from tests import factories


def scan(content=b"%PDF-1.7 signed answer", name="answer.pdf"):
    return SimpleUploadedFile(name, content)


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def offer(town):
    for day in (1, 2):
        factories.waiting(town, day=day)
    factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))
    return Offer.objects.get()


def test_an_acceptance_is_recorded_with_its_document(town, visit, offer):
    answer = {"document": "Statement No 14", "scan": scan()}

    response = visit("clerk").post(f"/desk/offers/{offer.pk}/accept/", answer)

    assert response.url == f"/desk/offers/{offer.pk}/"
    offer.refresh_from_db()
    assert (offer.state, offer.entry.status) == ("ACCEPTED", "OFFERED")


def test_a_refusal_is_recorded_and_shown_with_its_reason(town, visit, offer, says):
    clerk = visit("clerk")
    answer = {
        "refusal-reason": "Too high",
        "refusal-document": "Statement No 15",
        "refusal-scan": scan(),
    }

    clerk.post(f"/desk/offers/{offer.pk}/refuse/", answer)

    page = clerk.get(f"/desk/offers/{offer.pk}/")
    assert b"Too high" in page.content
    assert says(page, "Refused")
    assert Offer.objects.get(call=1).state == Offer.State.OPEN


def test_homes_refused_as_not_fitting_are_listed_until_somebody_has_looked(town, visit, offer, says):
    clerk = visit("clerk")
    answer = {
        "refusal-reason": "No lift",
        "refusal-unfit": "on",
        "refusal-document": "Statement No 15",
        "refusal-scan": scan(),
    }
    clerk.post(f"/desk/offers/{offer.pk}/refuse/", answer)

    own = clerk.get("/desk/offers/unfit/")
    assert says(own, "another person looks")
    assert b"No lift" in own.content
    assert clerk.get("/desk/offers/").context["unfit"] == 1
    assert b"/desk/offers/unfit/" in clerk.get("/desk/work/").content
    other = visit("clerk2")
    listed = other.get("/desk/offers/unfit/").content.decode()
    assert f"/desk/homes/{offer.dwelling_id}/" in listed
    assert f"/desk/offers/{offer.pk}/" in listed
    other.post(f"/desk/offers/{offer.pk}/unfit/", {"look-document": "Act No 3", "fits": "no"})

    assert not other.get("/desk/offers/unfit/").context["page"].object_list
    assert other.get("/desk/offers/").context["unfit"] == 0


@pytest.mark.parametrize(
    ("act", "answer", "problem"),
    [
        ("accept", {"document": ""}, "Enter the document by which the household answered"),
        ("refuse", {"refusal-document": "x"}, "Give the reason of the refusal"),
        ("refuse", {"refusal-reason": "x"}, "Enter the document by which the household answered"),
        ("accept", {"document": "x"}, "Add the scan of the signed answer"),
        ("refuse", {"refusal-reason": "x", "refusal-document": "x"}, "Add the scan of the signed answer"),
    ],
)
def test_an_answer_without_its_paper_is_not_taken(town, visit, offer, says, act, answer, problem):
    response = visit("clerk").post(f"/desk/offers/{offer.pk}/{act}/", answer)

    assert says(response, problem)
    offer.refresh_from_db()
    assert offer.state == Offer.State.OPEN


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"MZ program", "The file is not a PDF, JPEG or PNG"),
        (b"%PDF-" + b" " * LARGEST_SCAN, "The file is larger than 10 megabytes"),
    ],
)
def test_a_file_that_is_no_scan_is_not_taken(town, visit, offer, says, content, problem):
    answer = {"document": "x", "scan": scan(content)}

    assert says(visit("clerk").post(f"/desk/offers/{offer.pk}/accept/", answer), problem)
    offer.refresh_from_db()
    assert offer.state == Offer.State.OPEN


def test_the_scan_is_kept_in_the_file_of_the_household(town, visit, offer):
    answer = {"document": "Statement No 14", "scan": scan()}

    visit("clerk").post(f"/desk/offers/{offer.pk}/accept/", answer)

    offer.refresh_from_db()
    assert (offer.channel, offer.scan.title) == ("CLERK", "Statement No 14")
    assert offer.scan.application == offer.application


def refused_as_unfit(clerk, offer):
    answer = {
        "refusal-reason": "Too high",
        "refusal-document": "Statement No 15",
        "refusal-unfit": "on",
        "refusal-scan": scan(),
    }
    clerk.post(f"/desk/offers/{offer.pk}/refuse/", answer)


@pytest.mark.parametrize(
    ("fits", "is_unfit", "words"),
    [
        ("no", True, "The home does not fit the family: no refusal"),
        ("yes", False, "The home fits the family: the refusal counts"),
    ],
)
def test_another_clerk_looks_whether_a_home_fits(town, visit, offer, says, fits, is_unfit, words):
    refused_as_unfit(visit("clerk"), offer)
    second = visit("clerk2")

    second.post(f"/desk/offers/{offer.pk}/unfit/", {"look-document": "Act No 3", "fits": fits})

    offer.refresh_from_db()
    assert (offer.is_unfit, offer.unfit_looked_by) == (is_unfit, town.staff["clerk2"])
    assert says(second.get(f"/desk/offers/{offer.pk}/"), words)


def test_who_took_the_refusal_in_does_not_look_again(town, visit, offer, says):
    clerk = visit("clerk")
    refused_as_unfit(clerk, offer)

    page = clerk.post(f"/desk/offers/{offer.pk}/unfit/", {"look-document": "Act No 3", "fits": "no"})

    assert page.status_code == 409
    assert says(page, "Not by who took the answer in: another person looks at it.")


def test_all_facts_and_consequences_stand_on_the_page(town, visit, offer, says):
    Dwelling.objects.update(finish="ROUGH")

    page = visit("clerk").get(f"/desk/offers/{offer.pk}/")

    assert says(page, "rough finish")
    assert says(page, "If you refuse, you keep your place, and the home goes to the next family.")


WARNING = (
    "Attention: somebody in the family has a disability, and the home is on floor %(floor)s. The family "
    "may say that it does not fit."
)
DISABILITY = {"code": "disability", "group": "2", "from": "2012-01-01", "until": None}


@pytest.mark.parametrize(
    ("facts", "floor", "warned"),
    [
        ([(Source.CBDI, "DISABILITY", DISABILITY)], 2, False),
        ([(Source.CBDI, "DISABILITY", DISABILITY)], 3, True),
        ([], 3, False),
    ],
)
def test_a_disability_and_a_high_floor_give_a_warning(town, visit, says, facts, floor, warned):
    factories.waiting(town, facts=facts)
    factories.confirmed(town, factories.ready(town, rooms=1, area="36.40", floor=floor, lift=True))
    offer = Offer.objects.get()

    assert says(visit("clerk").get(f"/desk/offers/{offer.pk}/"), WARNING, floor=floor) is warned


def test_an_answer_after_the_last_day_is_refused_in_words(town, visit, offer, says, monkeypatch):
    clerk = visit("clerk")
    monkeypatch.setattr(clock, "now", lambda: factories.AT.replace(day=9))

    answer = {"document": "Statement No 14", "scan": scan()}

    response = clerk.post(f"/desk/offers/{offer.pk}/accept/", answer)

    assert response.status_code == 409
    assert says(response, "The last day to answer this offer is over.")
    assert says(response, "The term is over; the home goes to the next family.")


@pytest.mark.parametrize(("day", "words"), [(1, 5), (7, 1)])
def test_the_working_days_that_are_left_are_shown(town, visit, offer, says, monkeypatch, day, words):
    clerk = visit("clerk")
    monkeypatch.setattr(clock, "now", lambda: factories.AT.replace(day=day))

    assert says(clerk.get("/desk/offers/"), "Working days left after today: %(days)s", days=words)


def test_the_last_day_is_called_so(town, visit, offer, says, monkeypatch):
    clerk = visit("clerk")
    monkeypatch.setattr(clock, "now", lambda: factories.AT.replace(day=8))

    assert says(clerk.get(f"/desk/offers/{offer.pk}/"), "Today is the last day.")


def test_who_is_called_next_stands_on_the_page(town, visit, offer):
    second = town.akimat.entries.exclude(pk=offer.entry_id).get()

    assert second.file_number in visit("clerk").get(f"/desk/offers/{offer.pk}/").content.decode()


def test_looking_at_an_offer_is_recorded(town, visit, offer):
    visit("clerk").get(f"/desk/offers/{offer.pk}/")

    assert PersonalDataView.objects.get().target == f"offer:{offer.pk}"


def test_an_offer_of_another_akimat_is_not_found(town, visit, offer):
    other = Akimat.objects.create(kato="750000000", name_kk="Алматы", name_ru="Алматы")
    Dwelling.objects.update(akimat=other)

    assert visit("clerk").get(f"/desk/offers/{offer.pk}/").status_code == 404
    answer = visit("clerk").post(f"/desk/offers/{offer.pk}/accept/", {"document": "x"})
    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["supervisor", "secretary", "chair", "member1", "auditor", "admin"])
def test_only_a_clerk_answers_for_a_household(town, visit, offer, name):
    assert visit(name).get("/desk/offers/").status_code == 403
    answer = visit(name).post(f"/desk/offers/{offer.pk}/accept/", {"document": "x"})
    assert answer.status_code == 403
    offer.refresh_from_db()
    assert offer.state == Offer.State.OPEN


def test_without_offers_the_page_says_so(town, visit, says):
    assert says(visit("clerk").get("/desk/offers/"), "No home has been offered yet.")


def test_the_stock_is_counted_by_state_and_filtered(town, visit, offer):
    factories.ready(town, 2, number=factories.factory.Sequence("READY-{}".format))

    page = visit("clerk").get("/desk/homes/?state=READY")

    assert [home.state for home in page.context["page"]] == ["READY", "READY"]
    counted = dict.fromkeys(Dwelling.State.values, 0) | {"READY": 2, "OFFERED": 1}
    assert page.context["states"] == counted
