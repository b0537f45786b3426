"""What somebody of staff does with a telephone: its codes, a session that gave one."""

import time

from django.test import Client

from housing_queue import demo_telephones
from queue_registry.models import User
from queue_registry.rules.second_factor import HALF_MINUTE
from queue_registry.services import second_factors
from tests import factories
from tests.passing import let_pass

PAGE = "/desk/second-factor/"
NEW = "/desk/second-factor/new/"


def code_of(user: User) -> str:
    """What the telephone shows now, or in the next half-minute if that was used."""
    return demo_telephones.next_code(user, wait=let_pass, clock=time.time)


def wrong_code(user: User) -> str:
    """Six digits that no half-minute around this one shows."""
    shown = {demo_telephones.code_at(user, time.time() + HALF_MINUTE * step) for step in range(-3, 4)}
    return next(code for code in (f"{number:06d}" for number in range(10)) if code not in shown)


def tied(user: User) -> list[str]:
    """Tie a telephone by the service; return the codes for paper."""
    second_factors.begin(user=user)
    return list(second_factors.enroll(user=user, code=code_of(user), at=factories.AT))


def signed_in(user: User, *, password: str) -> Client:
    """A browser in which the person gave the password, and no code yet."""
    client = Client()
    client.post("/desk/sign-in/", {"username": user.username, "password": password})
    return client


def verified(user: User, *, password: str) -> Client:
    """A browser in which the person gave the password and a code."""
    client = signed_in(user, password=password)
    client.post(PAGE, {"code": code_of(user)})
    return client
