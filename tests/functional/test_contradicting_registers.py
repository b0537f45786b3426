"""
Registers that contradict each other or themselves, the whole way from the gateway to the verdict: one side of
a marriage, two people taken for each other, a person who has another IIN now.
"""

from datetime import date, timedelta

import pytest

from integrations.fakes.faults import Profile, SourceFaults, quiet
from integrations.gateway.transport import GatewayTransport
from integrations.models import CheckAttempt, CheckRequest
from queue_registry.models import (
    Akimat,
    Assessment,
    Fact,
    Person,
    QueueEntry,
    RecheckFinding,
    SourceAnswer,
    WaitingList,
)
from queue_registry.rules.facts import Source
from queue_registry.selectors import legacy
from queue_registry.services import assessment_requests, doubles, imports, policies, settlements
from tests import asking, factories
from tests.functional.test_checks import line
from tests.gateways import CODES, listening
from tests.unit.queue_registry.services.test_imports import ANNA, BOTA, NAMES, spp

AT = factories.AT
OTHER_KATO = "231010000"
TEACHER = [{"code": "budget_worker", "from": "2012-01-01", "until": None}]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town():
    return factories.town()


def known(person, *, born="1991-02-03", sex="f", **changes):
    """What the registers know of somebody who works for a budget organization."""
    return line(person.iin, last=person.last_name, born=born, sex=sex, **({"statuses": TEACHER} | changes))


def married(iin):
    return [(iin, "spouse")]


def ask(url, entries=(), *, hours=0):
    """Ask until nothing is due, and judge; damaged answers are looked at again some hours later."""
    at = AT + timedelta(hours=hours)
    assessment_requests.request_assessments(entries=entries, at=at)
    with GatewayTransport(url) as transport:
        while assessment_requests.assess_due(limit=100, at=at) or asking.ask_and_store(
            limit=100, at=at, transport=transport
        ):
            pass


def ask_patiently(url, entries):
    for number in range(4):
        ask(url, entries if not number else (), hours=7 * number)


def verdict(entry):
    found = Assessment.objects.get(entry=entry)
    return found.eligibility, found.code


def noted(entry):
    findings = Assessment.objects.get(entry=entry).findings
    return [found["person"] for found in findings if found["rule"] == "MARRIAGE_ON_ONE_SIDE"]


def asked(person):
    return set(CheckRequest.objects.filter(subject_iin=person.iin).values_list("source", flat=True))


# A marriage on one side only


@pytest.fixture
def couple(town):
    """An applicant and the husband whom her application names."""
    entry = factories.waiting(town, known=False, family=[factories.HUSBAND])
    return entry, entry.applicant, entry.application.members.get().person


def test_whom_the_applicants_acts_name_is_the_spouse_and_his_silent_acts_are_noted(couple):
    entry, wife, husband = couple
    world = [known(wife, family=married(husband.iin)), known(husband, born="1990-05-06", sex="m")]
    with listening(world, at=AT) as gateway:
        ask(gateway.url, [entry])

    assert verdict(entry) == ("ELIGIBLE", "")
    assert noted(entry) == [husband.pk]
    assert {Source.ZAGS, Source.EGKN} <= asked(husband)


def test_his_home_bars_although_his_own_acts_do_not_name_the_marriage(couple):
    entry, wife, husband = couple
    home = [{"kind": "dwelling", "share": "1/2", "kato": factories.KATO, "acquired": "2019-03-11"}]
    world = [known(wife, family=married(husband.iin)), known(husband, sex="m", property=home)]
    with listening(world, at=AT) as gateway:
        ask(gateway.url, [entry])

    assert verdict(entry) == ("INELIGIBLE", "OWNS_DWELLING")
    assert noted(entry) == [husband.pk]


def test_whom_only_his_own_acts_marry_is_a_named_member_and_that_is_noted(couple):
    entry, wife, husband = couple
    home = [{"kind": "dwelling", "share": "1", "kato": factories.KATO, "acquired": "2019-03-11"}]
    world = [known(wife), known(husband, sex="m", family=married(wife.iin), property=home)]
    with listening(world, at=AT) as gateway:
        ask(gateway.url, [entry])

    assert verdict(entry) == ("ELIGIBLE", "")
    assert noted(entry) == [husband.pk]
    assert Source.EGKN not in asked(husband)


def test_acts_that_were_not_heard_contradict_nobody(couple):
    entry, wife, husband = couple
    world = [known(wife, family=married(husband.iin)), known(husband, sex="m")]
    with listening(world, at=AT) as gateway:
        assessment_requests.request_assessments(entries=[entry], at=AT)
        assessment_requests.assess_due(limit=10, at=AT)
        with GatewayTransport(gateway.url) as transport:
            asking.ask_and_store(limit=100, at=AT, transport=transport)
    down = {**quiet(CODES).sources, Source.ZAGS: SourceFaults(down=True)}
    with listening(world, at=AT, profile=Profile(seed=1, sources=down)) as gateway:
        ask(gateway.url)

    assert noted(entry) == []
    assert verdict(entry) == ("ELIGIBLE", "")
    assert CheckRequest.objects.get(subject_iin=husband.iin, source=Source.ZAGS).state == "DUE"


