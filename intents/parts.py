"""Where one message may fall apart into several questions. Only proposes; whether a cut holds is decided by scores."""

from __future__ import annotations

import re
from dataclasses import dataclass

from intents.normalize import Normalized
from intents.syllables import fold

MAX_CUTS = 6
JOINERS = (
    "ngoai ra", "voi lai", "tien the", "nhan tien", "tien day", "tien hoi", "hoi them", "them nua",
    "mot viec nua", "hai nua", "viec nua", "roi xong", "xong roi",
    "mot chuyen nua", "luon tien", "nua la", "dong thoi", "sau do", "va cho", "roi cho",
)  # fmt: skip
_CONNECTOR = re.compile(rf"\b(?:{'|'.join(JOINERS)}|vua|va|voi|roi|xong)\b|\bcòn\b|(?<=[,.?] )con\b")
_HARD = re.compile(r"[?\n]+|[.;!](?=\s|$)")
_SOFT = re.compile(r",")
_ASKS = re.compile(
    r"\b(?:gi|dau|nao|sao|bao nhieu|may|bao lau|bao gio|ai|duoc khong|co khong|phai khong|khong a|the nao|ra sao|"
    r"lam sao|muon|xin|hoi|can|nho|huong dan|thu tuc|dang ky|lam)\b|\bkhong(?:\s(?:a|nhi|vay|ad))?$"
)
_QUESTION = re.compile(
    r"\b(?:gi|dau|nao|sao|bao nhieu|may|bao lau|bao gio|ai|lam sao)\b|\bkhong(?:\s(?:a|nhi|vay|ad))?$"
)


def asks(form: Normalized) -> bool:
    """Whether the text holds a word of asking or wanting."""
    return _ASKS.search(form.folded) is not None


def questions(form: Normalized) -> bool:
    """Whether the text holds a question word."""
    return _QUESTION.search(form.folded) is not None


@dataclass(frozen=True, slots=True)
class Cut:
    """Two sides of one message; `strength` 3 at words such as "ngoài ra" or a question mark, 2 at a full stop or line,
    1 at "và", "còn", 0 at a comma; `joined` at "và" alone."""

    left: Normalized
    right: Normalized
    strength: int
    joined: bool

    @property
    def both_ask(self) -> bool:
        """Whether both sides ask or want something."""
        return asks(self.left) and asks(self.right)

    @property
    def both_question(self) -> bool:
        """Whether both sides hold a question word."""
        return questions(self.left) and questions(self.right)


def side(text: str) -> Normalized:
    """A piece of an already normalised text as a message of its own."""
    text = text.strip(" ,.?!;:\n")
    folded = fold(text)
    tokens = tuple(re.findall(r"<[a-z]+>|\w+", text))
    return Normalized(text, folded, tokens)


def cuts(form: Normalized) -> list[Cut]:
    """At most MAX_CUTS places to cut, strongest first; each side has two words or more."""
    places: dict[int, tuple[int, int, bool]] = {}
    if len(form.folded) != len(form.text):
        return []
    for strength, pattern in ((0, _SOFT), (1, _CONNECTOR), (2, _HARD)):
        for found in (*pattern.finditer(form.folded), *(pattern.finditer(form.text) if strength == 1 else ())):
            said = found.group()
            places[found.start()] = (
                3 if "?" in said or fold(said) in JOINERS else strength,
                found.end(),
                said == "va",
            )
    proposed = []
    middle = len(form.text) / 2
    ordered = sorted(places.items(), key=lambda item: (-item[1][0], abs(item[0] - middle)))
    for start, (strength, end, joined) in ordered:
        left = side(form.text[:start])
        right = side(form.text[end:])
        if len(left.tokens) >= 2 and len(right.tokens) >= 2:
            proposed.append(Cut(left, right, strength, joined))
        if len(proposed) == MAX_CUTS:
            break
    return proposed
