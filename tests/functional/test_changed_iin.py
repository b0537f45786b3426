"""
A person who has another IIN now, the whole way: told by the population register, confirmed, approved, asked
about anew; and two people whose numbers were exchanged, who are no alias of each other.
"""

from datetime import date, timedelta

import pytest

from integrations import dead_letters
from integrations.gateway.transport import GatewayTransport
from integrations.models import CheckRequest
from queue_registry.models import (
    Akimat,
    Application,
    Assessment,
    AuditEvent,
    Fact,
    FormerIin,
    HouseholdMember,
    IinChange,
    ImportCase,
    Person,
    QueueEntry,
    QueueEntryEvent,
    SourceAnswer,
    WaitingList,
)
from queue_registry.rules.facts import Source
from queue_registry.rules.legacy import codes
from queue_registry.rules.renumbering import RenumberingRefused
from queue_registry.selectors import iin_changes as selectors
from queue_registry.selectors import invariants, legacy
from queue_registry.selectors.applications import find_applications, get_application_of
from queue_registry.services import (
    assessment_requests,
    doubles,
    iin_changes,
    imports,
    persons,
    policies,
    settlements,
)
from tests import asking, factories
from tests.functional.test_checks import line
from tests.gateways import listening
from tests.unit.queue_registry.services.test_imports import SPP_HEADER

AT = factories.AT
LATER = AT + timedelta(hours=30)
OTHER_KATO = "231010000"
NEW = factories.invented_iin(8_001)
OLD = factories.invented_iin(8_002)
TEACHER = [{"code": "budget_worker", "from": "2012-01-01", "until": None}]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town():
    return factories.town()


def renumbered(person, *, now=NEW, **changes):
    """What the registers know of somebody who bore another number before."""
    told = {"former_iins": [person.iin], "statuses": TEACHER} | changes
    return named(now, person.last_name, **told)


def named(iin, last, *, first="Адам", **changes):
    return line(iin, last=last, born="1991-02-03", sex="f", **changes) | {
        "name": {"last": last, "first": first, "middle": ""}
    }


def ask(url, entries=(), *, at=AT):
    """Ask until nothing is due, and judge; damaged answers are looked at again some hours later."""
    assessment_requests.request_assessments(entries=entries, at=at)
    for number in range(4):
        moment = at + timedelta(hours=7 * number)
        with GatewayTransport(url) as transport:
            while assessment_requests.assess_due(limit=100, at=moment) or asking.ask_and_store(
                limit=100, at=moment, transport=transport
            ):
                pass


def approved(town, *, at=LATER):
    (change,) = IinChange.objects.all()
    iin_changes.confirm(change_id=change.pk, document="Reference No 7", by=town.clerk, at=at)
    return iin_changes.approve(change_id=change.pk, by=town.supervisor, at=at)


def verdict(entry):
    found = Assessment.objects.get(entry=entry)
    return found.eligibility, found.code


def settle(town, at=LATER):
    for requested in legacy.list_due_settlements():
        settlements.settle_due(requested=requested, at=at + settlements.PATIENCE)


def test_the_register_tells_two_people_decide_and_the_person_is_asked_about_under_the_new_number(town):
    entry = factories.waiting(town, known=False)
    person, old = entry.applicant, entry.applicant.iin
    with listening([renumbered(person)], at=AT) as gateway:
        ask(gateway.url, [entry])
        change = IinChange.objects.get()
        assert (change.person, change.former_iin, change.current_iin) == (person, old, NEW)
        assert verdict(entry) == ("UNKNOWN", "IDENTITY_MISMATCH")
        assert not Fact.objects.exists()

        approved(town)
        ask(gateway.url, at=LATER)

    person.refresh_from_db()
    assert person.iin == NEW
    assert verdict(entry) == ("ELIGIBLE", "")
    assert not CheckRequest.objects.filter(subject_iin=old, state__in=["DUE", "TAKEN"]).exists()
    assert Person.objects.filter(staff_users=None).count() == 1
    entry.refresh_from_db()
    assert (entry.status, entry.applicant) == ("WAITING", person)


def test_the_person_is_found_and_finds_his_place_by_either_number(town):
    entry = factories.waiting(town, known=False)
    old = entry.applicant.iin
    with listening([renumbered(entry.applicant)], at=AT) as gateway:
        ask(gateway.url, [entry])
    approved(town)

    for iin in (old, NEW):
        assert get_application_of(file_number=entry.file_number, iin=iin) == entry.application
        assert find_applications(town.akimat, iin).get() == entry.application
        assert persons.by_iin([iin])[iin] == entry.applicant
    with pytest.raises(Application.DoesNotExist):
        get_application_of(file_number=entry.file_number, iin=OLD)


