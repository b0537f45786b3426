"""The rows of the register."""

from queue_registry.models.akimat import Akimat, AkimatOffice, AkimatPolicy
from queue_registry.models.api_client import ApiClient, ApiPermission, ApiRequest
from queue_registry.models.application import Application
from queue_registry.models.assessment import Assessment, AssessmentRequest
from queue_registry.models.audit import AuditEvent, PersonalDataView, TrailHead, TrailSeal
from queue_registry.models.category import CategoryPeriod
from queue_registry.models.category_mapping import CategoryMappingVersion
from queue_registry.models.certificate import Certificate
from queue_registry.models.consent import (
    Consent,
    ConsentChannel,
    ConsentContact,
    ConsentWithdrawal,
    MissingConsent,
)
from queue_registry.models.data_dispute import DataDispute
from queue_registry.models.demo_clock import DemoClock
from queue_registry.models.disposal import Disposal
from queue_registry.models.erasure import Erasure
from queue_registry.models.expected_waiting import ExpectedWaiting
from queue_registry.models.fact import Fact, SourceAnswer
from queue_registry.models.flag import RedFlag
from queue_registry.models.gate import GateEvent, GateProposal
from queue_registry.models.household import HouseholdMember, Person
from queue_registry.models.iin_change import FormerIin, IinChange
from queue_registry.models.import_decision import ImportCaseAssignment, ImportDecision
from queue_registry.models.import_upload import ImportUpload
from queue_registry.models.imports import ImportBatch, ImportCase, ImportOrder, ImportRow, ImportSettlement
from queue_registry.models.intake import ApplicationDocument, Intake
from queue_registry.models.keeper import QueueKeeper, QueueTakeover
from queue_registry.models.list_past import ListPast, ListPastSum
from queue_registry.models.list_seal import ListSeal, SealedLeaf
from queue_registry.models.match_group import MatchGroup
from queue_registry.models.notice import ContactPoint, Notice, NoticeChannel, NoticeDelivery
from queue_registry.models.one_time_code import OneTimeCode
from queue_registry.models.place import ListYearCount
from queue_registry.models.policy import PolicyVersion
from queue_registry.models.queue_entry import QueueEntry
from queue_registry.models.queue_entry_event import QueueEntryEvent
from queue_registry.models.reconciliation import ReconciliationExplanation, StatedTotal
from queue_registry.models.removal import RemovalCase
from queue_registry.models.review import RegistrationChange, Review, Succession
from queue_registry.models.second_factor import RecoveryCode, SecondFactorReset, Telephone
from queue_registry.models.staff import StaffMembership, User
from queue_registry.models.sweep import RecheckFinding, SourceHold, Sweep, SweepEntry, SweepQuestion
from queue_registry.models.verification_sample import SampledEntry, VerificationSample
from queue_registry.models.waiting_list import WaitingList

__all__ = [
    "Akimat",
    "AkimatOffice",
    "AkimatPolicy",
    "ApiClient",
    "ApiPermission",
    "ApiRequest",
    "Application",
    "ApplicationDocument",
    "Assessment",
    "AssessmentRequest",
    "AuditEvent",
    "CategoryMappingVersion",
    "CategoryPeriod",
    "Certificate",
    "Consent",
    "ConsentChannel",
    "ConsentContact",
    "ConsentWithdrawal",
    "ContactPoint",
    "DataDispute",
    "DemoClock",
    "Disposal",
    "Erasure",
    "ExpectedWaiting",
    "Fact",
    "FormerIin",
    "GateEvent",
    "GateProposal",
    "HouseholdMember",
    "IinChange",
    "ImportBatch",
    "ImportCase",
    "ImportCaseAssignment",
    "ImportDecision",
    "ImportOrder",
    "ImportRow",
    "ImportSettlement",
    "ImportUpload",
    "Intake",
    "ListPast",
    "ListPastSum",
    "ListSeal",
    "ListYearCount",
    "MatchGroup",
    "MissingConsent",
    "Notice",
    "NoticeChannel",
    "NoticeDelivery",
    "OneTimeCode",
    "Person",
    "PersonalDataView",
    "PolicyVersion",
    "QueueEntry",
    "QueueEntryEvent",
    "QueueKeeper",
    "QueueTakeover",
    "RecheckFinding",
    "ReconciliationExplanation",
    "RecoveryCode",
    "RedFlag",
    "RegistrationChange",
    "RemovalCase",
    "Review",
    "SampledEntry",
    "SealedLeaf",
    "SecondFactorReset",
    "SourceAnswer",
    "SourceHold",
    "StaffMembership",
    "StatedTotal",
    "Succession",
    "Sweep",
    "SweepEntry",
    "SweepQuestion",
    "Telephone",
    "TrailHead",
    "TrailSeal",
    "User",
    "VerificationSample",
    "WaitingList",
]
