"""The table of local categories."""

import json
from datetime import date

import pytest

from queue_registry.rules.legacy import mapping_drafts
from queue_registry.rules.legacy.mapping import (
    MappedCategory,
    MappingFileError,
    document_of,
    first_mapping,
    mapping_from,
    mapping_of,
    parse_mapping,
)
from queue_registry.rules.legacy.mapping_drafts import MappingRefusal, MappingRefused
from queue_registry.rules.waiting_lists import ListNumber

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


def test_a_table_kept_as_json_is_the_same_table():
    mapping = first_mapping()

    assert mapping_from(json.loads(json.dumps(document_of(mapping)))) == mapping


@pytest.mark.parametrize("lacking", ["code", "in_force_from", "act", "category"])
def test_a_kept_table_that_lacks_something_is_refused(lacking):
    document = document_of(first_mapping())
    del document[lacking]

    with pytest.raises(MappingFileError, match=lacking):
        mapping_from(document)


def line(wording, number="4", article="art 74(2)"):
    return MappedCategory(wording=wording, number=number and ListNumber(number), article=article)


def table(*lines):
    return mapping_of(code="x", in_force_from=date(2026, 9, 1), act="an act", categories=lines)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], (MappingRefusal.NO_LINES, None)),
        ([line("Пенсионер"), line(" . ")], (MappingRefusal.WORDING_MISSING, 2)),
        ([line("Пенсионер"), line("ПЕНСИОНЕР. ", "5")], (MappingRefusal.WORDING_TWICE, 2)),
        ([line("Пенсионер", None, " ")], (MappingRefusal.ARTICLE_MISSING, 1)),
    ],
)
def test_a_draft_that_lacks_something_is_refused_with_its_line(lines, why):
    with pytest.raises(MappingRefused) as refused:
        mapping_drafts.check(lines)

    assert (refused.value.code, refused.value.detail.get("line")) == why


def test_the_difference_names_what_came_went_and_reads_otherwise():
    old = table(line("Пенсионер"), line("Бюджетник", "5"), line("Молодая семья", None))
    new = table(line("пенсионер.", "5"), line("Молодая семья", "3"), line("Блогер", None))

    changes = {
        one.wording: (one.list_from, one.list_to, one.is_new, one.is_gone)
        for one in mapping_drafts.difference(old, new)
    }

    assert changes == {
        "пенсионер.": ("4", "5", False, False),
        "Молодая семья": (None, "3", False, False),
        "Блогер": (None, None, True, False),
        "Бюджетник": ("5", None, False, True),
    }
    assert mapping_drafts.difference(old, old) == []
