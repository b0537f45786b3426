"""Who guesses passwords is locked out and told so; who leaves the desk is signed out after a time."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = "/desk/sign-in/"


@pytest.fixture
def town():
    return factories.town()


def sign_in(client, username, password, **where):
    return client.post(ADDRESS, {"username": username, "password": password}, **where)


def test_five_wrong_passwords_lock_the_sign_in_even_for_the_right_one(client, town):
    right = town.passwords["clerk"]
    answers = [sign_in(client, "clerk", "wrong").status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert settings.AXES_FAILURE_LIMIT == 5
    assert answers == [200, 200, 200, 200, 429]

    locked = sign_in(client, "clerk", right)

    assert locked.status_code == 429
    assert "registration/locked_out.html" in [template.name for template in locked.templates]
    assert "_auth_user_id" not in client.session


def test_four_wrong_passwords_do_not_lock_and_the_right_one_forgives_them(client, town):
    right = town.passwords["clerk"]
    for _ in range(2):
        for _ in range(4):
            assert sign_in(client, "clerk", "wrong").status_code == 200
        assert sign_in(client, "clerk", right).status_code == 302
        client.logout()


def test_another_person_and_another_address_are_not_locked_with_it(client, town):
    for _ in range(5):
        sign_in(client, "clerk", "wrong")
    assert sign_in(client, "supervisor", town.passwords["supervisor"]).status_code == 302
    client.logout()
    elsewhere = sign_in(client, "clerk", town.passwords["clerk"], REMOTE_ADDR="10.0.0.9")
    assert elsewhere.status_code == 302


def test_a_session_ends_after_a_working_day(client, town):
    sign_in(client, "clerk", town.passwords["clerk"])
    assert client.get("/desk/waiting-file/").status_code == 200
    session = Session.objects.get()
    left = session.expire_date - timezone.now()
    assert timedelta(hours=7, minutes=59) < left <= timedelta(hours=8)
    assert client.cookies[settings.SESSION_COOKIE_NAME]["httponly"]

    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    answer = client.get("/desk/waiting-file/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(ADDRESS)


def test_somebody_who_may_no_longer_sign_in_is_out_at_once(client, town):
    sign_in(client, "clerk", town.passwords["clerk"])
    town.clerk.is_active = False
    town.clerk.save(update_fields=["is_active"])
    assert client.get("/desk/waiting-file/").status_code == 302