def test_a_couple_on_two_akimats_lists_is_found_although_only_one_side_names_the_marriage(town, couple):
    hers, wife, _ = couple
    akimat = Akimat.objects.create(kato=OTHER_KATO, name_kk="Басқа", name_ru="Другой")
    WaitingList.objects.create(akimat=akimat, number="5")
    policies.put_in_force(akimat=akimat, code="akimat-2022", from_on=date(2022, 4, 15), by=town.admin, at=AT)
    elsewhere = factories.Town(akimat=akimat, staff=town.staff, passwords={})
    his = factories.waiting(elsewhere, known=False)
    hers.application.members.update(person=his.applicant)
    husband = his.applicant
    world = [known(wife, family=married(husband.iin)), known(husband, sex="m")]
    with listening(world, at=AT) as gateway:
        ask(gateway.url, [hers, his])

    doubles.see(at=AT)

    found = RecheckFinding.objects.filter(code="DOUBLE")
    assert {finding.entry_id for finding in found} == {hers.pk, his.pk}
    assert {finding.state for finding in found} == {"HELD"}
    assert verdict(hers) == ("ELIGIBLE", "")
    assert set(QueueEntry.objects.values_list("status", flat=True)) == {"WAITING"}


# Two people taken for each other


def test_two_rows_with_each_others_iin_stop_at_the_identity_check_and_mix_nobody(town):
    swapped = spp(("A-1", ANNA, "2019-05-06T10:00:00", 5), ("A-2", BOTA, "2019-05-07T10:00:00", 5))
    imports.put_in(
        akimat=town.akimat, file=swapped, by=town.clerk, at=AT, consent_document="Consents of the list"
    )
    world = [
        line(iin, last=last, born="1991-02-03", sex="f")
        | {"name": {"last": last, "first": first, "middle": ""}}
        for iin, (last, first) in ((ANNA, ("Басқа", "Бота")), (BOTA, ("Мүлде", "Анна")))
    ]
    with listening(world, at=AT) as gateway:
        ask(gateway.url)
    imports.confirm(akimat=town.akimat, by=town.supervisor, at=AT)
    for requested in legacy.list_due_settlements():
        settlements.settle_due(requested=requested, at=AT)

    rows = {row.iin: row.codes for row in legacy.list_rows(town.akimat)}
    assert all("IDENTITY_MISMATCH" in codes for codes in rows.values()), rows
    assert rows.keys() == {ANNA, BOTA}
    assert not QueueEntry.objects.exists()
    told = {fact.person.iin: fact.value["first"] for fact in Fact.objects.filter(kind="PERSON")}
    assert told == {ANNA: "Бота", BOTA: "Анна"}
    assert set(NAMES) >= told.keys()


def test_answers_about_each_other_make_no_facts_and_take_nobodys_place(town):
    first, second = (factories.waiting(town, known=False, day=day) for day in (1, 2))
    one, other = first.applicant, second.applicant
    mistakes = {one.iin: other.iin, other.iin: one.iin}
    with listening([known(one), known(other)], at=AT, mistakes=mistakes) as gateway:
        ask_patiently(gateway.url, [first, second])

    for entry in (first, second):
        assert verdict(entry) == ("UNKNOWN", "IDENTITY_MISMATCH")
    assert not Fact.objects.exists()
    assert set(SourceAnswer.objects.values_list("outcome", flat=True)) == {"IDENTITY_MISMATCH"}
    dead = CheckRequest.objects.filter(source=Source.GBD_FL)
    assert set(dead.values_list("state", "dead_reason")) == {("DEAD", "BAD_ANSWER")}
    assert set(QueueEntry.objects.values_list("status", flat=True)) == {"WAITING"}


# A person with another IIN now


def test_a_register_that_answers_under_a_new_iin_is_not_believed_about_the_old_one(town):
    entry = factories.waiting(town, known=False)
    old, new = entry.applicant, factories.PersonFactory.build()
    with listening([known(new)], at=AT, mistakes={old.iin: new.iin}) as gateway:
        ask_patiently(gateway.url, [entry])

    assert verdict(entry) == ("UNKNOWN", "IDENTITY_MISMATCH")
    assert CheckAttempt.objects.filter(request__source=Source.GBD_FL).count() == 3
    assert not Fact.objects.exists()
    assert not Person.objects.filter(iin=new.iin).exists()
    entry.refresh_from_db()
    assert (entry.status, entry.applicant) == ("WAITING", old)
