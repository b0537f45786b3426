"""E-government hands applications in: once, whole or not at all, and only where its token is good."""

import base64
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from queue_registry.models import (
    Akimat,
    ApiClient,
    ApiRequest,
    Application,
    ApplicationDocument,
    AuditEvent,
    Consent,
    HouseholdMember,
    Intake,
)
from queue_registry.services import api_clients, application_decisions
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.outside import ADDRESS, body, client_of, send
from tests.unit.queue_registry.services import intaking

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return factories.town()


@pytest.fixture(autouse=True)
def _lives_at(monkeypatch):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)


@pytest.fixture
def token(town):
    return client_of(town).token


def test_what_is_complete_is_filed_and_gets_its_number(client, town, token):
    answer = send(client, token, body(town))

    application = Application.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "state": "FILED",
        "file_number": application.file_number,
        "filed_at": AT.isoformat(),
        "decide_by": application.decide_by.isoformat(),
        "missing": {"documents": [], "consents": 0},
    }
    assert (application.origin, application.entered_by.username) == ("PORTAL", "egov")
    assert application.claims == [{"list": "5", "category": "budget_worker"}]
    assert ApplicationDocument.objects.get().application == application
    assert Consent.objects.get().channel == "EDS"
    filed = AuditEvent.objects.get(event="application.filed")
    assert (filed.actor, filed.target) == ("egov", f"application:{application.pk}")


def test_what_lacks_something_waits_for_a_clerk_without_a_number(client, town, token):
    answer = send(client, token, body(town, documents=[], consents=[])).json()

    assert (answer["state"], answer["file_number"]) == ("INTAKE", None)
    assert answer["missing"] == {"documents": ["APPLICATION"], "consents": 1}
    assert not Application.objects.exists()
    intake = Intake.objects.get()
    intaking.consent(town, intake)
    intaking.paper(town, intake)
    intaking.file(town, intake)
    assert state(client, token)["file_number"] == Application.objects.get().file_number


def state(client, token, key="request-1"):
    return client.get(f"{ADDRESS}{key}/", headers={"Authorization": f"Bearer {token}"}).json()


def test_what_became_of_it_can_be_asked(client, town, token):
    send(client, token, body(town))
    assert state(client, token)["state"] == "FILED"

    application_decisions.accept(application_id=Application.objects.get().pk, by=town.clerk, at=AT)

    assert state(client, token)["state"] == "ACCEPTED"
    assert state(client, token, "another")["code"] == "NOT_FOUND"
    assert state(client, client_of(town, name="other").token)["code"] == "NOT_FOUND"


def test_the_same_request_twice_acts_once_and_gets_the_same_answer(client, town, token):
    sent = body(town)
    first = send(client, token, sent)
    again = send(client, token, dict(reversed(sent.items())))

    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert (Application.objects.count(), ApiRequest.objects.count()) == (1, 1)


def test_the_same_key_with_another_body_is_refused(client, town, token):
    send(client, token, body(town))
    answer = send(client, token, body(town))

    assert (answer.status_code, answer.json()["code"]) == (422, "KEY_OF_ANOTHER_REQUEST")
    assert Application.objects.count() == 1


def test_another_system_may_use_the_same_key(client, town, token):
    other = client_of(town, name="other").token

    assert send(client, token, body(town)).status_code == 201
    assert send(client, other, body(town)).status_code == 201
    assert Application.objects.count() == 2


def test_members_are_named_and_their_consents_kept(client, town, token):
    husband = factories.PersonFactory()
    person = intaking.known_worker(town, kin=[(husband, "spouse")])
    factories.answer_everything(husband, sex="m", kin=[(person, "spouse")])
    consents = [{"iin": one.iin, "channel": "SMS_1414", "evidence": "x"} for one in (person, husband)]

    members = [{"iin": husband.iin, "relation": "SPOUSE"}]
    answer = send(client, token, body(town, person, members=members, consents=consents))

    assert answer.json()["state"] == "FILED"
    assert HouseholdMember.objects.get().person == husband
    assert set(Consent.objects.values_list("person", flat=True)) == {person.pk, husband.pk}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"iin": "123456789012"}, "iin"),
        ({"iin": ""}, "iin"),
        ({"iin": "٠١٢٣٤٥٦٧٨٩٠١"}, "iin"),
        ({"iin": None}, "iin"),
        ({"akimat": "99"}, "akimat"),
        ({"akimat": "990000000"}, "akimat"),
        ({"claims": []}, "claims"),
        ({"claims": [{"list": "7", "category": "x"}]}, "claims"),
        ({"claims": [{"list": "5", "category": "orphan"}]}, "claims"),
        ({"claims": [{"list": "5", "category": "budget_worker"}] * 2}, "claims"),
        ({"members": [{"iin": "1", "relation": "SPOUSE"}]}, "members"),
        ({"consents": [{"iin": factories.invented_iin(9), "channel": "PAPER", "evidence": "x"}]}, "consents"),
        ({"consents": [{"iin": factories.invented_iin(9), "channel": "EDS", "evidence": "x"}]}, "consents"),
        ({"documents": [{"kind": "APPLICATION", "title": "x", "content": "%%%"}]}, "documents"),
        ({"documents": [{"kind": "APPLICATION", "title": "x", "content": "eHh4"}]}, "documents"),
        ({"documents": [{"kind": "PHOTO", "title": "x", "content": "eHh4"}]}, "documents"),
        ({"iin_of_applicant": "x"}, "iin_of_applicant"),
    ],
)
def test_what_is_wrong_is_named_by_its_field_and_nothing_is_kept(client, town, token, changes, field):
    answer = send(client, token, body(town, **changes))

    problem = answer.json()
    assert (answer.status_code, problem["code"], list(problem["errors"])) == (400, "INVALID", [field])
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Intake.objects.exists()
    assert not ApiRequest.objects.exists()


