"""What is special about single systems, beside the suite that all pass."""

from datetime import date

import pytest

from integrations.contract import ConsentToken, FactKind, Outcome, Period, Query
from integrations.sources import ADAPTERS
from tests.unit.integrations.golden import AS_OF, GOLDEN, IIN, OTHER_IIN, body, envelope, query


def facts_of(source, inner):
    answer = ADAPTERS[source].parse(envelope(source, body(source, inner=inner)), query(source))
    return answer.outcome, [(fact.kind, fact.value) for fact in answer.facts]


def changed(source, old, new):
    usual = GOLDEN[source][1]
    assert old in usual
    return facts_of(source, usual.replace(old, new, 1))


def between(text, start, end):
    return text[text.index(start) : text.index(end) + len(end)]


def test_a_registration_marked_nil_is_no_registration():
    address = between(GOLDEN["gbd_fl"][1], "<regAddress>", "</regAddress>")

    outcome, facts = changed("gbd_fl", address, '<regAddress xsi:nil="true"/>')

    assert outcome is Outcome.FOUND
    assert facts[1] == (FactKind.REGISTRATION, {"kato": None, "rka": None, "since": None})


def test_a_registration_that_is_not_spoken_of_is_unknown():
    address = between(GOLDEN["gbd_fl"][1], "<regAddress>", "</regAddress>")

    outcome, facts = changed("gbd_fl", address, "")

    assert (outcome, [kind for kind, _ in facts]) == (Outcome.FOUND, [FactKind.PERSON])


def test_an_empty_registration_is_a_breach_and_no_absence():
    address = between(GOLDEN["gbd_fl"][1], "<regAddress>", "</regAddress>")

    assert changed("gbd_fl", address, "<regAddress/>") == (Outcome.CONTRACT_VIOLATION, [])


def test_a_person_without_first_and_middle_name_keeps_the_surname():
    names = "<name>Өңүіһ</name><patronymic>Қанатқызы</patronymic>"

    _, facts = changed("gbd_fl", names, "<name/>")

    assert (facts[0][1]["first"], facts[0][1]["middle"]) == ("", "")


def test_a_very_long_name_is_kept_whole():
    _, facts = changed("gbd_fl", "Әбдіғалиұлы-Ғұмарқызы", "Ә" * 5_000)

    assert facts[0][1]["last"] == "Ә" * 5_000


def test_two_people_in_one_answer_are_a_breach():
    person = between(GOLDEN["gbd_fl"][1], "<person>", "</person>")

    assert changed("gbd_fl", person, person * 2) == (Outcome.CONTRACT_VIOLATION, [])


@pytest.mark.parametrize(
    ("source", "old", "new"),
    [
        ("gbd_fl", "<gender><code>2", "<gender><code>3"),
        ("gbd_fl", "<surname>Әбдіғалиұлы-Ғұмарқызы</surname>", ""),
        ("zags", "<childInfo><iin>920330200109", "<childInfo><iin>92033020010"),
        ("zags", "<childInfo><iin>920330200109", "<childInfo><iin>\uff1920330200109"),
        ("egkn", "<shareNum>2</shareNum>", ""),
        ("egkn", "<shareNum>2</shareNum>", "<shareNum>7</shareNum>"),
        ("egkn", "<shareNum>2</shareNum>", "<shareNum>0</shareNum>"),
        ("egkn", "<shareNum>2</shareNum>", "<shareNum>0.5</shareNum>"),
        ("egkn", "<shareNum>2</shareNum>", "<shareNum>٢</shareNum>"),
        ("egkn", "<areaTotal>48.1", "<areaTotal>48,1"),
        ("enpf", "<base>0</base>", "<base>-5</base>"),
        ("enpf", "<base>0</base>", "<base>1e9</base>"),
        ("enpf", "<month>2026-07", "<month>2026-13"),
        ("enpf", "<payerBin>150861000002</payerBin>", ""),
        ("cbdi", "<group>2</group>", "<group>4</group>"),
        ("esutd", "<budgetOrganization>true", "<budgetOrganization>perhaps"),
        ("health", "<onHousingList>true", "<onHousingList>false"),
        ("mod", "<kindCode>41", "<kindCode>42"),
        ("addr_reg", "<kato>271010000</kato>", ""),
        ("zags", "2026-09-01T00:00:00+05:00", "2026-09-01T00:00:00"),
        ("zags", "2026-09-01T00:00:00+05:00", "0001-01-01T00:00:00+05:00"),
    ],
)
def test_a_field_that_breaks_the_contract_makes_no_fact_at_all(source, old, new):
    assert changed(source, old, new) == (Outcome.CONTRACT_VIOLATION, [])


