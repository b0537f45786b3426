"""The API says what is wrong in the language that is asked for: no sentence of another language in it."""

import pytest
from django.test import Client

from queue_registry.views import look_up_limits
from tests import factories

pytestmark = pytest.mark.django_db
PLACE, APPLICATIONS, ROUNDS = "/api/v1/place/", "/api/v1/applications/", "/api/v1/rounds/"
WRONG = {
    "nothing sent": ("post", PLACE, {}),
    "malformed": ("post", PLACE, {"file_number": "1", "iin": "x"}),
    "too long": ("post", PLACE, {"file_number": "1" * 10_000, "iin": "x" * 10_000}),
    "of another kind": ("post", PLACE, {"file_number": [], "iin": {}}),
    "a field too many": ("post", PLACE, {"file_number": "271010-0000001-1", "iin": "0" * 12, "name": "x"}),
    "no object": ("post", PLACE, []),
    "nobody": ("post", PLACE, {"file_number": "271010-9999999-9", "iin": "000000000000"}),
    "no token": ("post", APPLICATIONS, {}),
    "no such round": ("get", f"{ROUNDS}999999/", None),
    "no such method": ("delete", ROUNDS, None),
    "no such page": ("get", f"{ROUNDS}?limit=0&offset=-1", None),
    "no such filter": ("get", f"{ROUNDS}?akimat=x&state=y", None),
}


@pytest.fixture(autouse=True)
def _town(settings):
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    factories.town()


def sentences(answer):
    """Everything that a person reads in an answer: the title, and whatever has a space."""
    found = [answer.pop("title")] if "title" in answer else []

    def walk(part):
        if isinstance(part, dict):
            for one in part.values():
                walk(one)
        elif isinstance(part, list):
            for one in part:
                walk(one)
        elif isinstance(part, str) and " " in part:
            found.append(part)

    walk(answer)
    return found


def asked(name, language):
    method, address, body = WRONG[name]
    told = {"data": body, "content_type": "application/json"} if method == "post" else {}
    answer = getattr(Client(), method)(address, headers={"accept-language": language}, **told)
    return answer.status_code, sentences(answer.json())


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_in_each_language(name):
    told = {language: asked(name, language) for language in ("kk", "ru", "en")}

    assert len({status for status, _said in told.values()}) == 1
    if told["en"][0] == 200:
        return
    for language in ("kk", "ru"):
        said = told[language][1]
        assert len(said) == len(told["en"][1]) > 0
        assert set(said) & set(told["en"][1]) == set()
        assert all(any("а" <= letter <= "я" for letter in one.lower()) for one in said), said
    assert set(told["kk"][1]) & set(told["ru"][1]) == set()
