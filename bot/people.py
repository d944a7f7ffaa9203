"""Who a message is from, as every room of the bot names them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """A resident as one OA knows them. Zalo's ids are strings, since they exceed 2^53."""

    oa_id: str
    user_id: str


NOBODY = Person("", "")
"""Where there is no resident: the command line asking what the bot would say."""
