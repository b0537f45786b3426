"""Why an act of the distribution is refused: closed codes, said in words by the screens."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Refusal(StrEnum):
    """Code of a refusal; what its `detail` holds stands beside it."""

    # Rounds
    ROUND_NOT_OPEN = "ROUND_NOT_OPEN"
    ROUND_NOT_FROZEN = "ROUND_NOT_FROZEN"
    ROUND_CANCELLED = "ROUND_CANCELLED"
    ROUND_DECIDED = "ROUND_DECIDED"
    DWELLING_NOT_READY = "DWELLING_NOT_READY"  # dwellings: numbers
    DWELLING_TWICE = "DWELLING_TWICE"  # dwellings: numbers
    DWELLING_OF_OTHER_KIND = "DWELLING_OF_OTHER_KIND"  # dwellings: numbers
    DWELLING_OF_OTHER_PROGRAMME = "DWELLING_OF_OTHER_PROGRAMME"  # dwellings: numbers
    PROGRAMME_MISSING = "PROGRAMME_MISSING"  # rung
    PROGRAMME_UNKNOWN = "PROGRAMME_UNKNOWN"  # programme
    PROGRAMME_OF_OTHER_RUNG = "PROGRAMME_OF_OTHER_RUNG"  # programme, rung
    QUOTA_MISSING = "QUOTA_MISSING"  # list
    QUOTA_UNKNOWN = "QUOTA_UNKNOWN"  # list
    QUOTA_INVALID = "QUOTA_INVALID"  # list, field
    QUOTA_OVER_DWELLINGS = "QUOTA_OVER_DWELLINGS"  # quotas, dwellings: numbers
    PERIOD_BACKWARDS = "PERIOD_BACKWARDS"  # first, last
    PERIOD_WITHOUT_FREEZE = "PERIOD_WITHOUT_FREEZE"  # first, last, day
    PERIOD_OVERLAPS = "PERIOD_OVERLAPS"  # first, last: of the other
    RUNG_UNKNOWN = "RUNG_UNKNOWN"  # rung
    POLICY_WITHOUT_RUNG = "POLICY_WITHOUT_RUNG"  # policy, served_rung
    POLICY_NOT_IN_FORCE = "POLICY_NOT_IN_FORCE"  # policy, on
    SOURCES_SILENT = "SOURCES_SILENT"  # families, days
    SITTING_IN_THE_PAST = "SITTING_IN_THE_PAST"
    REASON_MISSING = "REASON_MISSING"
    GATE_NOT_GREEN = "GATE_NOT_GREEN"  # light; criteria: codes of those that fail
    # The stock
    DWELLING_STATE = "DWELLING_STATE"  # dwellings: numbers
    DWELLING_IN_ROUND = "DWELLING_IN_ROUND"  # dwellings: numbers
    NOT_A_HOME = "NOT_A_HOME"  # dwellings: numbers
    LOAN_PROGRAMME = "LOAN_PROGRAMME"  # programme
    HOME_PROGRAMME_UNKNOWN = "HOME_PROGRAMME_UNKNOWN"  # programme
    DWELLING_NUMBER_TAKEN = "DWELLING_NUMBER_TAKEN"  # number
    NOTHING_CHANGED = "NOTHING_CHANGED"
    COUNT_IMPOSSIBLE = "COUNT_IMPOSSIBLE"  # least, most
    # Runs
    FREEZE_BROKEN_OFF = "FREEZE_BROKEN_OFF"
    FREEZE_TOO_LONG = "FREEZE_TOO_LONG"
    RUN_EXISTS = "RUN_EXISTS"
    RUN_NOT_EXECUTED = "RUN_NOT_EXECUTED"
    RUN_SUPERSEDED = "RUN_SUPERSEDED"
    # Sittings and votes
    SITTING_EXISTS = "SITTING_EXISTS"
    COMMISSION_SIZE = "COMMISSION_SIZE"  # members, least, most
    CHAIR_MISSING = "CHAIR_MISSING"  # chairs
    NOT_A_MEMBER = "NOT_A_MEMBER"
    RECUSED = "RECUSED"  # ground
    ALREADY_VOTED = "ALREADY_VOTED"
    ALREADY_DECIDED = "ALREADY_DECIDED"
    OTHER_RESULT = "OTHER_RESULT"
    NOT_PRESIDING = "NOT_PRESIDING"
    NO_QUORUM = "NO_QUORUM"  # present, needed
    VOTES_MISSING = "VOTES_MISSING"  # missing
    NO_MAJORITY = "NO_MAJORITY"
    MAJORITY_REACHED = "MAJORITY_REACHED"
    STALE = "STALE"  # changes
    FLAGGED = "FLAGGED"  # file_numbers
    NOT_BEGUN = "NOT_BEGUN"  # sits_at
    HAS_BEGUN = "HAS_BEGUN"
    MANDATE_OVER = "MANDATE_OVER"
    ALREADY_ATTENDS = "ALREADY_ATTENDS"
    NOT_ATTENDING = "NOT_ATTENDING"
    # Departures from the computed order
    AUTOMATIC_MODE = "AUTOMATIC_MODE"
    DEPARTURE_EXISTS = "DEPARTURE_EXISTS"
    LINE_NOT_SERVED = "LINE_NOT_SERVED"
    INSTEAD_NOT_LAWFUL = "INSTEAD_NOT_LAWFUL"  # file_number
    INSTEAD_TAKEN = "INSTEAD_TAKEN"  # file_number
    SCAN_MISSING = "SCAN_MISSING"
    # Signatures, the akimat's decision, contracts
    NOTHING_TO_SIGN = "NOTHING_TO_SIGN"
    NOT_VOTED = "NOT_VOTED"
    SIGNED_ALREADY = "SIGNED_ALREADY"
    SIGNER_UNKNOWN = "SIGNER_UNKNOWN"
    SIGNED_LAST = "SIGNED_LAST"  # missing
    OTHER_MANIFEST = "OTHER_MANIFEST"
    SIGNING_NOT_SET_UP = "SIGNING_NOT_SET_UP"
    SIGNATURE_REFUSED = "SIGNATURE_REFUSED"  # fault
    PROTOCOL_LOCKED = "PROTOCOL_LOCKED"
    PROTOCOL_NOT_LOCKED = "PROTOCOL_NOT_LOCKED"
    NOT_CONFIRMED = "NOT_CONFIRMED"
    DECISION_EXISTS = "DECISION_EXISTS"
    DECISION_MISSING = "DECISION_MISSING"
    POLICY_LACKS_TERM = "POLICY_LACKS_TERM"  # policy, term
    NUMBER_MISSING = "NUMBER_MISSING"
    NUMBER_TAKEN = "NUMBER_TAKEN"  # number
    DAY_IMPOSSIBLE = "DAY_IMPOSSIBLE"  # earliest, latest
    PUBLISHED_ALREADY = "PUBLISHED_ALREADY"
    OFFER_NOT_ACCEPTED = "OFFER_NOT_ACCEPTED"
    TENANCY_EXISTS = "TENANCY_EXISTS"  # number
    TENANCY_ANNULLED = "TENANCY_ANNULLED"
    KEYS_HANDED = "KEYS_HANDED"
    OTHER_OFFER_LIVE = "OTHER_OFFER_LIVE"
    ANNULMENT_TERM_OVER = "ANNULMENT_TERM_OVER"  # until
    SECOND_PERSON = "SECOND_PERSON"
    STANDS_AGAIN = "STANDS_AGAIN"  # list
    INVITED_ALREADY = "INVITED_ALREADY"  # sign_by
    NOT_INVITED = "NOT_INVITED"
    SIGNING_TERM_RUNS = "SIGNING_TERM_RUNS"  # sign_by
    OTHER_HAND = "OTHER_HAND"
    # Offers
    OFFER_ANSWERED = "OFFER_ANSWERED"  # state
    OFFER_TERM_OVER = "OFFER_TERM_OVER"  # answer_by
    OFFER_TERM_RUNS = "OFFER_TERM_RUNS"  # answer_by
    UNFIT_NOT_CLAIMED = "UNFIT_NOT_CLAIMED"
    LOOKED_ALREADY = "LOOKED_ALREADY"
    SECOND_LOOK = "SECOND_LOOK"


class Refused(Exception):
    """
    An act was refused and nothing was changed; `detail` has figures and public numbers, never personal
    data.
    """

    def __init__(self, code: Refusal, **detail: Any) -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail: Mapping[str, Any] = MappingProxyType(detail)
