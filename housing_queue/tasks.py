"""Background work of the installation itself."""

from celery import shared_task

from housing_queue import heartbeat


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def beat_heart(**_: object) -> None:
    """Show that beat sends and a worker works: /metrics tells how long ago that was."""
    heartbeat.beat()
