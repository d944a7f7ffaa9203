"""What waits for one official: each room registers a provider, and "Việc của tôi" and the digest ask them all.

A provider gets an open read transaction, the desk and the official; it returns piles, each a folder with its count and
the first few things in it. It counts by index and never reads more than :data:`SHOWN` things.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.store.staff import Staff
from console.desk import ConsoleDesk

SHOWN = 5


@dataclass(frozen=True, slots=True)
class WaitingThing:
    """One thing to do. ``due_ms`` None: it has no deadline."""

    title: str
    url: str
    code: str = ""
    due_ms: int | None = None
    since_ms: int | None = None
    is_overdue: bool = False


@dataclass(frozen=True, slots=True)
class Pile:
    """A folder of waiting things. ``url`` opens it with its filter; ``overdue`` of ``count`` are late.

    ``counted`` False for a look at things that another pile holds too, so that no sum has them twice.
    """

    key: str
    title: str
    url: str
    count: int
    overdue: int = 0
    first: Sequence[WaitingThing] = ()
    counted: bool = True


Provider = Callable[[Any, ConsoleDesk, Staff], Sequence[Pile]]
PROVIDERS: list[Provider] = []


def provider(function: Provider) -> Provider:
    """Register a provider; importing its module twice registers it once."""
    if function not in PROVIDERS:
        PROVIDERS.append(function)
    return function


def waiting_for(desk: ConsoleDesk, staff: Staff) -> list[Pile]:
    """Everything that waits for an official, late piles first, then the fuller ones; empty piles are left out."""
    with desk.database.read() as connection:
        piles = [pile for ask in PROVIDERS for pile in ask(connection, desk, staff)]
    return sorted(
        (pile for pile in piles if pile.count),
        key=lambda pile: (-pile.overdue, not pile.counted, -pile.count, pile.title),
    )
