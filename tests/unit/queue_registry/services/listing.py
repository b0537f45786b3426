"""Small files of old lists, and people on them, for tests of uploads and imports."""

from queue_registry.legacy_files.columns import SheetColumns
from queue_registry.models import Person
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.rows import Field
from queue_registry.services import import_uploads
from tests import factories
from tests.unit.queue_registry.conftest import AT
from tests.unit.queue_registry.legacy.lists import workbook

ANNA, BOTA, DANA = (factories.invented_iin(number) for number in (7_001, 7_002, 7_003))
NAMES = {ANNA: "Ойдан Анна", BOTA: "Ойдан Бота", DANA: "Ойдан Дана"}
SPP_HEADER = (
    "application_number,iin,last_name,first_name,middle_name,registered_at,list_code,family_iins,phone,status"
)
SIGNED = "Consents in the files of the list"
# A paper list whose header no reader knows, and what a person says of it.
STRANGE_HEADER = ["N", "Кто", "Номер", "Когда", "Кем является"]
SAID = SheetColumns(
    sheet_no=0, first=1, last=1, fields=(Field.ORDINAL, Field.NAME, Field.IIN, Field.DATE, Field.CATEGORY)
)


def spp(*rows):
    """The content of a file of the service product; a row is (number, IIN, registered_at, list)."""
    lines = [SPP_HEADER]
    for number, iin, moment, number_of_list in rows:
        last, first = NAMES[iin].split()
        lines.append(f"{number},{iin},{last},{first},,{moment},{number_of_list},,,active")
    return ("\n".join(lines) + "\n").encode("utf-8-sig")


def strange_paper(*iins):
    rows = [[n, NAMES[iin], iin, "12.03.2011", "Бюджетник"] for n, iin in enumerate(iins, start=1)]
    return workbook([STRANGE_HEADER, *rows])


def known(*iins):
    """The registers answered: these people exist under their names and have no relatives."""
    for iin in iins:
        person, _ = Person.objects.get_or_create(iin=iin)
        person.last_name, person.first_name = NAMES[iin].split()
        factories.answer_everything(person)


def upload(founded, content, *, name="spp.csv", source=Source.SPP, by="clerk", document=SIGNED):
    return import_uploads.upload(
        akimat=founded.akimat,
        source=source,
        file_name=name,
        content=content,
        consent_document=document,
        by=founded.staff[by],
        at=AT,
    )
