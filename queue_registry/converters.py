"""Parts of addresses that only our own values match; known to whoever imports this module."""

from django.urls import register_converter
from django.urls.converters import StringConverter

from queue_registry.open_data import FORMATS


class KatoConverter(StringConverter):
    """The code of an akimat."""

    regex = "[0-9]{9}"


class RegionConverter(StringConverter):
    """The first digits of the codes of a region's akimats."""

    regex = "[0-9]{2}"


class FormatConverter(StringConverter):
    """The end of a published file's name."""

    regex = "|".join(FORMATS)


class KeyConverter(StringConverter):
    """The key by which another system names its request."""

    regex = "[A-Za-z0-9_-]{1,64}"


register_converter(KatoConverter, "kato")
register_converter(RegionConverter, "region_prefix")
register_converter(FormatConverter, "file_format")
register_converter(KeyConverter, "idempotency_key")
