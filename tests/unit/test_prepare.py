"""Who brings the schema up to date: the owner of the tables, where there is one."""

import os

import pytest
from environ.fileaware_mapping import FileAwareMapping

from tools import prepare

APPLICATION, OWNER = "postgres://kezek_app:a@database/kezek", "postgres://kezek:b@database/kezek"


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch):
    for name in ("DATABASE_URL", "MIGRATIONS_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
        # What is set within the test is taken back after it.
        monkeypatch.setitem(os.environ, name, "")
        monkeypatch.delitem(os.environ, name)


def given(monkeypatch, tmp_path, *, in_files):
    for name, value in (("DATABASE_URL", APPLICATION), ("MIGRATIONS_DATABASE_URL", OWNER)):
        if in_files:
            (tmp_path / name).write_text(value)
            monkeypatch.setenv(f"{name}_FILE", str(tmp_path / name))
        else:
            monkeypatch.setenv(name, value)


@pytest.mark.parametrize("in_files", [True, False])
def test_the_owner_works_and_the_applications_role_is_told_to_be_given_its_rights(
    monkeypatch, tmp_path, in_files
):
    given(monkeypatch, tmp_path, in_files=in_files)

    assert prepare._become_owner() == "kezek_app"
    assert FileAwareMapping(cache=False)["DATABASE_URL"] == OWNER


def test_without_an_owner_the_one_role_does_both(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", APPLICATION)

    assert prepare._become_owner() == ""
    assert os.environ["DATABASE_URL"] == APPLICATION
