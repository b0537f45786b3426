"""Who owes a code is a stranger; a code is taken once; a lost telephone is untied by two people."""

import re
import time
from datetime import date

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from housing_queue import demo_telephones
from housing_queue import settings as project
from queue_registry.models import (
    Akimat,
    AuditEvent,
    RecoveryCode,
    SecondFactorReset,
    StaffMembership,
    Telephone,
)
from queue_registry.rules.roles import SECOND_FACTOR, Role
from queue_registry.rules.second_factor import FactorRefusal, FactorRefused
from queue_registry.selectors import clock
from queue_registry.services import second_factor_resets, second_factors
from tests import factories
from tests.second_factor import NEW, PAGE, code_of, signed_in, tied, verified, wrong_code

pytestmark = pytest.mark.django_db
FORCED = ("supervisor", "secretary", "chair", "member1", "auditor", "admin")


@pytest.fixture(autouse=True)
def _as_in_an_installation(settings, monkeypatch):
    settings.SECOND_FACTOR = project.SECOND_FACTOR
    monkeypatch.setattr(clock, "now", lambda: factories.AT)


@pytest.fixture
def town():
    return factories.town()


def records(event):
    return AuditEvent.objects.filter(event=f"second_factor.{event}").order_by("seq")


def with_password(town, name):
    return signed_in(town.staff[name], password=town.passwords[name])


def with_code(town, name):
    return verified(town.staff[name], password=town.passwords[name])


# Who is asked


def test_every_role_but_the_clerks_is_asked_and_no_environment_switches_it_off():
    assert set(Role) - SECOND_FACTOR == {Role.CLERK}
    assert project.SECOND_FACTOR is True
    assert "SECOND_FACTOR" not in (project.BASE_DIR / ".env.example").read_text()


@pytest.mark.parametrize("name", FORCED)
def test_a_forced_role_gets_nowhere_but_to_its_telephone(town, name):
    client = with_password(town, name)
    for address in ("/desk/", "/desk/work/", "/admin/", "/admin/allocation/sitting/", "/desk/audit/"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, PAGE), address
    assert client.get(PAGE).headers["Location"].startswith(NEW)
    assert client.get(NEW).status_code == 200
    assert client.get("/api/v1/rung/").status_code in {401, 403, 404}
    assert client.get("/kk/").status_code == 200
    assert client.post("/desk/sign-out/").status_code == 302
    assert client.get(NEW).headers["Location"].startswith("/desk/sign-in/")


def test_a_clerk_works_without_and_may_choose_it(town):
    client = with_password(town, "clerk")
    assert client.get("/desk/work/").status_code == 200
    tied(town.clerk)
    assert client.get("/desk/work/").headers["Location"].startswith(PAGE)
    assert with_code(town, "clerk").get("/desk/work/").status_code == 200


def test_a_role_given_later_asks_at_once(town):
    client = with_password(town, "clerk")
    assert client.get("/desk/work/").status_code == 200
    elsewhere = Akimat.objects.create(kato="231010000", name_kk="Бөтен", name_ru="Чужой")
    StaffMembership.objects.create(
        user=town.clerk, akimat=elsewhere, role=Role.SECRETARY, from_on=date(2026, 1, 1)
    )
    assert client.get("/desk/work/").headers["Location"].startswith(PAGE)


def test_a_citizens_page_asks_no_session_whether_a_code_is_owed(town):
    client = with_password(town, "chair")
    answer = client.get("/kk/")
    assert "Cookie" not in answer.headers.get("Vary", "")


# Tying a telephone


def test_a_telephone_is_tied_by_picture_or_letters_and_its_first_code(town):
    client = with_password(town, "chair")
    page = client.get(NEW)
    device = Telephone.objects.get(user=town.chair)
    text = page.content.decode()
    assert "<svg" in text
    letters = re.search(r'kz-secret">([A-Z2-7 ]+)<', text).group(1).replace(" ", "")
    assert f"secret={letters}" in device.config_url
    assert "no-store" in page.headers["Cache-Control"]
    # Reading the page again shows the same secret: the one that the telephone has read already.
    assert letters in client.get(NEW).content.decode().replace(" ", "")

    wrong = client.post(NEW, {"code": wrong_code(town.chair)})
    assert wrong.status_code == 200
    assert client.get("/admin/").status_code == 302
    Telephone.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)

    answer = client.post(NEW, {"code": code_of(town.chair), "next": "/admin/"})

    codes = re.findall(r"<li>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</li>", answer.content.decode())
    assert len(set(codes)) == 10
    assert client.get("/admin/").status_code == 200
    assert records("enrolled").get().target == f"staff:{town.chair.pk}"
    assert records("failed").get().data == {"kind": "enrollment"}


