"""Two names of old lists beside each other: every likeness at its limit, and that order doesn't matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.legacy.name_pairs import NameKind, NameReading, compare_names, read_name

FULL, SHORT, INITIALS, GIVEN = NameKind
LETTERS, ORDER, FORM = NameReading


def pair_of(one, other, *, question_marks=(False, False)):
    return compare_names(
        read_name(one, question_marks=question_marks[0]), read_name(other, question_marks=question_marks[1])
    )


def told(pair):
    return None if pair is None else (pair.kind, *sorted(pair.readings))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Ахметов Серік Болатұлы", "АХМЕТОВ  СЕРІК БОЛАТҰЛЫ", (FULL,)),
        ("Королёв Пётр Иванович", "Королев Петр Иванович", (FULL,)),
        # Kazakh letters and what was written for them.
        ("Әбілов Ғалым", "Абилов Галым", (SHORT, LETTERS)),
        ("Қайратова Іңкәр", "Кайратова Инкар", (SHORT, LETTERS)),
        ("Үмбетов Мұрат", "Умбетов Мурат", (SHORT, LETTERS)),
        ("Өтегенов Өркен", "Отегенов Еркен", (SHORT, LETTERS)),
        ("Өтегенов Өркен", "Утегенов Уркен", None),
        ("Һашимов Серік", "Хашимов Серик", (SHORT, LETTERS)),
        ("Ахметова Айгүл", "Ахметова Айгуль", (SHORT, LETTERS)),
        ("Ахметова Айгүл", "Ахметова Айгула", None),
        # Latin letters that look like Cyrillic ones.
        ("Axметов Олжас", "Ахметов Олжас", (SHORT, LETTERS)),
        # The order of the words, and no word less.
        ("Серік Болатұлы Ахметов", "Ахметов Серік Болатұлы", (FULL, ORDER)),
        ("Серік Ахметов", "Ахметов Серік", (SHORT, ORDER)),
        ("Ахметов", "Ахметов Серік", None),
        # Both forms of a patronymic, of one sex and one father.
        ("Ахметов Нұрлан Серік ұлы", "Ахметов Нұрлан Серикович", (FULL, FORM)),
        ("Ахметов Нұрлан Серікұлы", "Ахметов Нұрлан Серік ұлы", (FULL,)),
        ("Ахметова Дана Ертайқызы", "Ахметова Дана Ертаевна", (FULL, FORM)),
        ("Ким Дана Сергейқызы", "Ким Дана Сергеевна", (FULL, FORM)),
        ("Ким Дана Сергейқызы", "Ким Дана Сергеевич", None),
        ("Ким Дана Серікқызы", "Ким Дана Самаровна", None),
        ("Ахметов Нұрлан Болат", "Ахметов Нұрлан Болатович", (FULL, FORM)),
        # Not written: nothing is against it, unless an initial is.
        ("Ахметов Нұрлан Болатұлы", "Ахметов Нұрлан", (SHORT,)),
        ("Ахметов Нұрлан Болатұлы", "Ахметов Нұрлан Б.", (SHORT,)),
        ("Ахметов Нұрлан Болатұлы", "Ахметов Нұрлан Т.", None),
        ("Ахметов Нұрлан Б.", "Ахметов Нұрлан Т.", None),
        # Initials.
        ("Ахметов Н.Б.", "Ахметов Нұрлан Болатұлы", (INITIALS,)),
        ("Н. Б. Ахметов", "Нұрлан Ахметов", (INITIALS,)),
        ("Ахметов Н.", "Ахметов Н.Б.", (INITIALS,)),
        ("Ахметов Н.Т.", "Ахметов Нұрлан Болатұлы", None),
        ("Ахметов К.", "Ахметов Қанат", (INITIALS,)),
        ("Әхметов Қ.", "Ахметов Канат", (INITIALS,)),
        ("Ахметова Н.", "Ахметов Нұрлан", None),
        # Another surname: only with first name and patronymic, and never brothers and sisters.
        ("Петрова Анна Ивановна", "Ким Анна Ивановна", (GIVEN,)),
        ("Петрова Анна", "Ким Анна", None),
        ("Петрова Анна Ивановна", "Петрова Ольга Ивановна", None),
        ("", "Ким Анна", None),
    ],
)
def test_a_likeness_and_its_limit(one, other, expected):
    assert told(pair_of(one, other)) == expected
    assert pair_of(one, other) == pair_of(other, one)


@pytest.mark.parametrize("letter", "ӘҒҚҢӨҰҮҺ")
def test_in_the_gateway_s_list_a_question_mark_is_any_lost_letter_however_it_was_written_elsewhere(letter):
    lost, russified = "Ба?таев Нұрлан", "ӘҒҚҢӨҰҮҺ".index(letter)

    assert told(pair_of(lost, f"Ба{letter}таев Нұрлан", question_marks=(True, False))) == (SHORT, LETTERS)
    plain = f"Ба{'АГКНОУУХ'[russified]}таев Нұрлан"
    assert told(pair_of(lost, plain, question_marks=(True, False))) == (SHORT, LETTERS)


def test_a_question_mark_stands_for_no_other_letter_and_in_no_other_list():
    assert pair_of("Ба?таев Нұрлан", "Бартаев Нұрлан", question_marks=(True, False)) is None
    assert pair_of("Ба?таев Нұрлан", "Баұтаев Нұрлан") is None


def test_a_patronymic_that_lost_letters_is_one_all_the_same():
    pair = pair_of("ДАНА СЕРІК?ЫЗЫ АХМЕТОВА", "Ахметова Дана Серікқызы", question_marks=(True, False))

    assert pair is not None
    assert pair.kind is FULL


NAMES = st.lists(
    st.sampled_from(
        [
            *("Ахметов", "Axметов", "Әбілов", "А?ілов", "Нұрлан", "Нурлан", "Н", "Б", "Болатұлы"),
            *("Болатович", "ұлы", "Болат", "Өркен", "Еркен", "Оркен", "Ким", "?", "H"),
        ]
    ),
    max_size=5,
).map(" ".join)


@given(NAMES, NAMES, st.booleans(), st.booleans())
def test_the_order_of_two_names_does_not_matter_and_alike_names_share_a_key(one, other, marks, marks_too):
    mine, its = read_name(one, question_marks=marks), read_name(other, question_marks=marks_too)

    pair = compare_names(mine, its)

    assert pair == compare_names(its, mine)
    assert pair is None or mine.keys & its.keys


@given(NAMES)
def test_a_name_that_is_one_is_like_itself(text):
    name = read_name(text, question_marks=False)

    pair = compare_names(name, name)

    assert (pair is None) == (len(name.words) < 2 and not (name.words and name.initials))
    assert pair is None or not pair.readings
