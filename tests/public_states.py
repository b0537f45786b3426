"""
Every public page in every state that a person can meet: what to send, and what comes back.

Tests of languages, of usability and of safety walk the same list; a page that is not in it fails the first.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.test import Client
from django.test.utils import override_settings
from django.urls import Resolver404, resolve
from django.utils import translation

from allocation.models import AllocationRound
from allocation.services import register_checks, rounds
from queue_registry.models import Application
from queue_registry.rules.certificates import shown
from queue_registry.rules.file_number import file_number
from queue_registry.selectors.family_adults import Adult
from queue_registry.services import certificates, list_seals, settlements
from queue_registry.views import look_up, look_up_limits, my_consent
from tests import factories, situations
from tests.factories import AT, Town
from tests.unit.queue_registry.publishing import house, of_category
from tests.unit.queue_registry.services import gating
from tests.unit.queue_registry.services.sending import reached
from tests.unit.queue_registry.services.test_imports import ANNA, known, put_in_and_confirm, spp

NOBODY = factories.invented_iin(35_000)
UNKNOWN = file_number(kato=factories.KATO, running_number=9_999_999)
# Guessed at, with an IIN of its own, until both are locked.
GUESSER = factories.invented_iin(35_001)
GUESSED_AT = file_number(kato=factories.KATO, running_number=9_999_998)
NO_SERVER = "redis://127.0.0.1:9/0"
PLENTY = "100000/minute"


@dataclass(frozen=True, kw_only=True)
class State:
    """A page in a state: its address (below the language's prefix, or from the root), and what is sent."""

    name: str
    address: str
    sent: dict[str, str] | None = None
    status: int = 200
    # Nobody can tell how often something was tried.
    lost: bool = False

    def path(self, language: str) -> str:
        """The address in a language."""
        return self.address if self.address.startswith("/") else f"/{language}/{self.address}"

    def view_name(self) -> str:
        """The name of the address, or nothing where nobody answers."""
        with translation.override("kk"):
            try:
                return resolve(urlsplit(self.path("kk")).path).view_name
            except Resolver404:
                return ""

    def answer(self, language: str, *, secure: bool = False) -> Any:
        """What a browser with this language gets, with `secure` by HTTPS."""
        client = Client(
            raise_request_exception=False, enforce_csrf_checks=True, headers={"accept-language": language}
        )
        with self.in_place():
            if self.sent is None:
                return client.get(self.path(language), secure=secure)
            return client.post(self.path(language), self.sent, secure=secure)

    def open(self, page: Any, base_url: str, language: str) -> None:
        """Open the page in a real browser; what is sent, is sent by a form of the site itself."""
        with self.in_place():
            if self.sent is None:
                page.goto(base_url + self.path(language))
                return
            page.goto(f"{base_url}/{language}/seals/")
            with page.expect_navigation():
                page.evaluate(_SEND, [self.path(language), self.sent])

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The circumstances of the state: nobody was here before, but whoever guessed at one number."""
        look_up_limits._limiter(settings.REDIS_URL).storage.reset()
        for _ in range(5):
            look_up_limits.count_failure(GUESSED_AT, GUESSER)
        with override_settings(**({"REDIS_URL": NO_SERVER} if self.lost else {})):
            yield


_SEND = """([path, sent]) => {
  const form = document.body.appendChild(document.createElement("form"));
  form.method = "post";
  form.action = path;
  for (const [name, value] of Object.entries(sent)) {
    const field = form.appendChild(document.createElement("input"));
    [field.type, field.name, field.value] = ["hidden", name, value];
  }
  form.submit();
}"""


def pair(application: Application) -> dict[str, str]:
    """What a citizen types to see his place."""
    return {"file_number": application.file_number, "iin": application.applicant.iin}


def world() -> list[State]:
    """An akimat with people in many situations, rounds, seals and a certificate; and every state of it."""
    town = factories.town()
    situations.office(town)
    decided, announced = _rounds(town)
    mine = factories.waiting(
        town,
        number="4",
        day=25,
        family=(factories.HUSBAND, factories.DAUGHTER),
        facts=[factories.dwelling_owned(share="1/3"), *factories.income(tenge_a_month="90000.50")],
    )
    reached(town, mine)
    of_category(town, "military", 11, first_day=40)
    house(town, factories.waiting(town, day=26))
    known(ANNA)
    put_in_and_confirm(town, spp(("271-2019-000123", ANNA, "2019-05-06T10:00:00", 5)))
    settlements.settle(akimat=town.akimat, by=None, at=AT, document="decisions")
    gating.head_sealed(town)
    list_seals.seal(akimat=town.akimat, by=town.supervisor, at=AT)
    register_checks.look(at=AT)
    offered = Application.objects.filter(entries__status="OFFERED").order_by("pk").first()
    assert offered is not None
    return [
        *_open(town, decided, announced),
        *_of_my_place(mine.application),
        *_of_my_data(mine.application),
        *_of_my_consent(mine.application),
        *_of_offers(offered, mine.application),
        *_of_certificates(mine.application),
        *_of_old_numbers(),
        *_of_the_ladder(town),
        *_of_refusals(),
    ]


def _rounds(town: Town) -> tuple[AllocationRound, AllocationRound]:
    register = factories.register(town)
    decision = factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM)
    announced = factories.frozen_round(town, factories.ready(town, rooms=1, area="36.40"))
    rounds.plan_sitting(round_id=announced.pk, sits_at=AT + timedelta(days=3), by=town.secretary, at=AT)
    return decision.sitting.run.round, announced


def _open(town: Town, decided: AllocationRound, announced: AllocationRound) -> list[State]:
    kato = town.akimat.kato
    addresses = {
        "country": "country/",
        "region": f"country/{kato[:2]}/",
        "akimat": f"country/{kato}/",
        "open-data": "open-data/",
        "rounds": "rounds/",
        "round-decided": f"rounds/{decided.pk}/",
        "round-announced": f"rounds/{announced.pk}/",
        "register-check": "register-check/",
        "seals": "seals/",
        "trail": "trail/",
        "trail-of-one": f"trail/?akimat={kato}",
    }
    return [State(name=name, address=address) for name, address in addresses.items()]


def _of_my_place(mine: Application) -> list[State]:
    return [
        State(name="my-place", address=""),
        State(name="my-place-empty", address="", sent={"file_number": "", "iin": ""}),
        State(name="my-place-malformed", address="", sent={"file_number": "12", "iin": "абв"}),
        State(name="my-place-unknown", address="", sent={"file_number": UNKNOWN, "iin": NOBODY}),
        State(name="my-place-wrong-iin", address="", sent={**pair(mine), "iin": NOBODY}),
        State(name="my-place-found", address="", sent=pair(mine)),
        State(name="my-place-expired", address="", sent={"token": "stale"}),
    ]


def _of_my_data(mine: Application) -> list[State]:
    token, with_code = look_up.token_of(mine.pk), look_up.pass_of(mine.pk)
    address = "my-data/"
    return [
        State(name="my-data", address=address),
        State(name="my-data-before-code", address=address, sent={"token": token}),
        State(name="my-data-code-empty", address=address, sent={"token": token, "code": ""}),
        State(
            name="my-data-code-wrong", address=address, sent={"token": token, "code": "000000"}, status=409
        ),
        State(name="my-data-shown", address=address, sent={"pass": with_code}),
        State(name="my-data-leave", address=address, sent={"pass": with_code, "step": "leave"}),
        State(name="my-data-expired", address=address, sent={"pass": "stale"}),
    ]


def _of_my_consent(mine: Application) -> list[State]:
    husband = mine.members.order_by("pk").first()
    assert husband is not None
    token = my_consent.token_of(Adult(application=mine, person=husband.person))
    address, numbers = "my-data/consent/", {"file_number": mine.file_number}
    answered = {"token": token, "choice": "GIVE", "code": "000000"}
    return [
        State(name="my-consent", address=address),
        State(name="my-consent-empty", address=address, sent={"file_number": "", "iin": ""}),
        State(name="my-consent-unknown", address=address, sent={**numbers, "iin": NOBODY}),
        State(name="my-consent-before-code", address=address, sent={**numbers, "iin": husband.person.iin}),
        State(name="my-consent-code-empty", address=address, sent={"token": token, "code": ""}),
        State(name="my-consent-code-wrong", address=address, sent=answered, status=409),
        State(name="my-consent-expired", address=address, sent={"token": "stale"}),
    ]


def _of_offers(offered: Application, other: Application) -> list[State]:
    token, address = look_up.token_of(offered.pk), "offer/"
    return [
        State(name="offer", address=address),
        State(name="offer-open", address=address, sent={"token": token}),
        State(name="offer-empty-answer", address=address, sent={"token": token, "code": "", "answer": ""}),
        State(name="offer-none", address=address, sent={"token": look_up.token_of(other.pk)}),
    ]


def _of_certificates(mine: Application) -> list[State]:
    issued, _ = certificates.issue(application_id=mine.pk, language="kk", at=AT)
    query = urlencode({"code": shown(issued.code)})
    sent = {"code": shown(issued.code)}
    return [
        State(name="certificate", address="certificate/"),
        State(name="certificate-malformed", address="certificate/?code=1"),
        State(name="certificate-unknown", address="certificate/?code=7K2M-94QD-0XRA-V8TE"),
        State(name="certificate-genuine", address=f"certificate/?{query}"),
        State(name="certificate-of-another", address="certificate/", sent={**sent, "iin": NOBODY}),
        State(name="certificate-own", address="certificate/", sent={**sent, "iin": mine.applicant.iin}),
        State(name="certificate-expired", address="certificate/pdf/", sent={"token": "stale"}),
    ]


def _of_old_numbers() -> list[State]:
    address = "old-number/"
    return [
        State(name="old-number", address=address),
        State(name="old-number-empty", address=address, sent={"source": "", "number": "", "iin": ""}),
        State(
            name="old-number-unknown", address=address, sent={"source": "spp", "number": "7", "iin": NOBODY}
        ),
        State(
            name="old-number-found",
            address=address,
            sent={"source": "spp", "number": "271-2019-000123", "iin": ANNA},
        ),
    ]


def _of_the_ladder(town: Town) -> list[State]:
    typed = {"akimat": str(town.akimat.pk), "on": "2026-09-01", "members": "3", "income_1": "1 250 000,50"}
    return [
        State(name="ladder", address="ladder/"),
        State(name="ladder-empty", address="ladder/", sent={"members": "0", "income_1": "-1"}),
        State(name="ladder-answer", address="ladder/", sent=typed),
    ]


def _of_refusals() -> list[State]:
    return [
        State(name="no-such-page", address="nowhere/", status=404),
        State(name="form-expired", address="/desk/sign-in/", sent={"username": "clerk"}, status=403),
        State(name="no-such-round", address="rounds/999999/", status=404),
        State(
            name="too-many-attempts",
            address="",
            sent={"file_number": GUESSED_AT, "iin": NOBODY},
            status=429,
        ),
        State(
            name="try-later", address="", sent={"file_number": UNKNOWN, "iin": NOBODY}, lost=True, status=503
        ),
    ]
