"""Akimats whose queue is handed over: one with everything, and a small one."""

import pytest

from tests import factories, whole_akimat
from tests.unit.queue_registry.services import intaking


@pytest.fixture
def old(transactional_db, settings, tmp_path):
    """An akimat with everything, whose queue is kept elsewhere since October."""
    town = whole_akimat.everything(settings, tmp_path / "old")
    whole_akimat.handed_over(town)
    assert whole_akimat.missing_tables() == ["queue_registry.QueueTakeover"]
    return town


@pytest.fixture
def young(transactional_db, settings, tmp_path):
    """An akimat with two households and a document, whose queue is kept elsewhere since October."""
    settings.MEDIA_ROOT = tmp_path / "old" / "media"
    town = factories.town()
    factories.waiting(town, day=1)
    factories.waiting(town, day=2)
    intaking.filed(town)
    whole_akimat.handed_over(town)
    return town
