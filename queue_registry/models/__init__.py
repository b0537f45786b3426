"""The rows of the register."""

from queue_registry.models.akimat import Akimat, AkimatPolicy
from queue_registry.models.application import Application
from queue_registry.models.assessment import Assessment, AssessmentRequest
from queue_registry.models.audit import AuditEvent, PersonalDataView, TrailHead
from queue_registry.models.demo_clock import DemoClock
from queue_registry.models.fact import Fact, SourceAnswer
from queue_registry.models.household import HouseholdMember, Person
from queue_registry.models.imports import ImportBatch, ImportCase, ImportRow, ImportSettlement
from queue_registry.models.policy import PolicyVersion
from queue_registry.models.queue_entry import QueueEntry
from queue_registry.models.queue_entry_event import QueueEntryEvent
from queue_registry.models.staff import StaffMembership, User
from queue_registry.models.waiting_list import WaitingList

__all__ = [
    "Akimat",
    "AkimatPolicy",
    "Application",
    "Assessment",
    "AssessmentRequest",
    "AuditEvent",
    "DemoClock",
    "Fact",
    "HouseholdMember",
    "ImportBatch",
    "ImportCase",
    "ImportRow",
    "ImportSettlement",
    "Person",
    "PersonalDataView",
    "PolicyVersion",
    "QueueEntry",
    "QueueEntryEvent",
    "SourceAnswer",
    "StaffMembership",
    "TrailHead",
    "User",
    "WaitingList",
]
