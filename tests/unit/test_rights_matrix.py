"""
Every role x every page, act, address of the API and command x own, foreign and region's akimat.

The table is tests/unit/rights.py. Whatever has no row there fails here.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import combinations, cycle, product

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from allocation.models import AllocationLine, Departure, Offer
from allocation.services import protocols, round_documents
from queue_registry.models import (
    Akimat,
    ApplicationDocument,
    AuditEvent,
    CategoryMappingVersion,
    Disposal,
    Erasure,
    IinChange,
    ImportBatch,
    ImportDecision,
    MatchGroup,
    Notice,
    PersonalDataView,
    PolicyVersion,
    RecheckFinding,
    RedFlag,
    SecondFactorReset,
    SourceAnswer,
    StaffMembership,
    User,
)
from queue_registry.permissions import REACH_DOWN, ROLES, Permission
from queue_registry.rules.legacy.mapping import document_of, first_mapping
from queue_registry.rules.reasons import RegistrationChangeGround, ReviewSource
from queue_registry.rules.roles import SECOND_FACTOR, Role
from queue_registry.selectors import clock
from queue_registry.services import (
    data_disputes,
    import_uploads,
    keepers,
    notices,
    reconciliations,
    registration_changes,
    reviews,
    sweeps,
)
from tests import contracts, factories
from tests.unit.queue_registry.services import gating, intaking, moving
from tests.unit.rights import (
    COMMANDS,
    DATA,
    GRID,
    LETTERS,
    NOBODY,
    OF_NO_AKIMAT,
    OPEN,
    PAGES,
    SIGNED_IN,
    Anybody,
)
from tests.whole_akimat import AFTER, HANDED_OVER_ON, KEEPER

# No person's page: without its token it does not show that it is there.
OPENED_BY_A_TOKEN = {"metrics"}

FOREIGN, REGION = "231010000", "270000000"
APPS = ("housing_queue", "allocation", "queue_registry", "integrations")
REFUSED = {401, 403, 404}


def views(resolver=None, namespace=""):
    """Every address by name, with its view; Django's unnamed ones only lead elsewhere."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name or ''}", pattern


# By none of these a page is shown: the admin's that lead elsewhere, and where the API has nothing.
SHOW_NOTHING = {"RedirectView", "AdminSite.catch_all_view", "NothingHere"}
VIEWS = {name: pattern for name, pattern in views() if pattern.name is not None}


def row(name):
    """What an address needs, and its method."""
    found = PAGES[name]
    needs, *method = found if isinstance(found, tuple) else (found,)
    return needs, method[0] if method else "GET"


# Pages that there are only once the household has accepted the home, and before its contract.
ABOUT_AN_ACCEPTED_HOME = ("allocation:unsigned", "allocation:unsigned_invite", "allocation:unsigned_end")


@dataclass(kw_only=True)
class World:
    """An akimat with one of everything, staff of every role there, in another akimat, and in the region."""

    town: factories.Town
    keys: dict = field(default_factory=dict)
    objects: dict = field(default_factory=dict)
    clients: dict = field(default_factory=dict)
    users: dict = field(default_factory=dict)

    def path(self, name):
        """The address of a page about what is in the akimat."""
        wanted = VIEWS[name].pattern.regex.groupindex
        keys = {key: self.keys[key] for key in wanted if key not in {"object_id", "pk"}}
        if "object_id" in wanted:
            keys["object_id"] = self.objects.get(name.removeprefix("admin:").removesuffix("_change"), 1)
        if "pk" in wanted:
            keys["pk"] = self.keys["round_id"]
        return reverse(name, kwargs=keys)

    def is_about_an_object(self, name):
        return bool(set(VIEWS[name].pattern.regex.groupindex) - {"language", "app_label"})

    def ask(self, name, where, role):
        """The answer to somebody of staff; whatever it did is undone."""
        client, (_, method) = self.clients[where, role], row(name)
        # The desk takes the akimat from the address, if it is one of the person's.
        query = "" if name.startswith("admin:") else f"?akimat={self.town.akimat.kato}"
        address = self.path(name) + query
        with transaction.atomic():
            if name in ABOUT_AN_ACCEPTED_HOME:
                contracts.accepted(self.town, entry=Offer.objects.get(pk=self.keys["offer_id"]).entry)
            answer = client.post(address, DATA.get(name, {})) if method == "POST" else client.get(address)
            transaction.set_rollback(True)
        return answer


