"""What a step of the story promises, and the failure in words where it does not hold."""


class StepFailed(Exception):
    """A step of the story does not hold; the message says what was expected and what was there."""


def expect(condition: object, message: str) -> None:
    """Go on if the condition holds. :raises StepFailed: with the message if it does not."""
    if not condition:
        raise StepFailed(message)
