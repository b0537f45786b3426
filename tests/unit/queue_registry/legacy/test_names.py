"""Comparing a listed name with the register's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.legacy.codes import Remark
from queue_registry.rules.legacy.names import Likeness, PersonName, compare

ALIA = PersonName("Ахметова", "Әлия", "Қанатқызы")
KIM = PersonName("Ким", "Бота", "")
SEMION = PersonName("Королёв", "Семён", "Пётрович")


def likeness(listed, register=ALIA, *, question_marks=False):
    return compare(listed, register, question_marks=question_marks).likeness


@pytest.mark.parametrize(
    ("listed", "register"),
    [
        ("Ахметова Әлия Қанатқызы", ALIA),
        ("АХМЕТОВА ӘЛИЯ ҚАНАТҚЫЗЫ", ALIA),
        ("  ахметова   әлия\u00a0Қанатқызы ", ALIA),
        ("Ахметова Әлия Қанат қызы", ALIA),
        ("Ким Бота", KIM),
        ("Королев Семен Петрович", SEMION),
        ("КОРОЛЁВ СЕМЕН ПЁТРОВИЧ", SEMION),
        ("Короле\u0308в\u200b Семён Пётрович", SEMION),
    ],
)
def test_case_spaces_and_yo_make_no_difference(listed, register):
    comparison = compare(listed, register, question_marks=False)

    assert comparison.likeness is Likeness.EQUAL
    assert comparison.remarks == frozenset()


@pytest.mark.parametrize("listed", ["Ахметова ?лия ?анат?ызы", "АХМЕТОВА ?ЛИЯ ?АНАТ?ЫЗЫ"])
def test_a_question_mark_of_rshep_stands_for_a_lost_letter(listed):
    comparison = compare(listed, ALIA, question_marks=True)

    assert comparison.likeness is Likeness.EQUAL
    assert comparison.remarks == frozenset()


def test_a_question_mark_stands_for_no_letter_that_cp1251_has():
    assert likeness("?хметова Әлия Қанатқызы", question_marks=True) is not Likeness.EQUAL
    assert likeness("К?м Бота", KIM, question_marks=True) is not Likeness.EQUAL


def test_a_question_mark_elsewhere_than_in_rshep_is_no_letter():
    assert likeness("Ахметова ?лия ?анат?ызы") is Likeness.OTHER


@pytest.mark.parametrize(
    ("listed", "remark"),
    [
        ("Axметова Әлия Қанатқызы", Remark.LATIN_LETTERS),
        ("Ахметова Әлия Канаткызы", Remark.RUSSIFIED_LETTERS),
        ("Ахметова Алия Канаткызы", Remark.RUSSIFIED_LETTERS),
        ("Әлия Қанатқызы Ахметова", Remark.WORD_ORDER),
        ("Әлия Ахметова Қанатқызы", Remark.WORD_ORDER),
        ("Ахметова Әлия", Remark.NO_MIDDLE_NAME),
    ],
)
def test_other_letters_word_order_and_a_missing_middle_name_are_equal_with_a_remark(listed, remark):
    comparison = compare(listed, ALIA, question_marks=False)

    assert comparison.likeness is Likeness.EQUAL
    assert comparison.remarks == {remark}


@pytest.mark.parametrize("listed", ["Аhметова Айгyл", "АHМЕТОВА АЙГҮЛ"])
def test_a_latin_letter_that_looks_like_a_kazakh_one_is_equal_with_a_remark(listed):
    comparison = compare(listed, PersonName("Аһметова", "Айгүл"), question_marks=False)

    assert comparison.likeness is Likeness.EQUAL
    assert Remark.LATIN_LETTERS in comparison.remarks


def test_several_of_these_at_once_are_equal_with_every_remark():
    comparison = compare("Алия АXМЕТОВА", ALIA, question_marks=False)

    assert comparison.likeness is Likeness.EQUAL
    assert comparison.remarks == {
        Remark.LATIN_LETTERS,
        Remark.RUSSIFIED_LETTERS,
        Remark.WORD_ORDER,
        Remark.NO_MIDDLE_NAME,
    }


def test_a_middle_name_that_the_register_lacks_is_equal_with_a_remark():
    comparison = compare("Ким Бота Иванқызы", KIM, question_marks=False)

    assert (comparison.likeness, comparison.remarks) == (Likeness.EQUAL, {Remark.NO_MIDDLE_NAME})


@pytest.mark.parametrize(
    "listed",
    [
        "Ахметова Ә. Қ.",
        "Ахметова Ә.Қ.",
        "Ә.Қ. Ахметова",
        "Ахметова Ә",
        "Ахметова Әлия Қ.",
        "Ахметова",
        "АХМЕТОВА ?.?.",
    ],
)
def test_initials_and_a_bare_surname_are_incomplete(listed):
    assert likeness(listed, question_marks="?" in listed) is Likeness.INCOMPLETE


@pytest.mark.parametrize(("listed", "register"), [("Сейітова Әлия Қанатқызы", ALIA), ("Пак Бота", KIM)])
def test_another_surname_with_the_same_first_and_middle_name_is_a_changed_name(listed, register):
    assert likeness(listed, register) is Likeness.CHANGED


@pytest.mark.parametrize(
    "listed",
    [
        "Ахметова Дана Қанатқызы",
        "Ахметова Әлия Ерланқызы",
        "Сейітова Әлия",  # the middle name is not there to be the same
        "Сейітова Әлия Ерланқызы",
        "Ахметова Д. Қ.",
        "Сейітова Ә. Қ.",
        "Петров Иван",
        "",
    ],
)
def test_anything_else_is_another_name(listed):
    assert likeness(listed) is Likeness.OTHER


@given(st.text(), st.booleans())
def test_no_text_makes_the_comparison_fail(listed, question_marks):
    assert compare(listed, ALIA, question_marks=question_marks).likeness in Likeness
