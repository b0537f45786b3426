"""What if: the difference is told by file number, and not a byte of the database changes."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import InternalError, connection, transaction

from allocation import tasks
from allocation.models import AllocationRound
from allocation.rules.refusals import Refusal, Refused
from allocation.services import loan_places, rounds, what_if, what_if_orders
from queue_registry.services import policies
from tests import factories
from tests.factories import AT, ON


def digests():
    """A digest of every row of every table, and where every sequence stands."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" AS t')  # noqa: S608
            found[table] = cursor.fetchone()[0]
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
        found["sequences"] = cursor.fetchall()
    return found


@pytest.fixture
def two_lists(town):
    """Two families on list 4 and two on list 5, and two homes for them."""
    entries = {
        (number, day): factories.waiting(town, number=number, day=day)
        for day, number in ((1, "4"), (2, "5"), (3, "4"), (4, "5"))
    }
    return entries, factories.ready(town, 2, rooms=1, area="36.40")


def compare(round_, homes, *, policy=None, quota=0):
    return what_if.compare(
        round_=round_,
        policy=policy or round_.policy,
        quotas={"3": {"dwellings": quota, "document": "–"}},
        dwelling_ids=[home.pk for home in homes],
        at=AT,
    )


def numbers(families):
    return [family.file_number for family in families]


def test_one_home_fewer_tells_who_would_not_be_served(town, two_lists):
    entries, homes = two_lists
    frozen = factories.frozen_round(town, homes)

    found = compare(frozen, homes[:1])

    assert numbers(found.no_longer) == [entries["5", 2].file_number]
    assert found.newly == ()
    assert (found.now.split.given, found.then.split.given) == (2, 1)


def test_more_homes_tell_who_would_be_served_and_who_would_be_the_last(town, two_lists):
    entries, homes = two_lists
    opened = factories.open_round(town, homes)

    found = compare(opened, [*homes, *factories.ready(town, 2, rooms=1, area="36.40")])

    assert set(numbers(found.newly)) == {entries["4", 3].file_number, entries["5", 4].file_number}
    last = {row.list_number: row.last_then for row in found.rows if row.last_then}
    assert last["4"].registered_at == entries["4", 3].registered_at
    assert [row.list_number for row in found.rows] == ["1", "2", "3", "4", "5", "6"]


def test_a_quota_takes_homes_from_the_others(town, two_lists):
    entries, homes = two_lists
    mother = factories.waiting(town, number="3", day=9)
    frozen = factories.frozen_round(town, homes)

    found = compare(frozen, homes, quota=1)

    assert numbers(found.newly) == [mother.file_number]
    assert numbers(found.no_longer) == [entries["5", 2].file_number]


def test_another_policy_judges_everybody_anew(town, two_lists):
    entries, homes = two_lists
    rich = factories.waiting(town, number="4", day=0, facts=factories.income(tenge_a_month="400000"))
    frozen = factories.frozen_round(town, homes)

    found = compare(frozen, homes, policy=factories.policy("ladder-2022"))

    assert found.then.policy == "ladder-2022"
    assert rich.file_number not in numbers(found.newly)
    assert AllocationRound.objects.get(pk=frozen.pk).policy.code == "akimat-2022"
    assert entries


def test_the_same_figures_make_no_difference(town, two_lists):
    _, homes = two_lists

    found = compare(factories.frozen_round(town, homes), homes)

    assert (found.no_longer, found.newly) == ((), ())
    assert found.now.served == found.then.served
    assert found.now.last == found.then.last


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("code", ["akimat-2022", "operator-2025"])
def test_nothing_is_written_from_the_page(town, visit, two_lists, frozen, code):
    _, homes = two_lists
    round_ = factories.frozen_round(town, homes) if frozen else factories.open_round(town, homes)
    secretary, page = visit("secretary"), f"/desk/rounds/{round_.pk}/what-if/"
    before = digests()

    shown = secretary.get(page)
    answer = secretary.post(
        page,
        {
            "policy": factories.policy(code).pk,
            "quota_3": "1",
            "dwellings": [home.pk for home in homes],
        },
    )

    assert (shown.status_code, answer.status_code) == (200, 200)
    assert b"what-if-table" in answer.content
    assert digests() == before


