"""
Old lists of any length for a measurement: invented people, the mess of real files in it, the same every time.

One row in ten has something that a person or another row must answer; the rest is in good order.
"""

import io
import zipfile
from collections.abc import Iterator
from xml.sax.saxutils import escape

from queue_registry.rules.iin import iin_check_digit

SPP_HEADER = (
    "application_number,iin,last_name,first_name,middle_name,registered_at,list_code,family_iins,phone,status"
)
_PAPER_HEADER = (
    "№ п/п",
    "Фамилия, имя, отчество",
    "ИИН",
    "Дата постановки на учет",
    "Категория",
    "Состав семьи",
    "Адрес",
    "Примечание",
)
_LAST = ("Ойдан", "Қиялбек", "Ертегіұлы", "Аңызов", "Жалғанбек", "Болмасов", "Ешкімова")
_FIRST = ("Анна", "Бота", "Дана", "Ерлан", "Әсел", "Мұрат", "Гүлнар")
_CATEGORIES = ("Пенсионер", "Бюджетник", "Инвалид II группы", "Дети-сироты", "Молодая семья")
_PARTS = {
    "[Content_Types].xml": (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<?xml version="1.0"?><Relationships '
        'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        '<sheet name="2005-2013" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<?xml version="1.0"?><Relationships '
        'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


def invented_iin(index: int) -> str:
    """The IIN of one invented person; its century digit is of a century in which nobody lives."""
    day, serial = divmod(index, 4_500)
    # Of two neighbors that end in 0 to 9, one has a check digit.
    for last in (2 * serial, 2 * serial + 1):
        first = f"{40 + day // 336 % 50:02d}{day // 28 % 12 + 1:02d}{day % 28 + 1:02d}1{last:04d}"
        digit = iin_check_digit(first)
        if digit is not None:
            return f"{first}{digit}"
    raise ValueError("Neither number has a check digit.")


def spp_list(rows: int) -> bytes:
    """A list of the service product with so many records."""
    lines = [SPP_HEADER, *(_spp_row(index) for index in range(rows))]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


def _spp_row(index: int) -> str:
    last, first = _LAST[index % 7], _FIRST[index // 7 % 7]
    iin = "" if index % 50 == 1 else invented_iin(index)
    day = f"{2005 + index % 17}-{index % 12 + 1:02d}-{index % 28 + 1:02d}"
    moment = "" if index % 50 == 2 else f"{day}T{9 + index % 9:02d}:{index % 60:02d}:00+05:00"
    family = f"{invented_iin(10**6 + index)};{invented_iin(2 * 10**6 + index)}" if index % 3 else ""
    status = "closed" if index % 50 == 3 else "active"
    phone = f"+7700000{index % 10_000:04d}"
    return (
        f"271-{2005 + index % 17}-{index:06d},{iin},{last},{first},Қиялұлы,{moment},{index % 6 + 1},{family}"
        f",{phone},{status}"
    )


def paper_list(rows: int) -> bytes:
    """A paper list typed into a workbook, with so many records and its total."""
    sheet = io.StringIO()
    sheet.write(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    for number, cells in enumerate(_paper_rows(rows), start=1):
        written = "".join(
            _cell(letter, number, cell) for letter, cell in zip("ABCDEFGH", cells, strict=False)
        )
        sheet.write(f'<row r="{number}">{written}</row>')
    sheet.write("</sheetData></worksheet>")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in _PARTS.items():
            book.writestr(name, part)
        book.writestr("xl/worksheets/sheet1.xml", sheet.getvalue())
    return made.getvalue()


def _paper_rows(rows: int) -> Iterator[tuple[str | int | None, ...]]:
    yield ("Список граждан",)
    yield _PAPER_HEADER
    for index in range(rows):
        name = f"{_LAST[index % 7]} {_FIRST[index // 7 % 7]} Қиялұлы"
        iin = "нет" if index % 50 == 1 else invented_iin(index)
        day = f"{index % 28 + 1:02d}.{index % 12 + 1:02d}.{2005 + index % 9}"
        day = str(2005 + index % 9) if index % 50 == 2 else day
        yield (index + 1, name, iin, day, _CATEGORIES[index % 5], index % 6 + 1, "г. Орал / Уральск", None)
    yield ("Итого", rows)


def _cell(letter: str, row: int, cell: str | int | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, int):
        return f'<c r="{letter}{row}"><v>{cell}</v></c>'
    return f'<c r="{letter}{row}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
