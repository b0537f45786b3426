"""The Kazakh catalog holds what Django's own lacks; `check` names what is missing and what nobody uses."""

from pathlib import Path

import polib
import pytest
from django.utils import translation

from tools import translations

# Signs and names that every language writes in the same way.
_SAME_EVERYWHERE = {
    ", ",
    ":",
    ":?.!",
    "…",
    "%(truncated_text)s…",
    "%(class_name)s %(instance)s",
    "IPv4",
    "IPv6",
}


@pytest.fixture
def kazakh(tmp_path, monkeypatch):
    """A copy of the Kazakh catalog that a test may spoil."""
    copy = tmp_path / "django.po"
    copy.write_text(translations.catalog_path("kk").read_text())
    monkeypatch.setattr(translations, "catalog_path", lambda _language: copy)
    monkeypatch.setattr(translations, "LANGUAGES", ("kk",))
    return copy


def test_every_text_of_django_that_people_see_is_kazakh():
    with translation.override("kk"):
        english = [
            message.text for message in translations.django_messages() if _shown(message) == message.text
        ]

    assert set(english) <= _SAME_EVERYWHERE


def test_the_admins_texts_are_among_those_that_people_see():
    seen = {message.text for message in translations.django_messages()}

    assert {"This field is required.", "Log out", "No, take me back", "January"} <= seen
    assert not {"Afrikaans", "Django Documentation"} & seen


def test_a_text_that_django_lacks_must_be_in_the_catalog(kazakh):
    _remove(kazakh, "Enter a valid email address.")

    assert "kk: not in the catalog: 'Enter a valid email address.'" in translations.problems()


def test_better_words_for_a_text_of_django_may_stay(kazakh):
    translations.update()

    assert "Enter a whole number." in {entry.msgid for entry in polib.pofile(str(kazakh))}
    assert "kk: no longer used: 'Enter a whole number.'" not in translations.problems()


def test_a_text_that_nobody_uses_is_named_and_taken_out(kazakh):
    catalog = polib.pofile(str(kazakh))
    catalog.append(polib.POEntry(msgid="Nobody says this", msgstr="Мұны ешкім айтпайды"))
    catalog.save()

    assert "kk: no longer used: 'Nobody says this'" in translations.problems()
    translations.update()
    assert "Nobody says this" not in {entry.msgid for entry in polib.pofile(str(kazakh))}


def _remove(path: Path, text: str) -> None:
    catalog = polib.pofile(str(path))
    catalog.remove(catalog.find(text))
    catalog.save()


def _shown(message: translations.Message) -> str:
    if message.plural:
        return translation.ngettext(message.text, message.plural, 1)
    if message.context:
        return translation.pgettext(message.context, message.text)
    return translation.gettext(message.text)
