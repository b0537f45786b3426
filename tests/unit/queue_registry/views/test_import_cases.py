"""Pages of open questions of the old lists: found, compared, decided, approved; the table of categories."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from queue_registry.models import (
    Application,
    CategoryMappingVersion,
    ImportCase,
    ImportCaseAssignment,
    ImportDecision,
    ImportSettlement,
    PersonalDataView,
    QueueEntry,
)
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.mapping import first_mapping
from queue_registry.selectors import clock
from queue_registry.services import imports, settlements
from tests.unit.queue_registry.legacy.lists import RU, workbook
from tests.unit.queue_registry.services.intaking import PDF
from tests.unit.queue_registry.services.test_import_decisions import AT, LATER
from tests.unit.queue_registry.services.test_imports import (
    ANNA,
    BOTA,
    DANA,
    NAMES,
    known,
    put_in_and_confirm,
    rshep,
    spp,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(founded, client, monkeypatch, settings, tmp_path):
    """Asks for pages as somebody of staff."""
    settings.MEDIA_ROOT = tmp_path

    def sign_in(name, at=AT):
        monkeypatch.setattr(clock, "now", lambda: at)
        client.force_login(founded.staff[name])
        return client

    return sign_in


def says(response, text):
    with translation.override("kk"):
        words = translation.gettext(text)
    return escape(words) in response.content.decode()


def page(name, *args):
    return reverse(f"queue_registry:{name}", args=args)


def settle():
    for requested in ImportSettlement.objects.select_related("akimat"):
        settlements.settle_due(requested=requested, at=LATER.replace(hour=12))


@pytest.fixture
def lists(founded):
    """Anna's days differ, Bota's and Dana's statuses are to be read."""
    known(ANNA, BOTA, DANA)
    file = spp(("A-2", BOTA, "2018-05-06T10:00:00", 4), ("A-3", DANA, "2017-05-06T10:00:00", 4))
    archived = type(file)(
        source=file.source, name="old.csv", content=file.content.replace(b",active", b",archived")
    )
    put_in_and_confirm(
        founded,
        archived,
        spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)),
        rshep(("7", ANNA, "03.04.2015", 5)),
    )
    return {iin: Application.objects.get(applicant__iin=iin) for iin in (ANNA, BOTA, DANA)}


def test_the_queue_counts_filters_and_is_looked_at_on_record(lists, visit):
    client = visit("clerk")

    everything = client.get(page("import_cases"))
    filtered = client.get(page("import_cases"), {"code": "DATE_CONFLICT"})

    for application in lists.values():
        assert application.file_number in everything.content.decode()
    assert lists[ANNA].file_number in filtered.content.decode()
    assert lists[BOTA].file_number not in filtered.content.decode()
    assert PersonalDataView.objects.filter(target__startswith="import_cases:").count() == 2


def test_a_case_shows_cells_readings_and_registers_side_by_side(lists, visit):
    shown = visit("clerk").get(page("import_case", lists[ANNA].pk)).content.decode()

    assert "2019-05-06T10:00:00" in shown
    assert "03.04.2015" in shown
    assert NAMES[ANNA] in shown
    assert shown.count("<table") == 2
    assert PersonalDataView.objects.filter(target=f"application:{lists[ANNA].pk}").exists()


OUT_OF_DATE = "The rows changed while you were reading. Look at them once more."


def answered(code, **fields):
    given = {"reason": "Compared", "document": "File 12, page 3"} | fields
    return {f"{code.lower()}-{name}": value for name, value in given.items()}


def seen(client, application, code):
    form = next(
        form
        for one, _, _, form in client.get(page("import_case", application.pk)).context["questions"]
        if one == code
    )
    return form.initial["seen"]


def test_a_day_is_decided_by_a_clerk_and_approved_by_a_supervisor(lists, visit):
    client = visit("clerk")
    form = answered(
        "DATE_CONFLICT", day="2015-04-03", seen=seen(client, lists[ANNA], "DATE_CONFLICT"), scan=_scan()
    )

    sent = client.post(page("import_case_decide", lists[ANNA].pk, "DATE_CONFLICT"), form)
    decision = ImportDecision.objects.get()
    after = client.get(page("import_case", lists[ANNA].pk))
    client = visit("supervisor")
    listed = client.get(page("import_decisions"))
    approved = client.post(page("import_decision_approve", decision.pk), {"step": "approve"})
    settle()

    # The next case is open: Dana has waited as long and has the lower number.
    assert sent.url == page("import_case", lists[DANA].pk)
    assert after.context["questions"][0][2] == decision
    with decision.scan.file.open() as kept:
        assert kept.read() == PDF
    assert lists[ANNA].file_number in listed.content.decode()
    assert approved.url == page("import_decisions")
    assert QueueEntry.objects.get(applicant__iin=ANNA).registered_at.year == 2015


