"""What is said when a file of a legacy list cannot be taken."""


class LegacyFileError(Exception):
    """
    The whole file is refused; nothing of it is kept.

    The message names file, sheet, row and column as far as they are known, and never repeats a cell.
    """

    def __init__(
        self, problem: str, *, file_name: str, sheet: str = "", row: int | None = None, column: str = ""
    ) -> None:
        place = [file_name]
        if sheet:
            place.append(f"sheet {sheet}")
        if row is not None:
            place.append(f"row {row}")
        if column:
            place.append(f"column {column}")
        super().__init__(f"{', '.join(place)}: {problem}")
        self.file_name = file_name
        self.sheet = sheet
        self.row = row
        self.column = column
        self.problem = problem


class NoRecords(LegacyFileError):
    """The file is in good order and says of nobody that he waits: mostly the wrong export was taken."""
