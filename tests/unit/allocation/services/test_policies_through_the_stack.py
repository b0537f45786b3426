"""
Each policy from the freeze to the offers, by the services: homes, loans of two rungs, the operator's order.

Expected splits are computed by hand beside each test. The subsistence minimum of 2026 is 50,851 tenge, so
that `rent` ends at 50,851, `loan_2` at 157,638.10, `loan_5` at 188,148.70 a member.
"""

import re
from datetime import timedelta

import pytest
from django.utils.translation import override

from allocation import engine_io
from allocation.documents import run_sections, tenancy_paper
from allocation.models import AllocationLine, Dwelling, Offer
from allocation.rules.refusals import Refusal, Refused
from allocation.services import decisions, ledger, loan_places, offers, protocols, rounds, sittings
from queue_registry.selectors import clock
from queue_registry.services import policies
from tests import contracts, factories
from tests.factories import AT, ON, QUOTAS, income

LATER = AT + timedelta(days=1)


def under(town, code):
    policies.put_in_force(akimat=town.akimat, code=code, from_on=ON, by=town.admin, at=AT)


def opened(town, dwellings, *, at=AT, quotas=QUOTAS, **terms):
    return rounds.open_round(
        akimat=town.akimat,
        dwelling_ids=[one.pk for one in dwellings],
        quotas=quotas,
        by=town.secretary,
        at=at,
        **terms,
    )


def confirmed(town, round_, *, at=AT):
    """The round frozen, run, sat on and confirmed; offers are open."""
    frozen = rounds.freeze(round_id=round_.pk, by=town.secretary, at=at)
    run = factories.run_of(town, frozen, at=at)
    sitting = sittings.convene(run_id=run.pk, by=town.secretary, at=at)
    factories.vote_all(town, sitting, at=at)
    return decisions.confirm(sitting_id=sitting.pk, result_sha256=run.result_sha256, by=town.chair, at=at)


def served(entries, decision):
    """Names of the served, by turn."""
    names = {entry.pk: name for name, entry in entries.items()}
    lines = AllocationLine.objects.filter(run=decision.sitting.run, dwelling__isnull=False).order_by("turn")
    return [names[line.entry_id] for line in lines]


def codes(entries, decision):
    """Codes by the names of those passed over."""
    names = {entry.pk: name for name, entry in entries.items()}
    lines = AllocationLine.objects.filter(run=decision.sitting.run, dwelling__isnull=True)
    return {names[line.entry_id]: line.code for line in lines}


def tiers(decision):
    return engine_io.parsed(decision.sitting.run.result)["tiers"]


def refusal_of(act):
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def places(town, code, count):
    return loan_places.add(
        akimat=town.akimat, programme=code, count=count, document="Letter 3", by=town.clerk, at=AT
    )


# The ladder


@pytest.fixture
def ladder(town):
    """Two orphans, six families on list 4, three on list 5, one person each, with income on every limit."""
    under(town, "ladder-2022")
    monthly = {
        "orphan_rent": ("2", "0"),
        "orphan_loan": ("2", "100000"),
        "rent_at_limit": ("4", "50851"),
        "loan_2_above": ("4", "50851.01"),
        "rent_nothing": ("4", "0"),
        "loan_5_above": ("4", "157638.11"),
        "loan_2_at_limit": ("4", "157638.10"),
        "no_rung": ("4", "188148.71"),
        "loan_5_at_limit": ("5", "188148.70"),
        "worker_rent": ("5", "30000"),
        "worker_loan": ("5", "120000"),
    }
    return {
        name: factories.waiting(
            town, number=number, day=day, facts=income(tenge_a_month=tenge) if tenge != "0" else ()
        )
        for day, (name, (number, tenge)) in enumerate(monthly.items(), start=1)
    }


