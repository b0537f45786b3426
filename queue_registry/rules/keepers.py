"""Why a keeper of a queue is refused: closed codes."""

from enum import StrEnum


class KeeperRefusal(StrEnum):
    """Code of a refusal."""

    NOT_IN_FUTURE = "NOT_IN_FUTURE"
    PROPOSED_ALREADY = "PROPOSED_ALREADY"
    NOTHING_PROPOSED = "NOTHING_PROPOSED"
    ANOTHER_PERSON_NEEDED = "ANOTHER_PERSON_NEEDED"
    DAY_TAKEN = "DAY_TAKEN"
    IN_FORCE = "IN_FORCE"


class KeeperRefused(Exception):
    """The act was refused and nothing was changed."""

    def __init__(self, code: KeeperRefusal) -> None:
        super().__init__(str(code))
        self.code = code
