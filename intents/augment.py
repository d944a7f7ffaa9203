"""Noisy copies of training lines: slips of the finger, teencode, filler words, background before the question.

Deterministic: the random numbers of a copy depend on its text and its number alone.
"""

from __future__ import annotations

import random
import zlib

from intents.lexicon import read_table
from intents.syllables import fold

_FILLERS_BEFORE = (
    "cho tôi hỏi", "dạ cho em hỏi", "ad ơi", "chào cán bộ", "cho hỏi chút", "em chào anh chị ạ", "bác hỏi tí",
    "xã ơi", "alo", "nhờ cán bộ tư vấn giúp", "mọi người cho em hỏi với", "kính gửi xã",
)  # fmt: skip
_FILLERS_AFTER = (
    "ạ", "với ạ", "giúp em", "nhé", "cảm ơn nhiều", "em cảm ơn", "xin cảm ơn", "hộ tôi cái", "nha ad",
    "mong trả lời sớm",
)  # fmt: skip
_STORIES = (
    "nhà tôi ở thôn đông, ông bà già yếu cả rồi, con cháu đi làm xa hết",
    "hôm qua tôi có ra xã mà đông quá phải về",
    "tôi năm nay ngoài sáu mươi, mắt kém, không rành điện thoại",
    "em đi làm công ty cả ngày không xin nghỉ được",
    "trước tôi có hỏi hàng xóm mà mỗi người nói một kiểu",
    "vợ chồng em mới ở trong nam ra, chưa quen ai ở đây",
    "mẹ em bảo nhắn vào đây hỏi cho nhanh",
    "chẳng là tuần trước nhà có việc bận nên giờ mới hỏi được",
)
_SLIP_KEYS = {"a": "s", "o": "p", "i": "u", "n": "m", "h": "g", "t": "r", "c": "x", "e": "w", "u": "y", "l": "k"}


def _short_forms() -> dict[str, tuple[str, ...]]:
    forms: dict[str, list[str]] = {}
    for row in read_table("lexicon.tsv"):
        if row["ambiguous"] == "no" and " " not in row["written"] and " " not in row["reading"]:
            forms.setdefault(row["reading"], []).append(row["written"])
    return {reading: tuple(written) for reading, written in forms.items()}


def _slip(word: str, chance: random.Random) -> str:
    if len(word) < 3:
        return word
    place = chance.randrange(len(word) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return word[:place] + word[place + 1 :]
    if kind == 1:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == 2:
        return word[:place] + word[place] * 2 + word[place + 1 :]
    return word[:place] + _SLIP_KEYS.get(fold(word[place]), word[place]) + word[place + 1 :]


class Augmenter:
    """Makes noisy copies; one instance reads the lexicon once."""

    def __init__(self) -> None:
        self._forms = _short_forms()

    def copy(self, text: str, number: int) -> str:
        """The noisy copy with this number (1, 2, ...) of `text`."""
        chance = random.Random(zlib.crc32(f"{number}:{text}".encode()))  # noqa: S311 - noise, not a secret
        words = text.split(" ")
        for place, word in enumerate(words):
            drawn = chance.random()
            if drawn < 0.06:
                words[place] = _slip(word, chance)
            elif drawn < 0.25 and word in self._forms:
                words[place] = chance.choice(self._forms[word])
        noisy = " ".join(words)
        if number % 2 == 0 or chance.random() < 0.3:
            noisy = fold(noisy)
        drawn = chance.random()
        if drawn < 0.25:
            noisy = f"{chance.choice(_FILLERS_BEFORE)} {noisy}"
        elif drawn < 0.5:
            noisy = f"{noisy} {chance.choice(_FILLERS_AFTER)}"
        elif drawn < 0.65 and len(words) > 4:
            noisy = f"{chance.choice(_STORIES)}, {noisy}"
        return noisy
