"""
What of an akimat is handed over, table by table in the order in which it is taken in; and what is not, and
why.

A table that is named in neither list fails a test: nothing is forgotten in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import RawSQL

from queue_registry.models import Akimat

# Temporary tables of the keys that are worked out before (`reach`, `consented`): of people whose rows go,
# and of those of whom only the name goes.
PEOPLE: Final = "handover_people"
NAMED: Final = "handover_named"
USERS: Final = "handover_users"
ANSWERS: Final = "handover_answers"
# How a row of the table calls itself in SQL of ours.
ROW: Final = "handed_over"
_A: Final = "queue_registry."
_D: Final = "allocation."


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """
    A table and which of its rows are of an akimat.

    `path` leads by foreign keys to the akimat; several are alternatives. `keys` are conditions on the keys
    that are worked out before: column and temporary table. `replaced` are columns that leave as something
    else, `without` says of which rows none is handed over; both are SQL, in which the row is `ROW` and
    %(akimat)s the akimat's key.
    """

    label: str
    path: tuple[str, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    everything: bool = False
    left_out: tuple[str, ...] = ()
    replaced: Mapping[str, str] = field(default_factory=dict)
    without: str = ""
    order: str = ""

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.label)

    @property
    def name(self) -> str:
        """The table in the database."""
        return str(self.model._meta.db_table)  # noqa: SLF001 - its public name

    @property
    def key(self) -> str:
        """The column of its key."""
        return str(next(one.column for one in self.fields if one.primary_key))

    @property
    def file(self) -> str:
        return f"{self.label.lower()}.jsonl"

    @property
    def columns(self) -> list[str]:
        return [one.column for one in self.fields if one.column not in self.left_out]

    @property
    def attributes(self) -> list[str]:
        """All its columns as Django names them in a query."""
        return [one.attname for one in self.fields]

    @property
    def fields(self) -> list[Any]:
        """Its columns as Django knows them."""
        return list(self.model._meta.concrete_fields)  # noqa: SLF001 - its public name

    def everywhere(self) -> "QuerySet[Model]":
        """Return all rows, of whatever akimat."""
        return self.model._default_manager.order_by()  # noqa: SLF001 - its public name

    def rows(self, akimat: Akimat) -> "QuerySet[Model]":
        """Return the rows of an akimat; those of `keys` only while the temporary tables are there."""
        if self.everything:
            return self.everywhere()
        found = Q()
        for path in self.path:
            found |= Q(**{path: akimat.kato if path.endswith("kato") else akimat})
        for column, keys in self.keys:
            found |= Q(**{f"{column}__in": RawSQL(f"SELECT id FROM {keys}", [])})  # noqa: S608, S611
        return self.everywhere().filter(found)


def _of(label: str, *path: str, **more: object) -> Table:
    return Table(label=label, path=path, **more)  # type: ignore[arg-type]


# Asked row by row: a list of millions of keys is too long for IN, which would go through it for every row.
_HANDED_OVER: Final = f"EXISTS (SELECT FROM {ANSWERS} AS answer WHERE answer.id = {ROW}.%s)"


def _if_handed_over(column: str, answer: str = "") -> str:
    return f"CASE WHEN {_HANDED_OVER % (answer or column)} THEN {column} END"


def _of_the_akimat(column: str, table: str) -> str:
    own = f"SELECT FROM {table} AS own WHERE own.id = {ROW}.{column} AND own.akimat_id = %(akimat)s"
    return f"CASE WHEN EXISTS ({own}) THEN {column} END"


EXPORTED: Final[tuple[Table, ...]] = (
    Table(label=_A + "Person", keys=(("pk", f"{PEOPLE}_and_named"),)),
    # A password is no business of another installation.
    Table(
        label=_A + "User",
        keys=(("pk", USERS),),
        replaced={"password": "'!'", "last_login": "NULL::timestamptz", "is_superuser": "false"},
    ),
    Table(label=_A + "PolicyVersion", everything=True),
    _of(_A + "Akimat", "kato"),
    _of(_A + "AkimatPolicy", "akimat"),
    _of(_A + "AkimatOffice", "akimat"),
    _of(_A + "QueueKeeper", "akimat"),
    _of(_A + "QueueTakeover", "keeper__akimat"),
    _of(_A + "StaffMembership", "akimat"),
    # What was open here stays closed there: the chain goes on under the new keeper.
    _of(_A + "TrailHead", "akimat_kato", replaced={"closed_from": "NULL::timestamptz"}),
    # The number of the transaction is that of the installation; the chain does not have it.
    _of(_A + "AuditEvent", "akimat_kato", left_out=("written_by",), order="seq"),
    _of(_A + "TrailSeal", "akimat_kato"),
    _of(_A + "PersonalDataView", "akimat_kato"),
    _of(_A + "WaitingList", "akimat"),
    _of(_A + "Application", "akimat"),
    _of(_A + "HouseholdMember", "application__akimat"),
    _of(_A + "Intake", "akimat"),
    _of(_A + "ApplicationDocument", "application__akimat", "intake__akimat"),
    # Before the entries: nobody is removed without a decided case.
    _of(_A + "RemovalCase", "entry__akimat"),
    _of(_A + "QueueEntry", "akimat"),
    _of(_A + "QueueEntryEvent", "entry__akimat"),
    _of(_A + "Assessment", "entry__akimat"),
    _of(_A + "AssessmentRequest", "entry__akimat"),
    _of(_A + "CategoryPeriod", "entry__akimat"),
    _of(_A + "Certificate", "application__akimat"),
    _of(_A + "Review", "application__akimat"),
    _of(_A + "Erasure", "application__akimat"),
    _of(_A + "RegistrationChange", "entry__akimat"),
    _of(_A + "Succession", "application__akimat"),
    _of(_A + "IinChange", "akimat"),
    _of(_A + "FormerIin", "change__akimat"),
    _of(_A + "ImportBatch", "akimat"),
    _of(_A + "ImportRow", "batch__akimat"),
    _of(_A + "ImportCase", "application__akimat"),
    _of(_A + "ImportOrder", "batch__akimat"),
    _of(_A + "ImportSettlement", "akimat"),
    _of(_A + "ImportUpload", "akimat"),
    _of(_A + "ImportDecision", "application__akimat"),
    _of(_A + "ImportCaseAssignment", "application__akimat"),
    _of(_A + "CategoryMappingVersion", "akimat"),
    _of(_A + "MatchGroup", "akimat"),
    _of(_A + "StatedTotal", "akimat"),
    _of(_A + "ReconciliationExplanation", "akimat"),
    _of(_A + "VerificationSample", "akimat"),
    _of(_A + "SampledEntry", "sample__akimat"),
    _of(_A + "ListSeal", "akimat"),
    _of(_A + "SealedLeaf", "seal__akimat"),
    _of(_A + "GateEvent", "akimat"),
    _of(_A + "GateProposal", "akimat"),
    _of(_A + "ExpectedWaiting", "waiting_list__akimat"),
    # A consent given in another akimat covers a question of this one, too; its case stays where it is.
    Table(
        label=_A + "Consent",
        keys=(("person", PEOPLE),),
        replaced={
            "application_id": _of_the_akimat("application_id", "queue_registry_application"),
            "import_batch_id": _of_the_akimat("import_batch_id", "queue_registry_importbatch"),
        },
    ),
    Table(label=_A + "ConsentWithdrawal", keys=(("person", PEOPLE),)),
    _of(_A + "ConsentContact", "application__akimat"),
    _of(_A + "MissingConsent", "entry__akimat"),
    # Answers and facts of which a consent says today that they may be known (`consented`).
    Table(label=_A + "SourceAnswer", keys=(("pk", ANSWERS),)),
    Table(label=_A + "Fact", keys=(("answer", ANSWERS),)),
    _of(
        _A + "DataDispute",
        "application__akimat",
        replaced={
            "answer_id": _if_handed_over("answer_id"),
            "fact_id": _if_handed_over("fact_id", answer="answer_id"),
        },
        # Nobody could settle it there; the household may open it again.
        without=f"settled_at IS NULL AND answer_id IS NOT NULL AND NOT {_HANDED_OVER % 'answer_id'}",
    ),
    _of(_A + "Sweep", "akimat"),
    _of(_A + "SweepEntry", "sweep__akimat"),
    _of(_A + "SweepQuestion", "sweep__akimat"),
    _of(
        _A + "RecheckFinding",
        "entry__akimat",
        replaced={name: _if_handed_over(name) for name in ("first_answer_id", "second_answer_id")},
    ),
    Table(label=_A + "SourceHold", everything=True),
    _of(_A + "RedFlag", "akimat"),
    Table(label=_A + "ContactPoint", keys=(("person", PEOPLE),)),
    _of(_A + "Notice", "application__akimat"),
    _of(_A + "NoticeDelivery", "notice__application__akimat"),
    _of(_D + "Dwelling", "akimat"),
    _of(_D + "DwellingEvent", "dwelling__akimat"),
    _of(_D + "AllocationRound", "akimat"),
    _of(_D + "PublicInput", "round__akimat"),
    _of(_D + "RoundDwelling", "round__akimat"),
    _of(_D + "RoundDocument", "round__akimat"),
    _of(_D + "FreezeOrder", "round__akimat"),
    _of(_D + "AllocationRun", "round__akimat"),
    _of(_D + "AllocationLine", "run__round__akimat"),
    _of(_D + "Bundle", "run__round__akimat"),
    _of(_D + "Sitting", "akimat"),
    _of(_D + "SittingMember", "sitting__akimat"),
    _of(_D + "Vote", "sitting__akimat"),
    _of(_D + "Departure", "sitting__akimat"),
    _of(_D + "DepartureVote", "departure__sitting__akimat"),
    _of(_D + "Decision", "sitting__akimat"),
    _of(_D + "Protocol", "sitting__akimat"),
    _of(_D + "Manifest", "sitting__akimat"),
    _of(_D + "Signature", "manifest__sitting__akimat"),
    _of(_D + "AkimatDecision", "akimat"),
    _of(_D + "Offer", "run__round__akimat"),
    _of(_D + "Tenancy", "akimat"),
    _of(_D + "TenancyPaper", "tenancy__akimat"),
    # Whom one asked in vain, and when: a rule of the distribution counts it. What came is in the answers; the
    # kept envelopes are sealed with keys of this installation, and stay.
    Table(label="integrations.CheckRequest", keys=(("subject_iin", f"{PEOPLE}_by_iin"),)),
    Table(
        label="integrations.CheckAttempt",
        keys=(("request__subject_iin", f"{PEOPLE}_by_iin"),),
        replaced={"envelope": "NULL::bytea"},
        order="message_id",
    ),
)

_OF_THE_INSTALLATION: Final = "of this installation, and of no akimat"
_OF_DJANGO: Final = "Django's own, made anew in every installation"

KEPT_HERE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "queue_registry.ApiClient": "tokens for this installation; the new keeper gives its own",
        "queue_registry.ApiClient_akimats": "where those tokens are good",
        "queue_registry.ApiRequest": "answers to those systems; what came of them is handed over",
        "queue_registry.Disposal": "what this installation let go of; acts on codes stand in the trail",
        "queue_registry.DemoClock": _OF_THE_INSTALLATION,
        "queue_registry.ListPast": "summed up anew out of the events",
        "queue_registry.ListPastSum": "summed up anew out of the events",
        "queue_registry.ListYearCount": "counted anew by the database while the entries are taken in",
        "queue_registry.OneTimeCode": "good for ten minutes",
        "queue_registry.RecoveryCode": "of telephones tied here; the new keeper ties its staff's anew",
        "queue_registry.SecondFactorReset": "untied those telephones; the trail that goes along tells of it",
        "queue_registry.Telephone": "the secrets of those telephones, sealed with keys of this installation",
        "otp_totp.TOTPDevice": "empty: those secrets lay here before they were sealed",
        "allocation.RegisterCheck": "looks at the whole installation; the new keeper looks for itself",
        "queue_registry.User_groups": "nobody is in one: roles are memberships",
        "queue_registry.User_user_permissions": "nobody has one: roles are memberships",
        "integrations.AccessToken": "leave of the consent service for this installation's own questions",
        "integrations.OutboxAct": "what this installation did to its own line of questions",
        "admin.LogEntry": _OF_DJANGO,
        "auth.Group": _OF_DJANGO,
        "auth.Group_permissions": _OF_DJANGO,
        "auth.Permission": _OF_DJANGO,
        "contenttypes.ContentType": _OF_DJANGO,
        "sessions.Session": "who is signed in here",
        "axes.AccessAttempt": "attempts to sign in here",
        "axes.AccessAttemptExpiration": "attempts to sign in here",
        "axes.AccessFailureLog": "attempts to sign in here",
        "axes.AccessLog": "attempts to sign in here",
    }
)
