"""Parts of pages that are written once: for each language and each of their values, and never too many."""

import pytest
from django.template import Context, Template
from django.utils import translation

from queue_registry.templatetags import remembered_pages

PART = Template(
    "{% load remembered_pages %}{% remembered 'part' section %}{{ section }}{{ word }}{% endremembered %}"
)


@pytest.fixture(autouse=True)
def _nothing_written():
    remembered_pages._written.clear()


def written(section, word):
    return PART.render(Context({"section": section, "word": word}))


def test_a_part_is_written_once_for_its_values():
    assert written("rounds", "first") == written("rounds", "second") == "roundsfirst"
    assert written("country", "second") == "countrysecond"


def test_each_language_has_its_own():
    with translation.override("kk"):
        assert written("rounds", "kk") == "roundskk"
    with translation.override("ru"):
        assert written("rounds", "ru") == "roundsru"


def test_two_parts_with_the_same_values_stay_apart():
    other = Template("{% load remembered_pages %}{% remembered 'other' section %}other{% endremembered %}")

    assert written("rounds", "first") == "roundsfirst"
    assert other.render(Context({"section": "rounds"})) == "other"


def test_a_value_that_is_not_there_is_one_of_its_own():
    assert PART.render(Context({"word": "first"})) == "first"
    assert written("rounds", "second") == "roundssecond"


def test_invented_values_do_not_fill_the_memory():
    for number in range(remembered_pages._PARTS + 5):
        written(str(number), "")
    assert len(remembered_pages._written) == 5
