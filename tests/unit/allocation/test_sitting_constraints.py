"""What the database itself refuses of sittings, departures and their votes, by the constraint's name."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from allocation.models import Departure, DepartureVote, RoundDocument, SittingMember, Vote
from allocation.services import departures
from tests import factories
from tests.factories import AT


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def departure(town):
    """One proposed departure with one vote against it."""
    factories.waiting(town)
    sitting = factories.convened(town, factories.ready(town, rooms=1, area="18.50"))
    factories.attend_all(sitting)
    proposed = departures.propose(
        sitting_id=sitting.pk,
        line_id=sitting.run.lines.get().pk,
        instead="",
        ground=Departure.Ground.COURT_ACT,
        explanation="x",
        paper=departures.Paper(title="No 1", content=b"%PDF-1.7"),
        by=town.secretary,
        at=AT,
    )
    departures.vote(
        departure_id=proposed.pk,
        choice=Vote.Choice.AGAINST,
        reason="No such act",
        result_sha256=sitting.run.result_sha256,
        by=town.member1,
        at=AT,
    )
    return proposed


def refused(name, act):
    with pytest.raises((IntegrityError, DatabaseError), match=name), transaction.atomic():
        act()


def copy(row, **changes):
    """The same row once more, with changes."""
    fields = {field.name: getattr(row, field.name) for field in row._meta.fields if not field.primary_key}
    return lambda: type(row).objects.create(**fields | changes)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "one_departure_per_line"),
        ({"ground": "KINDNESS"}, "departure_ground_is_known"),
        ({"explanation": ""}, "departure_is_explained"),
    ],
)
def test_a_departure_is_of_one_home_with_a_known_ground_and_an_explanation(departure, changes, name):
    refused(name, copy(departure, **changes))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "one_vote_per_departure_and_member"),
        ({"reason": ""}, "departure_vote_against_has_a_reason"),
        ({"choice": "MAYBE"}, "departure_vote_choice_is_known"),
    ],
)
def test_a_member_votes_once_on_a_departure_and_says_why_against(departure, changes, name):
    refused(name, copy(DepartureVote.objects.get(), **changes))


@pytest.mark.parametrize(
    "changes", [{"ground": "INPUT_ERROR"}, {"explanation": "y"}, {"passed_over": []}], ids=str
)
def test_what_was_proposed_never_changes(departure, changes):
    refused("departure_as_proposed|Cannot update", lambda: Departure.objects.update(**changes))


def test_what_a_departure_came_to_is_written_later(departure):
    assert Departure.objects.update(is_carried=False, arithmetic={"for": 0}) == 1


@pytest.mark.parametrize("model", [Departure, DepartureVote, RoundDocument])
def test_departures_their_votes_and_papers_are_never_deleted(departure, model):
    refused("Cannot delete|Cannot update or delete", lambda: model.objects.all().delete())


@pytest.mark.parametrize(
    ("model", "changes"), [(DepartureVote, {"choice": "FOR"}), (RoundDocument, {"title": "No 2"})]
)
def test_a_vote_on_a_departure_and_a_paper_are_never_changed(departure, model, changes):
    refused("Cannot update", lambda: model.objects.update(**changes))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"title": ""}, "round_document_has_a_title"),
        ({"sha256": ""}, "round_document_file_with_digest"),
        ({"file": ""}, "round_document_file_with_digest"),
    ],
)
def test_a_paper_has_a_title_and_a_scan_its_digest(departure, changes, name):
    refused(name, copy(departure.document, **changes))


def test_a_recusal_has_a_known_ground(departure):
    refused(
        "sitting_member_recusal_ground_is_known",
        lambda: SittingMember.objects.update(recusal_ground="DISLIKE"),
    )
