"""The secrets of an installation: made once, never told, shut away from other people of the machine."""

import base64

import environ
from environ.fileaware_mapping import FileAwareMapping

from tools import make_secrets


def test_what_is_missing_is_made_and_what_is_there_is_kept(tmp_path, capsys):
    folder = tmp_path / "secrets"
    assert make_secrets.main([str(folder)]) == 0
    before = {path.name: path.read_text() for path in folder.iterdir()}
    (folder / "metrics_token").unlink()

    assert make_secrets.main([str(folder)]) == 0

    after = {path.name: path.read_text() for path in folder.iterdir()}
    told = capsys.readouterr().out
    assert {name for name in before if before[name] != after[name]} == {"metrics_token"}
    for role in ("database", "migrations_database"):
        assert before[f"{role}_password"] in before[f"{role}_url"]
    assert before["database_password"] != before["migrations_database_password"]
    assert [value for value in (*before.values(), *after.values()) if value in told] == []


def test_a_lost_password_is_not_made_beside_an_address_that_has_it(tmp_path):
    make_secrets.make(tmp_path)
    url = (tmp_path / "database_url").read_text()
    (tmp_path / "database_password").unlink()

    assert make_secrets.make(tmp_path) == ["database_password"]
    assert (tmp_path / "database_password").read_text() in url


def test_nobody_else_gets_into_the_folder(tmp_path):
    folder = tmp_path / "secrets"
    make_secrets.make(folder)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o444}


def test_the_keys_have_the_form_that_the_application_asks_for(tmp_path, monkeypatch):
    make_secrets.make(tmp_path)
    for name in ("manifest_key", "database_url", "envelope_keys"):
        monkeypatch.setenv(f"{name.upper()}_FILE", str(tmp_path / name))
    env = environ.FileAwareEnv()
    # Others read other values before; each is remembered once it was read.
    env.ENVIRON = FileAwareMapping(cache=False)

    assert len(base64.b64decode(env.str("MANIFEST_KEY"), validate=True)) == 32
    assert len(env.list("ENVELOPE_KEYS")) == 1
    assert env.db("DATABASE_URL")["PASSWORD"] == (tmp_path / "database_password").read_text()
