"""
The second process of a freeze: reads the portions that it is given on its standard input, one a line.

It is started by `allocation.services.second_reader`, sees the rows as of the moment that it is handed over,
and writes nothing. Where its input ends, whoever started it is gone, and it ends, too.
"""

import json
import sys
from datetime import datetime
from typing import Any, BinaryIO

import django
from django.db import connection, transaction


def main(orders: BinaryIO, answers: BinaryIO) -> None:
    """
    Read the order, say that it can be done, and answer each portion with a line of canonical documents; where
    no portion is left, say what the queue's fingerprint is, as of the same moment.
    """
    from allocation.models import AllocationRound
    from allocation.services import candidates, inputs
    from allocation.services.second_reader import DONE, READY
    from queue_registry import collector
    from queue_registry.selectors import fingerprints

    order: dict[str, Any] = json.loads(orders.readline())
    connection.settings_dict["NAME"] = order["database"]
    with transaction.atomic(), collector.paused():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [order["snapshot"]])
        round_ = AllocationRound.objects.select_related("akimat", "policy").get(pk=order["round"])
        _say(answers, READY)
        reader = candidates.reader(round_=round_, frozen_at=datetime.fromisoformat(order["frozen_at"]))
        for line in orders:
            if line == DONE:
                _say(answers, fingerprints.of_queue(round_.akimat).encode() + b"\n")
            else:
                _say(answers, inputs.portion_bytes(reader, json.loads(line)))


def _say(answers: BinaryIO, line: bytes) -> None:
    answers.write(line)
    answers.flush()


if __name__ == "__main__":
    django.setup()
    main(sys.stdin.buffer, sys.stdout.buffer)
