"""Who a message is from, as every room of the bot names them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """A resident as one OA knows them. Zalo's ids are strings, since they exceed 2^53."""

    oa_id: str
    user_id: str


GROUP_MARK = "group:"
"""Before the id of a group of the OA where a resident's id would stand: nobody's id begins so."""


def group_address(group_id: str) -> str:
    """Where a message into a group goes, among addresses of residents."""
    return GROUP_MARK + group_id


NOBODY = Person("", "")
"""Where there is no resident: the command line asking what the bot would say."""