@pytest.fixture
def world(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    town = factories.town()
    register = factories.register(town)
    decision = factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM)
    sitting = decision.sitting
    protocols.make(sitting_id=sitting.pk, language="kk", at=factories.AT)
    authority = contracts.set_up_signing(settings, tmp_path)
    act = contracts.resting_on(town, authority, decision)
    tenancy = contracts.concluded(town, contracts.accepted(town, entry=Offer.objects.latest("pk").entry))
    entry, offer = register.entries["worker"], Offer.objects.order_by("pk").first()
    line = AllocationLine.objects.filter(run=sitting.run).order_by("pk").first()
    application = intaking.filed(town)
    intake = intaking.ready(town)
    case, review, change = _moves(town, factories.waiting(town, day=40))
    notice = notices.order(
        application=application,
        kind=Notice.Kind.SUCCESSION,
        facts={"ground": "DEATH"},
        due_on=factories.ON,
        at=factories.AT,
    )
    sample = gating.drawn(town)
    flag = RedFlag.objects.create(
        akimat=town.akimat,
        kind="JUMP",
        target=f"queue_entry:{entry.pk}",
        cause="x",
        strength=1,
        seen_at=factories.AT,
    )
    look = PersonalDataView.objects.create(
        akimat_kato=town.akimat.kato, by=town.clerk, at=factories.AT, target=f"queue_entry:{entry.pk}"
    )
    world = World(
        town=town,
        keys={
            "entry_id": entry.pk,
            "application_id": application.pk,
            "file_number": entry.file_number,
            "intake_id": intake.pk,
            "document_id": ApplicationDocument.objects.filter(application=application).first().pk,
            "person_id": application.applicant_id,
            "user_id": town.clerk.pk,
            "keeper_id": _keeper(town).pk,
            "case_id": case.pk,
            "review_id": review.pk,
            "change_id": change.pk,
            "erasure_id": Erasure.objects.create(
                application=application, document="x", proposed_by=town.clerk2, proposed_at=factories.AT
            ).pk,
            "reset_id": _lost_telephone(town).pk,
            "dispute_id": _dispute(application).pk,
            "answer_id": SourceAnswer.objects.filter(person=entry.applicant).first().pk,
            "iin_change_id": IinChange.objects.create(
                akimat=town.akimat,
                person=application.applicant,
                former_iin=application.applicant.iin,
                current_iin=factories.invented_iin(8_003),
                told={"last": "x", "first": "y", "middle": "", "birth_date": "1991-02-03"},
                told_at=factories.AT,
                check_request_id=1,
            ).pk,
            "sweep_id": sweeps.start_inventory(akimat=town.akimat, by=town.supervisor, at=factories.AT).pk,
            "sample_id": sample.pk,
            "sampled_id": sample.sampled.first().pk,
            "explanation_id": _explanation(town).pk,
            "notice_id": notice.pk,
            "delivery_id": notice.deliveries.get().pk,
            "finding_id": RecheckFinding.objects.create(
                entry=entry,
                code="DOUBLE",
                detail={"others": []},
                state="HELD",
                why_held="DOUBLE",
                seen_at=factories.AT,
            ).pk,
            "flag_id": flag.pk,
            "group_id": MatchGroup.objects.create(
                akimat=town.akimat, members=[application.pk], reasons=[], proposed_at=factories.AT
            ).pk,
            "code": "NO_DATE",
            "decision_id": ImportDecision.objects.create(
                application=application,
                code="NO_DATE",
                rows=[],
                value={"day": "2015-01-01"},
                reason="x",
                document="No 1",
                decided_by=town.clerk2,
                decided_at=factories.AT,
                needs_second=True,
            ).pk,
            "version_id": CategoryMappingVersion.objects.create(
                akimat=town.akimat,
                document=document_of(first_mapping()),
                sha256="0" * 64,
                drafted_by=town.clerk2,
                drafted_at=factories.AT,
            ).pk,
            "batch_id": ImportBatch.objects.create(
                akimat=town.akimat,
                source="spp",
                file_name="spp.csv",
                sha256="0" * 64,
                imported_on=factories.ON,
                imported_by=town.clerk2,
                imported_at=factories.AT,
            ).pk,
            "upload_id": _upload(town).pk,
            "round_id": sitting.run.round_id,
            "offer_id": offer.pk,
            "dwelling_id": offer.dwelling_id,
            "sitting_id": sitting.pk,
            "signature_id": sitting.manifest.signatures.first().pk,
            "akimat_decision_id": act.pk,
            "tenancy_id": tenancy.pk,
            "line_id": line.pk,
            "departure_id": _departure(town, line, sitting).pk,
            "key": "a-request-of-another-system",
            "kato": town.akimat.kato,
            "prefix": town.akimat.kato[:2],
            "form": "csv",
            "year": 2026,
            "language": "kk",
            "app_label": "queue_registry",
            "content_type_id": 1,
        },
        objects={
            "queue_registry_akimat": town.akimat.pk,
            "queue_registry_user": town.clerk.pk,
            "queue_registry_staffmembership": town.clerk.memberships.get().pk,
            "queue_registry_policyversion": PolicyVersion.objects.order_by("pk").first().pk,
            "queue_registry_application": entry.application_id,
            "queue_registry_queueentry": entry.pk,
            "queue_registry_auditevent": AuditEvent.objects.order_by("pk").first().pk,
            "queue_registry_personaldataview": look.pk,
            "queue_registry_disposal": Disposal.objects.create(
                kind=Disposal.Kind.SESSIONS, at=factories.AT, by="timer", before=factories.AT, rows=1
            ).pk,
            "allocation_allocationround": sitting.run.round_id,
            "allocation_allocationrun": sitting.run_id,
            "allocation_allocationline": line.pk,
            "allocation_dwelling": offer.dwelling_id,
            "allocation_offer": offer.pk,
        },
    )
    _staff(world, "own", town.akimat)
    _staff(world, "foreign", Akimat.objects.create(kato=FOREIGN, name_kk="Бөтен", name_ru="Чужой"))
    _staff(world, "region", Akimat.objects.create(kato=REGION, name_kk="Облыс", name_ru="Область"))
    return world


