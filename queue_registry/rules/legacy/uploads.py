"""Which files may be uploaded as an old list, and why an act on an upload is refused."""

from enum import StrEnum
from typing import Final

# Bytes. A list of 100,000 people is 10 to 20 megabytes as csv and less as a workbook.
LARGEST_UPLOAD: Final = 50_000_000
# What is small enough to be tried out while a person waits for the page.
LARGEST_TRIED: Final = 5_000_000
WORKBOOKS: Final = (".xlsx", ".xls", ".ods")
KINDS: Final = (".csv", ".txt", *WORKBOOKS)


class UploadRefusal(StrEnum):
    """Why an act on an upload is not done."""

    ALREADY_IMPORTED = "ALREADY_IMPORTED"
    NOT_YOURS = "NOT_YOURS"
    NOT_OPEN = "NOT_OPEN"
    # What the background says of a reading that ended otherwise than by the file's fault.
    TOO_LONG = "TOO_LONG"
    BROKEN_OFF = "BROKEN_OFF"


class OrderRefusal(StrEnum):
    """Why what was ordered to be done with a file was not done; of taking it back there are more."""

    SAME_PERSON = "SAME_PERSON"
    NOTHING_TO_CONFIRM = "NOTHING_TO_CONFIRM"
    TOO_LONG = "TOO_LONG"
    BROKEN_OFF = "BROKEN_OFF"


class UploadRefused(Exception):
    """The act is not done; the code says why."""

    def __init__(self, code: UploadRefusal) -> None:
        super().__init__(code.value)
        self.code = code


def ending(file_name: str) -> str:
    """Return the ending of a file's name in small letters, with its dot; empty if it is none of ours."""
    name = file_name.lower()
    return next((kind for kind in KINDS if name.endswith(kind)), "")