def test_codes_for_paper_are_kept_as_digests_alone(town):
    codes = tied(town.chair)
    kept = " ".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert all(code not in kept and code.replace("-", "") not in kept for code in codes)
    assert re.fullmatch(r"([0-9a-f]{64} ?){10}", kept)


def test_the_password_alone_ties_no_other_telephone(town):
    tied(town.chair)
    before = Telephone.objects.get()
    thief = with_password(town, "chair")

    assert thief.get(NEW).headers["Location"].startswith(PAGE)
    assert thief.post(NEW, {"code": "000000"}).status_code == 302
    assert Telephone.objects.get() == before


def test_another_telephone_takes_the_place_of_the_first(town):
    old = tied(town.chair)
    client = with_code(town, "chair")
    before = Telephone.objects.get().pk
    client.get(NEW)
    client.post(NEW, {"code": code_of(town.chair)})

    assert Telephone.objects.get(confirmed=True).pk != before
    assert client.get("/admin/").status_code == 200
    refused = second_factors.verify(user=town.chair, code=old[0], at=factories.AT)
    assert refused is FactorRefusal.WRONG_CODE


# Codes


def test_a_code_lets_in_and_leads_to_where_the_person_wanted_to_go(town):
    tied(town.chair)
    client = with_password(town, "chair")
    asked = client.get("/desk/rounds/?state=OPEN")
    assert asked.headers["Location"] == f"{PAGE}?next=%2Fdesk%2Frounds%2F%3Fstate%3DOPEN"
    answer = client.post(asked.headers["Location"], {"code": code_of(town.chair)})
    assert answer.headers["Location"] == "/desk/rounds/?state=OPEN"
    assert client.get("/desk/rounds/").status_code == 200


def test_a_code_is_taken_once(town):
    """Replay: whoever reads a code over a shoulder, or on the wire, comes too late with it."""
    tied(town.chair)
    code = code_of(town.chair)
    assert with_password(town, "chair").post(PAGE, {"code": code}).status_code == 302

    second = with_password(town, "chair")
    refused = second.post(PAGE, {"code": code})

    assert refused.status_code == 200
    assert second.get("/admin/").status_code == 302
    assert records("failed").get().data == {"kind": "telephone"}


def test_an_older_code_is_refused_after_a_newer_one(town):
    tied(town.chair)
    now = time.time()
    older = demo_telephones.code_at(town.chair, now)
    assert not isinstance(
        second_factors.verify(user=town.chair, code=code_of(town.chair), at=factories.AT), FactorRefusal
    )
    assert second_factors.verify(user=town.chair, code=older, at=factories.AT) is FactorRefusal.WRONG_CODE


@pytest.mark.parametrize(("late", "is_taken"), [(29, True), (59, True), (60, False), (-31, False)])
def test_a_code_holds_for_its_half_minute_and_the_one_beside_it(town, late, is_taken):
    with time_machine.travel(1_800_000_000, tick=False):
        tied(town.chair)
        Telephone.objects.update(last_t=-1)
        code = demo_telephones.code_at(town.chair, 1_800_000_000)
    with time_machine.travel(1_800_000_000 + late, tick=False):
        taken = second_factors.verify(user=town.chair, code=code, at=factories.AT)
    assert (not isinstance(taken, FactorRefusal)) is is_taken


