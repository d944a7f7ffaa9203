"""What is remembered of a dialogue that is not finished: which one, what was answered, what is asked just now.

It holds the resident's own words and photos' addresses until the dialogue is filed or left; whoever stores the state
encrypts it whole. Moments are milliseconds since 1970, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from bot.conversation.acts import SentThing

DIALOGUE_LIVES = 24 * 60 * 60_000
"""A dialogue left lying is kept this long; then it is dropped, and the resident is told that nothing was sent."""
MOST_THINGS = 5
LONGEST_URL = 400
LONGEST_THING_NAME = 80
MOST_VALUE_BYTES = 4_000
"""UTF-8, all answers together: with the photos' addresses the whole memory of a resident stays under 8 KB."""
LONGEST_TRAIL = 24


@dataclass(frozen=True, slots=True)
class DialogueState:
    """``opened_at`` also names this run of the dialogue: buttons carry it, so an old one is known as old.

    ``asked`` is the step, or "summary" or "edit"; ``trail`` the steps asked before it. ``waiting_text`` is a message
    that came after a long silence and is used once the resident says that they go on.
    """

    name: str
    opened_at: int
    touched_at: int = 0
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    skipped: tuple[str, ...] = ()
    asked: str = ""
    trail: tuple[str, ...] = ()
    things: tuple[SentThing, ...] = field(default=(), repr=False)
    asked_to_go_on: bool = False
    waiting_text: str = field(default="", repr=False)
    refused: int = 0

    @property
    def id(self) -> str:
        """This run of the dialogue, short, as it stands in buttons."""
        return in_base_36(self.opened_at)

    @classmethod
    def read(cls, found: object) -> Self | None:
        """Read back what any version stored; None where it is not to be understood. Raises nothing."""
        if not isinstance(found, Mapping):
            return None
        name, opened_at, touched_at = (found.get(key) for key in ("name", "opened_at", "touched_at"))
        values, skipped, trail = (found.get(key) for key in ("values", "skipped", "trail"))
        if not (isinstance(name, str) and _is_moment(opened_at) and _is_moment(touched_at)):
            return None
        if not isinstance(values, Mapping) or not all(
            isinstance(key, str) and isinstance(value, str) for key, value in values.items()
        ):
            return None
        asked, waiting_text, refused = found.get("asked"), found.get("waiting_text"), found.get("refused")
        return cls(
            name=name,
            opened_at=int(str(opened_at)),
            touched_at=int(str(touched_at)),
            values=dict(values),
            skipped=_strings(skipped),
            asked=asked if isinstance(asked, str) else "",
            trail=_strings(trail),
            things=read_things(found.get("things")),
            asked_to_go_on=found.get("asked_to_go_on") is True,
            waiting_text=waiting_text if isinstance(waiting_text, str) else "",
            refused=int(str(refused)) if _is_moment(refused) else 0,
        )


def read_things(found: object) -> tuple[SentThing, ...]:
    """Read photos and files back; what is misshapen is left out."""
    if not isinstance(found, list):
        return ()
    things = []
    for one in found:
        if not isinstance(one, Mapping):
            continue
        kind, url, name, size = (one.get(key) for key in ("kind", "url", "name", "size_bytes"))
        if isinstance(kind, str) and isinstance(url, str) and isinstance(name, str):
            things.append(SentThing(kind, url, name, int(str(size)) if _is_moment(size) else None))
    return tuple(things[:MOST_THINGS])


def in_base_36(number: int) -> str:
    """Write a number that is not negative with digits and small letters."""
    signs = "0123456789abcdefghijklmnopqrstuvwxyz"
    written = ""
    while number:
        number, rest = divmod(number, 36)
        written = signs[rest] + written
    return written or "0"


def _is_moment(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10**15


def _strings(found: object) -> tuple[str, ...]:
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()
