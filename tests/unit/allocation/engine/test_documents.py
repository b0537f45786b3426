"""Refusals of a whole document: what is no JSON of the contract, and values that do not go together."""

import copy
import hashlib
import json
from typing import Any

import pytest

from allocation import engine
from tests.unit.allocation.engine.rounds import (
    FIT,
    as_bytes,
    dwelling,
    entry,
    floor,
    member,
    merged,
    people,
    policy,
    round_document,
)
from tests.unit.allocation.engine.test_refusals import WHOLE, Place, changed, path_of, refusal_of

Document = dict[str, Any]

SMALL = round_document([entry("E1"), entry("E2", list="5")], [dwelling("D1")])


def is_lawful(document: Document) -> bool:
    return bool(engine.read_input(as_bytes(document)).sha256)


# Bytes and JSON


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is not JSON at line 1 column 1"),
        (b" \n", "is not JSON at line 2 column 1"),
        (b"{", "is not JSON at line 1 column 2"),
        (b"{} {}", "is not JSON at line 1 column 4"),
        (b"{'format': 1}", "is not JSON at line 1 column 2"),
        (b'{"a": 1 "b": 2}', "is not JSON at line 1 column 9"),
        (b'{"a": 01}', "is not JSON at line 1 column 8"),
        (b'{"a": +1}', "is not JSON at line 1 column 7"),
        (b'{"a": .5}', "is not JSON at line 1 column 7"),
        (b'["a\nb"]', "is not JSON at line 1 column 4"),
        (b'["\\x41"]', "is not JSON at line 1 column 3"),
        (b"// a\n{}", "is not JSON at line 1 column 1"),
        (b"\xef\xbb\xbf{}", "starts with a byte order mark"),
        (b'{"a": "\xff"}', "is not UTF-8 at byte 7"),
        (b'["\xed\xa0\x80"]', "is not UTF-8 at byte 2"),
        (b'["\xc0\xaf"]', "is not UTF-8 at byte 2"),
        ("{}".encode("utf-16"), "is not UTF-8 at byte 0"),
        ("{}".encode("utf-16-le"), "is not JSON at line 1 column 2"),
        (b'{"a": NaN}', "is not JSON: NaN is no number"),
        (b'{"a": Infinity}', "is not JSON: Infinity is no number"),
        (b'{"a": [-Infinity]}', "is not JSON: -Infinity is no number"),
    ],
)
def test_what_is_no_json_in_utf_8_is_refused(data: bytes, problem: str) -> None:
    refusal = refusal_of(data)

    assert (refusal.path, refusal.problem) == ("$", problem)


@pytest.mark.parametrize("data", [b'{"a": 1,}', b'{"a": [1,]}', b'{"a": [,1]}'])
def test_a_comma_with_nothing_beside_it_is_refused(data: bytes) -> None:
    """Where it is found depends on the version of Python."""
    assert refusal_of(data).problem.startswith("is not JSON at line 1 column ")


@pytest.mark.parametrize("data", [b"null", b"[]", b'"round/1"', b"1", b"true", b"1e999999999", b"9" * 10_000])
def test_a_document_is_an_object(data: bytes) -> None:
    refusal = refusal_of(data)

    assert (refusal.path, refusal.problem) == ("$", "expected an object")


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('{"format"', '{"format": 1, "format"', "$.format"),
        ('"lift": false', '"lift": false, "lift": false', "$.dwellings[0].lift"),
        ('"sex": "f"', '"sex": "f", "s\\u0065x": "f"', "$.entries[0].members[0].sex"),
        ('"3": "3.1"', '"3": "3.1", "3": "3.1"', "$.policy.income.below.3"),
        ('"lists": {}', '"lists": {"": {"a": 1, "a": 2}}', '$.year_to_date.lists."".a'),
        ('"income": "30000"', '"income": {"\\n": 1, "\\n": 1}', '$.entries[0].income."\\n"'),
        ('"income": "30000"', '"income": {"\\ud800": 1, "\\ud800": 1}', '$.entries[0].income."\\ud800"'),
    ],
)
def test_a_repeated_key_is_refused_wherever_it_stands(old: str, new: str, path: str) -> None:
    text = json.dumps(SMALL)
    assert old in text

    assert refusal_of(text.replace(old, new, 1).encode()).path == path


def nested(depth: int, *, of: str = "[]") -> bytes:
    """A document whose income is so deep that the whole has this depth."""
    opening, closing = ('{"a":', "}") if of == "{}" else ("[", "]")
    inner = opening * (depth - 3) + "1" + closing * (depth - 3)
    return json.dumps(SMALL).replace('"30000"', inner, 1).encode()


