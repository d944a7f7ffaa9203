"""The states of inbox and outbox rows. Partial indexes and claim queries name these numbers literally."""

from __future__ import annotations

from enum import IntEnum


class InboxState(IntEnum):
    """NEW → CLAIMED → DONE, or DEAD after :data:`INBOX_ATTEMPTS` failures. NEW and CLAIMED are open."""

    NEW = 0
    CLAIMED = 1
    DONE = 2
    DEAD = 3


class OutboxState(IntEnum):
    """READY → SENDING → SENT, or back to READY, or DEAD.

    IN_DOUBT: the request may have arrived; being settled. UNKNOWN: it could not be settled, is shown, and never sent
    again by itself. READY, SENDING and IN_DOUBT are open: later rows of the same resident and lane wait for them.
    """

    READY = 0
    SENDING = 1
    SENT = 2
    DEAD = 3
    IN_DOUBT = 4
    CANCELLED = 5
    UNKNOWN = 6


class Lane(IntEnum):
    """Who goes first under the OA's rate."""

    REPLY = 0
    BROADCAST = 5


class Voice(IntEnum):
    """Who speaks in a row of the outbox, and what becomes of it while a person has the conversation.

    ANSWER: the bot answers; cancelled then. STAFF: an official's own words; they leave, and wait for none of the
    bot's. NOTICE: a step of a case and the like, which must not be lost; waits until the conversation is back.
    DANGER: emergency numbers; they leave, as the official may not be looking just now.
    """

    ANSWER = 0
    STAFF = 1
    NOTICE = 2
    DANGER = 3


INBOX_ATTEMPTS = 3
"""A message whose handling raised this often is put aside for a person; it must not stop the rest."""

SEND_ATTEMPTS = 8
LEASE_MS = 60_000
"""A claim older than this is taken back even where its owner seems alive: a hung worker, a cut network."""
