"""The bytes of a world and of its two csv lists; the same world gives the same bytes."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from typing import Final

from housing_queue.worlds.lists import Entry
from housing_queue.worlds.people import Person

SPP: Final = (
    "application_number", "iin", "last_name", "first_name", "middle_name", "registered_at", "list_code",
    "family_iins", "phone", "status",
)  # fmt: skip
RSHEP: Final = ("REG_NUM", "IIN", "FIO", "REG_DATE", "CATEGORY_CODE", "FAMILY_COUNT", "STATUS")


def world_file(people: Iterable[Person]) -> bytes:
    """Return `world.jsonl.gz`."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        for person in people:
            file.write(json.dumps(person.line(), ensure_ascii=False).encode() + b"\n")
    return buffer.getvalue()


def spp_file(entries: Sequence[Entry]) -> bytes:
    """Return `spp.csv`: UTF-8 with a byte order mark."""
    rows = (_shift(entry, spp_cells(entry)) for entry in entries)
    return _csv(SPP, rows, delimiter=",").encode("utf-8-sig")


def spp_cells(entry: Entry) -> list[str]:
    """Return the cells of a row of СПП in the order of its columns."""
    moment = "" if entry.day is None else f"{entry.day.isoformat()}T{entry.time}+05:00"
    return [
        entry.number,
        entry.iin,
        entry.name.last,
        entry.name.first,
        entry.name.middle,
        moment,
        _list_code(entry),
        ";".join(entry.family),
        entry.phone,
        "active" if entry.status is None else entry.status,
    ]


def rshep_file(entries: Sequence[Entry]) -> bytes:
    """Return `rshep.csv`: cp1251, where Kazakh letters became question marks."""
    rows = (_shift(entry, rshep_cells(entry)) for entry in entries)
    return _csv(RSHEP, rows, delimiter=";").encode("cp1251", errors="replace")


def rshep_cells(entry: Entry) -> list[str]:
    """Return the cells of a row of РШЭП in the order of its columns."""
    name = entry.name_text or str(entry.name)
    return [
        entry.number,
        entry.iin,
        name.upper() if entry.capitals else name,
        f"{entry.day:%d.%m.%Y}" if entry.day else "",
        _list_code(entry),
        str(entry.family_size),
        "Действующий" if entry.status is None else entry.status,
    ]


def _list_code(entry: Entry) -> str:
    return entry.list_number if entry.list_code is None else entry.list_code


def _shift(entry: Entry, cells: list[str]) -> list[str]:
    """Move the cells of a shifted row one column to the right; the last one falls off."""
    return ["", *cells[:-1]] if entry.shifted else cells


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]], *, delimiter: str) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()
