"""A founded akimat, people at its pages, and the rule that the history of every entry equals its state."""

import pytest
from django.utils import translation
from django.utils.html import escape

from queue_registry.models import QueueEntry
from queue_registry.selectors import clock
from tests import factories


@pytest.fixture
def town(db):
    return factories.town()


@pytest.fixture
def visit(town, client, monkeypatch):
    """Asks for pages as somebody of staff, on the factories' day: visit("clerk").get("/desk/rounds/")."""
    monkeypatch.setattr(clock, "now", lambda: factories.AT)

    def sign_in(name):
        client.force_login(town.staff[name])
        return client

    return sign_in


@pytest.fixture
def says():
    """Whether a page says a text in Kazakh: says(response, "Nobody was passed over.")."""

    def found(response, text, **figures):
        with translation.override("kk"):
            words = translation.gettext(text) % figures
        return escape(words) in response.content.decode()

    return found


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
