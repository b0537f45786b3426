"""A founded akimat, and the rule that after every test the history of an entry equals its state."""

import pytest

from queue_registry.models import QueueEntry
from tests import factories


@pytest.fixture
def town(db):
    return factories.town()


@pytest.fixture(autouse=True)
def _history_equals_state(request):
    """The newest event of every entry says what its status is."""
    has_database = "town" in request.fixturenames
    if has_database:
        request.getfixturevalue("town")
    yield
    if not has_database:
        return
    for entry in QueueEntry.objects.prefetch_related("events"):
        newest = max(entry.events.all(), key=lambda event: (event.recorded_at, event.pk))
        assert (newest.moved_to, newest.registered_at) == (entry.status, entry.registered_at), str(entry)
