"""What the first mapping of local categories rests on is said in the language of the page."""

import pytest
from django.test import Client
from django.utils import translation

from queue_registry import policy_acts
from queue_registry.rules.legacy.mapping import first_mapping

CITED = sorted({first_mapping().act, *(one.article for one in first_mapping().categories)})


@pytest.mark.parametrize("cited", CITED)
def test_every_act_and_article_of_the_first_mapping_has_its_words(cited):
    said = set()
    for language in ("kk", "ru"):
        with translation.override(language):
            said.add(policy_acts.act(cited))
    assert len(said - {cited}) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/desk/mapping/", "/desk/mapping/draft/"])
def test_the_pages_of_the_mapping_say_them(founded, address):
    client = Client()
    client.force_login(founded.staff["clerk"])
    client.cookies["django_language"] = "ru"

    page = client.get(address).content.decode()

    with translation.override("ru"):
        assert policy_acts.act("art 74(2), list 1") in page
    assert "art 74" not in page
