"""An open offer is taken back: the household keeps its place, the home goes where what was wrong says."""

import pytest

from allocation.models import Dwelling, Offer
from allocation.services import offers
from queue_registry.models import Akimat, AuditEvent, Notice, PersonalDataView
from tests import factories
from tests.factories import AT

FAULTY = {"fault": "IN_HOME", "reason": "Mold in both rooms", "document": "Act of inspection No 3"}
ERROR = {**FAULTY, "fault": "IN_OFFER", "reason": "Another family was meant"}


@pytest.fixture
def offer(town):
    for day in (1, 2):
        factories.waiting(town, day=day)
    factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))
    return Offer.objects.get()


def page_of(offer):
    return f"/desk/offers/{offer.pk}/withdraw/"


def round_of(offer):
    return f"/desk/rounds/{offer.run.round_id}/"


def test_a_faulty_home_is_taken_back_from_the_page_of_its_round(town, visit, says, offer):
    supervisor = visit("supervisor")
    assert page_of(offer) in supervisor.get(round_of(offer)).content.decode()
    page = supervisor.get(page_of(offer))
    assert offer.entry.file_number.encode() in page.content

    assert supervisor.post(page_of(offer), FAULTY).url == round_of(offer)

    offer.refresh_from_db()
    assert (offer.state, offer.reason, offer.answered_by) == ("WITHDRAWN", FAULTY["reason"], town.supervisor)
    assert (offer.entry.status, offer.dwelling.state) == ("WAITING", Dwelling.State.BUILDING)
    assert Offer.objects.count() == 1
    record = AuditEvent.objects.get(event="offer.withdrawn")
    assert (record.actor, record.data["document"]) == (town.supervisor.username, FAULTY["document"])
    (notice,) = Notice.objects.filter(kind=Notice.Kind.OFFER_WITHDRAWN)
    assert (notice.application_id, notice.facts["reason"]) == (offer.application_id, FAULTY["reason"])
    shown = supervisor.get(round_of(offer))
    assert says(shown, "The offer is taken back. The household keeps its place and is told.")
    assert page_of(offer) not in shown.content.decode()


def test_a_home_without_a_fault_goes_to_the_next_of_the_reserve(town, visit, offer):
    supervisor = visit("supervisor")

    supervisor.post(page_of(offer), ERROR)

    following = Offer.objects.get(call=1)
    assert (following.state, following.dwelling) == (Offer.State.OPEN, offer.dwelling)
    assert page_of(following) in supervisor.get(round_of(offer)).content.decode()


@pytest.mark.parametrize(
    ("missing", "problem"),
    [
        ("fault", "Say why the offer is taken back"),
        ("reason", "Give a reason"),
        ("document", "Enter the document by which the offer is taken back"),
    ],
)
def test_without_fault_reason_and_document_nothing_is_taken_back(town, visit, says, offer, missing, problem):
    answer = visit("supervisor").post(page_of(offer), {**FAULTY, missing: " "})

    if missing != "fault":
        assert says(answer, problem)
    assert answer.context["form"].errors.keys() == {missing}
    assert "location" not in answer.headers
    offer.refresh_from_db()
    assert offer.state == Offer.State.OPEN


def test_an_answered_offer_is_not_taken_back(town, visit, says, offer):
    offers.accept(offer_id=offer.pk, by=town.clerk, at=AT)
    supervisor = visit("supervisor")
    assert b"<form class" not in supervisor.get(page_of(offer)).content

    answer = supervisor.post(page_of(offer), FAULTY)

    assert answer.status_code == 409
    assert says(answer, "This offer has been answered already.")


@pytest.mark.parametrize("name", ["clerk", "secretary", "chair", "member1", "auditor", "admin"])
def test_nobody_but_the_supervisor_takes_an_offer_back(town, visit, offer, name):
    client = visit(name)

    assert client.get(page_of(offer)).status_code == 403
    assert client.post(page_of(offer), FAULTY).status_code == 403
    offer.refresh_from_db()
    assert offer.state == Offer.State.OPEN


def test_the_clerk_sees_on_the_offer_why_it_was_taken_back(town, visit, offer):
    visit("supervisor").post(page_of(offer), FAULTY)

    assert FAULTY["reason"] in visit("clerk").get(f"/desk/offers/{offer.pk}/").content.decode()


def test_the_look_is_recorded(town, visit, offer):
    visit("supervisor").get(page_of(offer))

    assert PersonalDataView.objects.get().target == f"offer:{offer.pk}"


def test_an_offer_of_another_akimat_is_not_found(town, visit, offer):
    other = Akimat.objects.create(kato="750000000", name_kk="Алматы", name_ru="Алматы")
    Dwelling.objects.update(akimat=other)

    assert visit("supervisor").get(page_of(offer)).status_code == 404
    assert visit("supervisor").post(page_of(offer), FAULTY).status_code == 404