def test_a_rent_round_of_the_ladder_serves_the_first_rung(town, ladder):
    """Five homes: ceil(5/5) = 1 to orphans; of 4 the shares are 4 x 6/9 and 4 x 3/9; one finds nobody."""
    homes = factories.ready(town, 5, rooms=1, area="25.00")

    decision = confirmed(town, opened(town, homes, rung="rent"))

    assert served(ladder, decision) == ["orphan_rent", "rent_at_limit", "rent_nothing", "worker_rent"]
    found = codes(ladder, decision)
    assert (found["loan_2_above"], found["no_rung"]) == ("OTHER_RUNG:loan_2", "OTHER_RUNG:none")
    proportional = tiers(decision)[-1]
    assert [row["share"] for row in proportional["lists"]] == ["8/3", "4/3", "0"]
    assert len(engine_io.parsed(decision.sitting.run.result)["unallotted"]) == 1


def test_a_round_of_loans_serves_the_second_rung_with_counted_places(town, ladder):
    """Three places: ceil(3/5) = 1 to orphans; of 2 the shares are 2 x 6/9 and 2 x 3/9: one each."""
    decision = confirmed(town, opened(town, places(town, "2-10-20", 3), rung="loan_2", programme="2-10-20"))

    assert served(ladder, decision) == ["orphan_loan", "loan_2_above", "worker_loan"]
    assert engine_io.parsed(decision.sitting.run.round.input)["policy"]["fit"] is None
    assert [row["served"] for row in tiers(decision)[-1]["lists"]] == [1, 1, 0]
    taken = Offer.objects.order_by("dwelling__number").values_list("dwelling__number", "entry")
    assert dict(taken)["L-2-10-20-2026-00001"] == ladder["orphan_loan"].pk
    # Whoever got none stands in the reserve of a place of its list.
    reserve = AllocationLine.objects.get(entry=ladder["loan_2_above"], run=decision.sitting.run).reserve
    assert reserve == [ladder["loan_2_at_limit"].pk]


def test_a_round_of_the_third_rung_gives_places_of_one_programme(town, ladder):
    """Two places: an orphan of that rung stands nowhere; the shares are 2 x 6/9 and 2 x 3/9: one each."""
    decision = confirmed(town, opened(town, places(town, "5-20-25", 2), rung="loan_5", programme="5-20-25"))

    assert served(ladder, decision) == ["loan_5_above", "loan_5_at_limit"]
    floor = tiers(decision)[1]
    assert (floor["target"], floor["served"], floor["shortfall"]) == (
        1,
        0,
        {"missing": 1, "reason": "LIST_EXHAUSTED"},
    )


def test_a_loan_is_taken_by_a_referral_and_ends_with_the_bank_s_contract(town, ladder, settings, tmp_path):
    authority = contracts.set_up_signing(settings, tmp_path)
    decision = confirmed(town, opened(town, places(town, "2-10-20", 1), rung="loan_2", programme="2-10-20"))
    contracts.resting_on(town, authority, decision)

    tenancy = contracts.concluded(town, contracts.accepted(town, entry=ladder["orphan_loan"]))
    contracts.with_keys(town, tenancy)

    ladder["orphan_loan"].refresh_from_db()
    assert ladder["orphan_loan"].status == "HOUSED"
    assert Dwelling.objects.get().state == Dwelling.State.ALLOTTED
    assert tenancy.papers.count() == 2


