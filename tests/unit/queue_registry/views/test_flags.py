"""Red flags on the desk: explained with their figures, cleared by another person, at phone and desk width."""

from datetime import timedelta

import pytest
from django.utils import translation
from lxml import html

from allocation.models import Offer
from allocation.services import flags as looks
from queue_registry import flag_presenters
from queue_registry.models import Akimat, Application, PersonalDataView, RedFlag
from queue_registry.rules.flags.kinds import FlagKind
from tests import factories
from tests.browser import assert_usable

pytestmark = pytest.mark.django_db
AT = factories.AT
NEXT = AT + timedelta(days=1)


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def flag(town):
    """One entry, typed eleven years after its moment."""
    factories.waiting(town)
    looks.look(akimat=town.akimat, at=NEXT)
    return RedFlag.objects.get()


def signed_in(client, user):
    client.force_login(user)
    return client


def text(page, status=200):
    assert page.status_code == status
    return " ".join(html.fromstring(page.content.decode()).text_content().split())


def test_the_report_counts_kinds_and_explains_each_flag_with_its_figures(client, town, flag):
    with translation.override("en"):
        words = flag_presenters.found(flag, {})
    assert f"{flag.figures['days']:,} days" in words

    shown = text(signed_in(client, town.auditor).get("/desk/flags/"))

    assert flag.file_number in shown
    assert f"/desk/flags/{flag.pk}/" in client.get("/desk/flags/").content.decode()
    assert flag.file_number not in text(client.get("/desk/flags/?kind=JUMP"))
    assert flag.file_number not in text(client.get("/desk/flags/?closed=1"))
    assert flag.file_number in text(client.get("/desk/flags/?kind=nonsense"))
    assert PersonalDataView.objects.filter(by=town.auditor, target="flags:271010000").count() == 5


def test_an_auditor_reads_a_flag_and_cannot_clear_it(client, town, flag):
    page = signed_in(client, town.auditor).get(f"/desk/flags/{flag.pk}/")

    assert f"/desk/entries/{flag.entry_id}/" in page.content.decode()
    assert f"/desk/audit/cases/{flag.entry.application_id}/" in page.content.decode()
    assert "<textarea" not in page.content.decode()
    assert client.post(f"/desk/flags/{flag.pk}/clear/", {"why": "x"}).status_code == 403
    assert PersonalDataView.objects.filter(target=f"red_flag:{flag.pk}").count() == 1


def test_a_supervisor_clears_it_with_a_reason(client, town, flag):
    signed_in(client, town.supervisor)

    unsaid = client.post(f"/desk/flags/{flag.pk}/clear/", {"why": " "})
    assert "govuk-error-summary" in unsaid.content.decode()
    answer = client.post(f"/desk/flags/{flag.pk}/clear/", {"why": "Journal, page 7"}, follow=True)

    assert flag.file_number not in text(answer)
    assert "Journal, page 7" in text(client.get("/desk/flags/?closed=1"))
    assert "Journal, page 7" in text(client.get(f"/desk/flags/{flag.pk}/"))
    assert client.post(f"/desk/flags/{flag.pk}/clear/", {"why": "Again"}).status_code == 409


def test_whoever_entered_the_record_is_told_that_another_person_is_needed(client, town, flag):
    Application.objects.filter(pk=flag.entry.application_id).update(entered_by=town.supervisor)
    RedFlag.objects.filter(pk=flag.pk).update(involved=[])

    answer = signed_in(client, town.supervisor).post(f"/desk/flags/{flag.pk}/clear/", {"why": "Mine"})

    assert answer.status_code == 409
    flag.refresh_from_db()
    assert flag.is_open


def test_a_flag_of_another_akimat_is_not_found(client, town, flag):
    other = Akimat.objects.create(kato="271310000", name_kk="Басқа", name_ru="Другой")
    foreign = RedFlag.objects.create(
        akimat=other, kind="JUMP", target="queue_entry:0", cause="x", strength=1, seen_at=NEXT
    )

    assert signed_in(client, town.supervisor).get(f"/desk/flags/{foreign.pk}/").status_code == 404
    assert client.post(f"/desk/flags/{foreign.pk}/clear/", {"why": "x"}).status_code == 404


