"""The clerk's pages of offers: an answer needs the paper that the household signed."""

import pytest

from allocation.models import Dwelling, Offer
from queue_registry.models import Akimat, PersonalDataView
from queue_registry.selectors import clock
from tests import factories


@pytest.fixture
def offer(town):
    for day in (1, 2):
        factories.waiting(town, day=day)
    factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))
    return Offer.objects.get()


def test_an_acceptance_is_recorded_with_its_document(town, visit, offer):
    response = visit("clerk").post(f"/desk/offers/{offer.pk}/accept/", {"document": "Statement No 14"})

    assert response.url == f"/desk/offers/{offer.pk}/"
    offer.refresh_from_db()
    assert (offer.state, offer.entry.status) == ("ACCEPTED", "OFFERED")


def test_a_refusal_is_recorded_and_shown_with_its_reason(town, visit, offer, says):
    clerk = visit("clerk")
    answer = {"refusal-reason": "Too high", "refusal-document": "Statement No 15"}

    clerk.post(f"/desk/offers/{offer.pk}/refuse/", answer)

    page = clerk.get(f"/desk/offers/{offer.pk}/")
    assert b"Too high" in page.content
    assert says(page, "Refused")
    assert Offer.objects.get(call=1).state == Offer.State.OPEN


@pytest.mark.parametrize(
    ("act", "answer", "problem"),
    [
        ("accept", {"document": ""}, "Enter the document by which the household answered"),
        ("refuse", {"refusal-document": "x"}, "Give the reason of the refusal"),
        ("refuse", {"refusal-reason": "x"}, "Enter the document by which the household answered"),
    ],
)
def test_an_answer_without_its_paper_is_not_taken(town, visit, offer, says, act, answer, problem):
    response = visit("clerk").post(f"/desk/offers/{offer.pk}/{act}/", answer)

    assert says(response, problem)
    offer.refresh_from_db()
    assert offer.state == Offer.State.OPEN


def test_an_answer_after_the_last_day_is_refused_in_words(town, visit, offer, says, monkeypatch):
    clerk = visit("clerk")
    monkeypatch.setattr(clock, "now", lambda: factories.AT.replace(day=9))

    response = clerk.post(f"/desk/offers/{offer.pk}/accept/", {"document": "Statement No 14"})

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
    assert page.context["states"] == {"READY": 2, "RESERVED": 0, "OFFERED": 1, "ALLOTTED": 0}