def test_an_answer_about_the_old_number_that_comes_late_is_evidence_only(town):
    entry = factories.waiting(town, known=False)
    person = entry.applicant
    with listening([renumbered(person)], at=AT) as gateway:
        ask(gateway.url, [entry])
        approved(town)
        ask(gateway.url, at=LATER)
        assert verdict(entry) == ("ELIGIBLE", "")
        assert dead_letters.redrive(source=Source.GBD_FL, by="operator", at=LATER)
        ask(gateway.url, at=LATER + timedelta(days=1))

    assert IinChange.objects.count() == 1
    assert verdict(entry) == ("ELIGIBLE", "")
    assert not SourceAnswer.objects.filter(outcome="IDENTITY_MISMATCH", superseded_at__isnull=True).exists()


def test_two_people_with_each_others_numbers_are_no_alias(town):
    first, second = (factories.waiting(town, known=False, day=day) for day in (1, 2))
    one, other = first.applicant, second.applicant
    world = [
        named(one.iin, other.last_name, former_iins=[other.iin]),
        named(other.iin, one.last_name, former_iins=[one.iin]),
    ]
    # The register knows each number as the other's, and says of each that it was the other one's before.
    with listening(world, at=AT, mistakes={one.iin: other.iin, other.iin: one.iin}) as gateway:
        ask(gateway.url, [first, second])

    changes = list(IinChange.objects.order_by("pk"))
    assert {(change.former_iin, change.current_iin) for change in changes} == {
        (one.iin, other.iin),
        (other.iin, one.iin),
    }
    for change in changes:
        assert "EXCHANGED" in selectors.doubts_of(change)
        with pytest.raises(RenumberingRefused, match="DOUBTED"):
            iin_changes.confirm(change_id=change.pk, document="Reference", by=town.clerk, at=LATER)
    assert not FormerIin.objects.exists()
    assert {verdict(entry) for entry in (first, second)} == {("UNKNOWN", "IDENTITY_MISMATCH")}
    assert set(QueueEntry.objects.values_list("status", flat=True)) == {"WAITING"}


def test_a_number_of_somebody_else_is_not_confirmed(town):
    entry = factories.waiting(town, known=False)
    with listening(
        [renumbered(entry.applicant) | {"name": {"last": "Мүлде", "first": "Басқа", "middle": ""}}], at=AT
    ) as gateway:
        ask(gateway.url, [entry])

    change = IinChange.objects.get()
    assert selectors.doubts_of(change) == ("OTHER_NAME",)
    with pytest.raises(RenumberingRefused, match="DOUBTED"):
        iin_changes.confirm(change_id=change.pk, document="Reference", by=town.clerk, at=LATER)


# Old lists


def listed(*rows):
    """A file of the service product; a row is (number, IIN, moment, family)."""
    lines = [SPP_HEADER]
    for number, iin, moment, family in rows:
        lines.append(f"{number},{iin},Ойдан,Анна,,{moment},5,{family},+77000000001,active")
    content = ("\n".join(lines) + "\n").encode("utf-8-sig")
    return imports.GivenFile(source=codes.Source.SPP, name=f"{rows[0][0]}.csv", content=content)


def put_in(town, *files, at=AT):
    for file in files:
        imports.put_in(akimat=town.akimat, file=file, by=town.clerk, at=at, consent_document="Consents")
    imports.confirm(akimat=town.akimat, by=town.supervisor, at=at)


def test_rows_under_the_old_number_keep_the_place_and_later_ones_land_with_the_same_person(town):
    world = [named(NEW, "Ойдан", first="Анна", former_iins=[OLD], statuses=TEACHER)]
    with listening(world, at=AT) as gateway:
        put_in(town, listed(("A-1", OLD, "2019-05-06T10:00:00", "")))
        ask(gateway.url)
        settle(town)
        entry = QueueEntry.objects.get()
        approved(town)
        ask(gateway.url, at=LATER)
        settle(town)
        put_in(town, listed(("B-7", NEW, "2019-05-06T10:00:00", "")), at=LATER)
        put_in(town, listed(("C-8", OLD, "2019-05-06T11:00:00", "")), at=LATER)
        settle(town)

    entry.refresh_from_db()
    assert QueueEntry.objects.get() == entry
    assert entry.status == "WAITING"
    assert entry.applicant.iin == NEW
    rows = {row.number: row for row in legacy.list_rows(town.akimat)}
    assert {row.application_id for row in rows.values()} == {entry.application_id}
    # The later file of the same system replaced the first row; both numbers stand as they were written.
    assert {number: row.iin for number, row in rows.items()} == {"B-7": NEW, "C-8": OLD}
    assert all("IDENTITY_MISMATCH" not in row.codes for row in rows.values())
    assert Person.objects.filter(iin__in=[OLD, NEW]).count() == 1