def _departure(town, line, sitting):
    """A departure that stands in the protocol, with its scan."""
    document = round_documents.keep(
        sitting.run.round, title="No 1", content=b"%PDF-1.7", by=town.secretary, at=factories.AT
    )
    return Departure.objects.create(
        sitting=sitting,
        line=line,
        ground=Departure.Ground.COURT_ACT,
        explanation="x",
        document=document,
        proposed_by=town.secretary,
        proposed_at=factories.AT,
        is_carried=False,
    )


def _explanation(town):
    """A line that one person explained, and nobody approved yet."""
    told = {"akimat": town.akimat, "by": town.clerk, "at": factories.AT, "document": "No 1"}
    reconciliations.state_total(stated=1, as_of=factories.ON, **told)
    return reconciliations.explain(line="stated:all/all", difference=-1, explanation="x", **told)


def _keeper(town):
    """Another keeper of the queue, proposed by one person and not approved yet."""
    told = {"akimat": town.akimat, "keeper": KEEPER, "from_on": HANDED_OVER_ON}
    return keepers.propose(**told, by=town.admin, at=factories.AT)


def _lost_telephone(town):
    """Somebody's telephone that is to be untied from the sign-in."""
    return SecondFactorReset.objects.create(
        akimat=town.akimat,
        user=town.member1,
        reason="x",
        proposed_by=town.member2,
        proposed_at=factories.AT,
    )


def _upload(town):
    """A file of an old list of which nobody has said yet that it goes in."""
    head = (
        "application_number,iin,last_name,first_name,middle_name,"
        "registered_at,list_code,family_iins,phone,status"
    )
    row = f"A-1,{factories.invented_iin(7)},Ойдан,Анна,,2019-05-06T10:00:00,5,,,active"
    return import_uploads.upload(
        akimat=town.akimat,
        source="spp",
        file_name="spp.csv",
        content=f"{head}\r\n{row}\r\n".encode("utf-8-sig"),
        consent_document="",
        by=town.clerk,
        at=factories.AT,
    )


def _dispute(application):
    """The household says that somebody is not of the family."""
    return data_disputes.open_dispute(
        application_id=application.pk,
        person_id=application.applicant_id,
        answer_id=None,
        fact_id=None,
        claim="x",
        at=factories.AT,
    )


def _moves(town, entry):
    """A case of removal, a contest and a change of the registration moment, all of them open."""
    case = moving.proposed(town, entry)
    told = {"by": town.clerk, "at": factories.AT, "document": "No 1"}
    review = reviews.open_on_moment(entry_id=entry.pk, source=ReviewSource.CITIZEN, claim="x", **told)
    change = registration_changes.propose(
        entry_id=entry.pk,
        ground=RegistrationChangeGround.REINSTATEMENT,
        registered_at=datetime(2010, 1, 1, tzinfo=UTC),
        **told,
    )
    return case, review, change


def _staff(world, where, akimat):
    for role in Role:
        if where == "own":
            user = next(one for one in world.town.staff.values() if one.memberships.get().role == role)
        else:
            user = User.objects.create(username=f"{where}-{role.lower()}", is_staff=True)
            StaffMembership.objects.create(user=user, akimat=akimat, role=role, from_on=date(2026, 1, 1))
        client = Client(raise_request_exception=False)
        client.force_login(user)
        world.users[where, role], world.clients[where, role] = user, client


