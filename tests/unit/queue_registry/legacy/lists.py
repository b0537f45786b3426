"""Small lists as clerks and systems wrote them, and reading them."""

import io
from datetime import date

import openpyxl

from queue_registry.legacy_files.reader import read
from queue_registry.rules.legacy.codes import Source

RU = [
    "№ п/п",
    "Фамилия, имя, отчество",
    "ИИН",
    "Дата постановки на учет",
    "Категория",
    "Состав семьи",
    "Адрес",
    "Примечание",
]
KK = ["№", "Т.А.Ә.", "ЖСН", "Есепке қойылған күні", "Санаты", "Отбасы құрамы", "Мекенжайы", "Ескерту"]
ONE = [1, "Ким Бота", "851231100002", "12.03.2011", "Пенсионер", 2, "г. Орал", None]
TWO = [2, "Пак Дана", 851231200009, date(2012, 4, 5), "Бюджетник", 1, None, None]
SPP_HEADER = (
    "application_number,iin,last_name,first_name,middle_name,registered_at,list_code,family_iins,phone,status"
)
SPP_ROW = (
    "271-2019-000001,851231100002,Ким,Бота,,2019-05-06T10:11:12+05:00,4,851231200009,+77000000001,active"
)
RSHEP_HEADER = "REG_NUM;IIN;FIO;REG_DATE;CATEGORY_CODE;FAMILY_COUNT;STATUS"
RSHEP_ROW = "Ц-2019-000001;851231100002;КИМ БОТА;06.05.2019;4;2;Действующий"


def workbook(*sheets, titles=("2005-2013", "қалғаны")):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in zip(titles, sheets, strict=False):
        sheet = book.create_sheet(title)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                sheet.cell(row=number, column=column, value=value)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def paper(*sheets):
    return read(workbook(*sheets), file_name="paper.xlsx", source=Source.PAPER)


def spp(*lines, encoding="utf-8-sig"):
    return read("\n".join(lines).encode(encoding), file_name="spp.csv", source=Source.SPP)


def rshep(*lines, encoding="cp1251"):
    return read("\n".join(lines).encode(encoding), file_name="rshep.csv", source=Source.RSHEP)


def kinds(legacy_file):
    return [(other.row, other.kind.value) for other in legacy_file.others]