def _scan():
    return SimpleUploadedFile("page.pdf", PDF)


def test_a_supervisor_gives_a_day_back_with_a_reason(lists, visit):
    client = visit("clerk")
    form = answered("DATE_CONFLICT", day="2015-04-03", seen=seen(client, lists[ANNA], "DATE_CONFLICT"))
    client.post(page("import_case_decide", lists[ANNA].pk, "DATE_CONFLICT"), form)
    decision = ImportDecision.objects.get()
    client = visit("supervisor")

    without = client.post(page("import_decision_approve", decision.pk), {"step": "drop"})
    back = client.post(page("import_decision_approve", decision.pk), {"step": "drop", "why": "Page 4"})

    assert (without.status_code, back.status_code) == (409, 302)
    decision.refresh_from_db()
    assert decision.dropped_at == AT


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"answer": "active", "document": ""}, "Name the document."),
        ({"answer": "active", "reason": ""}, "Say why."),
        (
            {"answer": "active", "seen": "old"},
            "The rows changed while you were reading. Look at them once more.",
        ),
    ],
)
def test_why_nothing_was_decided_is_said_and_what_was_typed_stays(lists, visit, fields, words):
    client = visit("clerk")
    form = answered(
        "NOT_ACTIVE", **({"document": "File 99", "seen": seen(client, lists[BOTA], "NOT_ACTIVE")} | fields)
    )

    refused = client.post(page("import_case_decide", lists[BOTA].pk, "NOT_ACTIVE"), form)

    assert refused.status_code == 409
    assert says(refused, words)
    assert form["not_active-document"] in refused.content.decode()
    assert not ImportDecision.objects.exists()


def test_a_code_that_nobody_decides_is_no_form(lists, visit):
    client = visit("clerk")

    assert client.post(page("import_case_decide", lists[BOTA].pk, "PADDED"), {}).status_code == 200
    assert client.post(page("import_cases_decide"), {"code": "NO_SUCH"}).status_code == 409


def test_equal_cases_are_chosen_and_decided_together(lists, visit):
    client = visit("clerk")
    shown = client.get(page("import_cases"), {"code": "NOT_ACTIVE"})
    form = answered("NOT_ACTIVE", answer="active") | {"code": "NOT_ACTIVE"}
    form |= {"chosen": [lists[BOTA].pk, lists[DANA].pk]}

    sent = client.post(page("import_cases_decide"), form)

    assert shown.context["bulk"] is not None
    assert sent.status_code == 302
    assert ImportDecision.objects.count() == 2
    assert set(ImportCase.objects.filter(closed_at=None).values_list("code", flat=True)) == {"DATE_CONFLICT"}


def test_days_are_not_decided_together(lists, visit):
    client = visit("clerk")

    shown = client.get(page("import_cases"), {"code": "DATE_CONFLICT"})
    sent = client.post(
        page("import_cases_decide"),
        answered("DATE_CONFLICT", day="2015-01-01") | {"chosen": lists[ANNA].pk, "code": "DATE_CONFLICT"},
    )

    assert shown.context["bulk"] is None
    assert sent.status_code == 409
    assert not ImportDecision.objects.exists()


def test_cases_are_given_to_a_clerk_and_found_by_him(founded, lists, visit):
    client = visit("clerk")
    to = founded.staff["clerk2"].pk

    given = client.post(page("import_cases_assign"), {"to": to, "chosen": [lists[ANNA].pk]})
    wrong = client.post(
        page("import_cases_assign"), {"to": founded.staff["chair"].pk, "chosen": [lists[ANNA].pk]}
    )
    mine = visit("clerk2").get(page("import_cases"), {"mine": "1"})

    assert (given.status_code, wrong.status_code) == (302, 409)
    assert ImportCaseAssignment.objects.get().to_id == to
    assert [one.pk for one in mine.context["page"]] == [lists[ANNA].pk]


def test_a_clerk_takes_a_decision_back(lists, visit):
    client = visit("clerk")
    form = answered("NOT_ACTIVE", answer="active", seen=seen(client, lists[BOTA], "NOT_ACTIVE"))
    client.post(page("import_case_decide", lists[BOTA].pk, "NOT_ACTIVE"), form)
    decision = ImportDecision.objects.get()

    client.post(page("import_decision_drop", decision.pk), {"why": "Wrong person"})
    settle()

    assert ImportCase.objects.filter(application=lists[BOTA], closed_at=None).count() == 1


def test_the_registers_household_stands_beside_a_household_twice(founded, visit):
    known(ANNA, BOTA)
    put_in_and_confirm(
        founded,
        spp(("A-1", ANNA, "2019-05-06T10:00:00", 5, BOTA), ("A-2", BOTA, "2018-05-06T10:00:00", 4)),
    )
    mine, other = (Application.objects.get(applicant__iin=iin) for iin in (ANNA, BOTA))

    shown = visit("clerk").get(page("import_case", mine.pk))

    assert [one.pk for one, _ in shown.context["others"]] == [other.pk]
    assert other.file_number in shown.content.decode()


