"""How a keeper of a queue stands, and why one is refused: closed codes."""

from enum import StrEnum


class KeeperRefusal(StrEnum):
    """Code of a refusal."""

    NOT_IN_FUTURE = "NOT_IN_FUTURE"
    PROPOSED_ALREADY = "PROPOSED_ALREADY"
    NOTHING_PROPOSED = "NOTHING_PROPOSED"
    ANOTHER_PERSON_NEEDED = "ANOTHER_PERSON_NEEDED"
    DAY_TAKEN = "DAY_TAKEN"
    IN_FORCE = "IN_FORCE"


class KeeperStanding(StrEnum):
    """Where a keeper stands on a day: of those whose day has come only the newest is in force."""

    PROPOSED = "PROPOSED"
    TO_COME = "TO_COME"
    IN_FORCE = "IN_FORCE"
    PAST = "PAST"
    DROPPED = "DROPPED"


class KeeperRefused(Exception):
    """The act was refused and nothing was changed."""

    def __init__(self, code: KeeperRefusal) -> None:
        super().__init__(str(code))
        self.code = code
