"""Keeps one resident, or a stuck phone, from drowning the others: a bucket of tokens, one for each message."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.conversation.state import State

BUCKET_SIZE = 8.0
REFILL_MILLISECONDS = 60_000
"""An empty bucket is full again after this long."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Whether a message may be answered, whether to ask for patience instead, and the state after it."""

    allowed: bool
    ask_to_wait: bool
    state: State


def unhurried(state: State) -> State:
    """Fill the bucket: lines of a file are asked all at one moment, and that is no flood."""
    return replace(state, bucket=BUCKET_SIZE, told_to_wait=False)


DIALOGUE_COST = 0.25
"""Tokens of a message while a dialogue is under way: a form of nine questions is tapped through within a minute."""


def pass_through(state: State, now_ms: int) -> Passage:
    """Take a token for one message, less while a dialogue is under way.

    Eight messages a minute are answered. The one after them is asked to wait, once; then there is silence until the
    bucket is full again, so that a steady flood is not answered now and then. A clock set back refills nothing.
    """
    elapsed = max(0, now_ms - state.bucket_at) if state.bucket_at else REFILL_MILLISECONDS
    tokens = min(BUCKET_SIZE, max(0.0, state.bucket) + elapsed * BUCKET_SIZE / REFILL_MILLISECONDS)
    state = replace(state, bucket=tokens, bucket_at=now_ms)
    if state.told_to_wait and tokens < BUCKET_SIZE:
        return Passage(False, False, state)
    cost = 1.0 if state.dialogue is None else DIALOGUE_COST
    if tokens < cost:
        return Passage(False, True, replace(state, told_to_wait=True))
    return Passage(True, False, replace(state, bucket=tokens - cost, told_to_wait=False))