@pytest.mark.parametrize("of", ["[]", "{}"])
@pytest.mark.parametrize("depth", [33, 34, 100, 900, 100_000])
def test_what_is_deeper_than_32_is_refused_as_that(depth: int, of: str) -> None:
    refusal = refusal_of(nested(depth, of=of))

    assert (refusal.path, refusal.problem) == ("$", "is nested deeper than 32")


@pytest.mark.parametrize("of", ["[]", "{}"])
@pytest.mark.parametrize("depth", [4, 31, 32])
def test_what_is_not_so_deep_is_refused_for_what_it_is(depth: int, of: str) -> None:
    assert refusal_of(nested(depth, of=of)).path == "$.entries[0].income"


def test_a_document_that_never_closes_is_refused_and_not_crashed_on() -> None:
    assert refusal_of(b"[" * 5_000_000).problem == "is nested deeper than 32"


TEXTS: tuple[Place, ...] = (
    ("round", "id"),
    ("round", "akimat"),
    ("policy", "code"),
    ("policy", "tiers", 2, "document"),
    ("policy", "income", "exempt_flags", 0),
    ("policy", "support", "kind"),
    ("policy", "ladder", 1, 0),
    ("dwellings", 0, "id"),
    ("entries", 0, "id"),
    ("entries", 0, "file_no"),
    ("entries", 0, "flags", 0),
)


@pytest.mark.parametrize("place", TEXTS, ids=path_of)
@pytest.mark.parametrize("text", ["\ud800", "a\udfff", "\udc00\ud800"])
def test_a_lone_surrogate_is_refused(place: Place, text: str) -> None:
    data = json.dumps(changed(place, text)).encode()

    assert refusal_of(data).path == path_of(place)


@pytest.mark.parametrize("place", TEXTS, ids=path_of)
@pytest.mark.parametrize("text", ["\U0001d4b3", "\u2028", "\x00", " ", "\ufeff", '"\\', "Ұлы дала"])
def test_any_other_string_is_lawful_and_keeps_its_spelling(place: Place, text: str) -> None:
    document = changed(place, text)

    escaped = engine.read_input(json.dumps(document).encode())

    assert escaped == engine.read_input(as_bytes(document))
    assert json.loads(escaped.canonical) == document


# The canonical form


def test_the_canonical_form_has_sorted_keys_no_spaces_and_a_line_feed_and_is_what_is_hashed() -> None:
    document = changed(("round", "id"), 'Ә\U0001d4b3\u2028/\x7f\x1f\n"')

    read = engine.read_input(json.dumps(document, indent=3).encode())

    start = b'{"dwellings":[{"accessible":false,"area":"30","floor":1,"id":"D1","lift":false,"rooms":1},'
    assert read.canonical.startswith(start)
    assert '"id":"Ә\U0001d4b3\u2028/\x7f\\u001f\\n\\""}'.encode() in read.canonical
    assert read.canonical.endswith(b"}}\n")
    assert read.sha256 == hashlib.sha256(read.canonical).hexdigest()
    assert engine.read_input(read.canonical) == read


# Values that are lawful alone


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("format",), "round/2"),
        (("format",), "round/1 "),
        (("policy", "tiers", 0, "kind"), "First_right"),
        (("policy", "tiers", 1, "period"), "month"),
        (("policy", "tiers", 3, "period"), "Batch"),
        (("policy", "tiers", 3, "count"), "all"),
        (("entries", 0, "members", 0, "sex"), "F"),
        (("entries", 0, "members", 0, "role"), "wife"),
        (("entries", 0, "eligibility"), "ELIGIBLE"),
        (("entries", 0, "list"), "7"),
        (("entries", 0, "list"), "0"),
        (("entries", 0, "list"), "04"),
        (("entries", 0, "list"), "6"),  # stands in no tier
        (("policy", "tiers", 0, "lists", 0), "7"),
        (("policy", "tiers", 0, "lists"), []),
        (("policy", "tiers", 3, "lists", 1), "4"),
        (("policy", "support", "rung"), "none"),
        (("policy", "support", "rung"), "loan_3"),
        (("policy", "ladder", 0), ["rent"]),
        (("policy", "ladder", 0), ["rent", "1", "2"]),
        (("policy", "ladder", 2, 0), "rent"),
        (("policy", "ladder", 1, 1), "1"),
        (("policy", "ladder", 1, 1), "1.000000"),
        (("policy", "ladder", 1, 1), "0.999999"),
        (("dwellings", 1, "id"), "D1"),
        (("entries", 2, "id"), "E1"),
        (("entries", 2, "file_no"), "F-E1"),  # with E1 on list 4
        (("entries", 0, "members"), []),
        (("entries", 0, "members", 0, "couple"), 2),
        (("entries", 0, "reason"), "MOVED"),
        (("entries", 2, "reason"), "MOVED"),
        (("entries", 1, "reason"), None),
    ],
    ids=str,
)
def test_a_value_that_does_not_go_with_the_rest_is_refused_where_it_stands(place: Place, value: Any) -> None:
    assert refusal_of(as_bytes(changed(place, value))).path.startswith(path_of(place))


