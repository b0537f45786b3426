"""Two numbers of one person: what speaks against it, and that exchanged numbers always do."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.legacy.names import PersonName
from queue_registry.rules.renumbering import Doubt, Known, Told, doubts
from tests import factories

NEW = factories.invented_iin(8_010)
BORN = date(1891, 2, 3)
TOLD = Told(iin=NEW, name=PersonName("Ойдан", "Анна", "Қанатқызы"), born_on=BORN)
SAME = Known(name="Ойдан Анна Қанатқызы", born_on=BORN)
STRANGER = Known(name="Мүлде Басқа", born_on=date(1890, 1, 1))


def judged(told=TOLD, *, known=SAME, bearer=None, exchanged=False, former=False):
    return doubts(told, known=known, bearer=bearer, is_exchanged=exchanged, is_former_of_another=former)


@pytest.mark.parametrize(
    "known",
    [
        SAME,
        Known(name="Ойдан Анна", born_on=BORN),
        Known(name="Ойдан А.", born_on=BORN),
        Known(name="Тұрмысқаева Анна Қанатқызы", born_on=BORN),
        Known(name="", born_on=BORN),
        Known(name="Ойдан Анна Қанатқызы"),
        Known(),
    ],
    ids=["equal", "no middle name", "initial", "married", "no name", "no birth date", "nothing known"],
)
def test_nothing_speaks_against_the_same_person_however_she_was_written_down(known):
    assert judged(known=known) == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"known": Known(name=SAME.name, born_on=date(1891, 2, 4))}, (Doubt.OTHER_BIRTH_DATE,)),
        ({"known": Known(name="Ойдан Бота", born_on=BORN)}, (Doubt.OTHER_NAME,)),
        ({"exchanged": True}, (Doubt.EXCHANGED,)),
        ({"former": True}, (Doubt.FORMER_OF_ANOTHER,)),
        ({"bearer": STRANGER}, (Doubt.ANOTHER_BEARS_IT,)),
        ({"bearer": SAME}, ()),
        ({"bearer": Known()}, ()),
        ({"told": Told(iin="0" * 12, name=TOLD.name, born_on=BORN)}, (Doubt.NOT_AN_IIN,)),
        (
            {"told": Told(iin=NEW[:11] + str((int(NEW[11]) + 1) % 10), name=TOLD.name, born_on=BORN)},
            (Doubt.NOT_AN_IIN,),
        ),
    ],
)
def test_each_doubt_has_its_cause(changes, expected):
    assert judged(**changes) == expected


names = st.text(alphabet="АБВГДЕЖӘҒҚҢ", min_size=2, max_size=8)
people = st.builds(
    lambda last, first, born: (PersonName(last, first), Known(name=f"{last} {first}", born_on=born), born),
    names,
    names,
    st.dates(date(1850, 1, 1), date(1899, 12, 31)),
)


@given(people, people)
def test_numbers_of_two_people_that_were_exchanged_are_never_one_persons(one, other):
    """Each is told under the other's number: whoever they are, even of one name and day, it is doubted."""
    _, known, born = one
    its_name, its_known, its_born = other
    as_told = Told(iin=NEW, name=its_name, born_on=its_born)
    assert Doubt.EXCHANGED in judged(as_told, known=known, bearer=its_known, exchanged=True)
    if born != its_born:
        assert judged(as_told, known=known, bearer=its_known)


@given(people)
def test_a_persons_own_name_and_day_are_never_doubted(one):
    name, known, born = one
    assert judged(Told(iin=NEW, name=name, born_on=born), known=known, bearer=known) == ()
