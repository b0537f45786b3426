"""Parts of pages that are the same for everybody, written once a process and then repeated."""

from typing import Any, Final

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.translation import get_language

register = template.Library()

# More parts than any installation has pages of; whoever asks for invented addresses begins it anew.
_PARTS: Final = 512
_written: Final[dict[tuple[Any, ...], str]] = {}


@register.tag
def remembered(parser: Parser, token: Token) -> "Remembered":
    """
    {% remembered "name" value ... %}: what is written here follows from the language and these values alone.
    """
    _tag, *values = token.split_contents()
    inside = parser.parse(["endremembered"])
    parser.delete_first_token()
    return Remembered(inside, [parser.compile_filter(value) for value in values])


class Remembered(template.Node):
    """A part of a page with the values that it follows from."""

    def __init__(self, nodelist: NodeList, values: list[FilterExpression]) -> None:
        self.nodelist = nodelist
        self.values = values

    def render(self, context: template.Context) -> str:
        """Repeat what was written for these values, or write it."""
        key = (get_language(), *(str(value.resolve(context, ignore_failures=True)) for value in self.values))
        found = _written.get(key)
        if found is None:
            if len(_written) >= _PARTS:
                _written.clear()
            found = _written[key] = self.nodelist.render(context)
        return found
