"""The version of the rules as programmed: it changes whenever a result could."""

from typing import Final

ENGINE_VERSION: Final = "1.0.0"
