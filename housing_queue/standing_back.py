"""
The worker's processes stand back for the web server's: a round or an import takes minutes, a person waits.

All they do is work off rows that are due; where the processors have time to spare they are as quick as ever.
What PostgreSQL does for them cannot be told apart by its owner from what it does for pages, so it takes one
processor for each of them and no more.
"""

import os
from typing import Any, Final

from django.db.backends.signals import connection_created

_NICE: Final = 10


def stand_back() -> None:
    """From now on this process, and those that it starts, take the processors after all others."""
    os.nice(_NICE)
    connection_created.connect(_alone, dispatch_uid="standing_back")


def _alone(connection: Any, **_: object) -> None:
    """A statement of this process is answered by one process of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