def test_the_same_contribution_twice_counts_once_but_two_payers_count_both():
    contribution = between(GOLDEN["enpf"][1], "<contribution>", "</contribution>")

    _, facts = changed("enpf", contribution, contribution * 2)

    assert [value["amount"] for _, value in facts] == ["0", "364001.00"]


def test_the_reason_of_a_breach_names_the_field_and_never_its_value():
    inner = GOLDEN["zags"][1].replace("<childInfo><iin>920330200109", "<childInfo><iin>92033020010X")

    answer = ADAPTERS["zags"].parse(envelope("zags", body("zags", inner=inner)), query("zags"))

    assert (answer.raw_code, answer.raw_message) == ("MALFORMED", "iin: not twelve digits")


def test_an_address_is_asked_by_its_code_and_no_other_is_taken():
    asked = Query(source="addr_reg", iin=IIN, purpose="TEST", bucket="b", reference="1211018888756887")
    raw = envelope("addr_reg", body("addr_reg"), correlation_id=asked.key)

    assert b"<rka>1211018888756887</rka>" in ADAPTERS["addr_reg"].build(asked, None)
    assert ADAPTERS["addr_reg"].parse(raw, asked).outcome is Outcome.CONTRACT_VIOLATION


@pytest.mark.parametrize("source", ["egkn", "enpf", "emaket", "kgd"])
def test_a_period_travels_with_the_question(source):
    years = Period(start=date(2021, 9, 1), until=date(2026, 9, 1))
    asked = Query(source=source, iin=IIN, purpose="TEST", bucket="b", period=years)

    question = ADAPTERS[source].build(asked, None)

    assert b"<dateFrom>2021-09-01</dateFrom><dateTo>2026-09-01</dateTo>" in question


def test_the_population_register_gets_the_consent_token():
    token = ConsentToken(code="<c&>", public_key="key")

    question = ADAPTERS["gbd_fl"].build(query("gbd_fl"), token)

    assert b"<kdpToken>&lt;c&amp;&gt;</kdpToken><publicKey>key</publicKey>" in question
    assert b"kdpToken" not in ADAPTERS["gbd_fl"].build(query("gbd_fl"), None)


def test_an_expired_token_is_told_apart_from_a_missing_consent():
    inner = f"<messageResult><code>00011</code></messageResult>{AS_OF}"

    assert facts_of("gbd_fl", inner) == (Outcome.CONSENT_EXPIRED, [])


# A number that somebody bore before

_MOVED = f"<iin>{OTHER_IIN}</iin><previousIin>{IIN}</previousIin>"


def read_person(old, new):
    usual = GOLDEN["gbd_fl"][1]
    assert old in usual
    inner = usual.replace(old, new, 1)
    return ADAPTERS["gbd_fl"].parse(envelope("gbd_fl", body("gbd_fl", inner=inner)), query("gbd_fl"))


def test_a_former_number_is_answered_under_the_one_of_today_without_a_fact():
    answer = read_person(f"<iin>{IIN}</iin>", _MOVED)

    assert (answer.outcome, answer.facts) == (Outcome.IDENTITY_MISMATCH, ())
    said = answer.renumbered
    assert (said.iin, said.last, said.birth_date) == (OTHER_IIN, "Әбдіғалиұлы-Ғұмарқызы", date(1885, 12, 31))
    assert OTHER_IIN not in repr(answer)


@pytest.mark.parametrize(
    "inner",
    [
        f"<iin>{OTHER_IIN}</iin>",
        f"<iin>{OTHER_IIN}</iin><previousIin>920330200109</previousIin>",
        f"<iin>{OTHER_IIN}</iin><previousIin/>",
        f"<iin>1234</iin><previousIin>{IIN}</previousIin>",
    ],
    ids=["nothing said", "another's former number", "empty", "no number of today"],
)
def test_another_person_in_the_answer_is_no_changed_number(inner):
    answer = read_person(f"<iin>{IIN}</iin>", inner)

    assert (answer.outcome, answer.renumbered) == (Outcome.IDENTITY_MISMATCH, None)


def test_former_numbers_beside_the_asked_one_change_nothing():
    answer = read_person(f"<iin>{IIN}</iin>", f"<iin>{IIN}</iin><previousIin>{OTHER_IIN}</previousIin>")

    assert (answer.outcome, answer.renumbered) == (Outcome.FOUND, None)
