"""The second factor of staff: of whom it is asked, what is tied, how many codes on paper are left."""

from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from queue_registry.models import Akimat, RecoveryCode, SecondFactorReset, Telephone, User
from queue_registry.permissions import memberships
from queue_registry.rules.roles import SECOND_FACTOR

RESETS_SHOWN = 50


def is_asked_of(user: User, on: date) -> bool:
    """Say whether this person is let in by a code only: a role asks for it, or a telephone is tied."""
    forced = memberships(user, on).filter(role__in=sorted(SECOND_FACTOR))
    tied = Telephone.objects.filter(user=user, confirmed=True)
    return User.objects.filter(Exists(forced) | Exists(tied), pk=user.pk).exists()


def device_of(user: User) -> Telephone | None:
    """Return the telephone that is tied to the sign-in, or None."""
    found: Telephone | None = Telephone.objects.filter(user=user, confirmed=True).first()
    return found


def count_recovery_codes(user: User) -> int:
    """Count the codes on paper that are still good."""
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True, ended_at__isnull=True).count()


def count_unreadable() -> int:
    """Count the tied telephones whose secret no key of this installation opens."""
    tied = Telephone.objects.filter(confirmed=True).only("sealed_secret")
    return sum(not one.is_readable for one in tied.iterator())


def list_resets(akimat: Akimat) -> QuerySet[SecondFactorReset]:
    """Return what was proposed in the akimat, the open ones first."""
    rows = SecondFactorReset.objects.filter(akimat=akimat)
    rows = rows.select_related("user", "proposed_by", "decided_by")
    return rows.order_by(F("decided_at").desc(nulls_first=True), "-pk")[:RESETS_SHOWN]


def list_tied(akimat: Akimat, on: date) -> QuerySet[User]:
    """Return people with a role in the akimat on the day who have a telephone tied."""
    open_on = Q(memberships__until_on__isnull=True) | Q(memberships__until_on__gt=on)
    holders = User.objects.filter(open_on, memberships__akimat=akimat, memberships__from_on__lte=on)
    tied = Telephone.objects.filter(user=OuterRef("pk"), confirmed=True)
    return holders.filter(Exists(tied)).distinct().order_by("username")
