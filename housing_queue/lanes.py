"""
Lanes of the background work: a queue for each, so that what takes minutes stands before nothing short.

`default` is short: notices, terms, seals. `asking` asks the state systems and judges what they said. `heavy`
reads whole lists: files that came in, freezes, runs, looks at everything. A worker that is told no queues
serves all of them.
"""

from typing import Any, Final

from celery import current_app

DEFAULT: Final = "default"
ASKING: Final = "asking"
HEAVY: Final = "heavy"
LANES: Final = (DEFAULT, ASKING, HEAVY)

_LANE_OF: Final = {
    "housing_queue.tasks.remove_stray_files": HEAVY,
    "queue_registry.tasks.ask_due_checks": ASKING,
    "queue_registry.tasks.go_on_with_sweeps": ASKING,
    "queue_registry.tasks.take_second_looks": ASKING,
    "queue_registry.tasks.review_held_findings": ASKING,
    "queue_registry.tasks.take_in_uploads": HEAVY,
    "queue_registry.tasks.carry_out_import_orders": HEAVY,
    "queue_registry.tasks.settle_legacy_lists": HEAVY,
    "queue_registry.tasks.find_matches": HEAVY,
    "queue_registry.tasks.find_doubles": HEAVY,
    "queue_registry.tasks.renew_expected_waiting": HEAVY,
    "queue_registry.tasks.sum_up_pasts": HEAVY,
    "allocation.tasks.carry_out_freeze_orders": HEAVY,
    "allocation.tasks.work_out_what_ifs": HEAVY,
    "allocation.tasks.execute_requested_runs": HEAVY,
    "allocation.tasks.find_flags": HEAVY,
    "allocation.tasks.check_register": HEAVY,
}


def lane_of(task: str) -> str:
    """Return the lane of a task; what nobody put elsewhere is short."""
    return _LANE_OF.get(task, DEFAULT)


def route(name: str, *_args: Any, **_options: Any) -> dict[str, str]:
    """Tell Celery the queue of a task, beside the default one of this copy."""
    prefix = str(current_app.conf.task_default_queue).removesuffix(f".{DEFAULT}")
    return {"queue": f"{prefix}.{lane_of(name)}"}
