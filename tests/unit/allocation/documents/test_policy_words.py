"""A protocol can print every figure of every shipped policy: with its name and its act in words."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from allocation import presenters
from allocation.documents import policy_words
from queue_registry import policy_acts
from queue_registry.rules.policy import figures
from queue_registry.services import policies

SHIPPED = [pytest.param(policies.read(path)[0], id=path.stem) for path in policies.files()]


def cited(document) -> Iterator[str]:
    yield document["act"]
    for _path, figure in figures(document):
        yield figure["act"]


@pytest.mark.parametrize("document", SHIPPED)
def test_every_figure_of_a_policy_has_its_name(document):
    named = {path.partition("[")[0] for path, _figure in figures(document)}

    assert named <= set(policy_words._FIGURES)


@pytest.mark.parametrize("document", SHIPPED)
def test_every_act_that_a_policy_cites_has_its_words(document):
    assert set(cited(document)) <= set(policy_acts.ACTS)


def test_no_act_has_words_that_no_policy_cites():
    every = {act for path in policies.files() for act in cited(policies.read(path)[0])}

    assert set(policy_acts.ACTS) <= every


@pytest.mark.parametrize("document", SHIPPED)
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_policy_has_its_name_and_acts_in_the_language_of_the_page(document, language):
    with translation.override(language):
        assert presenters.policy_name(document["code"]) != document["code"]
        assert [one for one in set(cited(document)) if policy_acts.act(one) == one] == []
