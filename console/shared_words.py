"""Which words of one text stand in another too, for two cases side by side."""

from __future__ import annotations

from bot.cases.wording import read_words


def pieces(text: str, other: str) -> list[tuple[str, bool]]:
    """``text`` cut at its blanks, each piece with whether ``other`` has its words too; joined they are the text."""
    theirs = {word for word in read_words(other).folded if len(word) > 1}
    cut: list[tuple[str, bool]] = []
    for number, part in enumerate(text.split(" ")):
        folded = read_words(part).folded
        is_shared = bool(folded) and all(word in theirs for word in folded)
        if number:
            cut.append((" ", False))
        cut.append((part, is_shared))
    return cut
