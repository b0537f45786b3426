"""The story's step at old lists: a clerk's pages of uploads, the reading of the worker, the second person."""

import re
from pathlib import Path
from typing import Final

from housing_queue.story import waiting
from housing_queue.story.expecting import expect
from housing_queue.story.story import Story
from queue_registry import import_report
from queue_registry.models import ImportBatch, ImportUpload
from queue_registry.selectors import clock
from queue_registry.services import imports
from queue_registry.tasks import take_in_uploads

_START: Final = "/desk/imports/uploads/"
_UPLOAD: Final = re.compile(r"/desk/imports/uploads/([0-9]+)/$")
# Rows are kept all at once, behind which nobody sees any of them move.
_PATIENCE_SECONDS: Final = 600.0


def put_in(story: "Story", lists: dict[str, Path]) -> None:
    """A clerk uploads each list, sees how it is read, and has it put in; the worker reads them."""
    clerk = story.browser_of("clerk")
    for source, path in lists.items():
        document = f"Consents in the files of the list {path.name}"
        page = clerk.attach(clerk.get(_START), path, source=source, consent_document=document)
        found = _UPLOAD.search(page.url)
        expect(found, f"{path.name} is not taken: {page.text[:300]}")
        clerk.fill(page, to="/put-in/")
    take_in_uploads.delay()
    waiting.until(
        _left,
        out=story.out,
        what="files and rows wait to be read",
        why="is the worker alive",
        patience=_PATIENCE_SECONDS,
    )
    for one in ImportUpload.objects.filter(akimat=story.akimat).select_related("batch").order_by("pk"):
        expect(one.batch is not None, f"{one.file_name} is not put in: {one.state} {one.error}")
        story.say(f"{one.file_name}: {one.rows_total} rows put in")


def _left() -> int:
    """Files that are wanted, and the rows of them that are known and not read."""
    wanted = ImportUpload.objects.filter(state=ImportUpload.State.WANTED)
    return sum(1 + max(total - done, 0) for done, total in wanted.values_list("rows_done", "rows_total"))


def confirm(story: "Story") -> None:
    """
    A supervisor lets the files count, all in one act: who is placed by one of them alone would be held back
    when the next one puts him in question.
    """
    waiting_files = ImportBatch.objects.filter(akimat=story.akimat, confirmed_at=None, undone_at=None)
    ledger = imports.confirm(
        akimat=story.akimat,
        by=story.founded.staff["supervisor"],
        at=clock.now(),
        batches=list(waiting_files.values_list("pk", flat=True)),
    )
    story.out.write(import_report.totals(ledger))