def test_each_wrong_code_makes_the_next_try_wait_twice_as_long_even_with_the_right_one(town):
    with time_machine.travel(1_800_000_000, tick=False):
        tied(town.chair)
        wrong = wrong_code(town.chair)
    moment = 1_800_000_060
    for failures in range(1, 5):
        with time_machine.travel(moment, tick=False):
            assert second_factors.verify(user=town.chair, code=wrong, at=factories.AT) == "WRONG_CODE"
        moment += 2 ** (failures - 1)
        with time_machine.travel(moment - 0.5, tick=False):
            right = code_of(town.chair)
            assert second_factors.verify(user=town.chair, code=right, at=factories.AT) == "TOO_SOON"
    assert records("failed").count() == 4
    with time_machine.travel(moment, tick=False):
        taken = second_factors.verify(user=town.chair, code=code_of(town.chair), at=factories.AT)
    assert isinstance(taken, Telephone)


def test_guessing_codes_on_paper_makes_the_telephone_wait_too(town):
    codes = tied(town.chair)
    assert second_factors.verify(user=town.chair, code="abcd-efgh-jkmn", at=factories.AT) == "WRONG_CODE"
    assert second_factors.verify(user=town.chair, code=codes[0], at=factories.AT) == "TOO_SOON"
    assert records("failed").get().data == {"kind": "paper"}


def test_a_code_on_paper_lets_in_once_however_it_is_typed(town):
    codes = tied(town.chair)
    client = with_password(town, "chair")
    assert client.post(PAGE, {"code": f" {codes[3].upper().replace('-', ' ')} "}).status_code == 302
    assert client.get("/admin/").status_code == 200
    assert records("recovery_code_used").count() == 1
    assert "9" in client.get(PAGE).content.decode()

    again = with_password(town, "chair")
    assert again.post(PAGE, {"code": codes[3]}).status_code == 200
    assert again.get("/admin/").status_code == 302


def test_a_code_of_another_person_is_worth_nothing(town):
    tied(town.chair)
    others = tied(town.supervisor)
    client = with_password(town, "chair")
    assert client.post(PAGE, {"code": others[0]}).status_code == 200
    assert client.get("/admin/").status_code == 302


# Sessions


def test_the_key_of_a_session_changes_with_the_password_and_with_the_code(town):
    """Fixation: a key that somebody planted, or knew before the code, opens nothing."""
    tied(town.chair)
    client = Client()
    client.get("/desk/sign-in/")
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    client.post("/desk/sign-in/", {"username": "chair", "password": town.passwords["chair"]})
    before_the_code = client.session.session_key
    client.post(PAGE, {"code": code_of(town.chair)})
    after = client.session.session_key

    assert len({planted, before_the_code, after}) == 3
    for known in (planted, before_the_code):
        attacker = Client()
        attacker.cookies["sessionid"] = known
        assert attacker.get("/desk/work/").headers["Location"].startswith("/desk/sign-in/")
    assert client.get("/admin/").status_code == 200


def test_signing_out_and_in_asks_for_a_code_again(town):
    tied(town.chair)
    client = with_code(town, "chair")
    client.post("/desk/sign-out/")
    client.post("/desk/sign-in/", {"username": "chair", "password": town.passwords["chair"]})
    assert client.get("/admin/").headers["Location"].startswith(PAGE)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_code_leads_to_no_page_of_others(town, elsewhere):
    tied(town.chair)
    client = with_password(town, "chair")
    asked = client.get(PAGE, {"next": elsewhere})
    assert "evil.example" not in asked.content.decode()
    answer = client.post(PAGE, {"code": code_of(town.chair), "next": elsewhere})
    assert answer.headers["Location"] == "/desk/"


# A lost telephone


@pytest.fixture
def proposed(town):
    tied(town.chair)
    return second_factor_resets.propose(
        akimat=town.akimat, user=town.chair, reason="Lost on a journey", by=town.admin, at=factories.AT
    )


def test_a_lost_telephone_is_untied_by_another_person_and_its_sessions_end(town):
    for name in ("chair", "admin", "supervisor"):
        tied(town.staff[name])
    chair, admin = with_code(town, "chair"), with_code(town, "admin")
    supervisor = with_code(town, "supervisor")
    page = reverse("queue_registry:factor_resets")
    admin.post(f"{page}propose/", {"user": town.chair.pk, "reason": "Lost on a journey"})
    reset = SecondFactorReset.objects.get()
    alone = admin.post(f"{page}{reset.pk}/", {"step": "carry_out"})
    assert alone.status_code == 409
    assert chair.get("/admin/").status_code == 200

    assert supervisor.post(f"{page}{reset.pk}/", {"step": "carry_out"}).status_code == 302

    assert chair.get("/admin/").headers["Location"].startswith(PAGE)
    assert chair.get(PAGE).headers["Location"].startswith(NEW)
    assert not RecoveryCode.objects.filter(user=town.chair, ended_at=None).exists()
    assert records("reset_proposed").get().actor == "admin"
    assert records("reset").get().actor == "supervisor"


