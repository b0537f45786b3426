"""Translations without gettext's programs, which a bare machine does not have.

python -m tools.translations compile   writes the .mo files that Django reads
python -m tools.translations check     says which texts have no Kazakh or Russian words; exit code 1 if any
python -m tools.translations update    adds missing texts to the catalogs, empty, for a person to fill
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django
import polib

from tools.environment import ROOT

LANGUAGES = ("kk", "ru")
_CODE = ("housing_queue", "allocation", "queue_registry", "integrations")
# Names of gettext's functions, and what modules import them as → what their arguments are.
_ARGUMENTS = {
    "_": ("text",),
    "gettext": ("text",),
    "gettext_lazy": ("text",),
    "gettext_noop": ("text",),
    "lazy": ("text",),
    "noop": ("text",),
    "ngettext": ("text", "plural"),
    "ngettext_lazy": ("text", "plural"),
    "pgettext": ("context", "text"),
    "pgettext_lazy": ("context", "text"),
    "npgettext": ("context", "text", "plural"),
    "npgettext_lazy": ("context", "text", "plural"),
}
# Django's own texts, of which its Kazakh catalog lacks half: our catalog must hold what Django's lacks, and
# may hold better words for the rest.
_DJANGO = ("conf", "contrib/admin", "contrib/auth")
# Where Django has texts that nobody sees here.
_UNSEEN = (
    "conf/global_settings.py",
    "contrib/messages/",
    "contrib/sitemaps/",
    "contrib/staticfiles/",
    "contrib/syndication/",
    "views/static.py",
    "views/templates/",
)
_CALL_IN_TEMPLATE = re.compile(r"\b(?:n|p|np)?gettext\(|(?<!\w)_\(")


@dataclass(frozen=True, order=True)
class Message:
    """One text that people see, as gettext knows it."""

    text: str
    plural: str = ""
    context: str = ""


def catalog_path(language: str) -> Path:
    """The catalog that people edit."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def compile_all() -> None:
    """Write the .mo file beside each catalog that is newer."""
    for language in LANGUAGES:
        source = catalog_path(language)
        compiled = source.with_suffix(".mo")
        if source.exists() and (not compiled.exists() or compiled.stat().st_mtime <= source.stat().st_mtime):
            aside = compiled.with_suffix(".mo.new")
            polib.pofile(str(source)).save_as_mofile(str(aside))
            aside.replace(compiled)


def problems() -> list[str]:
    """Everything that would leave a person with an untranslated text, in words."""
    used = used_messages()
    found = []
    for language in LANGUAGES:
        entries = _entries(language)
        lacking = (used | lacking_in_django(language)) - set(entries)
        unused = set(entries) - used - django_messages()
        found += [f"{language}: not in the catalog: {message.text!r}" for message in sorted(lacking)]
        found += [f"{language}: no longer used: {message.text!r}" for message in sorted(unused)]
        found += [
            f"{language}: {problem}: {message.text!r}"
            for message, entry in sorted(entries.items())
            for problem in _problems_of(entry, language=language)
        ]
    return found


def update() -> None:
    """Add texts that the catalogs lack, take out those that nobody uses."""
    used = used_messages()
    for language in LANGUAGES:
        path = catalog_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalog = polib.pofile(str(path), wrapwidth=110) if path.exists() else _new_catalog(language)
        known = {_message_of(entry): entry for entry in catalog if not entry.obsolete}
        for message in sorted((used | lacking_in_django(language)) - set(known)):
            catalog.append(_new_entry(message, language=language))
        for message in set(known) - used - django_messages():
            catalog.remove(known[message])
        catalog.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))
        catalog.save(str(path))


def used_messages() -> set[Message]:
    """Every text in our code and templates that goes through gettext."""
    found: set[Message] = set()
    for folder in _CODE:
        for path in (ROOT / folder).rglob("*.py"):
            if "migrations" not in path.parts:
                found.update(_in_python(path.read_text()))
    for path in [
        *(ROOT / "templates").rglob("*"),
        *(p for app in _CODE for p in (ROOT / app).rglob("templates/**/*")),
    ]:
        if path.suffix in {".html", ".txt", ".svg"}:
            found.update(_in_template(path))
    return found