def test_the_database_itself_refuses_to_write_during_a_what_if(town):
    opened = factories.open_round(town)

    with (
        pytest.raises(InternalError, match="read-only") as refused,
        transaction.atomic(),
        what_if._reading_only(),
    ):
        AllocationRound.objects.filter(pk=opened.pk).update(rung="rent")

    assert refused.value.__cause__.sqlstate == "25006"
    AllocationRound.objects.filter(pk=opened.pk).update(rung="rent")


@pytest.mark.parametrize("figures", [{"quota_3": "-1"}, {"quota_3": "x"}, {"policy": "0"}])
def test_what_is_no_figure_is_refused_in_words(town, visit, figures):
    opened = factories.open_round(town)
    sent = {"policy": opened.policy_id, "quota_3": "0", **figures}

    answer = visit("secretary").post(f"/desk/rounds/{opened.pk}/what-if/", sent)

    assert b"govuk-error-summary" in answer.content
    assert b"what-if-table" not in answer.content


@pytest.fixture
def of_loans(town):
    """An open round that gives two places of a loan program to the second rung, and who stands on it."""
    policies.put_in_force(akimat=town.akimat, code="ladder-2022", from_on=AT.date(), by=town.admin, at=AT)
    factories.waiting(town, number="4", facts=factories.income(tenge_a_month="100000"))
    places = loan_places.add(
        akimat=town.akimat, programme="2-10-20", count=2, document="Letter 3", by=town.clerk, at=AT
    )
    opened = rounds.open_round(
        akimat=town.akimat,
        dwelling_ids=[place.pk for place in places],
        quotas=factories.QUOTAS,
        rung="loan_2",
        programme="2-10-20",
        by=town.secretary,
        at=AT,
    )
    return opened, places


@pytest.mark.parametrize("code", ["akimat-2022", "operator-2025"])
@pytest.mark.parametrize("frozen", [True, False])
def test_a_round_of_loans_is_not_compared_under_a_policy_without_its_rung(town, of_loans, code, frozen):
    opened, places = of_loans
    if frozen:
        opened = rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT)

    with pytest.raises(Refused) as refused:
        compare(opened, places, policy=factories.policy(code))

    assert refused.value.code is Refusal.POLICY_WITHOUT_RUNG
    assert dict(refused.value.detail) == {"policy": code, "served_rung": "loan_2"}


@pytest.mark.parametrize(("begins", "newest_only"), [(ON, True), (ON + timedelta(days=1), False)])
def test_of_a_policy_the_version_in_force_on_the_day_is_offered_and_no_older_one(
    town, visit, two_lists, begins, newest_only
):
    _, homes = two_lists
    older = factories.policy("ladder-2022")
    newer = policies.draft(
        document={**older.document, "in_force_from": begins.isoformat()},
        sha256=older.sha256,
        by=town.staff["admin"],
        at=AT,
    )
    policies.approve(policy_id=newer.pk, by=town.staff["supervisor"], at=AT)
    round_ = factories.open_round(town, homes)

    form = visit("secretary").get(f"/desk/rounds/{round_.pk}/what-if/").context["form"]

    expected = {round_.policy, factories.policy("operator-2025"), newer if newest_only else older}
    assert set(form.fields["policy"].queryset) == expected
    assert factories.policy("ladder-2022") == (newer if newest_only else older)


def test_the_page_says_it_at_the_policy(visit, of_loans):
    opened, places = of_loans
    sent = {
        "policy": factories.policy("akimat-2022").pk,
        "quota_3": "0",
        "dwellings": [place.pk for place in places],
    }

    answer = visit("secretary").post(f"/desk/rounds/{opened.pk}/what-if/", sent)

    assert set(answer.context["form"].errors) == {"policy"}
    assert b'id="id_policy_error"' in answer.content
    assert b"akimat-2022" in answer.content.partition(b'id="id_policy_error"')[2].partition(b"</div>")[0]
    assert b"what-if-table" not in answer.content


