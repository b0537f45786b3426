"""
The story in figures, in the form of docs/contracts/data.md: from the rows and from the stored result
itself.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from housing_queue.story.folder import LISTS
from queue_registry.models import Akimat, Assessment
from queue_registry.rules.waiting_lists import ListNumber

SUMMARY: Final = "summary.json"
IMPORT_REPORT: Final = "import-report.jsonl"
PROTOCOLS: Final = ("protocol-kk.pdf", "protocol-ru.pdf")
_FILES: Final = {"input": "input.json", "result": "result.json", "bundle": "bundle.zip"}


def clear(folder: Path) -> None:
    """Take away what an earlier story left: one that stops half-way must not end with another's figures."""
    for name in (SUMMARY, IMPORT_REPORT, *PROTOCOLS, *_FILES.values()):
        (folder / name).unlink(missing_ok=True)


def of_import(rows: Iterable[Mapping[str, Any]], *, applicants: int) -> dict[str, Any]:
    """Count the import report: rows by source and state (zeros included), cases by code."""
    states = ("imported", "merged", "needs_person")
    counts: dict[str, dict[str, int]] = {source: dict.fromkeys(states, 0) for source in LISTS}
    cases: set[tuple[str, str]] = set()
    for row in rows:
        counts[row["source"]][row["state"]] += 1
        cases |= {(case, case.rpartition("/")[2]) for case in row["case"]}
    by_code = Counter(code for _, code in cases)
    return {"rows": counts, "cases": dict(sorted(by_code.items())), "applicants": applicants}


def verdicts(akimat: Akimat) -> dict[str, Any]:
    """Count the verdicts on the active entries, the negative and the open ones by code."""
    held = Assessment.objects.filter(entry__akimat=akimat)
    counts = Counter(held.values_list("eligibility", "code"))
    by_code: dict[str, Any] = {"eligible": 0, "ineligible": {}, "unknown": {}}
    for (eligibility, code), count in sorted(counts.items()):
        if eligibility == Assessment.Eligibility.ELIGIBLE:
            by_code["eligible"] = count
        else:
            by_code[eligibility.lower()][code] = count
    return by_code


def outcome(result: Mapping[str, Any]) -> dict[str, Any]:
    """Count the result of the distribution: served by list, passed over by code, never reached by list."""
    served = Counter(line["list"] for line in result["allotments"])
    return {
        "served": {number.value: served[number.value] for number in ListNumber},
        "passed_over": dict(sorted(Counter(line["code"] for line in result["passed_over"]).items())),
        "not_reached": dict(result["not_reached"]),
    }


def write(folder: Path, *, as_of: date, figures: Mapping[str, Any], seconds: Mapping[str, float]) -> None:
    """Write `summary.json` beside the story's files, with their digests."""
    summary = {
        "format": "story/1",
        "as_of": as_of.isoformat(),
        **figures,
        "sha256": {
            name: hashlib.sha256((folder / file).read_bytes()).hexdigest() for name, file in _FILES.items()
        },
        "seconds": dict(seconds),
    }
    (folder / SUMMARY).write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n")
