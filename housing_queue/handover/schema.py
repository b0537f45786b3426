"""The shape of the tables, by the newest migration of each app: a hand-over fits only the same shape."""

from django.db import connection

_APPS = ("allocation", "integrations", "queue_registry")


def migrations() -> dict[str, str]:
    """Return the newest migration of each of our apps."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT app, max(name) FROM django_migrations WHERE app = ANY(%s) GROUP BY app ORDER BY app",
            [list(_APPS)],
        )
        return dict(cursor.fetchall())
