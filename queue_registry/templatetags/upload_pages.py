"""Words of uploads of old lists for templates."""

from collections.abc import Mapping
from typing import Any

from django import template

from queue_registry import import_forms, import_presenters, import_upload_presenters, sweep_presenters
from queue_registry.models import ImportBatch

register = template.Library()

for _words in (
    import_upload_presenters.upload_state,
    import_upload_presenters.upload_tone,
    import_upload_presenters.file_problem,
    import_upload_presenters.percent_read,
    import_upload_presenters.order_refusal,
    import_presenters.column,
    sweep_presenters.bar_width,
):
    register.filter(_words.__name__, _words)


@register.filter
def of_file(orders: Mapping[int, Any], batch: ImportBatch) -> Any:
    """The newest order about a file, with how far it is."""
    return orders.get(batch.pk)


register.simple_tag(import_forms.field_choices)
