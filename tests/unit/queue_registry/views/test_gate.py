"""The way to automatic distribution through the pages; what regions, strangers and citizens see of it."""

import html
import json
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from lxml import html as pages

from queue_registry import gate_presenters
from queue_registry.models import (
    Akimat,
    GateEvent,
    GateProposal,
    ListSeal,
    PersonalDataView,
    ReconciliationExplanation,
    SampledEntry,
    StaffMembership,
    StatedTotal,
    User,
    VerificationSample,
    WaitingList,
)
from queue_registry.rules.digitization.gate import Criterion, Light
from queue_registry.selectors import clock
from queue_registry.selectors.gate import get_gate
from queue_registry.views import look_up_limits
from tests import factories
from tests.unit.queue_registry.services import gating

AT = factories.AT
PROGRAM = settings.BASE_DIR / "static" / "verify_receipt.py"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at(monkeypatch, settings):
    monkeypatch.setattr(clock, "now", lambda: AT)
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()


@pytest.fixture
def town():
    return factories.town()


def enter(town, name):
    client = Client()
    client.force_login(town.staff[name])
    return client


def text(answer):
    return " ".join(pages.fromstring(answer.content.decode()).xpath("//main")[0].text_content().split())


def words(presenter, *codes):
    with translation.override("kk"):
        return presenter(*codes)


def test_from_red_to_green_through_the_pages(town):
    entries = [factories.waiting(town, day=day) for day in (1, 2)]
    gating.checked_lately(town, entries)
    clerk, second, supervisor, chair = (
        enter(town, name) for name in ("clerk", "clerk2", "supervisor", "chair")
    )

    red = text(supervisor.get("/desk/gate/"))
    assert words(gate_presenters.light, "RED") in red
    missing = next(one for one in get_gate(town.akimat, at=AT).judged if not one.holds)
    assert words(gate_presenters.to_do, missing) in red
    refused = supervisor.post("/desk/gate/propose/")
    assert refused.status_code == 409
    assert words(gate_presenters.criterion, "SEALED") in text(refused)

    unsealed = supervisor.post("/desk/samples/draw/", {"size": "120"})
    assert (unsealed.status_code, VerificationSample.objects.count()) == (409, 0)
    head = gating.head_sealed(town)
    assert head.sha256 in text(supervisor.get("/desk/samples/"))
    supervisor.post("/desk/samples/draw/", {"size": "120", "seed": "17 04 32"})
    sample = VerificationSample.objects.get()
    assert (sample.head_sha256, sample.seed == "17 04 32") == (head.sha256, False)
    shown = text(supervisor.get(f"/desk/samples/{sample.pk}/"))
    assert all(told in shown for told in (sample.seed, head.sha256, town.akimat.kato, "2026-09-01"))
    own = clerk.get(f"/desk/samples/{sample.pk}/next/")
    assert not pages.fromstring(own.content.decode()).xpath("//input[@name='result']")
    _compare_all(second, sample)
    supervisor.post("/desk/gate/seal/")
    supervisor.post("/desk/gate/propose/")

    assert words(gate_presenters.light, "AMBER") in text(chair.get("/desk/gate/opening/"))
    opened = chair.post("/desk/gate/open/", follow=True)
    assert words(gate_presenters.light, "GREEN") in text(opened)
    assert ListSeal.objects.get().root in text(supervisor.get("/desk/gate/"))

    assert supervisor.post("/desk/gate/close/", {"reason": ""}).status_code == 200
    supervisor.post("/desk/gate/close/", {"reason": "A letter came"})
    assert [row.kind for row in GateEvent.objects.order_by("pk")] == ["OPENED", "CLOSED"]
    assert get_gate(town.akimat, at=AT).light is Light.AMBER


def _compare_all(client, sample):
    """One entry after another, as the pages lead on."""
    address = f"/desk/samples/{sample.pk}/next/"
    while True:
        page = client.get(address)
        if page.status_code == 302:
            assert page.headers["Location"] == f"/desk/samples/{sample.pk}/"
            return
        form = pages.fromstring(page.content.decode()).xpath("//form[contains(@action, '/check/')]")[0]
        answer = client.post(form.get("action"), {"result": "AGREES"})
        address = answer.headers["Location"]


