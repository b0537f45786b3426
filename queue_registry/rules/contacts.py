"""Telephones and addresses of e-mail as people type them, and as one provider or another takes them."""

import re
from enum import StrEnum
from typing import Final


class ContactRefusal(StrEnum):
    """Why something is no way to reach a person."""

    NOT_A_PHONE = "NOT_A_PHONE"
    NOT_AN_EMAIL = "NOT_AN_EMAIL"


class ContactRefused(Exception):
    """What was typed is neither; the text itself is not told, since it is somebody's."""

    def __init__(self, code: ContactRefusal) -> None:
        super().__init__(code.value)
        self.code = code


LONGEST: Final = 254
_BETWEEN_DIGITS: Final = re.compile("[\\s\\-.()\u2010-\u2015\u2212]+")
# +7 and ten digits; before the country's code was written, an 8 stood for it, or nothing.
_PHONE: Final = re.compile(r"(?:\+7|8|7)?([0-9]{10})", re.ASCII)
_EMAIL: Final = re.compile(
    r"([a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*)"
    r"@((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*)",
    re.ASCII | re.IGNORECASE,
)
_SEVERAL: Final = re.compile(r"[,;/\n]")
# Numbers of invented people: nobody has one.
_INVENTED_PHONE: Final = re.compile(r"\+7700000[0-9]{4}", re.ASCII)
_INVENTED_EMAIL: Final = re.compile(r".+@(?:.+\.)?(?:example\.(?:com|net|org)|example|invalid|test)", re.I)


def phone(text: str) -> str:
    """
    Return a telephone as +7 and ten digits, whatever stood between them.

    :raises ContactRefused: NOT_A_PHONE.
    """
    found = _PHONE.fullmatch(_BETWEEN_DIGITS.sub("", text))
    if found is None:
        raise ContactRefused(ContactRefusal.NOT_A_PHONE)
    return f"+7{found[1]}"


def email(text: str) -> str:
    """
    Return an address of e-mail, its domain in small letters.

    :raises ContactRefused: NOT_AN_EMAIL.
    """
    found = _EMAIL.fullmatch(text.strip())
    if found is None or len(found[0]) > LONGEST:
        raise ContactRefused(ContactRefusal.NOT_AN_EMAIL)
    return f"{found[1]}@{found[2].lower()}"


def first_phone(cell: str) -> str | None:
    """Return the first telephone in a cell of an old list, or None; a cell may hold several, or none."""
    for part in _SEVERAL.split(cell):
        try:
            return phone(part)
        except ContactRefused:
            continue
    return None


def is_invented(value: str) -> bool:
    """Say whether a telephone or an address belongs to the ranges that no living person has."""
    return bool(_INVENTED_PHONE.fullmatch(value) or _INVENTED_EMAIL.fullmatch(value))
