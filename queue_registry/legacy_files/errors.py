"""What is said when a file of a legacy list cannot be taken."""

from enum import StrEnum


class FileProblem(StrEnum):
    """Why a whole file is refused; pages say it in words of their language."""

    EMPTY = "EMPTY"
    TOO_BIG = "TOO_BIG"
    TOO_MANY_ROWS = "TOO_MANY_ROWS"
    WRONG_KIND = "WRONG_KIND"
    ENCRYPTED = "ENCRYPTED"
    PACKED_TOO_TIGHT = "PACKED_TOO_TIGHT"
    UNREADABLE = "UNREADABLE"
    ENCODING = "ENCODING"
    QUOTES = "QUOTES"
    SEPARATOR = "SEPARATOR"
    HEADER = "HEADER"
    CELL_MISSING = "CELL_MISSING"
    CELL_EMPTY = "CELL_EMPTY"
    FORMULA_WITHOUT_VALUE = "FORMULA_WITHOUT_VALUE"
    NO_RECORDS = "NO_RECORDS"


class LegacyFileError(Exception):
    """
    The whole file is refused; nothing of it is kept.

    The message names file, sheet, row and column as far as they are known, and never repeats a cell.
    """

    def __init__(
        self,
        problem: str,
        *,
        code: FileProblem,
        file_name: str,
        sheet: str = "",
        row: int | None = None,
        column: str = "",
    ) -> None:
        place = [file_name]
        if sheet:
            place.append(f"sheet {sheet}")
        if row is not None:
            place.append(f"row {row}")
        if column:
            place.append(f"column {column}")
        super().__init__(f"{', '.join(place)}: {problem}")
        self.code = code
        self.file_name = file_name
        self.sheet = sheet
        self.row = row
        self.column = column
        self.problem = problem

    @property
    def place(self) -> dict[str, str | int | None]:
        """Code and place for keeping; never a cell."""
        return {"code": self.code.value, "sheet": self.sheet, "row": self.row, "column": self.column}


class NoRecords(LegacyFileError):
    """The file is in good order and says of nobody that he waits: mostly the wrong export was taken."""