def test_a_comparison_names_what_differs_exactly_where_something_does(town):
    factories.waiting(town)
    sampled = gating.drawn(town).sampled.get()
    second = enter(town, "clerk2")

    def send(**answer):
        return second.post(f"/desk/sampled/{sampled.pk}/check/", answer).status_code

    assert [send(), send(result="DIFFERS"), send(result="AGREES", differs=["MOMENT"])] == [200, 200, 200]
    assert not SampledEntry.objects.exclude(result="").exists()
    assert send(result="DIFFERS", differs=["MOMENT"], note="11.05.2012") == 302
    assert SampledEntry.objects.get().differs == ["MOMENT"]
    assert send(result="AGREES") == 409
    looked = PersonalDataView.objects.filter(by=town.clerk2, target=f"queue_entry:{sampled.entry_id}")
    assert looked.exists()


def test_a_difference_is_explained_by_one_person_and_approved_by_another(town):
    clerk, supervisor = enter(town, "clerk"), enter(town, "supervisor")
    clerk.post("/desk/reconciliation/totals/", {"stated": "7", "as_of": "2026-08-01", "document": "Letter 3"})
    assert StatedTotal.objects.get().stated == 7
    page = clerk.get("/desk/reconciliation/")
    form = pages.fromstring(page.content.decode()).xpath("//form[contains(@action, '/explain/')]")[0]
    hidden = {field.get("name"): field.get("value") for field in form.xpath(".//input[@type='hidden']")}
    assert (hidden["line"], hidden["difference"]) == ("stated:all/all", "-7")

    told = {
        "line": hidden["line"],
        "explanation": "The letter counts a town that split off",
        "document": "Act 9",
    }
    changed = clerk.post("/desk/reconciliation/explain/", told | {"difference": "-6"})
    assert changed.status_code == 409
    assert clerk.post("/desk/reconciliation/explain/", told | {"difference": "-7"}).status_code == 302
    assert Criterion.RECONCILED in get_gate(town.akimat, at=AT).failing

    written = ReconciliationExplanation.objects.get()
    supervisor.post(f"/desk/reconciliation/{written.pk}/decide/", {"step": "approve"})
    assert Criterion.RECONCILED not in get_gate(town.akimat, at=AT).failing
    clerk.post("/desk/reconciliation/totals/", {"stated": "8", "as_of": "2026-08-02", "document": "Letter 4"})
    assert Criterion.RECONCILED in get_gate(town.akimat, at=AT).failing


def test_an_explanation_that_is_sent_back_leaves_the_line_open(town):
    clerk, supervisor = enter(town, "clerk"), enter(town, "supervisor")
    clerk.post("/desk/reconciliation/totals/", {"stated": "7", "as_of": "2026-08-01", "document": "Letter 3"})
    told = {"line": "stated:all/all", "difference": "-7", "explanation": "x", "document": "Act 9"}
    clerk.post("/desk/reconciliation/explain/", told)
    first = ReconciliationExplanation.objects.get()

    supervisor.post(f"/desk/reconciliation/{first.pk}/decide/", {"step": "drop"})

    assert clerk.post("/desk/reconciliation/explain/", told).status_code == 302
    again = supervisor.post(f"/desk/reconciliation/{first.pk}/decide/", {"step": "approve"})
    assert again.status_code == 409


def test_a_proposal_that_is_given_up_cannot_be_opened(town):
    gating.ready(town)
    supervisor, chair = enter(town, "supervisor"), enter(town, "chair")
    supervisor.post("/desk/gate/propose/")

    supervisor.post("/desk/gate/drop/")

    assert chair.post("/desk/gate/open/").status_code == 409
    assert GateProposal.objects.get().closed_at == AT


