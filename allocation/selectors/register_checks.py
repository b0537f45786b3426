"""What the looks at the register found."""

from allocation.models import RegisterCheck


def get_newest() -> RegisterCheck | None:
    """Return the newest look, or None if nobody has looked yet."""
    return RegisterCheck.objects.order_by("-at", "-pk").first()
