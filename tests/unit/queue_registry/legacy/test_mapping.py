"""The table of local categories."""

import pytest

from queue_registry.rules.legacy.mapping import MappingFileError, first_mapping, parse_mapping

HEAD = 'code = "local-categories"\nin_force_from = 2022-01-01\nact = "an act"\n'


@pytest.mark.parametrize(
    ("number", "categories"),
    [
        ("1", ["Участник ВОВ"]),
        ("2", ["Дети-сироты", "Сирота (КГУ Детский дом)"]),
        ("3", ["Многодетная мать (Алтын алқа)", "Көпбалалы отбасы"]),
        (
            "4",
            [
                "Приравненные к участникам ВОВ",
                "Инвалид 1 гр.",
                "Инвалид II группы",
                "Семья с реб.-инвалидом",
                "Пенсионер",
                "Оралман/кандас",
                "Толық емес отбасы",
            ],
        ),
        ("5", ["Госслужащий", "Бюджетник", "Учитель села", "Военнослужащий"]),
        ("6", ["Аварийное жилье"]),
    ],
)
def test_the_first_mapping_has_a_list_for_each_lawful_category(number, categories):
    mapping = first_mapping()

    assert [mapping.list_of(category) for category in categories] == [number] * len(categories)


@pytest.mark.parametrize("category", ["Молодая семья", "Общая очередь", "Ветеран труда", ""])
def test_a_category_without_a_lawful_list_is_for_a_person(category):
    assert first_mapping().list_of(category) is None


@pytest.mark.parametrize("category", [" пенсионер ", "ИНВАЛИД 1 ГР", "Аварийное жильё", "Оралман / кандас"])
def test_case_white_space_yo_and_a_last_dot_make_no_difference(category):
    assert first_mapping().list_of(category) is not None


def test_a_wording_that_stands_twice_is_refused():
    entry = '[[category]]\nwording = ["Пенсионер", "пенсионер "]\nlist = "4"\narticle = "a"\n'

    with pytest.raises(MappingFileError, match="twice"):
        parse_mapping(HEAD + entry)


def test_a_seventh_list_is_refused():
    with pytest.raises(MappingFileError, match="not '7'"):
        parse_mapping(HEAD + '[[category]]\nwording = ["Блогер"]\nlist = "7"\narticle = "a"\n')


@pytest.mark.parametrize(("text", "named"), [("code = 1", "in_force_from"), ("code = ", "no TOML")])
def test_a_broken_file_is_refused_naming_what_is_wrong(text, named):
    with pytest.raises(MappingFileError, match=named):
        parse_mapping(text)