def test_staff_of_a_region_see_every_gate_of_it_and_act_on_none(town):
    region = Akimat.objects.create(kato="270000000", name_kk="Облыс", name_ru="Область")
    for kato, name in (("272010000", "Көрші"), ("112010000", "Алыс")):
        WaitingList.objects.create(
            akimat=Akimat.objects.create(kato=kato, name_kk=name, name_ru=name), number="5"
        )
    user = User.objects.create(username="region", is_staff=True)
    StaffMembership.objects.create(user=user, akimat=region, role="SUPERVISOR", from_on=factories.ON)
    gating.opened(town)
    client = Client()
    client.force_login(user)

    page = text(client.get("/desk/gates/?region=27"))

    assert words(gate_presenters.light, "GREEN") in page
    assert "Көрші" in page
    assert "Алыс" not in page
    # The region's own akimat keeps no lists, so that it has no gate.
    assert page.count(words(gate_presenters.light, "RED")) == 1
    assert client.post(f"/desk/gate/close/?akimat={town.akimat.kato}", {"reason": "x"}).status_code == 403


# The public


def look_up(entry):
    return Client().post("/kk/", {"file_number": entry.file_number, "iin": entry.applicant.iin})


def notes(page):
    return pages.fromstring(page.content.decode()).xpath("//input[@name='note']/@value")


def test_anybody_sees_lights_roots_and_seeds_and_nothing_of_anybody(town):
    (entry, *_) = gating.opened(town)

    page = Client().get("/kk/seals/")

    sealed, sample = ListSeal.objects.get(), VerificationSample.objects.get()
    for shown in (
        sealed.root,
        sample.seed,
        sample.head_sha256,
        sample.population_sha256,
        words(gate_presenters.light, "GREEN"),
    ):
        assert shown in html.unescape(page.content.decode())
    for program in ("verify_receipt.py", "redraw_sample.py"):  # under the names that the steps call them by
        assert f'download="{program}"' in page.content.decode()
    assert entry.file_number not in page.content.decode()
    assert entry.applicant.iin not in page.content.decode()


def test_a_citizen_downloads_the_own_line_and_it_holds_by_the_program(town, tmp_path):
    (entry, *_) = gating.opened(town)
    page = look_up(entry)
    (note,) = notes(page)
    assert entry.applicant.iin not in page.content.decode()

    answer = Client().post("/kk/seals/receipt/", {"note": note})

    assert re.match(
        r'attachment; filename="receipt-2026-09-01-list-5\.json"', answer.headers["Content-Disposition"]
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.content)["line"]["file_number"] == entry.file_number
    assert entry.applicant.iin not in answer.content.decode()
    file = tmp_path / "receipt.json"
    file.write_bytes(answer.content)
    root = ListSeal.objects.get().root
    ran = subprocess.run(
        [sys.executable, "-I", str(PROGRAM), str(file), root], check=False, capture_output=True
    )
    assert ran.returncode == 0


def test_a_note_that_is_forged_or_old_leads_back_to_the_look_up(town, monkeypatch):
    (entry, *_) = gating.opened(town)
    (note,) = notes(look_up(entry))

    forged = Client().post("/kk/seals/receipt/", {"note": note[:-2] + "xx"})
    monkeypatch.setattr("queue_registry.views.seals._GOOD_FOR_SECONDS", timedelta(seconds=-1))
    old = Client().post("/kk/seals/receipt/", {"note": note})

    assert [(one.status_code, one.headers["Location"]) for one in (forged, old)] == [(302, "/kk/")] * 2


def test_receipts_are_counted_like_look_ups(town, settings):
    settings.LOOK_UPS_PER_ADDRESS = "2/hour"
    (entry, *_) = gating.opened(town)
    (note,) = notes(look_up(entry))

    assert Client().post("/kk/seals/receipt/", {"note": note}).status_code == 200
    assert Client().post("/kk/seals/receipt/", {"note": note}).status_code == 429


def test_before_the_lists_are_sealed_there_is_no_receipt(town):
    assert notes(look_up(factories.waiting(town))) == []