def roles_of(permission):
    return {LETTERS[letter] for letter in GRID[permission] if letter != " "}


# The table is whole


def test_every_address_has_a_row_and_every_row_an_address():
    assert set(VIEWS) - set(PAGES) == set(), "add a row to tests/unit/rights.py"
    assert set(PAGES) - set(VIEWS) == set(), "a row without an address"


def test_an_address_without_a_name_shows_nothing():
    unnamed = [pattern.callback for _, pattern in views() if pattern.name is None]
    found = {getattr(view, "view_class", view).__qualname__ for view in unnamed}
    assert found == SHOW_NOTHING


def test_every_permission_has_a_row_and_roles_are_as_written_down():
    assert set(GRID) == set(Permission), "add a row to tests/unit/rights.py"
    for permission in Permission:
        assert roles_of(permission) == {role for role in Role if permission in ROLES[role]}, permission


def test_every_page_of_the_desk_asks_for_the_permission_of_its_row():
    asked = {name: pattern.callback.permission for name, pattern in VIEWS.items() if _asks(pattern)}
    assert len(asked) > 30
    assert asked == {name: row(name)[0] for name in asked}


def _asks(pattern):
    return hasattr(pattern.callback, "permission")


def test_every_command_with_a_person_behind_it_has_a_row():
    by_somebody = {
        name
        for name, app in get_commands().items()
        if app in APPS
        and any(
            action.dest == "by" for action in load_command_class(app, name).create_parser("", name)._actions
        )
    }
    assert by_somebody == set(COMMANDS), "add a row to tests/unit/rights.py"


def test_nobody_both_enters_and_decides_on_the_commission():
    """Four eyes by construction: no role, and no two that one person may hold, joins what is kept apart."""
    from queue_registry.rules.roles import conflicting

    apart = [
        (Permission.REGISTER_IMPORT, Permission.REGISTER_CONFIRM_IMPORT),
        (Permission.REGISTER_IMPORT, Permission.SITTING_VOTE),
        (Permission.APPLICATION_ENTER, Permission.SITTING_VOTE),
        (Permission.ROUND_PREPARE, Permission.SITTING_VOTE),
        (Permission.REMOVAL_PROPOSE, Permission.REMOVAL_DECIDE),
        (Permission.REDATING_PROPOSE, Permission.REDATING_APPROVE),
        (Permission.REDATING_PROPOSE, Permission.SITTING_VOTE),
        (Permission.REVIEW_OPEN, Permission.REVIEW_DECIDE),
        (Permission.STAFF_GIVE, Permission.REGISTER_VIEW),
        (Permission.RECONCILE, Permission.RECONCILE_APPROVE),
        (Permission.SAMPLE_DRAW, Permission.SAMPLE_CHECK),
        (Permission.ERASURE_PROPOSE, Permission.ERASURE_APPROVE),
        (Permission.GATE_PROPOSE, Permission.GATE_APPROVE),
    ]
    lawful = [frozenset({role}) for role in Role]
    lawful += [pair for pair in map(frozenset, combinations(Role, 2)) if not conflicting(pair)]
    for roles in lawful:
        held = {permission for role in roles for permission in ROLES[role]}
        assert [pair for pair in apart if set(pair) <= held] == [], sorted(roles)


def test_an_auditor_only_looks():
    assert {p for p in ROLES[Role.AUDITOR] if not p.endswith("_VIEW")} == {Permission.IIN_EXPORT}


# The matrix


def expected(name, where, role):
    """Whether somebody of staff is let in."""
    needs, _ = row(name)
    if needs in {OPEN, SIGNED_IN}:
        return True
    if needs is NOBODY or role not in roles_of(needs):
        return False
    if where == "own" or name in OF_NO_AKIMAT:
        return True
    if where == "region":
        return needs in REACH_DOWN
    return False


def groups():
    """Addresses in a few groups, a world each: the guarded ones by application, then all others."""
    parts = {}
    for name in sorted(PAGES):
        app, _, page = name.rpartition(":")
        group = f"admin {page.partition('_')[0]}" if app == "admin" else app
        parts.setdefault("unguarded" if isinstance(row(name)[0], Anybody) else group, []).append(name)
    return parts


def _staff_to_ask(name):
    """Whom no permission stops is the same everywhere."""
    where = ("own",) if isinstance(row(name)[0], Anybody) else ("own", "foreign", "region")
    return product(where, Role)


