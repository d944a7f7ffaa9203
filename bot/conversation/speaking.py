"""Lays texts out as messages: one answer is one message unless it passes 1,900 characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from bot.replies import Button, Reply

LONGEST_MESSAGE = 1_900
"""Characters; Zalo refuses more than 2,000 (contract 3.3) and counts in a way nobody has published."""
MOST_BUTTONS = 5
_BETWEEN_BLOCKS = "\n\n"
_TEAR_AT = ("\n\n", "\n", ". ", "; ", ", ", " ")


def lay_out(blocks: Sequence[str], buttons: Sequence[Button] = ()) -> tuple[Reply, ...]:
    """Join blocks into as few messages as hold them, in order; the buttons stand under the last one."""
    messages: list[str] = []
    for block in blocks:
        for piece in _pieces(unicodedata.normalize("NFC", block).strip()):
            if messages and len(messages[-1]) + len(_BETWEEN_BLOCKS) + len(piece) <= LONGEST_MESSAGE:
                messages[-1] += _BETWEEN_BLOCKS + piece
            else:
                messages.append(piece)
    if not messages:
        return ()
    last = len(messages) - 1
    return tuple(
        Reply(message, tuple(buttons[:MOST_BUTTONS]) if position == last else ())
        for position, message in enumerate(messages)
    )


def _pieces(text: str) -> Iterator[str]:
    """Tear a text that is too long at the best place in the second half of what fits."""
    while len(text) > LONGEST_MESSAGE:
        head = text[:LONGEST_MESSAGE]
        cuts = (head.rfind(mark) + len(mark) for mark in _TEAR_AT if head.rfind(mark) > LONGEST_MESSAGE // 2)
        cut = next(cuts, LONGEST_MESSAGE)
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text
