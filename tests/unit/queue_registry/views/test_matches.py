"""Groups that may be one person's, at the desk: shown in words, looked at on record, decided by a form."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from lxml import html

from queue_registry import match_presenters
from queue_registry.models import ImportDecision, MatchGroup, PersonalDataView
from queue_registry.rules.legacy.match_refusals import MatchRefusal
from queue_registry.rules.legacy.mentions import Difference, Sign
from queue_registry.rules.legacy.name_pairs import NameKind, NameReading
from queue_registry.services import matches
from tests.unit.queue_registry.conftest import AT
from tests.unit.queue_registry.services.intaking import PDF
from tests.unit.queue_registry.services.test_imports import ANNA, known, put_in_and_confirm, spp
from tests.unit.queue_registry.services.test_matches import paper

PAPER = "Identity card, copy in file 12"


@pytest.fixture
def group(founded):
    known(ANNA)
    put_in_and_confirm(
        founded, spp(("A-1", ANNA, "2011-05-06T10:00:00", 5)), paper(("ОЙДАН АННА", "", "06.05.2011"))
    )
    matches.search(akimat=founded.akimat, at=AT)
    return MatchGroup.objects.get()


@pytest.fixture
def clerk(founded):
    return signed_in(founded, "clerk")


def signed_in(founded, name):
    client = Client()
    client.force_login(founded.staff[name])
    client.cookies["django_language"] = "ru"
    return client


def main_of(answer):
    return " ".join(html.fromstring(answer.content.decode()).xpath("//main")[0].text_content().split())


def send(client, group, **data):
    said = {"members": group.members, "outcome": "SAME", "document": PAPER} | data
    return client.post(f"/desk/matches/{group.pk}/decide/", said)


def test_the_list_has_open_groups_and_the_decided_ones_on_demand(founded, clerk, group):
    assert "ОЙДАН АННА" in main_of(clerk.get("/desk/matches/"))
    assert "ОЙДАН АННА" not in main_of(clerk.get("/desk/matches/?decided=1"))

    send(clerk, group, outcome="DIFFERENT")

    assert "ОЙДАН АННА" not in main_of(clerk.get("/desk/matches/"))
    assert PAPER in main_of(clerk.get("/desk/matches/?decided=1"))


def test_a_group_is_shown_side_by_side_with_cells_register_and_reasons(clerk, group):
    page = clerk.get(f"/desk/matches/{group.pk}/")

    text = main_of(page)
    for shown in ("ОЙДАН АННА", "Ойдан Анна", ANNA, "paper.xlsx", "spp.csv", "06.05.2011"):
        assert shown in text
    for words in match_presenters.likenesses(group.reasons[0]):
        assert words
    table = html.fromstring(page.content.decode()).xpath("//table[.//caption[@id='members-table']]")[0]
    assert len(table.xpath(".//thead//th")) == 2


def test_looks_are_recorded_by_group(founded, clerk, group):
    clerk.get("/desk/matches/")
    clerk.get(f"/desk/matches/{group.pk}/")

    looks = PersonalDataView.objects.filter(by=founded.staff["clerk"]).values_list("target", flat=True)
    assert {f"match_groups:{founded.akimat.kato}", f"match_group:{group.pk}"} <= set(looks)


def test_a_decision_is_written_down_and_leads_on(clerk, group):
    answer = send(clerk, group)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/matches/")
    group.refresh_from_db()
    assert (group.outcome, group.document) == ("SAME", PAPER)
    assert ImportDecision.objects.get().value == {"iin": ANNA}


def test_the_scan_of_a_decision_comes_with_the_form_and_is_got_from_its_page(
    clerk, group, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path

    refused = send(clerk, group, scan=SimpleUploadedFile("page.pdf", b"MZ program"))
    assert (refused.status_code, MatchGroup.objects.get().outcome) == (200, "")
    send(clerk, group, scan=SimpleUploadedFile("page.pdf", PDF))

    (address,) = html.fromstring(clerk.get(f"/desk/matches/{group.pk}/").content.decode()).xpath(
        "//main//a[starts-with(@href, '/desk/documents/')]/@href"
    )
    assert clerk.get(address).content == PDF


def test_a_group_that_is_gone_says_so_and_has_no_form(clerk, group):
    MatchGroup.objects.update(gone_at=AT)
    group.refresh_from_db()

    page = clerk.get(f"/desk/matches/{group.pk}/").content.decode()

    with translation.override("ru"):
        assert match_presenters.outcome(group) in page
    assert match_presenters.tone(group) == "calm"
    assert not html.fromstring(page).xpath("//main//form")


@pytest.mark.parametrize(
    "missing", [{"document": ""}, {"outcome": ""}, {"members": []}, {"members": ["999999", "1"]}]
)
def test_a_form_with_something_missing_says_so_and_decides_nothing(clerk, group, missing):
    answer = send(clerk, group, **missing)

    assert answer.status_code == 200
    assert "govuk-error-summary" in answer.content.decode()
    group.refresh_from_db()
    assert group.outcome == ""


def test_what_the_act_refuses_is_said_in_words(clerk, group):
    one = send(clerk, group, members=group.members[:1])
    send(clerk, group, outcome="DIFFERENT")
    again = send(clerk, group)

    assert (one.status_code, again.status_code) == (409, 409)
    assert html.fromstring(again.content.decode()).xpath("//*[@role='alert']")
    group.refresh_from_db()
    assert group.outcome == "DIFFERENT"


def test_whoever_may_not_decide_sees_no_form_and_cannot_send_it(founded, group):
    auditor = signed_in(founded, "auditor")

    assert not html.fromstring(auditor.get(f"/desk/matches/{group.pk}/").content.decode()).xpath(
        "//main//form"
    )
    assert send(auditor, group).status_code == 403
    group.refresh_from_db()
    assert group.outcome == ""


def test_every_code_has_words():
    reason = {
        "name": "FULL",
        "readings": list(NameReading),
        "signs": list(Sign),
        "differences": list(Difference),
        "members_shared": 2,
    }
    texts = [*match_presenters.likenesses(reason), *match_presenters.differences(reason)]
    texts += [text for kind in NameKind for text in match_presenters.likenesses(reason | {"name": kind})]
    texts += [match_presenters._REFUSALS[code] for code in MatchRefusal]

    assert not [text for text in texts if text.isupper()]