@pytest.mark.parametrize(
    "reason",
    ["", "moved", "MOVED ", "1MOVED", "_MOVED", "MOVED-OUT", "MOVED\n", "ӘКІМ", "M" * 65, "MOVED\u0661"],
)
def test_a_reason_is_a_code_in_capital_letters(reason: str) -> None:
    assert refusal_of(as_bytes(changed(("entries", 1, "reason"), reason))).path == "$.entries[1].reason"


@pytest.mark.parametrize("reason", ["M", "M" * 64, "A1_", "OFFER_OPEN"])
def test_any_reason_of_that_form_is_lawful(reason: str) -> None:
    assert is_lawful(changed(("entries", 1, "reason"), reason))


@pytest.mark.parametrize("below", ["0", "7", "", "04", "a b"])
def test_a_key_that_is_no_list_is_refused(below: str) -> None:
    expected = f".{below}" if below.isalnum() else f'."{below}"'
    ledger = {"owed": "0", "by_share": 0, "received": 0}

    refusal = refusal_of(as_bytes(changed(("policy", "income", "below"), {below: "1"})))
    other = refusal_of(as_bytes(changed(("year_to_date", "lists"), {below: ledger})))

    assert refusal.path == f"$.policy.income.below{expected}"
    assert other.path == f"$.year_to_date.lists{expected}"


def test_the_members_of_a_household_go_together() -> None:
    def refused(*members: Document) -> str:
        return refusal_of(as_bytes(changed(("entries", 0, "members"), list(members)))).path

    applicant, spouse = member(), member("m", "spouse")
    assert refused(spouse) == "$.entries[0].members"
    assert refused(applicant, applicant) == "$.entries[0].members"
    assert refused(applicant, spouse, spouse) == "$.entries[0].members"
    alone = member("f", "parent", 70, 3)
    assert refused(applicant, alone) == "$.entries[0].members[1].couple"
    assert refused(applicant, alone, alone, alone) == "$.entries[0].members[1].couple"
    assert refused(member(couple=1), member(role="other", couple=2)) == "$.entries[0].members[0].couple"
    three = [member(role=role, couple=1) for role in ("applicant", "spouse", "child")]
    assert refused(*three) == "$.entries[0].members[0].couple"


def test_what_looks_odd_is_lawful_where_nothing_forbids_it() -> None:
    spouses_without_couple = [member(), member("m", "spouse", 41, None)]
    couple_of_others = [member(couple=1), member("f", "other", 8, 1), *people(3)[1:]]
    assert is_lawful(changed(("entries", 0, "members"), spouses_without_couple))
    assert is_lawful(changed(("entries", 0, "members"), couple_of_others))
    assert is_lawful(changed(("entries", 0, "flags"), ["a", "a"]))
    assert is_lawful(changed(("policy", "fit"), FIT | {"min_area": "99", "max_area": "1"}))
    assert is_lawful(changed(("policy", "fit", "max_floor_mobility"), -3))
    assert is_lawful(changed(("year_to_date", "lists", "6"), {"owed": "-9/6", "by_share": 8, "received": 7}))
    assert is_lawful(changed(("policy", "income", "below"), {"1": "0", "6": "2"}))
    assert is_lawful(changed(("policy", "support"), {"kind": "anything at all", "rung": None}))


def test_one_file_number_may_stand_on_two_lists_and_an_id_of_a_dwelling_may_be_that_of_an_entry() -> None:
    document = copy.deepcopy(SMALL)
    document["entries"][1] |= {"file_no": "F-E1"}
    document["dwellings"][0]["id"] = "E1"

    assert is_lawful(document)


def test_empty_tiers_dwellings_and_entries_are_lawful() -> None:
    nothing = round_document([], [], policy(ladder=[]))

    assert json.loads(engine.run(as_bytes(nothing)))["tiers"] == []
    assert is_lawful(round_document([], [dwelling("D1")], policy(floor("2"), merged("4"))))
    assert is_lawful(round_document([entry("E1")], [], policy(merged("4"))))


def test_no_refusal_repeats_what_was_refused() -> None:
    for place in (("entries", 0, "income"), ("entries", 0, "registered_at"), ("entries", 2, "file_no")):
        document = copy.deepcopy(WHOLE)
        document["entries"][0]["file_no"] = document["entries"][2]["file_no"] = "SECRET"
        document["entries"][place[1]][place[2]] = "SECRET"

        assert "SECRET" not in str(refusal_of(as_bytes(document)))
