"""The one exception commands raise for what a person can mend."""


class CommandError(Exception):
    """``str(error)`` is one line of plain Vietnamese."""
