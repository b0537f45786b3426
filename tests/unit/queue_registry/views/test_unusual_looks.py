"""Planted looks of curiosity are found; honest work is not asked about."""

from datetime import timedelta

import pytest
from django.utils import translation

from queue_registry.models import Fact, PersonalDataView, SourceAnswer
from queue_registry.selectors import clock, unusual_looks
from queue_registry.services import audit
from tests import factories

pytestmark = pytest.mark.django_db
LATER = factories.AT + timedelta(days=120)
PAGE = "/desk/audit/unusual-looks/"


@pytest.fixture
def town(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LATER)
    return factories.town()


def look(town, name, entry, *, at=LATER, target=None):
    audit.record_view(
        akimat=town.akimat, by=town.staff[name], at=at, target=target or f"queue_entry:{entry.pk}"
    )


def tie(person, relative):
    """The civil acts say that one is the other's child."""
    answer = SourceAnswer.objects.get(person=person, source="zags")
    value = {"iin": relative.iin, "relation": "child", "since": None, "until": None}
    Fact.objects.create(answer=answer, person=person, kind="KINSHIP", value=value, relative=relative)


def found(town, *, days=31):
    rows = unusual_looks.list_unusual(
        town.akimat, since=(LATER - timedelta(days=days)).date(), until=LATER.date()
    )
    names = {user.pk: name for name, user in town.staff.items()}
    return [(str(row.kind), names[row.officer], row.case, row.looks) for row in rows]


def test_planted_looks_are_found_and_honest_work_is_not(town):
    own, kin, colleague, curious, fresh = (factories.waiting(town, day=day) for day in (40, 41, 42, 43, 44))
    town.clerk.person = own.applicant
    town.clerk.save(update_fields=["person"])
    town.clerk2.person = colleague.applicant
    town.clerk2.save(update_fields=["person"])
    tie(own.applicant, kin.applicant)
    for entry in (own, kin, colleague, curious, curious):
        look(town, "clerk", entry)
    # Honest: an act of staff within a month, an auditor's reading, a look at a list.
    with_act = LATER - timedelta(days=5)
    audit.record(
        akimat=town.akimat, by=town.clerk2, at=with_act, event="x.done", target=f"queue_entry:{fresh.pk}"
    )
    look(town, "clerk", fresh)
    look(town, "auditor", curious)
    look(town, "clerk", curious, target=f"register:{town.akimat.kato}")

    assert found(town) == [
        ("OWN_CASE", "clerk", own.application_id, 1),
        ("RELATIVE", "clerk", kin.application_id, 1),
        ("COLLEAGUE", "clerk", colleague.application_id, 1),
        ("WITHOUT_TASK", "clerk", curious.application_id, 2),
    ]


def test_what_the_background_did_explains_nobodys_look(town):
    entry = factories.waiting(town, day=40)
    audit.record(akimat=town.akimat, by="recheck", at=LATER, event="x.done", target=f"queue_entry:{entry.pk}")
    look(town, "clerk", entry)
    assert found(town) == [("WITHOUT_TASK", "clerk", entry.application_id, 1)]


def test_looks_of_another_period_and_another_akimat_are_left_out(town):
    entry = factories.waiting(town, day=40)
    look(town, "clerk", entry, at=LATER - timedelta(days=40))
    PersonalDataView.objects.create(
        akimat_kato="231010000", by=town.clerk, at=LATER, target=f"queue_entry:{entry.pk}"
    )
    assert found(town) == []
    assert len(found(town, days=41)) == 1


@pytest.mark.parametrize("name", ["supervisor", "auditor"])
def test_the_page_names_officer_case_and_cause_and_is_a_look_itself(client, town, name):
    entry = factories.waiting(town, day=40)
    look(town, "clerk", entry)
    client.force_login(town.staff[name])
    page = client.get(PAGE)
    with translation.override("kk"):
        cause = translation.gettext("Nothing was to be done in the case")
    text = page.content.decode()
    assert cause in text
    assert entry.file_number in text
    assert entry.applicant.iin not in text
    assert PersonalDataView.objects.filter(target=f"unusual_looks:{town.akimat.kato}").count() == 1


def test_nothing_to_ask_about_is_said_and_a_wrong_period_too(client, town):
    client.force_login(town.auditor)
    assert "<table" not in client.get(PAGE).content.decode()
    wrong = client.get(PAGE, {"since": "2026-10-02", "until": "2026-10-01"})
    assert wrong.status_code == 200
    assert "govuk-error-summary" in wrong.content.decode()
