"""
Policies: read from reviewed files, drafted, approved by a second person, put in force by an akimat's dated
setting.
"""

import hashlib
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from queue_registry.models import Akimat, AkimatPolicy, PolicyVersion, User
from queue_registry.rules.policy import Policy
from queue_registry.services import audit

FOLDER: Final = Path(__file__).resolve().parent.parent / "policies"
_MINIMUMS: Final = "subsistence_minimum.toml"


class PolicyNotFound(LookupError):
    """No approved version of the policy is in force on the day."""


class SecondPersonNeeded(Exception):
    """Who drafted can't approve."""


def files() -> list[Path]:
    """Return the reviewed policy files of the project, by name."""
    return sorted(path for path in FOLDER.glob("*.toml") if path.name != _MINIMUMS)


def read(path: Path) -> tuple[dict[str, Any], str]:
    """
    Read a policy file and the subsistence minimums into one document; return it with the SHA-256 of both
    files.

    :raises queue_registry.rules.policy.PolicyBroken: if a figure or its basis is missing.
    """
    text, minimums = path.read_bytes(), (FOLDER / _MINIMUMS).read_bytes()
    document = {**tomllib.loads(text.decode()), **tomllib.loads(minimums.decode())}
    Policy.from_document(document)
    return document, hashlib.sha256(text + minimums).hexdigest()


@transaction.atomic
def draft(*, document: dict[str, Any], sha256: str, by: User, at: datetime) -> PolicyVersion:
    """Store a policy document as a draft: it is not in force before a second person approves it."""
    return PolicyVersion.objects.create(
        code=document["code"],
        in_force_from=date.fromisoformat(document["in_force_from"]),
        in_force_until=date.fromisoformat(document["in_force_until"])
        if "in_force_until" in document
        else None,
        act=document["act"],
        document=document,
        sha256=sha256,
        drafted_by=by,
        drafted_at=at,
    )


@transaction.atomic
def approve(*, policy_id: int, by: User, at: datetime) -> PolicyVersion:
    """
    Approve a draft: from its day on it is law here.

    :raises SecondPersonNeeded: if the drafter approves.
    """
    version = PolicyVersion.objects.select_for_update(of=("self",), no_key=True).get(pk=policy_id)
    if version.drafted_by_id == by.pk:
        raise SecondPersonNeeded("A policy is approved by another person than the one who drafted it.")
    version.approved_by, version.approved_at = by, at
    version.save(update_fields=["approved_by", "approved_at"])
    return version


@transaction.atomic
def put_in_force(*, akimat: Akimat, code: str, from_on: date, by: User, at: datetime) -> AkimatPolicy:
    """Let an akimat distribute by a policy from a day on; the one before ends that day."""
    AkimatPolicy.objects.filter(akimat=akimat, until_on__isnull=True).update(until_on=from_on)
    setting = AkimatPolicy.objects.create(akimat=akimat, code=code, from_on=from_on)
    audit.record(
        akimat=akimat,
        by=by,
        at=at,
        event="akimat_policy.put_in_force",
        target=f"akimat_policy:{setting.pk}",
        code=code,
        from_on=from_on.isoformat(),
    )
    return setting


def policy_in_force(*, akimat: Akimat, on: date) -> PolicyVersion:
    """
    Return the approved version that the akimat distributes by on the day.

    :raises PolicyNotFound: if there is none.
    """
    covers = Q(until_on__isnull=True) | Q(until_on__gt=on)
    setting = AkimatPolicy.objects.filter(covers, akimat=akimat, from_on__lte=on).order_by("-from_on").first()
    if setting is None:
        raise PolicyNotFound(f"No policy is in force here on {on}.")
    version = versions_in_force(on).filter(code=setting.code).first()
    if version is None:
        raise PolicyNotFound(f"No approved version of {setting.code} is in force on {on}.")
    return version


def versions_in_force(on: date) -> QuerySet[PolicyVersion]:
    """
    Return of every policy the approved version in force on the day, whoever distributes by it: the newest
    that has begun.
    """
    begun = PolicyVersion.objects.filter(
        Q(in_force_until__isnull=True) | Q(in_force_until__gt=on),
        in_force_from__lte=on,
        approved_at__isnull=False,
    )
    newest = begun.filter(code=OuterRef("code")).order_by("-in_force_from").values("pk")[:1]
    return begun.filter(pk=Subquery(newest)).order_by("code")


def figures_in_force(*, akimat: Akimat, on: date) -> Policy:
    """
    Return the figures that the akimat acts by on the day.

    :raises PolicyNotFound: if no policy is in force.
    """
    return Policy.from_document(policy_in_force(akimat=akimat, on=on).document)
