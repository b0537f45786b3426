"""
What gunicorn reads by itself: where the processes of the web server keep their figures.

Each process counts into files of one folder, so that whichever is asked for metrics tells of them all. The
folder is named before anything imports the metrics' library, which looks for it once.
"""

import os
import shutil
import tempfile

_FOLDER = tempfile.mkdtemp(prefix="kezek-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _FOLDER


def child_exit(_server, worker):
    """Forget the gauges of a process that ended; what it counted stays."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(_server):
    """Leave no files behind."""
    shutil.rmtree(_FOLDER, ignore_errors=True)