# The table of local categories


@pytest.fixture
def unmapped(founded):
    """Anna, a pensioner, and Bota of the general queue stand on a paper list."""
    known(ANNA, BOTA)
    rows = [
        RU,
        [1, NAMES[ANNA], ANNA, "12.03.2011", "Пенсионер", 1, None, None],
        [2, NAMES[BOTA], BOTA, "12.03.2010", "Общая очередь", 1, None, None],
    ]
    file = imports.GivenFile(source=Source.PAPER, name="paper.xlsx", content=workbook(rows))
    put_in_and_confirm(founded, file)
    return founded


def lines(**lists):
    """The form of a table: the first one, with other lists for some wordings."""
    categories = first_mapping().categories
    form = {"form-TOTAL_FORMS": len(categories), "form-INITIAL_FORMS": 0, "act": "Order No 5"}
    for number, one in enumerate(categories):
        form |= {
            f"form-{number}-wording": one.wording,
            f"form-{number}-number": lists.get(one.wording, one.number or ""),
            f"form-{number}-article": one.article,
        }
    return form


def test_a_table_counts_with_two_people_and_closes_its_rows_in_the_order_of_the_moments(unmapped, visit):
    client = visit("clerk")
    lacking = client.get(page("mapping"))
    drafted = client.post(page("mapping_draft"), lines(**{"Общая очередь": "4"}))
    version = CategoryMappingVersion.objects.get()
    shown = client.get(drafted.url)
    first = visit("supervisor").post(page("mapping_approve", version.pk))
    again = visit("supervisor").post(page("mapping_approve", version.pk))
    settle()
    before = QueueEntry.objects.count()
    visit("secretary").post(page("mapping_approve", version.pk))
    settle()

    assert lacking.context["unmapped"] == [("Общая очередь", 1)]
    effect = shown.context["effect"]
    assert effect.moves == [((), ("4",), 1)]
    assert [(one.number, one.before, one.after, one.back, one.most) for one in effect.lists] == [
        ("4", 1, 2, 1, 1)
    ]
    assert BOTA not in shown.content.decode()
    assert (first.status_code, again.status_code, before) == (302, 409, 1)
    version.refresh_from_db()
    assert version.in_force_at == AT
    order = QueueEntry.objects.filter(waiting_list__number="4").order_by("registered_at")
    assert list(order.values_list("applicant__iin", flat=True)) == [BOTA, ANNA]
    assert not ImportCase.objects.filter(closed_at=None).exists()


def test_a_table_that_moves_a_wording_moves_its_standing_entry_by_a_typed_event(unmapped, visit):
    client = visit("clerk")
    client.post(page("mapping_draft"), lines(Пенсионер="5"))
    version = CategoryMappingVersion.objects.get()
    effect = client.get(page("mapping_version", version.pk)).context["effect"]
    visit("supervisor").post(page("mapping_approve", version.pk))
    visit("secretary").post(page("mapping_approve", version.pk))
    settle()

    assert effect.moves == [(("4",), ("5",), 1)]
    entry = QueueEntry.objects.get(applicant__iin=ANNA)
    assert entry.waiting_list.number == "5"
    event = entry.events.order_by("pk").last()
    assert (event.kind, event.ground) == ("LIST_CHANGED", "DIGITIZATION")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "The table is the same as the one in force."),
        ({"form-0-article": "", "form-0-number": "2"}, None),
        ({"form-1-wording": "УЧАСТНИК  ВОВ."}, None),
    ],
    ids=["the same", "no article", "twice"],
)
def test_a_table_that_lacks_something_is_not_drafted(unmapped, visit, change, words):
    refused = visit("clerk").post(page("mapping_draft"), lines() | change)

    assert refused.status_code == 409
    assert words is None or says(refused, words)
    assert not CategoryMappingVersion.objects.exists()


def test_one_draft_waits_at_a_time_and_may_be_given_up(unmapped, visit):
    client = visit("clerk")
    client.post(page("mapping_draft"), lines(Пенсионер="5"))
    twice = client.post(page("mapping_draft"), lines(Пенсионер="5"))
    other = client.post(page("mapping_draft"), lines(Пенсионер="6"))
    version = CategoryMappingVersion.objects.get()
    client.post(page("mapping_drop", version.pk))
    late = visit("supervisor").post(page("mapping_approve", version.pk))

    assert (twice.status_code, other.status_code, late.status_code) == (302, 409, 409)
    version.refresh_from_db()
    assert (version.dropped_at, version.in_force_at) == (AT, None)