@pytest.mark.parametrize("names", groups().values(), ids=groups())
def test_each_role_is_let_in_where_the_table_says_so_and_nowhere_else(world, names):
    wrong = []
    for name, (where, role) in [(one, staff) for one in names for staff in _staff_to_ask(one)]:
        answer = world.ask(name, where, role)
        let_in = _is_let_in(name, answer)
        if _shows_own_rows_instead(world, name, where, role):
            # In the list of another akimat a person sees only what is his.
            let_in = any(number in answer.content for number in _marks(world))
        if row(name)[0] is SIGNED_IN:
            let_in = True
        if answer.status_code >= 500 or let_in is not expected(name, where, role):
            wrong.append((name, where, str(role), answer.status_code))
    assert wrong == []


def _is_let_in(name, answer):
    """A page is shown; an act is not refused for the person's sake, whatever else it lacks."""
    needs, method = row(name)
    if method == "GET" and needs not in {OPEN, SIGNED_IN}:
        return answer.status_code == 200
    return answer.status_code not in REFUSED


def _shows_own_rows_instead(world, name, where, role):
    needs, _ = row(name)
    if where == "own" or needs in {OPEN, SIGNED_IN, NOBODY} or world.is_about_an_object(name):
        return False
    return role in roles_of(needs) and not expected(name, where, role)


def _marks(world):
    entries = world.town.akimat.entries.values_list("file_number", flat=True)
    return [number.encode() for number in entries]


def test_a_stranger_is_sent_to_the_sign_in(world):
    client, wrong = Client(raise_request_exception=False), []
    for name in sorted(name for name in PAGES if row(name)[0] is not OPEN):
        path = world.path(name)
        with transaction.atomic():
            answer = client.post(path) if row(name)[1] == "POST" else client.get(path)
            transaction.set_rollback(True)
        if "_api:" in name:
            sent = answer.status_code in {401, 403}
        elif name in OPENED_BY_A_TOKEN:
            sent = answer.status_code == 404
        else:
            sent = answer.headers.get("Location", "").startswith(("/desk/sign-in/", "/admin/login/"))
        if not sent:
            wrong.append((name, answer.status_code))
    assert wrong == []


def test_every_page_of_staff_says_who_keeps_a_queue_that_went_elsewhere(world, monkeypatch):
    keepers.approve(akimat=world.town.akimat, by=world.town.supervisor, at=factories.AT)
    monkeypatch.setattr(clock, "now", lambda: AFTER)
    silent, told = [], 0
    for name in sorted(PAGES):
        needs, method = row(name)
        if method != "GET" or isinstance(needs, Anybody) or "_api:" in name:
            continue
        answer = world.ask(name, "own", sorted(roles_of(needs))[0])
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            told += 1
            if answer.status_code != 200 or KEEPER.address not in answer.content.decode():
                silent.append((name, answer.status_code))
    assert silent == []
    assert told > 80


# What takes the code, and the way out.
BEFORE_THE_CODE = {"second_factor", "second_factor_new", "sign_out"}


def test_who_owes_a_code_is_a_stranger_at_every_address(world, settings):
    settings.SECOND_FACTOR = True
    closed, wrong = sorted(name for name in PAGES if row(name)[0] is not OPEN), []
    # Each address by one of them in turn: the middleware knows no difference.
    for name, role in zip(closed, cycle(sorted(SECOND_FACTOR)), strict=False):
        if name in BEFORE_THE_CODE:
            continue
        answer = world.ask(name, "own", role)
        if "_api:" in name:
            sent = answer.status_code in {401, 403}
        elif name in OPENED_BY_A_TOKEN:
            sent = answer.status_code == 404
        else:
            sent = answer.headers.get("Location", "").startswith("/desk/second-factor/")
        if not sent:
            wrong.append((name, str(role), answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_commands_ask_for_the_same_permissions(world, name):
    needs, arguments = COMMANDS[name]
    wrong = []
    for where, role in product(("own", "foreign", "region"), Role):
        user = world.users[where, role]
        options = {**arguments, "akimat": world.town.akimat.kato, "by": user.username}
        positional = [options.pop(name) for name in ("file", "folder") if name in options]
        refused = False
        with transaction.atomic():
            try:
                call_command(name, *positional, **options)
            except CommandError as error:
                refused = "may not do this" in str(error)
            transaction.set_rollback(True)
        may = role in roles_of(needs) and (where == "own" or (where == "region" and needs in REACH_DOWN))
        if refused is may:
            wrong.append((where, str(role)))
    assert wrong == []