# Figures as the detector gives them, by kind; `of` is what the flag is about.
EXAMPLES = {
    "MOMENT_BEFORE_ENTRY": {
        "days": 4000,
        "limit": 30,
        "moment": "2015-03-02T10:00:00+05:00",
        "typed_at": "2026-03-02T10:00:00+05:00",
    },
    "NUMBER_OUT_OF_SEQUENCE": {
        "number": 12,
        "days": 400,
        "usual_days": 3,
        "limit": 60,
        "moment": "2015-03-02T10:00:00+05:00",
    },
    "EDIT_AFTER_ANNOUNCEMENT": {
        "places": 40,
        "before": 90,
        "after": 50,
        "at": "2026-03-02T10:00:00+05:00",
        "limit": 30,
        "homes": 55,
        "into_reach": True,
        "round": "allocation_round:1",
        "announced_at": "2026-02-02T10:00:00+05:00",
    },
    "JUMP": {
        "places": 3776,
        "before": 6463,
        "after": 2687,
        "at": "2026-03-02T10:00:00+05:00",
        "limit": 75,
        "share": "1/20",
        "length": 9000,
    },
    "CLERK_RATE": {"count": 40, "acts": 300, "others_count": 50, "others_acts": 9000, "limit": "3"},
    "ODD_HOURS": {"count": 40, "acts": 300, "others_count": 50, "others_acts": 9000, "limit": "3"},
    "NEIGHBOUR_GAIN": {
        "removals": 3,
        "limit": 2,
        "places": 7,
        "round": "allocation_round:1",
        "staff": "1",
    },
    "OFFICIAL_OR_RELATIVE": {"degree": 1, "limit": 2, "staff": "1", "round": "allocation_round:1"},
    "SAME_CONTACT": {
        "channel": "PHONE_AND_ADDRESS",
        "families": 2,
        "limit": 2,
        "days": 40,
        "others": ["queue_entry:0"],
    },
    "ORPHANS_SHARE": {
        "missing": 3,
        "received": 17,
        "needed": 20,
        "homes": 100,
        "floor": "1/5",
        "waiting": 400,
    },
    "FLAT_IDLE": {"home": "D-1", "days": 400, "limit": 180, "since": "2025-03-02T10:00:00+05:00"},
    "FLAT_EMPTY": {"home": "D-1", "days": 100, "limit": 90, "since": "2026-03-02T10:00:00+05:00"},
    "NOT_FIRST": {
        "turn": 3,
        "round": "allocation_round:1",
        "moment": "2015-03-02T10:00:00+05:00",
        "ahead": 12,
        "limit": 1,
        "list": "271010000:5",
    },
    "NOT_ON_LIST": {
        "turn": 3,
        "round": "allocation_round:1",
        "moment": "2015-03-02T10:00:00+05:00",
        "list": "271010000:5",
        "since": "",
    },
    "LATER_BEFORE_EARLIER": {
        "turn": 3,
        "round": "allocation_round:1",
        "moment": "2015-03-02T10:00:00+05:00",
        "earlier": 2,
        "limit": 1,
        "days": 30,
        "list": "271010000:5",
    },
}


def test_every_kind_is_said_in_words_with_all_its_figures():
    assert EXAMPLES.keys() == set(FlagKind)
    for kind, figures in EXAMPLES.items():
        flag = RedFlag(kind=kind, figures=figures, target="staff:1")
        words = flag_presenters.found(flag, {"1": "A. Clerk"})
        assert "%(" not in words, kind
        assert flag_presenters.about(flag, {"1": "A. Clerk"}) == "A. Clerk"
        assert flag_presenters.kind(kind) != kind


def example(town, kind, entry, number):
    is_about_entry = kind not in {"CLERK_RATE", "ODD_HOURS", "ORPHANS_SHARE", "FLAT_IDLE", "FLAT_EMPTY"}
    target = {
        "CLERK_RATE": f"staff:{town.clerk.pk}",
        "ODD_HOURS": f"staff:{town.clerk.pk}",
        "ORPHANS_SHARE": "akimat_year:271010000-2026-2",
        "FLAT_IDLE": "dwelling:1",
        "FLAT_EMPTY": "dwelling:2",
    }.get(kind, f"queue_entry:{entry.pk}")
    return RedFlag.objects.create(
        akimat=town.akimat,
        kind=kind,
        target=target,
        entry=entry if is_about_entry else None,
        file_number=entry.file_number if is_about_entry else "",
        cause="x",
        strength=number,
        figures=EXAMPLES[kind] | ({"staff": str(town.clerk.pk)} if "staff" in EXAMPLES[kind] else {}),
        seen_at=NEXT,
    )


def test_every_kind_has_a_page(client, town):
    entry = factories.waiting(town)
    rows = [example(town, kind, entry, number) for number, kind in enumerate(EXAMPLES, 1)]
    signed_in(client, town.supervisor)

    assert text(client.get("/desk/flags/")).count(entry.file_number) >= 10
    for row in rows:
        assert client.get(f"/desk/flags/{row.pk}/").status_code == 200, row.kind


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_report_fits_phone_and_desk(live_server, client, town, new_page, pictures, language):
    entry = factories.waiting(town)
    rows = [example(town, kind, entry, number) for number, kind in enumerate(EXAMPLES, 1)]
    signed_in(client, town.supervisor)
    for width in (360, 1280):
        page = new_page(width=width, locale=language, base_url=live_server.url)
        page.context.add_cookies(
            [
                {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url},
                {"name": "django_language", "value": language, "url": live_server.url},
            ]
        )
        page.goto("/desk/flags/")
        assert_usable(page)
        page.screenshot(path=pictures / f"flags-{language}-{width}.png", full_page=True)
        page.goto(f"/desk/flags/{rows[3].pk}/")
        assert_usable(page)
        page.screenshot(path=pictures / f"flag-{language}-{width}.png", full_page=True)
    assert not Offer.objects.exists()
