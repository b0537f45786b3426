"""Telephones and e-mails: one form for all ways to write one, and a clear refusal of what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules import contacts
from queue_registry.rules.contacts import ContactRefused

WANTED = "+77000001234"


@pytest.mark.parametrize(
    "text",
    [
        "+77000001234",
        "87000001234",
        "77000001234",
        "7000001234",
        " +7 (700) 000-12-34 ",
        "8\N{NO-BREAK SPACE}700\N{EN DASH}000.12.34",
    ],
)
def test_a_telephone_has_one_form(text):
    assert contacts.phone(text) == WANTED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "700000123",
        "+7700000123",
        "+770000012348",
        "+97000001234",
        "8700000123x",
        "٧٠٠١٢٣٤٥٦٧",
        "-",
        "нет",
    ],
)
def test_what_is_no_telephone_is_refused(text):
    with pytest.raises(ContactRefused) as refused:
        contacts.phone(text)

    assert refused.value.code == "NOT_A_PHONE"
    assert not text or text not in str(refused.value)


@given(st.from_regex(r"[0-9]{10}", fullmatch=True), st.sampled_from(["+7", "8", "7", "", "+7 (", "8 "]))
def test_any_ten_digits_come_out_as_they_are_whatever_stands_before(digits, before):
    assert contacts.phone(before + digits) == f"+7{digits}"


@given(st.text(max_size=20))
def test_whatever_is_typed_is_a_telephone_or_refused(text):
    try:
        found = contacts.phone(text)
    except ContactRefused:
        found = WANTED

    assert contacts.phone(found) == found


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("anna@example.kz", "anna@example.kz"),
        (" Anna.B+x@Example.KZ ", "Anna.B+x@example.kz"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
    ],
)
def test_an_email_has_its_domain_in_small_letters(text, wanted):
    assert contacts.email(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "anna",
        "anna@",
        "@example.kz",
        "anna@example",
        "an na@example.kz",
        "anna@example.kz\nBcc: x@example.kz",
        "a@b@example.kz",
        ".anna@example.kz",
        "anna@-example.kz",
        f"{'a' * 250}@example.kz",
    ],
)
def test_what_is_no_email_is_refused(text):
    with pytest.raises(ContactRefused) as refused:
        contacts.email(text)

    assert refused.value.code == "NOT_AN_EMAIL"


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("87000001234", WANTED),
        ("нет, 8 700 000 12 34; 87000004321", WANTED),
        ("", None),
        ("нет", None),
        ("дом. 12-34-56", None),
    ],
)
def test_the_first_telephone_of_a_cell_counts(cell, wanted):
    assert contacts.first_phone(cell) == wanted


@pytest.mark.parametrize(
    ("value", "invented"),
    [
        ("+77000000000", True),
        ("+77000009999", True),
        ("+77000010000", False),
        ("+77010000000", False),
        ("anna@example.com", True),
        ("anna@mail.example", True),
        ("anna@example.kz", False),
        ("example.com@mail.kz", False),
    ],
)
def test_the_range_of_invented_people_is_exact(value, invented):
    assert contacts.is_invented(value) is invented
