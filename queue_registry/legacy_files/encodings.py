"""Turning the bytes of a csv file into text, or saying where they are of a foreign encoding."""

import re
from typing import Final

from queue_registry.legacy_files.errors import FileProblem, LegacyFileError
from queue_registry.rules.legacy.codes import Source

_ENCODING: Final = {Source.SPP: "utf-8-sig", Source.RSHEP: "cp1251"}
# What a Russian or Kazakh list in cp1251 holds beyond ASCII; other characters come from another code page.
_OF_A_LIST: Final = re.compile(r"[А-Яа-яЁёІі«»№–—\u00a0\u2019“”…]")
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]")
# Letters that cp1251 has for other languages: where they stand, another code page had Kazakh ones.
_NEIGHBORS: Final = re.compile(r"[ЂЃЉЊЌЋЏђѓљњќћџЎўЈјЄєЅѕЇїҐґ]")
# Words of КОИ-8 read as cp1251 start small and go on in capitals.
_CASE_REVERSED: Final = re.compile(r"\b[а-я][А-Я]{2,}\b")
_WORD: Final = re.compile(r"\b[А-Яа-я]{3,}\b")


def decode(content: bytes, *, source: Source, file_name: str) -> str:
    """
    Return the text of a csv file: UTF-8 for СПП, cp1251 for РШЭП, either for a paper list.

    :raises LegacyFileError: naming the row and, as far as it can be told, the column of the first wrong byte.
    """
    if b"\x00" in content:
        raise _foreign(content, content.index(b"\x00"), file_name, "is no text of one byte per sign or UTF-8")
    encoding = _ENCODING.get(source) or ("utf-8-sig" if _is_utf8(content) else "cp1251")
    if encoding == "cp1251" and _is_utf8(content) and not content.isascii():
        at = next(index for index, byte in enumerate(content) if byte > 0x7F)
        raise _foreign(content, at, file_name, "is UTF-8; this list is exported in cp1251")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _foreign(content, error.start, file_name, f"is not {encoding.removesuffix('-sig')}") from None
    if encoding == "cp1251":
        _check_code_page(text, content, file_name)
    return text


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def _check_code_page(text: str, content: bytes, file_name: str) -> None:
    beyond = _BEYOND_ASCII.findall(text)
    foreign = [sign for sign in beyond if not _OF_A_LIST.fullmatch(sign)]
    words = _WORD.findall(text)
    reversed_words = _CASE_REVERSED.findall(text)
    if (
        len(foreign) * 4 > len(beyond)
        or len(_NEIGHBORS.findall(text)) * 50 > len(beyond)
        or len(reversed_words) * 2 > len(words)
    ):
        at = next(index for index, byte in enumerate(content) if byte > 0x7F)
        raise _foreign(content, at, file_name, "is not cp1251 but another code page")


def _foreign(content: bytes, at: int, file_name: str, problem: str) -> LegacyFileError:
    before = content[:at]
    line = before[before.rfind(b"\n") + 1 :]
    header = content.split(b"\n", 1)[0]
    separator = b";" if header.count(b";") >= header.count(b",") else b","
    names = header.decode("latin-1").lstrip("ï»¿").strip().split(separator.decode())
    column = line.count(separator)
    return LegacyFileError(
        f"The file {problem}.",
        code=FileProblem.ENCODING,
        file_name=file_name,
        row=before.count(b"\n") + 1,
        column=names[column] if column < len(names) and names[column].isascii() else str(column + 1),
    )
