"""The commission's desk: what each person sees there, and every refusal in words with nothing changed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from allocation.models import Decision, Departure, DepartureVote, Vote
from allocation.services import decisions, rounds
from queue_registry import formats
from queue_registry.models import Akimat, AuditEvent, PersonalDataView, StaffMembership
from queue_registry.services import queue_entries
from tests import factories
from tests.factories import AT

DESK = "/admin/allocation/sitting/"


@pytest.fixture
def register(town):
    return factories.register(town)


@pytest.fixture
def sitting(town, register):
    return factories.convened(town, register.homes, quotas=factories.ONE_BY_PROGRAM)


def ballot(sitting, choice="FOR", reason=""):
    return {"choice": choice, "reason": reason, "result_sha256": sitting.run.result_sha256}


def closing(sitting, outcome="CONFIRMED"):
    return {"outcome": outcome, "result_sha256": sitting.run.result_sha256}


def page_of(client, sitting):
    return client.get(f"{DESK}{sitting.pk}/change/")


def sign_in(client, sitting):
    return client.post(f"{DESK}{sitting.pk}/attend/")


def cast(client, sitting, *arguments):
    sign_in(client, sitting)
    return client.post(f"{DESK}{sitting.pk}/vote/", ballot(sitting, *arguments))


def close(client, sitting, *arguments):
    return client.post(f"{DESK}{sitting.pk}/close/", closing(sitting, *arguments))


def vote_all(town, sitting, choices="FFF"):
    """Everybody is there; the three members who may vote do, and the chair does not yet."""
    factories.attend_all(sitting)
    for name, letter in zip(("member2", "member3", "member4"), choices, strict=True):
        choice, reason = ("FOR", "") if letter == "F" else ("AGAINST", "Tested")
        decisions.vote(
            sitting_id=sitting.pk,
            choice=Vote.Choice(choice),
            reason=reason,
            result_sha256=sitting.run.result_sha256,
            by=town.staff[name],
            at=AT,
        )


def test_a_vote_is_taken_and_the_desk_is_shown_again(visit, sitting):
    response = cast(visit("member2"), sitting)

    assert response.url == f"{DESK}{sitting.pk}/change/"
    assert Vote.objects.get().member.user.username == "member2"


@pytest.mark.parametrize(
    ("choice", "reason", "problem"),
    [
        ("AGAINST", " ", "Say why you vote against."),
        ("", "", "Choose how you vote."),
        ("MAYBE", "", "Choose how you vote."),
    ],
)
def test_a_ballot_that_is_not_filled_in_is_given_back(visit, sitting, says, choice, reason, problem):
    response = cast(visit("member2"), sitting, choice, reason)

    assert response.status_code == 400
    assert says(response, problem)
    assert not Vote.objects.exists()


@pytest.mark.parametrize("name", ["secretary", "auditor"])
def test_who_only_looks_on_is_told_so_when_voting(visit, sitting, says, name):
    client = visit(name)

    assert "id_choice" not in page_of(client, sitting).content.decode()
    response = cast(client, sitting)

    assert response.status_code == 403
    assert says(response, "Only a member of this sitting may vote.")
    assert not Vote.objects.exists()


def test_a_member_who_was_not_seated_is_told_so(town, visit, sitting, says):
    StaffMembership.objects.create(user=town.clerk2, akimat=town.akimat, role="MEMBER", from_on=AT.date())

    response = cast(visit("clerk2"), sitting)

    assert response.status_code == 409
    assert says(response, "Only a member of this sitting may vote.")


@pytest.mark.parametrize("name", ["clerk", "supervisor", "admin"])
def test_others_do_not_find_the_sitting(visit, sitting, name):
    client = visit(name)

    assert page_of(client, sitting).status_code == 404
    assert cast(client, sitting).status_code == 404
    assert close(client, sitting).status_code == 404
    assert not Vote.objects.exists()


def test_a_member_of_another_akimat_does_not_find_the_sitting(town, visit, sitting):
    other = Akimat.objects.create(kato="750000000", name_kk="Алматы", name_ru="Алматы")
    StaffMembership.objects.filter(user=town.member2).update(akimat=other)

    assert cast(visit("member2"), sitting).status_code == 404


def test_a_relative_is_recused_and_the_quorum_is_that_of_the_others(visit, sitting, register, says):
    client = visit("member1")
    page = page_of(client, sitting)

    assert says(page, "You may not vote here: you have an interest in this round.")
    assert says(page, "degree of kinship: %(degree)s", degree=2)
    assert register.entries["sister"].file_number in page.content.decode()
    assert says(page, "%(share)s × %(voting)s, rounded up: %(needed)s", share="2/3", voting=4, needed=3)
    response = cast(client, sitting)
    assert response.status_code == 409
    assert says(response, "You may not vote here: you have an interest in this round.")
    assert not Vote.objects.exists()


def test_who_entered_a_candidates_record_cannot_vote_on_it(town, visit, register, says):
    application = register.entries["orphan"].application
    application.entered_by = town.member2
    application.save()
    sitting = factories.convened(town, register.homes, quotas=factories.ONE_BY_PROGRAM)

    response = cast(visit("member2"), sitting)

    assert says(response, "You may not vote here: you have an interest in this round.")
    assert says(response, "entered or imported a candidate's record")


def test_nobody_votes_twice_or_after_the_decision(town, visit, sitting, says):
    cast(visit("member2"), sitting)
    again = cast(visit("member2"), sitting)
    for name in ("member3", "chair"):
        cast(visit(name), sitting)
    close(visit("chair"), sitting)
    late = cast(visit("member4"), sitting)

    assert (again.status_code, late.status_code) == (409, 409)
    assert says(again, "You have voted already.")
    assert says(late, "The sitting has decided already.")
    assert Vote.objects.count() == 3


def test_only_who_presides_closes_the_vote(town, visit, sitting, says):
    vote_all(town, sitting)

    for name, status in (("member2", 409), ("secretary", 403), ("auditor", 403)):
        response = close(visit(name), sitting)
        assert response.status_code == status
        assert says(response, "Only who presides at the sitting may do this.")
    assert not Decision.objects.exists()

    assert close(visit("chair"), sitting).status_code == 302
    assert Decision.objects.get().outcome == "CONFIRMED"


def test_the_chair_closes_the_vote_only_as_it_came_out(town, visit, sitting, says):
    vote_all(town, sitting, "AAF")
    chair = visit("chair")
    cast(chair, sitting, "AGAINST", "The same")

    assert says(close(chair, sitting), "There is no majority for the proposal.")
    assert says(page_of(chair, sitting), "Refuse the distribution")
    close(chair, sitting, "REFUSED")

    assert Decision.objects.get().outcome == "REFUSED"


def test_without_a_quorum_the_page_says_how_many_votes_are_missing(visit, sitting, says):
    cast(visit("chair"), sitting)
    chair = visit("chair")

    assert says(
        page_of(chair, sitting),
        "The vote cannot be closed yet. Members missing to the quorum: %(count)s.",
        count=2,
    )
    assert says(
        close(chair, sitting),
        "There is no quorum: %(present)s members attend and may vote, %(needed)s are needed.",
        present=1,
        needed=3,
    )


def test_while_the_outcome_is_open_the_page_says_who_has_not_voted(visit, sitting, says):
    factories.attend_all(sitting)
    chair = visit("chair")
    cast(chair, sitting)

    assert says(
        page_of(chair, sitting),
        "The vote cannot be closed yet: its outcome is open. Of those present have not voted: %(count)s.",
        count=3,
    )
    assert says(
        close(chair, sitting),
        "The outcome is still open: %(missing)s of those present have not voted.",
        missing=3,
    )


def test_a_stale_run_is_refused_and_what_changed_is_named(town, visit, sitting, register, says):
    vote_all(town, sitting)
    orphan = register.entries["orphan"]
    queue_entries.suspend(entry_id=orphan.pk, by=town.clerk, at=AT, ground="TESTED")

    response = close(visit("chair"), sitting)

    assert response.status_code == 409
    assert says(
        response,
        "An entry, a home or the policy has changed since the freeze. Cancel this round and open a new one.",
    )
    assert says(response, "Entry %(key)s", key=f"{orphan.file_number}/2")
    assert says(response, "whether it is eligible")
    assert not Decision.objects.exists()


def test_a_cancelled_round_is_no_longer_voted_on(town, visit, sitting, says):
    rounds.cancel(round_id=sitting.run.round_id, reason="Mistake", by=town.secretary, at=AT)

    assert says(cast(visit("member2"), sitting), "The round was cancelled.")
    assert says(
        page_of(visit("member2"), sitting),
        "The round was cancelled or run again; nobody votes on this run any more.",
    )


def test_where_the_chair_is_recused_the_page_names_who_presides(town, visit, register, says):
    application = register.entries["orphan"].application
    application.entered_by = town.chair
    application.save()
    sitting = factories.convened(town)
    factories.vote_all(town, sitting)

    assert says(
        page_of(visit("member3"), sitting),
        "The chair is recused or absent: %(name)s, whose mandate is the oldest, "
        "presides and closes the vote.",
        name=town.member2,
    )
    assert close(visit("member3"), sitting).status_code == 409
    assert close(visit("member2"), sitting).status_code == 302
    assert Decision.objects.get().decided_by == town.member2


def test_how_others_voted_is_seen_only_by_who_has_voted(town, visit, sitting):
    factories.attend_all(sitting)
    decisions.vote(
        sitting_id=sitting.pk,
        choice=Vote.Choice.AGAINST,
        reason="The list is wrong",
        result_sha256=sitting.run.result_sha256,
        by=town.member3,
        at=AT,
    )
    reason = b"The list is wrong"

    assert reason not in page_of(visit("member2"), sitting).content
    assert reason not in page_of(visit("member1"), sitting).content
    cast(visit("member2"), sitting)
    assert reason in page_of(visit("member2"), sitting).content
    assert reason in page_of(visit("auditor"), sitting).content


def test_the_desk_shows_the_run_step_by_step(visit, sitting):
    body = page_of(visit("member2"), sitting).content.decode()

    for text in (
        "6/5",
        "1,2000",
        "= 3 × 4/10",
        "1/5 × (0 + 6) = 6/5",
        "NO_DWELLING_FITS",
        sitting.run.result_sha256,
    ):
        assert text in body
    assert body.count('class="kz-flow__name"') == 6
    assert body.count('class="kz-flow__figure"') == 24


@pytest.mark.parametrize("page", ["passed-over/", "allotments/", "bundle.zip"])
def test_a_look_at_the_families_of_a_run_is_recorded(town, visit, sitting, page):
    assert visit("member2").get(f"{DESK}{sitting.pk}/{page}").status_code == 200

    look = PersonalDataView.objects.get()
    assert (look.by, look.target) == (town.member2, f"allocation_run:{sitting.run_id}")


def test_who_was_passed_over_is_filtered_by_code_and_list(visit, sitting, register):
    address = f"{DESK}{sitting.pk}/passed-over/"
    client = visit("member2")

    everybody = client.get(address).context["page"].paginator.count
    taken = client.get(f"{address}?code=FITTING_DWELLINGS_TAKEN&list_number=5").context["page"]

    assert everybody == 7
    assert {line.entry for line in taken} == {register.entries["sister"], register.entries["late_worker"]}


def test_a_witness_is_shown_with_the_families_that_took_the_homes(visit, sitting, register):
    line = sitting.run.lines.get(entry=register.entries["sister"])

    body = visit("member2").get(f"{DESK}{sitting.pk}/lines/{line.pk}/").content.decode()

    for name in ("large_family", "pensioner", "worker"):
        assert register.entries[name].file_number in body


def test_a_line_of_another_run_is_not_found_at_this_sitting(town, visit, sitting):
    other = factories.convened(town)
    line = sitting.run.lines.first()

    assert visit("member2").get(f"{DESK}{other.pk}/lines/{line.pk}/").status_code == 404


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_protocol_is_there_when_the_commission_has_decided(town, visit, sitting, language):
    address = f"{DESK}{sitting.pk}/protocol-{language}.pdf"
    assert visit("member2").get(address).status_code == 404
    vote_all(town, sitting)
    close(visit("chair"), sitting)

    first, second = (visit(name).get(address) for name in ("member2", "auditor"))

    assert first.headers["Content-Type"] == "application/pdf"
    assert first.content == second.content
    assert AuditEvent.objects.filter(event="protocol.made").count() == 1
    assert visit("chair").get(f"{DESK}{sitting.pk}/protocol-en.pdf").status_code == 404


def test_the_admin_has_a_strict_policy_and_no_inline_part_that_breaks_it(visit, sitting):
    response = page_of(visit("member2"), sitting)

    policy = response.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    body = response.content.decode()
    assert [
        attribute for attribute in (" style=", " onclick=", "<style", "javascript:") if attribute in body
    ] == []


@pytest.mark.parametrize(
    "name", ["allocationround", "allocationrun", "allocationline", "dwelling", "offer", "sitting"]
)
def test_lists_of_the_admin_are_only_looked_at(town, visit, sitting, name):
    client = visit("auditor")

    assert client.get(f"/admin/allocation/{name}/").status_code == 200
    assert client.post(f"/admin/allocation/{name}/", {"action": "delete_selected"}).status_code in {
        200,
        302,
        403,
    }
    assert client.get(f"/admin/allocation/{name}/add/").status_code == 404
    assert visit("clerk").get(f"/admin/allocation/{name}/").status_code == (200 if name != "sitting" else 403)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("clerk", None),
        ("secretary", None),
        ("auditor", None),
        ("member1", "/admin/allocation/sitting/"),
        ("chair", "/admin/allocation/sitting/"),
        ("admin", "/admin/"),
    ],
)
def test_everybody_is_received_at_the_desk_with_a_page_of_theirs(town, visit, name, address):
    response = visit(name).get("/desk/")

    assert (response.status_code, response.headers.get("Location")) == (
        (302, address) if address else (200, None)
    )


def invitation(**changes):
    return {"on": "2026-09-01", "time": "11:30", "place": "Room 5", "agenda": "Letters\n\n Plans "} | changes


def test_the_secretary_invites_and_enters_who_is_there(town, visit, sitting, says):
    secretary, address = visit("secretary"), f"{DESK}{sitting.pk}/"

    assert secretary.post(f"{address}announce/", invitation()).status_code == 302
    sitting.refresh_from_db()
    assert (sitting.place, sitting.agenda) == ("Room 5", ["Letters", "Plans"])
    assert sitting.sits_at.isoformat() == "2026-09-01T06:30:00+00:00"
    early = secretary.post(f"{address}enter/", {"user": town.member2.pk})
    with translation.override("kk"):
        begins = formats.moment(sitting.sits_at)
    assert says(early, "The sitting has not begun; members sign in from %(sits_at)s on.", sits_at=begins)
    waits = page_of(visit("member2"), sitting)
    told = "Members can sign in and vote from %(moment)s on, when the sitting begins."
    assert says(waits, told, moment=begins)
    assert b"/attend/" not in waits.content
    secretary = visit("secretary")
    secretary.post(f"{address}announce/", invitation(time="08:00"))
    secretary.post(f"{address}enter/", {"user": town.member2.pk})
    assert sitting.members.get(user=town.member2).attended_by == town.secretary
    secretary.post(f"{address}let-go/", {"user": town.member2.pk})
    assert sitting.members.get(user=town.member2).attended_at is None


def test_an_invitation_without_time_or_place_is_given_back(visit, sitting, says):
    response = visit("secretary").post(f"{DESK}{sitting.pk}/announce/", invitation(time="", place=""))

    assert response.status_code == 400
    assert says(response, "Enter the hour")
    assert says(response, "Say where it sits.")


def test_only_the_secretary_arranges_a_sitting(visit, sitting, town):
    for name in ("member2", "chair", "auditor"):
        for act, data in (("announce", invitation()), ("enter", {"user": town.member2.pk}), ("let-go", {})):
            assert visit(name).post(f"{DESK}{sitting.pk}/{act}/", data).status_code == 403


def test_nobody_votes_before_signing_in(visit, sitting, says):
    client = visit("member2")

    assert "id_choice" not in page_of(client, sitting).content.decode()
    response = client.post(f"{DESK}{sitting.pk}/vote/", ballot(sitting))
    assert response.status_code == 409
    assert says(response, "Only who attends the sitting may vote.")
    sign_in(client, sitting)
    assert "id_choice" in page_of(client, sitting).content.decode()


def test_a_vote_in_anothers_name_cannot_be_cast(town, visit, sitting):
    """The page takes the voter from who has signed in; what else is sent is not looked at."""
    factories.attend_all(sitting)

    visit("member2").post(
        f"{DESK}{sitting.pk}/vote/", ballot(sitting) | {"member": town.member3.pk, "user": "member3"}
    )

    assert Vote.objects.get().member.user == town.member2


def test_a_member_declares_an_interest_and_it_stands_on_the_page(visit, sitting, says):
    client, address = visit("member2"), f"{DESK}{sitting.pk}/declare/"

    assert client.post(address, {"text": " "}).status_code == 400
    assert client.post(address, {"text": "A candidate rents my flat"}).status_code == 302
    page = page_of(client, sitting)
    assert says(page, "declared an interest")
    assert b"A candidate rents my flat" in page.content
    assert says(page, "%(share)s × %(voting)s, rounded up: %(needed)s", share="2/3", voting=3, needed=2)
    assert visit("secretary").post(address, {"text": "x"}).status_code == 403


def test_who_prepared_the_round_is_named_with_an_interest(town, visit, register, says):
    person = factories.identify(town, "secretary")
    factories.relate(register.entries["orphan"].applicant, person, "parent")
    sitting = factories.convened(town, register.homes, quotas=factories.ONE_BY_PROGRAM)

    page = page_of(visit("member2"), sitting)

    assert says(page, "Who prepared the round")
    assert says(page, "degree of kinship: %(degree)s", degree=1)


def test_what_changed_since_the_freeze_is_seen_before_anybody_votes(town, visit, sitting, register, says):
    address = f"{DESK}{sitting.pk}/changes/"
    assert f'hx-get="{address}"' in page_of(visit("member2"), sitting).content.decode()
    orphan = register.entries["orphan"]
    queue_entries.suspend(entry_id=orphan.pk, by=town.clerk, at=AT, ground="TESTED")

    page = visit("member2").get(address)
    part = visit("member2").get(address, headers={"HX-Request": "true"})

    for response in (page, part):
        assert says(response, "Entry %(key)s", key=f"{orphan.file_number}/2")
    assert b"<html" in page.content
    assert b"<html" not in part.content


def test_a_line_opens_to_what_was_found_and_which_homes_fit(visit, sitting, register, says):
    line = sitting.run.lines.get(entry=register.entries["sister"])

    page = visit("member2").get(f"{DESK}{sitting.pk}/lines/{line.pk}/")

    assert says(page, "What was found when the lists were frozen")
    assert says(page, "Rooms needed")
    # Three people of both sexes: at least 45 m² and two rooms; with three rooms not above 63 m².
    assert says(page, "%(count)s of %(homes)s", count=2, homes=6)
    assert says(page, "all %(count)s homes with rooms: %(rooms)s", count=2, rooms=3)


def departure(sitting, register, **changes):
    line = sitting.run.lines.get(entry=register.entries["worker"])
    given = {
        "ground": "COURT_ACT",
        "explanation": "The court awarded the home",
        "instead": register.entries["late_worker"].file_number,
        "title": "Act No 5",
        "scan": SimpleUploadedFile("act.pdf", b"%PDF-1.7 invented", content_type="application/pdf"),
    }
    return f"{DESK}{sitting.pk}/lines/{line.pk}/", given | changes


def test_the_secretary_puts_a_departure_before_the_commission(
    visit, sitting, register, says, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    address, data = departure(sitting, register)
    secretary = visit("secretary")

    form = secretary.get(f"{address}depart/")
    assert register.entries["sister"].file_number in form.content.decode()
    assert secretary.post(f"{address}propose/", data).status_code == 302

    proposed = Departure.objects.get()
    desk = page_of(visit("member2"), sitting)
    assert says(desk, "an act of a court that has entered into force")
    for name in ("worker", "sister", "late_worker"):
        assert register.entries[name].file_number in desk.content.decode()
    scan = visit("member2").get(f"{DESK}{sitting.pk}/departures/{proposed.pk}/scan/")
    assert (scan.content, scan.headers["Content-Type"]) == (b"%PDF-1.7 invented", "application/pdf")
    assert PersonalDataView.objects.filter(by__username="member2").exists()


@pytest.mark.parametrize(
    ("changes", "status", "problem"),
    [
        ({"ground": ""}, 400, "Choose a ground."),
        ({"explanation": " "}, 400, "Explain why the order is left."),
        ({"title": ""}, 400, "Name the document."),
        ({"scan": ""}, 400, "Add the scan of the document: PDF, JPEG or PNG."),
        ({"scan": SimpleUploadedFile("x.exe", b"MZ")}, 400, "The file is not a PDF, JPEG or PNG"),
        ({"instead": "271010-0000001-0"}, 409, "Nothing was changed"),
    ],
)
def test_a_departure_that_is_not_grounded_is_given_back(
    visit, sitting, register, says, changes, status, problem
):
    address, data = departure(sitting, register, **changes)

    response = visit("secretary").post(f"{address}propose/", data)

    assert response.status_code == status
    assert says(response, problem)
    assert not Departure.objects.exists()


def test_a_member_votes_on_a_departure_and_sees_others_votes_after_it(
    town, visit, sitting, register, says, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    address, data = departure(sitting, register)
    visit("secretary").post(f"{address}propose/", data)
    one = Departure.objects.get()
    factories.attend_all(sitting)
    ballot_of = f"{DESK}{sitting.pk}/departures/{one.pk}/ballot/"

    def voted(name, **choice):
        told = {"result_sha256": sitting.run.result_sha256, "reason": "", **choice}
        prefixed = {f"departure-{one.pk}-{field}": value for field, value in told.items()}
        return visit(name).post(ballot_of, prefixed)

    assert voted("member3", choice="AGAINST").status_code == 400
    assert voted("member3", choice="AGAINST", reason="I saw no act").status_code == 302
    assert b"I saw no act" not in page_of(visit("member2"), sitting).content
    assert voted("member2", choice="FOR").status_code == 302
    assert b"I saw no act" in page_of(visit("member2"), sitting).content
    assert says(voted("member2", choice="AGAINST", reason="x"), "You have voted already.")
    assert voted("secretary", choice="FOR").status_code == 403
    assert DepartureVote.objects.count() == 2