def test_every_page_and_paper_of_a_loan_round_names_the_programme_and_no_walls(
    town, ladder, settings, tmp_path, client, monkeypatch
):
    authority = contracts.set_up_signing(settings, tmp_path)
    decision = confirmed(town, opened(town, places(town, "2-10-20", 2), rung="loan_2", programme="2-10-20"))
    contracts.resting_on(town, authority, decision)
    tenancy = contracts.concluded(town, contracts.accepted(town, entry=ladder["orphan_loan"]))
    offer = Offer.objects.get(state="OPEN")
    monkeypatch.setattr(clock, "now", lambda: AT)
    pages = {
        "clerk": (
            f"/desk/rounds/{decision.sitting.run.round_id}/",
            f"/desk/offers/{offer.pk}/",
            "/desk/offers/",
            f"/desk/contracts/{tenancy.pk}/",
            f"/desk/entries/{offer.entry_id}/",
        ),
        "chair": (
            f"/admin/allocation/sitting/{decision.sitting_id}/change/",
            f"/admin/allocation/sitting/{decision.sitting_id}/allotments/",
        ),
    }

    for name, paths in pages.items():
        client.force_login(town.staff[name])
        for path in paths:
            page = client.get(path)
            assert page.status_code == 200, path
            assert not re.search("None(?! is proposed)", page.content.decode()), path
    for language, word in (("kk", "2-10-20"), ("ru", "2-10-20")):
        with override(language):
            assert word in str(tenancy_paper.document(tenancy, language))
            material = protocols._material(decision.sitting, language)
            printed = [run_sections.dwellings(material), run_sections.allotments(material)]
        assert word in str(printed)


def test_a_refused_place_goes_to_the_next_of_the_reserve(town, ladder):
    confirmed(town, opened(town, places(town, "2-10-20", 3), rung="loan_2", programme="2-10-20"))
    offer = Offer.objects.get(entry=ladder["loan_2_above"])

    following = offers.refuse(offer_id=offer.pk, reason="Too dear", by=town.clerk, at=AT)

    assert (following.entry_id, following.dwelling_id) == (ladder["loan_2_at_limit"].pk, offer.dwelling_id)


def test_each_kind_of_help_has_an_account_of_its_own(town, ladder):
    confirmed(town, opened(town, places(town, "2-10-20", 3), rung="loan_2", programme="2-10-20"))
    homes = factories.ready(town, 1, rooms=1, area="25.00")
    named, own = opened(town, homes, rung="rent"), opened(town, [])
    second = opened(town, [], rung="loan_2", programme="2-10-20")

    assert ledger.year_to_date(round_=second, on=ON)["distributed"] == 3
    assert ledger.year_to_date(round_=named, on=ON)["distributed"] == 0
    confirmed(town, named)
    # The rung that the policy serves by itself is the same, named or not.
    assert ledger.year_to_date(round_=own, on=ON)["distributed"] == 1
    assert ledger.year_to_date(round_=second, on=ON)["distributed"] == 3


def test_a_round_takes_only_what_its_rung_gives(town, ladder):
    (home,) = factories.ready(town)
    (two,) = places(town, "2-10-20", 1)
    (five,) = places(town, "5-10-20", 1)
    lends = {"rung": "loan_2", "programme": "2-10-20"}

    assert refusal_of(lambda: opened(town, [home], **lends)) == Refusal.DWELLING_OF_OTHER_KIND
    assert refusal_of(lambda: opened(town, [two])) == Refusal.DWELLING_OF_OTHER_KIND
    assert refusal_of(lambda: opened(town, [five], **lends)) == Refusal.DWELLING_OF_OTHER_PROGRAMME
    assert refusal_of(lambda: opened(town, [], rung="loan_2")) == Refusal.PROGRAMME_MISSING
    assert refusal_of(lambda: opened(town, [], rung="loan_2", programme="x")) == Refusal.PROGRAMME_UNKNOWN
    assert refusal_of(lambda: opened(town, [], rung="rent", programme="2-10-20")) == (
        Refusal.PROGRAMME_OF_OTHER_RUNG
    )
    assert refusal_of(lambda: opened(town, [], rung="loan_2", programme="5-10-20")) == (
        Refusal.PROGRAMME_OF_OTHER_RUNG
    )
    assert opened(town, [two], **lends).programme == "2-10-20"


# The operator


