"""Codes of certificates: drawn, typed in any way that people type, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.certificates import LENGTH, new_code, read_code, shown


def test_a_code_is_read_back_from_how_it_is_printed():
    for _ in range(50):
        code = new_code()
        assert len(code) == LENGTH
        assert read_code(shown(code)) == code


def test_no_two_codes_of_a_thousand_are_alike():
    assert len({new_code() for _ in range(1_000)}) == 1_000


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("7K2M-94QD-0XRA-V8TE", "7K2M94QD0XRAV8TE"),
        ("  7k2m 94qd–0xra—v8te ", "7K2M94QD0XRAV8TE"),
        # Letters that are not in the alphabet are read as the digits they look like.
        ("7K2M-94QD-OXRA-V8TE", "7K2M94QD0XRAV8TE"),
        ("iL00-0000-0000-0000", "1100000000000000"),
        ("7K2M-94QD-0XRA-V8T", None),
        ("7K2M-94QD-0XRA-V8TEE", None),
        ("7K2M-94QD-0XRA-V8TU", None),
        # Cyrillic letters that look like Latin ones.
        ("7К2М-94QD-0XRA-V8TE", None),
        ("", None),
        ("{{ 7*7 }}", None),
        ("' OR 1=1 --", None),
    ],
)
def test_typed_codes(typed, code):
    assert read_code(typed) == code


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_code_or_nothing(text):
    code = read_code(text)
    assert code is None or read_code(shown(code)) == code