@pytest.mark.parametrize("name", ["admin", "chair"])
def test_refuse_who_proposed_it_and_whose_telephone_it_is(town, proposed, name):
    with pytest.raises(FactorRefused, match="ANOTHER_PERSON_NEEDED"):
        second_factor_resets.carry_out(reset_id=proposed.pk, by=town.staff[name], at=factories.AT)
    assert Telephone.objects.filter(user=town.chair).exists()


def test_refuse_what_has_no_reason_no_role_no_telephone_or_is_open(town, proposed):
    def refused(user, reason="x", by=town.admin, akimat=town.akimat):
        with pytest.raises(FactorRefused) as error:
            second_factor_resets.propose(akimat=akimat, user=user, reason=reason, by=by, at=factories.AT)
        return error.value.code

    elsewhere = Akimat.objects.create(kato="231010000", name_kk="Бөтен", name_ru="Чужой")
    assert refused(town.chair, reason=" ") == "REASON_MISSING"
    assert refused(town.admin) == "OWN_TELEPHONE"
    assert refused(town.chair, akimat=elsewhere) == "NO_ROLE_HERE"
    assert refused(town.auditor) == "NOTHING_TIED"
    assert refused(town.chair) == "OPEN_ALREADY"


def test_dropping_it_leaves_the_telephone_tied_and_is_final(town, proposed):
    second_factor_resets.drop(reset_id=proposed.pk, by=town.supervisor, at=factories.AT)
    assert Telephone.objects.filter(user=town.chair).exists()
    with pytest.raises(FactorRefused, match="DECIDED_ALREADY"):
        second_factor_resets.carry_out(reset_id=proposed.pk, by=town.supervisor, at=factories.AT)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"decided_by": "admin", "is_carried_out": True}, "second_factor_reset_by_another_person"),
        ({"decided_by": "chair", "is_carried_out": False}, "second_factor_reset_not_of_oneself"),
        ({"decided_by": "supervisor"}, "second_factor_reset_decided_at_by_and_how_together"),
    ],
)
def test_the_database_refuses_it_too(town, proposed, change, constraint):
    values = {**change, "decided_by": town.staff[change["decided_by"]], "decided_at": factories.AT}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        SecondFactorReset.objects.filter(pk=proposed.pk).update(**values)


# The demo


def test_demo_code_is_refused_where_people_are_real(town, settings):
    tied(town.chair)
    assert settings.DEMO is False
    with pytest.raises(CommandError, match="DEMO"):
        call_command("demo_code", "chair")


def test_demo_code_lets_in_as_a_telephone_does_and_again_in_the_same_half_minute(town, settings, capsys):
    settings.DEMO = True
    demo_telephones.tie_all(town.staff.values(), at=factories.AT, clock=time.time)
    assert Telephone.objects.filter(confirmed=True).count() == len(town.staff) - 2
    client = with_password(town, "member1")
    call_command("demo_code", "member1")
    assert client.post(PAGE, {"code": capsys.readouterr().out}).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_the_third_code_of_a_half_minute_is_waited_for(town):
    waited = []

    def clock_of_tests():
        return 1_800_000_010 + sum(waited)

    with time_machine.travel(1_800_000_010, tick=False):
        tied(town.chair)
        Telephone.objects.update(last_t=1_800_000_010 // 30 + 1)
        code = demo_telephones.next_code(town.chair, wait=waited.append, clock=clock_of_tests)
    assert waited == [20]
    assert code == demo_telephones.code_at(town.chair, 1_800_000_010 + 60)


def test_demo_code_of_a_person_without_telephone_says_so(town, settings):
    settings.DEMO = True
    with pytest.raises(CommandError, match="clerk has no telephone"):
        call_command("demo_code", "clerk")