@pytest.fixture
def operator(town):
    """
    Six families of the priority groups, registered after five others, of which one has too high an income and
    of one the registers say nothing.
    """
    under(town, "operator-2025")
    others = {
        "too_rich": {"facts": income(tenge_a_month="177978.51")},
        "silent": {"known": False},
        "at_ceiling": {"facts": income(tenge_a_month="177978.50")},
        "other_2": {},
        "other_3": {},
    }
    entries = {
        name: factories.waiting(town, number="4", day=day, **household)
        for day, (name, household) in enumerate(others.items(), start=1)
    }
    factories.asked_in_vain(entries["silent"])
    priority = {
        f"priority_{count}": factories.waiting(town, number="1", day=20 + count) for count in range(1, 7)
    }
    return entries | priority


def test_the_operator_gives_seven_of_ten_to_priority_groups_by_the_year(town, operator):
    """Three homes: ceil(2.1) = 3; three more: ceil(4.2) - 3 = 2, and one to the earliest of all."""
    first = confirmed(town, opened(town, factories.ready(town, 3, rooms=1, area="25.00"), quotas={}))
    second = confirmed(
        town, opened(town, factories.ready(town, 3, rooms=1, area="25.00"), quotas={}, at=LATER), at=LATER
    )

    assert served(operator, first) == ["priority_1", "priority_2", "priority_3"]
    assert served(operator, second) == ["priority_4", "priority_5", "at_ceiling"]
    assert [tier["target"] for tier in (tiers(first)[0], tiers(second)[0])] == [3, 2]


def test_ceilings_are_judged_before_the_engine_and_silence_is_no_income(town, operator):
    """Seven homes: ceil(4.9) = 5 to priority groups, two in one order."""
    decision = confirmed(town, opened(town, factories.ready(town, 7, rooms=1, area="25.00"), quotas={}))

    assert served(operator, decision)[-2:] == ["at_ceiling", "other_2"]
    found = codes(operator, decision)
    assert found["too_rich"] == "INELIGIBLE:INCOME_OVER_CEILING"
    assert found["silent"] == "CHECKS_INCOMPLETE"


def test_a_large_family_has_the_lower_ceiling(town):
    """Two minimums a member for three people: 305,106 tenge a month for all."""
    under(town, "operator-2025")
    family = {"number": "4", "family": (factories.HUSBAND, factories.DAUGHTER)}
    entries = {
        "above": factories.waiting(town, day=1, facts=income(tenge_a_month="305106.01"), **family),
        "at": factories.waiting(town, day=2, facts=income(tenge_a_month="305106"), **family),
    }

    decision = confirmed(town, opened(town, factories.ready(town, 1, rooms=2, area="52.80"), quotas={}))

    assert served(entries, decision) == ["at"]
    assert codes(entries, decision) == {"above": "INELIGIBLE:INCOME_OVER_CEILING"}


# The running account of a year (E9)


def test_a_small_list_never_starves_through_ten_confirmed_batches(town):
    """
    Lists of 18,884, 12,151 and 588 people, one of 156 of them as real entries: 121, 78 and 4; ten batches of
    ten homes. Offers stay open, so that the lists keep their sizes.
    """
    entries = {}
    for number, size in {"4": 121, "5": 78, "6": 4}.items():
        for count in range(size):
            entries[f"{number}-{count}"] = factories.waiting(town, number=number, day=1 + count)
    by_batch = []

    for batch in range(10):
        at = AT + timedelta(hours=batch)
        homes = factories.ready(town, 10, rooms=1, area="25.00")
        decision = confirmed(town, opened(town, homes, at=at), at=at)
        by_batch.append(tuple(row["served"] for row in tiers(decision)[-1]["lists"]))

    assert tuple(map(sum, zip(*by_batch, strict=True))) == (60, 38, 2)
    assert [number for number, (_, _, third) in enumerate(by_batch, start=1) if third] == [3, 9]
    assert {offer.entry_id for offer in Offer.objects.all()} <= {entry.pk for entry in entries.values()}
    assert Offer.objects.filter(state=Offer.State.OPEN).count() == 100