@pytest.mark.parametrize("sent", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"akimat": NaN}'])
def test_what_is_no_json_of_an_application_is_refused(client, token, sent):
    answer = client.generic(
        "POST",
        ADDRESS,
        sent,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k"},
    )

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("key", ["", " ", "a b", "a" * 65, "ключ".encode().decode("latin-1")])
def test_a_request_without_its_key_is_refused(client, town, token, key):
    answer = send(client, token, body(town), key=key)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"])
    assert not Intake.objects.exists()


def test_a_household_that_stands_already_is_not_named_by_its_number(client, town, token):
    person = intaking.known_worker(town)
    known = intaking.filed(town, person)

    answer = send(client, token, body(town, person))

    assert (answer.status_code, answer.json()["code"]) == (409, "ALREADY_REGISTERED")
    assert known.file_number not in answer.content.decode()
    assert person.iin not in answer.content.decode()


def test_what_a_clerk_has_begun_is_left_to_the_clerk(client, town, token):
    person = intaking.known_worker(town)
    intake = intaking.opened(town, person.iin)

    answer = send(client, token, body(town, person))

    assert (answer.status_code, answer.json()["code"]) == (409, "INTAKE_OPEN")
    intake.refresh_from_db()
    assert (intake.version, intake.claims) == (1, [])


def test_a_refused_request_may_be_sent_again_with_its_key(client, town, token):
    person = intaking.known_worker(town)
    assert send(client, token, body(town, person, claims=[])).status_code == 400

    assert send(client, token, body(town, person)).status_code == 201


def test_a_body_that_is_too_long_is_not_read(client, token, monkeypatch):
    monkeypatch.setattr("queue_registry.api.applications._LARGEST_BODY", 10)
    answer = client.post(
        ADDRESS,
        {"iin": "x" * 20},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k"},
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")


def test_whoever_has_no_token_is_not_let_in(client, town):
    assert client.post(ADDRESS, {}, content_type="application/json").status_code == 401
    assert send(client, "kezek_" + "x" * 43, body(town)).status_code == 401
    assert send(client, "", body(town)).status_code == 401
    client.force_login(town.clerk)
    assert client.post(ADDRESS, body(town), content_type="application/json").status_code == 403
    assert not Intake.objects.exists()


def test_a_token_is_good_for_its_time_its_akimats_and_what_it_allows(client, town, monkeypatch):
    issued = client_of(town, days=1)
    elsewhere = Akimat.objects.create(kato="711000000", name_kk="Астана", name_ru="Астана")
    assert send(client, issued.token, body(town, akimat=elsewhere.kato)).json()["errors"] == {
        "akimat": ["This token is not good for this akimat."]
    }
    nothing = ApiClient.objects.get()
    nothing.permissions = []
    nothing.save()
    assert send(client, issued.token, body(town)).status_code == 403
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT + timedelta(days=1))
    assert send(client, issued.token, body(town)).status_code == 401


def test_a_revoked_token_is_good_for_nothing(client, town, token):
    api_clients.revoke(name="egov", at=AT)

    assert send(client, token, body(town)).status_code == 401
    events = AuditEvent.objects.filter(event__startswith="api.").order_by("seq")
    assert [one.event for one in events] == ["api.token_issued", "api.token_revoked"]


def test_a_token_is_kept_as_a_digest_and_its_user_cannot_sign_in(town):
    issued = client_of(town)

    assert issued.client.token_sha256 == api_clients.digest_of(issued.token)
    assert issued.token not in str(AuditEvent.objects.values_list("data", flat=True))
    user = issued.client.user
    assert not user.is_active
    assert not user.has_usable_password()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"expires_at": AT}, "api_client_expires_after_issue"),
        ({"token_sha256": "x" * 64}, "api_client_keeps_a_digest"),
        ({"permissions": ["EVERYTHING"]}, "api_client_permissions_are_known"),
    ],
)
def test_the_database_refuses_a_client_that_cannot_be(town, changes, constraint):
    client_of(town)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ApiClient.objects.update(**changes)


def test_the_database_keeps_one_answer_for_a_key(client, town, token):
    send(client, token, body(town))
    kept = ApiRequest.objects.get()
    kept.pk, kept.intake = None, intaking.opened(town, intaking.known_worker(town).iin)
    kept.application = None
    with pytest.raises(IntegrityError, match="one_api_request_per_client_and_key"), transaction.atomic():
        kept.save(force_insert=True)


def test_systems_are_throttled_by_their_token(client, town, token, settings):
    settings.API_REQUESTS_PER_CLIENT = "2/minute"
    other = client_of(town, name="other").token

    answers = [send(client, token, {}, key=f"k{number}") for number in range(3)]

    assert [one.status_code for one in answers] == [400, 400, 429]
    assert answers[2].json()["retry_after"] == int(answers[2].headers["Retry-After"]) > 0
    assert send(client, other, {}).status_code == 400


def test_nothing_of_the_household_stays_with_the_request(client, town, token):
    sent = body(town)
    send(client, token, sent)

    kept = ApiRequest.objects.get()
    assert sent["iin"] not in f"{kept.answer} {kept.body_digest} {kept.key}"
    assert base64.b64decode(sent["documents"][0]["content"]) == intaking.PDF
