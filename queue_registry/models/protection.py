"""What the database itself refuses about rows that stay: triggers that many tables share."""

from typing import Final

import pgtrigger

APPEND_ONLY: Final = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
NEVER_DELETED: Final = pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)
# The same; which of the two names a table's trigger bears was settled by its first migration.
KEPT_FOR_EVER: Final = pgtrigger.Protect(name="kept_for_ever", operation=pgtrigger.Delete)
