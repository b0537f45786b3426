"""The stock: why a home leaves it, the columns of a file of homes, and what can be wrong with one."""

from enum import StrEnum
from typing import Final

# Bytes: a workbook of three thousand homes has a third of it.
LARGEST_FILE: Final = 1_000_000
MOST_HOMES: Final = 5_000
MOST_PLACES: Final = 3_000


# Stands before the document of a correction in the history of a home.
CORRECTED: Final = "CORRECTED"


class GoneGround(StrEnum):
    """Why it will not be given any more."""

    DEMOLISHED = "DEMOLISHED"
    EMERGENCY = "EMERGENCY"
    PRIVATIZED = "PRIVATIZED"
    HANDED_OVER = "HANDED_OVER"
    PROGRAMME_ENDED = "PROGRAMME_ENDED"
    ENTERED_BY_MISTAKE = "ENTERED_BY_MISTAKE"


class Column(StrEnum):
    """A field of a home; its value is the name in `NewDwelling`."""

    NUMBER = "number"
    ADDRESS_KK = "address_kk"
    ADDRESS_RU = "address_ru"
    ROOMS = "rooms"
    AREA = "area"
    FLOOR = "floor"
    LIFT = "lift"
    ACCESSIBLE = "accessible"
    FINISH = "finish"
    STATE = "state"
    PROGRAMME = "programme"
    BUDGET_LINE = "budget_line"
    CADASTRAL_NUMBER = "cadastral_number"
    RKA = "rka"


class Fault(StrEnum):
    """What is wrong with one cell of a file of homes."""

    EMPTY = "EMPTY"
    NOT_A_NUMBER = "NOT_A_NUMBER"
    IMPOSSIBLE = "IMPOSSIBLE"  # least, most
    TOO_PRECISE = "TOO_PRECISE"
    TOO_LONG = "TOO_LONG"  # most
    UNKNOWN_WORD = "UNKNOWN_WORD"
    TWICE_IN_FILE = "TWICE_IN_FILE"  # row
    IN_STOCK = "IN_STOCK"
    FORMULA_WITHOUT_VALUE = "FORMULA_WITHOUT_VALUE"
    LOAN_PROGRAMME = "LOAN_PROGRAMME"
    PROGRAMME_UNKNOWN = "PROGRAMME_UNKNOWN"
