"""Who stands behind a command: an akimat by its KATO, a person of its staff who may do what is asked."""

from datetime import datetime

from django.core.management.base import CommandError

from queue_registry.models import Akimat, User
from queue_registry.permissions import NotAllowed, Permission, require
from queue_registry.rules.calendar import civil_day


def akimat_of(kato: str) -> Akimat:
    """Return the akimat. :raises CommandError: if there is none."""
    akimat = Akimat.objects.filter(kato=kato).first()
    if akimat is None:
        raise CommandError(f"--akimat: there is no akimat with the KATO {kato}.")
    return akimat


def user_of(username: str, *, option: str) -> User:
    """Return the person with this user name. :raises CommandError: naming the option if none has it."""
    person = User.objects.filter(username=username).first()
    if person is None:
        raise CommandError(f"{option}: there is no user {username}.")
    return person


def member_of_staff(
    *, akimat: str, username: str, permission: Permission, at: datetime
) -> tuple[Akimat, User]:
    """
    Return the akimat and the person, if he may do it there today.

    :raises CommandError: naming the option that is wrong.
    """
    place, person = akimat_of(akimat), user_of(username, option="--by")
    try:
        require(person, permission, place, civil_day(at))
    except NotAllowed as error:
        raise CommandError(f"--by: {username} may not do this: {error}") from error
    return place, person