def django_messages() -> set[Message]:
    """Django's own texts that people can see here."""
    return {
        _message_of(entry)
        for entry in _django_entries("en")
        if not all(place.startswith(_UNSEEN) for place, _line in entry.occurrences)
    }


def lacking_in_django(language: str) -> set[Message]:
    """Texts of Django that people can see here and Django itself does not have in this language."""
    entries = _django_entries(language)
    return django_messages() - {
        _message_of(entry) for entry in entries if not any(_problems_of(entry, language=language))
    }


def _django_entries(language: str) -> Iterator[polib.POEntry]:
    for part in _DJANGO:
        path = Path(django.__file__).parent / part / "locale" / language / "LC_MESSAGES" / "django.po"
        yield from (entry for entry in polib.pofile(str(path)) if not entry.obsolete)


def _in_python(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            names = _ARGUMENTS.get(name, ())
            if (
                names
                and len(texts) >= len(names)
                and all(isinstance(text, str) for text in texts[: len(names)])
            ):
                yield Message(**dict(zip(names, map(str, texts), strict=False)))


def _in_template(path: Path) -> Iterator[Message]:
    """Django turns a template into calls of gettext between rows of X; each call is read as Python."""
    from django.utils.translation.template import templatize

    text = templatize(path.read_text(), origin=str(path))
    for match in _CALL_IN_TEMPLATE.finditer(text):
        yield from _in_python(_call_at(text, match.start()))


def _call_at(text: str, start: int) -> str:
    """The shortest piece from `start` to a closing bracket that is a whole Python expression."""
    end = start
    while True:
        end = text.index(")", end) + 1
        try:
            ast.parse(text[start:end], mode="eval")
        except SyntaxError:
            continue
        return text[start:end]


def _entries(language: str) -> dict[Message, polib.POEntry]:
    path = catalog_path(language)
    if not path.exists():
        return {}
    return {
        _message_of(entry): entry for entry in polib.pofile(str(path), wrapwidth=110) if not entry.obsolete
    }


def _message_of(entry: polib.POEntry) -> Message:
    return Message(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")


def _problems_of(entry: polib.POEntry, *, language: str) -> Iterator[str]:
    if entry.fuzzy:
        yield "marked as fuzzy"
    words = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if len(words) < (_plural_forms(language) if entry.msgid_plural else 1) or not all(words):
        yield "not translated"
    for text in words:
        if text and _placeholders(text) - _placeholders(entry.msgid_plural or entry.msgid):
            yield f"names a placeholder that the text does not have, in {text!r}"
        if text and not entry.msgid_plural and _placeholders(entry.msgid) - _placeholders(text):
            yield f"leaves a placeholder out, in {text!r}"


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]|(?<!%)%[sd]|\{\w*\}", text))


def _plural_forms(language: str) -> int:
    """As in Django's own catalogs, though Kazakh nouns keep the singular after a number."""
    return {"kk": 2, "ru": 4}[language]


def _new_catalog(language: str) -> polib.POFile:
    """With the plural rule of Django's own catalog: Django refuses to mix two rules in one language."""
    rules = {
        "kk": "nplurals=2; plural=(n!=1);",
        "ru": (
            "nplurals=4; plural=(n%10==1 && n%100!=11 ? 0 : "
            "n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : "
            "n%10==0 || (n%10>=5 && n%10<=9) || (n%100>=11 && n%100<=14)? 2 : 3);"
        ),
    }
    catalog = polib.POFile(wrapwidth=110)
    catalog.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": rules[language],
    }
    return catalog


def _new_entry(message: Message, *, language: str) -> polib.POEntry:
    if not message.plural:
        return polib.POEntry(msgid=message.text, msgctxt=message.context or None, msgstr="")
    forms = dict.fromkeys(range(_plural_forms(language)), "")
    return polib.POEntry(
        msgid=message.text, msgid_plural=message.plural, msgctxt=message.context or None, msgstr_plural=forms
    )


def main(arguments: list[str]) -> int:
    """Run one of the three commands."""
    if arguments == ["compile"]:
        compile_all()
    elif arguments == ["update"]:
        update()
    elif arguments == ["check"]:
        found = problems()
        print("\n".join(found) or "Every text has its Kazakh and Russian words.")
        return 1 if found else 0
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