def test_two_rows_under_two_numbers_become_one_application_and_the_second_place_waits_for_a_person(town):
    world = [named(NEW, "Ойдан", first="Анна", former_iins=[OLD], statuses=TEACHER)]
    with listening(world, at=AT) as gateway:
        put_in(
            town,
            listed(("A-1", OLD, "2015-05-06T10:00:00", "")),
            listed(("A-2", NEW, "2019-05-06T10:00:00", "")),
        )
        ask(gateway.url)
        settle(town)
        before = {entry.applicant.iin: entry for entry in QueueEntry.objects.all()}
        assert before.keys() == {OLD, NEW}
        approved(town)
        ask(gateway.url, at=LATER)
        settle(town)

    person = persons.by_iin([OLD])[OLD]
    assert person == before[OLD].applicant
    assert person.iin == NEW
    held = QueueEntry.objects.get(pk=before[NEW].pk)
    assert held.status == "SUSPENDED"
    kept = QueueEntry.objects.get(pk=before[OLD].pk)
    assert (kept.status, kept.applicant) == ("WAITING", person)
    assert {row.application_id for row in legacy.list_rows(town.akimat)} == {kept.application_id}
    case = ImportCase.objects.get(closed_at__isnull=True, application=kept.application)
    assert case.code == "DATE_CONFLICT"


def test_a_spouse_whom_a_list_names_by_the_old_number_and_the_acts_by_the_new_one_is_one_member(town):
    entry = factories.waiting(town, known=False, family=[factories.HUSBAND])
    husband = entry.application.members.get().person
    world = [
        named(entry.applicant.iin, entry.applicant.last_name, family=[(NEW, "spouse")], statuses=TEACHER),
        named(NEW, husband.last_name, former_iins=[husband.iin], family=[(entry.applicant.iin, "spouse")]),
    ]
    with listening(world, at=AT) as gateway:
        ask(gateway.url, [entry])
        assert Person.objects.filter(iin__in=[husband.iin, NEW]).count() == 2
        approved(town)
        ask(gateway.url, at=LATER)

    husband.refresh_from_db()
    assert husband.iin == NEW
    current = HouseholdMember.objects.filter(until_on__isnull=True)
    assert [member.person for member in current] == [husband]
    kin = Fact.objects.filter(kind="KINSHIP", person=entry.applicant, answer__superseded_at__isnull=True)
    assert {fact.relative for fact in kin} == {husband}
    assert Source.EGKN in set(CheckRequest.objects.filter(subject_iin=NEW).values_list("source", flat=True))
    assert verdict(entry) == ("ELIGIBLE", "")


def test_a_place_in_another_akimat_under_the_new_number_follows_the_person_and_is_a_double(town):
    entry = factories.waiting(town, known=False)
    person, old = entry.applicant, entry.applicant.iin
    akimat = Akimat.objects.create(kato=OTHER_KATO, name_kk="Басқа", name_ru="Другой")
    WaitingList.objects.bulk_create(WaitingList(akimat=akimat, number=str(n)) for n in range(1, 7))
    policies.put_in_force(akimat=akimat, code="akimat-2022", from_on=date(2022, 4, 15), by=town.admin, at=AT)
    elsewhere = factories.Town(akimat=akimat, staff=town.staff, passwords={})
    Person.objects.filter(pk=person.pk).update(last_name="Ойдан", first_name="Анна")
    world = [named(NEW, "Ойдан", first="Анна", former_iins=[old], statuses=TEACHER)]
    with listening(world, at=AT) as gateway:
        put_in(elsewhere, listed(("A-2", NEW, "2019-05-06T10:00:00", "")))
        ask(gateway.url, [entry])
        settle(elsewhere)
        other = QueueEntry.objects.get(akimat=akimat)
        assert other.applicant != person
        approved(town)

    other.refresh_from_db()
    other.application.refresh_from_db()
    assert (other.applicant, other.application.applicant, other.status) == (person, person, "WAITING")
    event = QueueEntryEvent.objects.filter(entry=other).latest("pk")
    assert (event.kind, event.ground) == ("APPLICANT_CHANGED", "IIN_CHANGED")
    # The settlement that follows leaves it so, and what the register said under the new number is his.
    settle(elsewhere)
    other.refresh_from_db()
    assert (other.applicant, QueueEntry.objects.count()) == (person, 2)
    assert Fact.objects.get(kind="PERSON", answer__superseded_at__isnull=True).person == person
    assert {finding.entry_id for finding in doubles.see(at=LATER)} == {entry.pk, other.pk}
    told = AuditEvent.objects.filter(event="iin_change.approved").values_list("akimat_kato", flat=True)
    assert set(told) == {factories.KATO, OTHER_KATO}
    assert invariants.impossible() == []
