"""The pages of the stock: a home with its history, acts by their forms, a spreadsheet taken in."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from allocation.models import Dwelling
from allocation.selectors import dwellings
from allocation.services import loan_places, stock_acts
from queue_registry.models import Akimat
from queue_registry.selectors import clock
from tests import factories
from tests.factories import AT, ON
from tests.unit.allocation.test_stock_files import HOME, RU, workbook

HOMES = "/desk/homes/"
NEW = {
    "number": "N-1",
    "state": "BUILDING",
    "address_kk": "Ойдан көшесі, 1",
    "address_ru": "улица Вымышленная, 1",
    "rooms": "2",
    "area": "52,4",
    "floor": "3",
    "lift": "yes",
    "accessible": "no",
    "finish": "ROUGH",
    "cadastral_number": "09-123-456-789",
    "document": "Act 1",
}


@pytest.fixture
def home(town):
    return factories.ready(town)[0]


def sent(*rows, name="homes.xlsx"):
    return {"file": SimpleUploadedFile(name, workbook(RU, *rows))}


def test_a_home_is_taken_in_by_hand_and_its_page_tells_all_of_it(town, visit, says):
    clerk = visit("clerk")
    assert clerk.get(f"{HOMES}add/").status_code == 200

    response = clerk.post(f"{HOMES}add/", NEW)

    made = Dwelling.objects.get()
    assert response.url == f"{HOMES}{made.pk}/"
    assert (made.state, str(made.area), made.lift, made.finish) == ("BUILDING", "52.40", True, "ROUGH")
    page = clerk.get(response.url)
    for words in (
        "Being built or put right",
        "The home is handed over, or put right",
        "What the home is for",
    ):
        assert says(page, words)
    assert b"09-123-456-789" in page.content
    assert b"Act 1" in page.content


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rooms": "0"}, None),
        ({"area": "52,455"}, None),
        ({"lift": ""}, "Say yes or no"),
        ({"number": " "}, "Enter the inventory number"),
        ({"document": ""}, "Enter the document by which it is done"),
    ],
)
def test_what_is_wrong_with_a_home_is_said_and_nothing_is_kept(town, visit, says, changes, words):
    response = visit("clerk").post(f"{HOMES}add/", NEW | changes)

    assert response.status_code == 200
    assert response.context["form"].errors
    assert words is None or says(response, words)
    assert not Dwelling.objects.exists()


def test_a_number_is_not_given_twice(town, visit, says, home):
    response = visit("clerk").post(f"{HOMES}add/", NEW | {"number": home.number})

    assert says(
        response, "A home with the number %(number)s is in the stock already, or was.", number=home.number
    )


def test_acts_on_a_home_are_done_by_its_page(town, visit, says):
    clerk = visit("clerk")
    clerk.post(f"{HOMES}add/", NEW)
    made = Dwelling.objects.get()
    page = f"{HOMES}{made.pk}/"

    clerk.post(f"{page}ready/", {"ready-document": "Act 2"})
    unknown = clerk.post(f"{page}hand-to/", {"hand_to-programme": "Youth", "hand_to-document": "Decree 7"})
    assert unknown.context["wrong"].errors.keys() == {"programme"}
    clerk.post(f"{page}hand-to/", {"hand_to-programme": "young-families", "hand_to-document": "Decree 7"})
    made.refresh_from_db()
    assert (made.state, made.programme) == ("READY", "young-families")
    response = clerk.post(f"{page}vacate/", {"vacate-since": ON.isoformat(), "vacate-document": "x"})
    assert response.status_code == 409
    assert clerk.post(f"{page}take-out/", {"take_out-ground": "DEMOLISHED"}).status_code == 200
    clerk.post(f"{page}take-out/", {"take_out-ground": "DEMOLISHED", "take_out-document": "Act 9"})

    made.refresh_from_db()
    assert made.state == "GONE"
    shown = clerk.get(page)
    assert says(shown, "demolished")
    assert not says(shown, "What the home is for")


def test_wrong_figures_are_corrected_on_a_page(town, visit, home, says):
    clerk, page = visit("clerk"), f"{HOMES}{home.pk}/correct/"
    form = clerk.get(page).context["form"]
    assert form["area"].value() == home.area
    assert form["lift"].value() == "no"
    told = {name: form[name].value() or "" for name in form.fields} | {"area": "36,4", "floor": "2"}
    assert clerk.post(page, told | {"reason": ""}).context["form"].errors.keys() == {"reason", "document"}
    told |= {"reason": "Mistyped", "document": "Passport 5"}

    assert clerk.post(page, told).url == f"{HOMES}{home.pk}/"

    home.refresh_from_db()
    assert (str(home.area), home.floor) == ("36.40", 2)
    assert says(clerk.get(f"{HOMES}{home.pk}/"), "figures corrected")
    again = clerk.post(page, told)
    assert says(again, "These are the figures that stand already.")


def test_a_home_of_a_sealed_round_offers_no_correction(town, visit, home):
    factories.frozen_round(town, [home])
    clerk = visit("clerk")

    assert b"/correct/" not in clerk.get(f"{HOMES}{home.pk}/").content
    form = clerk.get(f"{HOMES}{home.pk}/correct/").context["form"]
    told = {name: form[name].value() or "" for name in form.fields}
    told |= {"floor": "2", "reason": "x", "document": "x"}
    assert clerk.post(f"{HOMES}{home.pk}/correct/", told).context["form"].non_field_errors()


def test_a_home_that_was_left_is_vacant_by_its_page(town, visit, home):
    Dwelling.objects.filter(pk=home.pk).update(state="ALLOTTED", idle_since=None)

    visit("clerk").post(
        f"{HOMES}{home.pk}/vacate/", {"vacate-since": ON.isoformat(), "vacate-document": "Act 5"}
    )

    home.refresh_from_db()
    assert home.state == "READY"


def test_the_counter_of_idle_days_turns_red_where_the_flag_does(town, visit, says, home, monkeypatch):
    limit = dwellings.idle_limit(ON)

    def shown(days):
        monkeypatch.setattr(clock, "now", lambda: AT + timedelta(days=days))
        return clerk.get(HOMES)

    clerk = visit("clerk")
    assert not says(shown(limit), "too long")
    assert says(shown(limit + 1), "too long")


def test_a_spreadsheet_is_looked_at_first_and_then_taken_in_whole(town, visit, says):
    clerk = visit("clerk")

    looked = clerk.post(f"{HOMES}file/", sent(HOME, ["N-2", *HOME[1:]]))

    assert says(looked, "As the file is read")
    assert not Dwelling.objects.exists()
    carried = looked.context["take_form"].initial
    without = clerk.post(f"{HOMES}file/take-in/", carried)
    assert says(without, "Enter the document by which it is done")
    assert clerk.post(f"{HOMES}file/take-in/", {**carried, "document": "Act 12"}).url == HOMES
    assert sorted(Dwelling.objects.values_list("number", flat=True)) == ["N-1", "N-2"]
    # Sent once more, as a browser does, it is refused by its rows.
    again = clerk.post(f"{HOMES}file/take-in/", {**carried, "document": "Act 12"})
    assert again.status_code == 409
    assert says(
        again,
        "this number is in the stock already, or was; wrong figures are corrected on the page of the home",
    )


def test_faults_of_a_spreadsheet_are_told_by_row_and_column(town, visit, says):
    bad = [0 if index == 3 else cell for index, cell in enumerate(HOME)]

    response = visit("clerk").post(f"{HOMES}file/", sent(bad))

    assert response.status_code == 409
    assert says(response, "the figure must lie between %(least)s and %(most)s", least=1, most=20)
    assert response.context["take_form"] is None


def test_a_file_that_is_none_is_refused_in_words(town, visit, says):
    clerk = visit("clerk")

    assert says(clerk.post(f"{HOMES}file/", sent(name="homes.xlsx")), "There is no home in the file.")
    assert clerk.post(f"{HOMES}file/take-in/", {"file_name": "x", "content": "no base64!"}).status_code == 409
    assert not Dwelling.objects.exists()


def test_places_of_a_loan_are_added_and_shown_with_their_terms(town, visit, says):
    clerk = visit("clerk")
    assert says(clerk.get(f"{HOMES}places/"), "Down payment")

    clerk.post(f"{HOMES}places/", {"programme": "5-20-25", "count": "2", "document": "Letter 3"})

    place = Dwelling.objects.order_by("number").first()
    assert (place.kind, place.programme) == ("LOAN", "5-20-25")
    page = clerk.get(f"{HOMES}{place.pk}/")
    assert says(page, "Press: 25 years by the name of 5-20-25, not confirmed")
    assert not says(page, "What the home is for")
    assert says(clerk.get(HOMES), "Place of a loan program")


def test_a_home_of_another_akimat_is_not_found(town, visit):
    other = Akimat.objects.create(kato="750000000", name_kk="Алматы", name_ru="Алматы")
    theirs = factories.DwellingFactory(akimat=other)

    clerk = visit("clerk")

    assert clerk.get(f"{HOMES}{theirs.pk}/").status_code == 404
    assert clerk.post(f"{HOMES}{theirs.pk}/take-out/").status_code == 404


def test_who_only_looks_sees_no_forms(town, visit, says, home):
    page = visit("auditor").get(f"{HOMES}{home.pk}/")

    assert page.status_code == 200
    assert not says(page, "Take out of the stock")
    assert visit("secretary").get(f"{HOMES}add/").status_code == 403


def test_the_history_names_the_round_that_reserved_a_home(town, visit, home):
    frozen = factories.frozen_round(town, [home])
    (place,) = loan_places.add(
        akimat=town.akimat, programme="2-10-20", count=1, document="Letter 3", by=town.clerk, at=AT
    )
    stock_acts.take_out(
        dwelling_id=place.pk,
        ground=stock_acts.GoneGround.PROGRAMME_ENDED,
        document="x",
        by=town.clerk,
        at=AT,
    )

    assert frozen.number.encode() in visit("auditor").get(f"{HOMES}{home.pk}/").content


def test_a_what_if_offers_no_home_that_the_round_could_not_give(town, visit, home):
    (theirs,) = factories.ready(town, programme="young-families")
    opened = factories.open_round(town)

    page = visit("secretary").get(f"/desk/rounds/{opened.pk}/what-if/").content

    assert home.number.encode() in page
    assert theirs.number.encode() not in page
