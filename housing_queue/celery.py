"""The Celery app and the whole beat schedule in one list."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_process_init

from housing_queue import standing_back

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "housing_queue.settings")

app = Celery("housing_queue")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# An unread order to "take what is due" is worthless a minute later: the next one says the same.
_WORTHLESS_AFTER = 60.0


@worker_process_init.connect  # type: ignore[untyped-decorator]
def begin(**_: object) -> None:
    """Every process of the worker stands back for the web server's."""
    standing_back.stand_back()


# Work is rows in the database; a task only takes what is due. A lost broker loses nothing.
_SCHEDULE: dict[str, dict[str, Any]] = {
    "beat the heart": {"task": "housing_queue.tasks.beat_heart", "schedule": 60.0},
    "ask due checks": {"task": "queue_registry.tasks.ask_due_checks", "schedule": 2.0},
    "take in uploads": {"task": "queue_registry.tasks.take_in_uploads", "schedule": 2.0},
    "carry out import orders": {"task": "queue_registry.tasks.carry_out_import_orders", "schedule": 2.0},
    "settle legacy lists": {"task": "queue_registry.tasks.settle_legacy_lists", "schedule": 2.0},
    "find matches": {"task": "queue_registry.tasks.find_matches", "schedule": 30.0},
    "deliver notices": {"task": "queue_registry.tasks.deliver_notices", "schedule": 10.0},
    "go on with sweeps": {"task": "queue_registry.tasks.go_on_with_sweeps", "schedule": 5.0},
    "begin the quarterly inventory": {
        "task": "queue_registry.tasks.begin_inventories",
        "schedule": crontab(minute="0"),
    },
    "purge envelopes": {
        "task": "queue_registry.tasks.purge_envelopes",
        "schedule": crontab(minute="30", hour="3"),
    },
    "dispose of what is over": {
        "task": "housing_queue.tasks.dispose",
        "schedule": crontab(minute="40", hour="3"),
    },
    "remove stray files": {
        "task": "housing_queue.tasks.remove_stray_files",
        "schedule": crontab(minute="50", hour="3"),
    },
    "take second looks": {"task": "queue_registry.tasks.take_second_looks", "schedule": 10.0},
    "review held findings": {
        "task": "queue_registry.tasks.review_held_findings",
        "schedule": crontab(minute="20"),
    },
    "find doubles": {"task": "queue_registry.tasks.find_doubles", "schedule": 86_400.0},
    "notice ended consents": {
        "task": "queue_registry.tasks.notice_ended_consents",
        "schedule": crontab(minute="40", hour="0"),
    },
    "seal the trail": {"task": "queue_registry.tasks.seal_trail", "schedule": 300.0},
    "carry out freeze orders": {"task": "allocation.tasks.carry_out_freeze_orders", "schedule": 2.0},
    "work out what-ifs": {"task": "allocation.tasks.work_out_what_ifs", "schedule": 2.0},
    "renew expected waiting": {"task": "queue_registry.tasks.renew_expected_waiting", "schedule": 60.0},
    "sum up pasts": {"task": "queue_registry.tasks.sum_up_pasts", "schedule": 600.0},
    "execute requested runs": {"task": "allocation.tasks.execute_requested_runs", "schedule": 2.0},
    "expire offers": {"task": "allocation.tasks.expire_offers", "schedule": 60.0},
    # At night by Almaty's clock: every history of every akimat is read.
    "find red flags": {"task": "allocation.tasks.find_flags", "schedule": crontab(hour="3", minute="30")},
    # After the flags: every row, chain and round of the country is looked at.
    "check the register": {
        "task": "allocation.tasks.check_register",
        "schedule": crontab(hour="4", minute="30"),
    },
}
for _order in _SCHEDULE.values():
    if isinstance(_order["schedule"], float):
        _order["options"] = {"expires": max(_WORTHLESS_AFTER, _order["schedule"])}
app.conf.beat_schedule = _SCHEDULE
