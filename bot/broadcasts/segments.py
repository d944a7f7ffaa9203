"""Who an announcement is for, as data: the store turns it into a condition, the console into a form."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

ROLES = ("volunteers", "officials", "authors")
"""Volunteers of the villages' teams; officials who linked their Zalo; authors and supporters of initiatives."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Who is meant. Fields narrow each other down; several values of one field widen it.

    ``villages`` are :func:`knowledge.profile_lists.item_key` of names; ``interests`` topics somebody asked about;
    ``seen_within_days`` and ``unseen_for_days`` go by the last interaction. ``groups`` are for group posts alone.
    """

    all: bool = False
    villages: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    seen_within_days: int | None = None
    unseen_for_days: int | None = None
    groups: tuple[str, ...] = ()

    def to_json(self) -> str:
        """For the store; only what is set."""
        return json.dumps({name: value for name, value in asdict(self).items() if value}, ensure_ascii=False)

    @classmethod
    def from_json(cls, document: str) -> Segment:
        """Back from :meth:`to_json`."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(document).items()
        }
        return cls(**values)
