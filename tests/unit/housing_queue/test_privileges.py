"""The application's role on a real PostgreSQL: it works with rows, and cannot touch what was written down."""

import ast
import base64

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from housing_queue import privileges
from housing_queue.backups import making, reading
from housing_queue.handover import importing
from queue_registry.models import AuditEvent, PersonalDataView, TrailSeal
from queue_registry.services import audit
from tests import contracts, factories, whole_akimat
from tests.running import url_of_test_database
from tests.unit.housing_queue.handing_over import taken_in, written
from tools.environment import ROOT
from tools.postgres import APPLICATION_ROLE

pytestmark = pytest.mark.django_db(transaction=True)
TRAIL = ("queue_registry_auditevent", "queue_registry_trailseal", "queue_registry_personaldataview")
OURS = ("queue_registry", "allocation", "integrations")
# Where the code removes rows, and whose.
REMOVES = {
    "queue_registry/services/assessment_requests.py": {"queue_registry_assessmentrequest"},
    # Sessions that ended and records of sign-ins: tables of packages.
    "queue_registry/services/disposals.py": set(),
    "queue_registry/services/list_pasts.py": {"queue_registry_listpastsum"},
    "queue_registry/services/missing_consents.py": {"queue_registry_missingconsent"},
    "queue_registry/services/second_factors.py": {"queue_registry_telephone"},
    "queue_registry/services/settlements.py": {"queue_registry_importsettlement"},
}


@pytest.fixture
def granted(transactional_db):
    call_command("grant_application_role", APPLICATION_ROLE)


@pytest.fixture
def application(granted):
    """A connection as the application's role, on the tests' database."""
    owner = f"//{connection.settings_dict['USER']}@"
    url = url_of_test_database().replace(owner, f"//{APPLICATION_ROLE}@", 1)
    with psycopg.connect(url, autocommit=True) as opened:
        assert opened.execute("SELECT current_user").fetchone() == (APPLICATION_ROLE,)
        yield opened


@pytest.fixture
def as_application(granted):
    """The code under test has the application's role, as in an installation."""
    owner = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = APPLICATION_ROLE
    yield
    connection.close()
    connection.settings_dict["USER"] = owner


def test_the_trail_is_protected_by_declaration():
    protected = privileges.protected_tables()
    assert {table: protected[table] for table in TRAIL} == {table: ["DELETE", "UPDATE"] for table in TRAIL}
    assert protected["queue_registry_queueentryevent"] == ["DELETE", "UPDATE"]
    # Moves, but is never deleted; and the head of the trail has to move.
    assert protected["queue_registry_redflag"] == ["DELETE"]
    assert "queue_registry_trailhead" not in protected


def test_records_are_added_and_never_changed(as_application, application):
    town = factories.town()
    with transaction.atomic():
        audit.record(akimat=town.akimat, by="test", at=factories.AT, event="test.done", target="test:1")
    audit.record_view(akimat=town.akimat, by=town.clerk, at=factories.AT, target="queue_entry:1")
    TrailSeal.objects.create(
        akimat_kato=town.akimat.kato, on=factories.ON, seq=1, sha256="0" * 64, sealed_at=factories.AT
    )
    before = [model.objects.count() for model in (AuditEvent, TrailSeal, PersonalDataView)]
    assert all(before)
    for table in TRAIL:
        for statement in (
            f"UPDATE {table} SET akimat_kato = '0'",  # noqa: S608
            f"DELETE FROM {table}",  # noqa: S608
            f"TRUNCATE {table}",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"DROP TABLE {table}",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(statement)
    assert [model.objects.count() for model in (AuditEvent, TrailSeal, PersonalDataView)] == before


def test_of_our_tables_the_application_removes_work_that_is_done_and_nothing_else(application):
    """PostgreSQL asks for the right before it looks for rows, so that none has to be there."""
    ours = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OURS
    }
    assert len(ours) > 80
    removable = set()
    for table in ours:
        try:
            application.execute(f"DELETE FROM {table} WHERE false")  # noqa: S608
            removable.add(table)
        except psycopg.errors.InsufficientPrivilege:
            pass

    assert removable == privileges.REMOVED
    # The head of the trail moves, and stays.
    assert "queue_registry_trailhead" not in removable


def _removes(call):
    """Whether it removes rows; what takes a name removes a file."""
    name = getattr(call.func, "attr", "")
    return (name == "delete" and not call.args) or name == "_raw_delete"


def test_the_code_removes_no_row_that_the_application_may_not():
    found = {
        str(path.relative_to(ROOT))
        for app in ("housing_queue", *OURS)
        for path in (ROOT / app).rglob("*.py")
        # Migrations are the owner's.
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and _removes(node)
    }

    assert found == set(REMOVES)
    assert set().union(*REMOVES.values()) == privileges.REMOVED


def test_nothing_is_emptied_altered_or_made(application):
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    assert len(tables) > 90
    for table in tables:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute(f'TRUNCATE "{table}" CASCADE')
    for statement in (
        "CREATE TABLE mine (id int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE queue_registry_queueentry DISABLE TRIGGER ALL",
        "CREATE TRIGGER mine BEFORE INSERT ON queue_registry_person EXECUTE FUNCTION pg_notify()",
        "SET session_replication_role = replica",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())",
        "CREATE ROLE mine",
        # A key that the trail names could be given once more.
        "SELECT setval('queue_registry_queueentry_id_seq', 1)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute(statement)


def test_ignoring_the_triggers_does_not_help_the_application(as_application, application):
    factories.town()
    application.execute(
        "SELECT set_config('pgtrigger.ignore', '{queue_registry_auditevent:append_only}', false)"
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute("DELETE FROM queue_registry_auditevent")


def test_a_home_is_given_from_application_to_keys_by_the_application_alone(
    as_application, settings, tmp_path
):
    """Whatever a service needs of the database, the role has."""
    settings.MEDIA_ROOT = tmp_path
    town = factories.town()
    register = factories.register(town)
    decision = factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM)
    authority = contracts.set_up_signing(settings, tmp_path)
    contracts.resting_on(town, authority, decision)
    offered = decision.sitting.run.round.akimat.entries.filter(status="OFFERED").first()
    assert contracts.concluded(town, contracts.accepted(town, entry=offered)).pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (APPLICATION_ROLE,)


def test_a_queue_is_written_out_by_the_application_and_taken_in_by_the_owner_alone(
    as_application, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "media"
    town = factories.town()
    factories.waiting(town)
    whole_akimat.handed_over(town)

    folder = written(town, tmp_path / "handover")

    assert (folder / "manifest.sig").is_file()
    with pytest.raises(importing.Refused, match="kezek_app does not own the tables"):
        taken_in(folder)


def test_a_backup_is_made_by_the_application(as_application, settings, tmp_path):
    """To bring one back needs the owner, as the tables are his: docs/backup.md."""
    settings.BACKUP_KEY, settings.MEDIA_ROOT = base64.b64encode(b"k" * 32).decode(), tmp_path / "media"
    factories.town()

    manifest = reading.check(making.make(tmp_path, at=factories.AT))

    assert manifest["counts"]["queue_registry_akimat"] == 1


def test_refuse_the_owner_and_a_role_that_is_not_there(transactional_db):
    with pytest.raises(CommandError, match="owns the tables"):
        call_command("grant_application_role", connection.settings_dict["USER"])
    with pytest.raises(CommandError, match="no database role"):
        call_command("grant_application_role", "nobody_of_this_name")
