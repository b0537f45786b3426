"""
Worlds of other seeds, sizes and forms through uploads to the register: every planted defect ends where the
contract says, the totals add up, and nothing else is asked or missing.
"""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from housing_queue import founding
from housing_queue.worlds.world import make_world
from queue_registry.models import (
    Application,
    Fact,
    ImportBatch,
    ImportCase,
    ImportUpload,
    Person,
    QueueEntry,
    SourceAnswer,
)
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.facts import Said, Source
from queue_registry.selectors import invariants, legacy
from queue_registry.services import import_reading, import_uploads, imports
from tests.unit.queue_registry.legacy import truth
from tests.unit.queue_registry.legacy.worlds import AS_OF, lists_of, people_of

AT = datetime(2026, 9, 1, 4, tzinfo=UTC)
_ASKED = (Source.GBD_FL, Source.ZAGS)

pytestmark = pytest.mark.django_db


@pytest.fixture
def founded(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return founding.found(kato="271010000", at=AT, on=AS_OF)


def register_knows(people):
    """The population register and the civil acts answered about everybody of a world."""
    known = {
        one["iin"]: Person(
            iin=one["iin"],
            last_name=one["name"]["last"],
            first_name=one["name"]["first"],
            middle_name=one["name"]["middle"],
        )
        for one in people
    }
    Person.objects.bulk_create(known.values())
    answers = answered(known.values(), Said.FOUND)
    facts = []
    for one in people:
        person = known[one["iin"]]
        who = {**one["name"], **{key: one[key] for key in ("birth_date", "death_date", "sex", "citizenship")}}
        facts.append(Fact(answer=answers[person.pk, Source.GBD_FL], person=person, kind="PERSON", value=who))
        facts += [
            Fact(
                answer=answers[person.pk, Source.ZAGS],
                person=person,
                kind="KINSHIP",
                value=kin,
                relative=known[kin["iin"]],
            )
            for kin in one["family"]
        ]
    Fact.objects.bulk_create(facts)


def answered(people, outcome):
    """Both registers said so of these people."""
    answers = SourceAnswer.objects.bulk_create(
        SourceAnswer(
            person=person,
            source=source,
            outcome=outcome,
            source_as_of=AT,
            answered_at=AT,
            fresh_until=AT + timedelta(days=30),
        )
        for person in people
        for source in _ASKED
    )
    return {(answer.person_id, answer.source): answer for answer in answers}


def bring_in(founded, contents, order):
    """A clerk uploads each list, says what its columns hold where nobody else can, puts it in; it counts."""
    planted = json.loads(contents["planted.json"])
    lists = lists_of(planted)
    for source in order.sample(sorted(lists), len(lists)):
        name, said = lists[source]
        clerk = {"by": founded.staff["clerk"], "at": AT}
        one = import_uploads.upload(
            akimat=founded.akimat,
            source=source,
            file_name=name,
            content=contents[name],
            consent_document="Consents in the files of the list",
            **clerk,
        )
        if said:
            import_uploads.correct_columns(upload_id=one.pk, sheets=said, **clerk)
            one.refresh_from_db()
        assert import_reading.try_out(one, at=AT).rows == planted["rows"][source]
        import_uploads.want(upload_id=one.pk, **clerk)
        kept = import_reading.take_in(upload_id=one.pk, at=AT)
        assert (kept.state, kept.error) == (ImportUpload.State.PUT_IN, {})
        strangers = Person.objects.exclude(answers__source=Source.GBD_FL)
        answered(strangers, Said.NOT_FOUND_CONFIRMED)
        imports.confirm(akimat=founded.akimat, by=founded.staff["supervisor"], at=AT, batches=[kept.batch_id])
    return planted


def where_rows_ended(akimat):
    return {(row.batch.source, row.sheet, row.row): row for row in legacy.list_rows(akimat)}


def open_cases(akimat, rows):
    """Every open question: whose, or of which row if that is nobody's."""
    place_of = {row.application_id: place for place, row in rows.items() if "DUPLICATE" not in row.codes}
    cases = ImportCase.objects.filter(application__akimat=akimat, closed_at__isnull=True)
    return Counter(
        (
            case.application.applicant.iin if case.application.applicant else place_of[case.application_id],
            case.code,
        )
        for case in cases.select_related("application__applicant")
    )


def standing():
    """Who stands on which lists, since when, and whether provisionally."""
    found = {}
    waiting = QueueEntry.objects.filter(status="WAITING").select_related("applicant", "waiting_list")
    for entry in waiting:
        lists, *_ = found.get(entry.applicant.iin, (set(),))
        number, day = entry.waiting_list.number, civil_day(entry.registered_at).isoformat()
        found[entry.applicant.iin] = (lists | {number}, day, entry.provisional)
    return found


@pytest.mark.parametrize(
    ("households", "seed", "has_forms"),
    [
        (1, 61, True),
        (60, 62, False),
        (60, 63, True),
        (60, 64, True),
        (60, 65, True),
        (60, 66, True),
        (150, 67, True),
        (400, 68, True),
    ],
)
def test_every_planted_defect_ends_where_the_contract_says_and_nothing_else_does(
    founded, households, seed, has_forms
):
    contents = make_world(seed=seed, households=households, forms=has_forms)
    register_knows(people_of(contents))
    planted = bring_in(founded, contents, Random(seed))
    rows = where_rows_ended(founded.akimat)

    told = {truth.place(row): row["codes"] for row in planted["row_codes"]}
    found = {place: sorted(set(row.codes) - truth.NOTES) for place, row in rows.items()}
    assert {place: codes for place, codes in found.items() if codes} == told
    assert Counter(source for source, _, _ in rows) == planted["rows"]
    differing = [
        other["stated"] - other["counted"]
        for batch in ImportBatch.objects.all()
        for other in batch.others
        if other["total_differs"]
    ]
    assert differing == [off for off in planted["totals_off"] if off]
    assert invariants.impossible() == []
    if has_forms:
        expected = truth.expected(planted["row_truth"])
        assert {place: row.state for place, row in rows.items()} == expected.states
        assert open_cases(founded.akimat, rows) == Counter(expected.cases)
        assert standing() == expected.entries
        # Whom an earlier file placed and a later one puts in question keeps the place, out of distribution.
        held = QueueEntry.objects.filter(status="SUSPENDED").values_list("applicant__iin", flat=True)
        assert set(held) <= {whose for whose, code in expected.cases if code in truth.NO_PLACE}
        assert Application.objects.count() == expected.applicants