def test_a_round_of_loans_is_compared_with_fewer_places_under_its_own_ladder(of_loans):
    opened, places = of_loans

    found = compare(opened, places[:1])

    assert (found.now.split.given, found.then.split.given) == (1, 1)
    assert (found.now.split.dwellings, found.then.split.dwellings) == (2, 1)


def send(person, round_, homes):
    return person.post(
        f"/desk/rounds/{round_.pk}/what-if/",
        {"policy": round_.policy_id, "quota_3": "0", "dwellings": [home.pk for home in homes]},
    )


def test_a_long_queue_is_asked_of_a_worker_and_not_a_byte_changes(town, two_lists, visit, says, monkeypatch):
    entries, homes = two_lists
    frozen = factories.frozen_round(town, homes)
    secretary = visit("secretary")
    monkeypatch.setattr(what_if_orders, "QUICK", 3)
    secretary.get(f"/desk/rounds/{frozen.pk}/what-if/")
    before = digests()

    page = send(secretary, frozen, homes[:1]).url
    assert b"hx-get" in (waiting := secretary.get(page)).content
    assert b"htmx.min.js" in waiting.content
    assert says(waiting, "look now")
    tasks.work_out_what_ifs()

    shown = secretary.get(page)
    assert entries["5", 2].file_number.encode() in shown.content
    assert b"hx-get" not in shown.content
    assert what_if_orders.list_wanted() == []
    assert digests() == before


def test_two_who_ask_the_same_get_one_answer(town, two_lists, visit, monkeypatch):
    _, homes = two_lists
    frozen = factories.frozen_round(town, homes)
    monkeypatch.setattr(what_if_orders, "QUICK", 3)

    pages = {send(visit("secretary"), frozen, homes[:1]).url for _ in range(2)}

    assert len(pages) == 1
    assert len(what_if_orders.list_wanted()) == 1


def test_a_page_that_waits_says_again_what_it_waits_for(town, two_lists, visit, monkeypatch):
    _, homes = two_lists
    frozen = factories.frozen_round(town, homes)
    monkeypatch.setattr(what_if_orders, "QUICK", 3)
    secretary = visit("secretary")
    page = send(secretary, frozen, homes[:1]).url
    cache.delete("what-if-wanted")

    secretary.get(page)

    assert len(what_if_orders.list_wanted()) == 1


def test_what_a_worker_refuses_is_told_and_what_is_forgotten_is_asked_again(
    town, two_lists, visit, says, monkeypatch
):
    _, homes = two_lists
    frozen = factories.frozen_round(town, homes)
    monkeypatch.setattr(what_if_orders, "QUICK", 3)
    secretary = visit("secretary")
    page = send(secretary, frozen, homes[:1]).url

    def refuse(**_):
        raise Refused(Refusal.QUOTA_MISSING, list="3")

    monkeypatch.setattr(what_if_orders.what_if, "compare", refuse)
    tasks.work_out_what_ifs()
    assert says(secretary.get(page), "This was not done")
    cache.clear()
    assert says(secretary.get(page), "This answer is kept for an hour and is gone. Ask again below.")


def test_an_answer_is_of_its_round_alone(town, two_lists, visit, monkeypatch):
    _, homes = two_lists
    frozen = factories.frozen_round(town, homes)
    other = factories.open_round(town)
    monkeypatch.setattr(what_if_orders, "QUICK", 3)
    key = send(visit("secretary"), frozen, homes[:1]).url.partition("=")[2]

    assert what_if_orders.get(key, round_=other) is None
    assert what_if_orders.get(key, round_=frozen) is not None


@pytest.mark.parametrize(("limit", "is_quick"), [(3, False), (4, True)])
def test_a_page_waits_up_to_so_many_candidates(town, two_lists, monkeypatch, limit, is_quick):
    monkeypatch.setattr(what_if_orders, "QUICK", limit)

    assert what_if_orders.is_quick(factories.open_round(town)) is is_quick
