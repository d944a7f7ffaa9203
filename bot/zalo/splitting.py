"""Cutting a long reply into messages Zalo takes whole (contract 3.3: a longer text is refused, not cut)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache

from bot.replies import Reply
from bot.zalo.messages import (
    PLAIN_CHOICE_HINT,
    SAFE_TEXT_LIMIT,
    TEXT_LIMIT,
    plain_list,
    render_plain,
    utf16_units,
)

_SMALLEST_SHARE = 3
"""A paragraph or sentence end is used only past a third of the room, so that no message is a stump."""

_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_LINE = re.compile(r"\n")
_SPACE = re.compile(r"\s")
_JOINER = "\u200d"
_VARIATION = range(0xFE00, 0xFE10)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_REGIONAL = range(0x1F1E6, 0x1F200)


def split(
    reply: Reply, limit: int = SAFE_TEXT_LIMIT, *, plain: bool = False, hint: str = PLAIN_CHOICE_HINT
) -> list[Reply]:
    """The reply as messages of at most ``limit`` characters each, in NFC, buttons under the last.

    A reply within the limit stays one message. With ``plain`` the numbered list counts too. Without it the last piece
    still leaves room for its list within Zalo's own limit, because an OA may turn out to take no buttons when the
    message is already on its way. No character is lost but the white space at the cuts. ``limit`` must leave room for
    the list.
    """
    text = unicodedata.normalize("NFC", reply.text).strip()
    whole = Reply(text, reply.buttons)
    if _last_fits(whole, limit, plain, hint):
        return [whole]
    pieces = split_text(text, limit)
    if not _last_fits(Reply(pieces[-1], reply.buttons), limit, plain, hint):
        room = (limit if plain else min(limit, TEXT_LIMIT)) - utf16_units(plain_list(reply, hint)) - len("\n\n")
        if room <= 0:
            raise ValueError("the limit leaves no room for the list of choices")
        pieces[-1:] = split_text(pieces[-1], room)
    return [*(Reply(piece) for piece in pieces[:-1]), Reply(pieces[-1], reply.buttons)]


def split_text(text: str, limit: int) -> list[str]:
    """Pieces of at most ``limit`` characters: cut at paragraphs, else lines, sentences, spaces, else between
    letters."""
    rest = text.strip()
    pieces = []
    while not _fits(rest, limit):
        cut = _cut(rest, limit)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest or not pieces:
        pieces.append(rest)
    return pieces


def _last_fits(reply: Reply, limit: int, plain: bool, hint: str) -> bool:
    listed = render_plain(reply, hint)
    if plain:
        return _fits(listed, limit)
    return _fits(reply.text, limit) and utf16_units(listed) <= TEXT_LIMIT


def _fits(text: str, limit: int) -> bool:
    """Within the limit in letters, and within Zalo's own even if it counts UTF-16 units."""
    return len(text) <= limit and utf16_units(text) <= TEXT_LIMIT


def _cut(text: str, limit: int) -> int:
    """Where to cut a text that is too long: the last good place within the limit."""
    room = _longest_prefix(text, limit)
    least = room // _SMALLEST_SHARE
    places: tuple[Callable[[], Sequence[int]], ...] = (
        lambda: [found.start() for found in _PARAGRAPH.finditer(text, 0, room + 2)],
        lambda: [found.start() for found in _LINE.finditer(text, 0, room + 1)],
        # Sentences are looked for a little past the room only: telling them apart costs time.
        lambda: _sentence_ends(text[: room + 1]),
    )
    for find in places:
        good = [place for place in find() if least < place <= room and _is_clean(text, place)]
        if good:
            return good[-1]
    spaces = [found.start() for found in _SPACE.finditer(text, 1, room + 1) if _is_clean(text, found.start())]
    if spaces:
        return spaces[-1]
    cut = room
    while cut > 1 and _belongs_together(text, cut):
        cut -= 1
    # A single letter with more marks than the limit has room for is no writing; cut it anyway rather than never end.
    return cut if not _belongs_together(text, cut) else room


def _longest_prefix(text: str, limit: int) -> int:
    """The number of letters that fit (at least one, or no cut would ever get further)."""
    units = 0
    for position, letter in enumerate(text[:limit]):
        units += utf16_units(letter)
        if units > TEXT_LIMIT:
            return max(1, position)
    return max(1, min(limit, len(text)))


def _sentence_ends(text: str) -> list[int]:
    """Positions after each sentence but the last, which may go on past the end of ``text``."""
    ends: list[int] = []
    position = 0
    for sentence in _sentence_tokenizer()(text):
        found = text.find(sentence, position)
        if found < 0:
            return ends  # the tokenizer changed the text; what was found up to here holds
        position = found + len(sentence)
        ends.append(position)
    return ends[:-1]


@cache
def _sentence_tokenizer() -> Callable[[str], list[str]]:
    """Loaded only when a text has to be cut: the library takes a second and tens of megabytes."""
    from underthesea import sent_tokenize

    tokenizer: Callable[[str], list[str]] = sent_tokenize
    return tokenizer


def _is_clean(text: str, place: int) -> bool:
    """Whether no sign is torn at the cut, nor at the white space that falls away there."""
    return not _belongs_together(text, place) and not _belongs_together(text, place + 1)


def _belongs_together(text: str, cut: int) -> bool:
    """Whether the letters left and right of the cut are one sign to a reader: marks, joined emoji, flags."""
    if not 0 < cut < len(text):
        return False
    left, right = text[cut - 1], text[cut]
    if unicodedata.combining(right) or unicodedata.category(right).startswith("M"):
        return True
    if _JOINER in (left, right) or ord(right) in _VARIATION or ord(right) in _SKIN_TONES:
        return True
    if ord(left) in _REGIONAL and ord(right) in _REGIONAL:
        before = cut
        while before and ord(text[before - 1]) in _REGIONAL:
            before -= 1
        return (cut - before) % 2 == 1
    return False
