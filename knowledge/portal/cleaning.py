"""Makes text from outside fit to be read on a phone: no HTML, no odd characters, one kind of space, bounded."""

from __future__ import annotations

import html
import re
import unicodedata

LONGEST_READ = 20_000
"""Characters of one field looked at; what comes after is dropped before any pattern runs over it."""
_HIDDEN_ELEMENTS = re.compile(r"<(script|style)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BREAKING_TAGS = re.compile(r"<\s*/?\s*(?:br|p|div|li|tr|ul|ol|table|h\d)\b[^<>]*>", re.IGNORECASE)
_TAGS = re.compile(r"</?[a-zA-Z!?][^<>]*>?")
_BULLET = re.compile(r"^[\s\-–+;•*·.]+|[\s;,]+$")
_PLAIN = re.compile(r"[^\w\s]+", re.UNICODE)
_MARKS = re.compile("[\u0300-\u036f]+")
_FINAL_Y = re.compile(r"\b(h|k|l|m|s|t|v|qu)y\b")
_ETH = {0x111: "d", 0x110: "D"}


def cleaned(text: object, longest: int) -> str:
    """Return one line: without HTML, entities, control and invisible characters, and braces; NFC; cut after a word.

    Anything but text becomes an empty text.
    """
    return " ".join(cleaned_lines(text, longest))[:longest].strip()


def cleaned_lines(text: object, longest: int) -> list[str]:
    """The same, line by line; a tag that breaks lines breaks them here too. Empty lines are dropped."""
    if not isinstance(text, str):
        return []
    # Twice: "&lt;b&gt;" is a tag once it is unescaped.
    text = text[:LONGEST_READ]
    for _ in range(2):
        text = _HIDDEN_ELEMENTS.sub(" ", text)
        text = _BREAKING_TAGS.sub("\n", text)
        text = html.unescape(_TAGS.sub(" ", text))
    text = unicodedata.normalize("NFC", text).replace("{", "(").replace("}", ")").replace("<", " ").replace(">", " ")
    text = "".join(letter if letter == "\n" or unicodedata.category(letter)[0] != "C" else " " for letter in text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    kept: list[str] = []
    room = longest
    for line in filter(None, lines):
        line = cut(line, room)
        if line:
            kept.append(line)
        room -= len(line) + 1
        if room <= 1:
            break
    return kept


def cut(text: str, longest: int) -> str:
    """Cut a text after a whole word, with an ellipsis, to at most ``longest`` characters."""
    if len(text) <= longest:
        return text
    if longest < 2:
        return ""
    head = text[: longest - 1]
    if " " in head and text[longest - 1] != " ":
        head = head.rsplit(" ", 1)[0]
    return head.rstrip(" ,;:–-") + "…"


def without_bullet(text: str) -> str:
    """Strip leading "-", "+", "•" and trailing ";"."""
    return _BULLET.sub("", text)


def folded(text: str) -> str:
    """Lower case, no marks, no punctuation, one space between words; "kỹ" and "kĩ", "lý" and "lí" become one."""
    decomposed = unicodedata.normalize("NFD", text.translate(_ETH).lower())
    plain = _MARKS.sub("", decomposed)
    return _FINAL_Y.sub(r"\1i", " ".join(_PLAIN.sub(" ", plain).split()))


def marked(text: str) -> str:
    """Lower case with marks, no punctuation: for telling apart what folds to the same."""
    return " ".join(_PLAIN.sub(" ", unicodedata.normalize("NFC", text).lower()).split())
