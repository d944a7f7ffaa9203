"""What is decided by rule before any model is asked: dangers, own case codes, greetings, text that is no message.

The rules are narrow on purpose; whatever they leave open goes to the model.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from intents.lexicon import read_table
from intents.normalize import Normalized, normalize
from intents.syllables import fold, is_syllable

_NOW = re.compile(
    r"\b(gap|khan cap|nhanh len|nhanh|ngay bay gio|bay gio|ngay|dang|roi|cuu|so may|so nao|goi ai|goi dau|goi so|"
    r"lam sao|voi)\b"
)
_CALL = re.compile(r"\b(goi|so may|so nao|bam so|bam may|gap|cuu voi|cho xe)\b")
_URGENT = re.compile(r"\b(goi so|so may|so nao|bam so|bam may|gap|cuu voi|dang chay|goi ngay)\b")
# Told as past, or as a lasting nuisance: no danger now.
_PAST = re.compile(
    r"\b(hom truoc|hom no|tuan truoc|thang truoc|nam ngoai|nam kia|ngay xua|hoi truoc|hom qua|dem qua|toi qua|"
    r"nam truoc|hay xay ra|nguy co|tu lau)\b"
)
# Told as the reason for papers, money or a proposal: danger now only where help is called for as well.
_REASON = re.compile(
    r"\b(mai tang|khai tu|di san|thua ke|tro cap|ho tro|giup tien|xin tien|xin giup|bao hiem|the bhyt|vien phi|"
    r"giay to|khuyet tat|giam ho|mo coi|thue|hoa don|quan su|lua dao|tap huan|lop hoc|boi thuong|ho so|the chap|"
    r"chay quang cao|may sac|con nuoi|khai sinh|thuong binh|liet si|sang kien|nen|de xuat|y tuong|trang bi|"
    r"phong chay)\b"
)
_EMOJI_THANKS = frozenset("👍❤💕🙏👏🌹💐🥰😍")
_REPEAT = re.compile(r"(.{1,4}?)\1{5,}")

_CHITCHAT_WORDS = tuple(
    (kind, re.compile(rf"\b(?:{pattern})\b"))
    for kind, pattern in (
        ("thanks", "cam on|biet on"),
        ("goodbye", "tam biet|bye|hen gap lai|ngu ngon"),
        ("greeting", "chao|hello|hi|alo|chuc"),
        ("who", "ban la ai|may la ai|ten gi|lam duoc gi|giup duoc gi|nguoi that|nguoi hay may|ai tao ra"),
        ("insult", "ngu|do|ngoc|vo dung|chan bot|chan qua|dan"),
        ("praise", "gioi|hay|tuyet|thong minh|de thuong|dinh|huu ich|yeu|tot"),
    )
)


@dataclass(frozen=True, slots=True)
class RuleHit:
    """`rule` names the rule; `pointer` and `chitchat` as in Understanding."""

    rule: str
    pointer: str | None = None
    chitchat: str | None = None


@cache
def _chitchat() -> dict[str, str]:
    return {" ".join(normalize(row["text"]).folded_tokens): row["kind"] for row in read_table("chitchat.tsv")}


@cache
def _phrases(table: str, kind: str | None = None) -> tuple[tuple[str, str | None], ...]:
    """(phrase, phrase without marks or None where that would be another word)."""
    rows = [row for row in read_table(table) if kind is None or row["kind"] == kind]
    return tuple((row["text"], fold(row["text"]) if row["folded_too"] == "yes" else None) for row in rows)


def _contains(form: Normalized, phrases: tuple[tuple[str, str | None], ...]) -> str | None:
    accented, folded = f" {' '.join(form.tokens)} ", f" {' '.join(form.folded_tokens)} "
    for phrase, plain in phrases:
        if f" {phrase} " in accented or (plain is not None and f" {plain} " in folded):
            return phrase
    return None


def emergency(form: Normalized) -> RuleHit | None:
    """A danger going on now, told or asked about in at most fifty words."""
    if len(form.tokens) > 50 or _PAST.search(form.folded):
        return None
    if _REASON.search(form.folded) and not _URGENT.search(form.folded):
        return None
    said = _contains(form, _phrases("emergencies.tsv", "now"))
    if said is not None and (_NOW.search(form.folded) or len(form.tokens) <= 8):
        return RuleHit("emergency")
    said = _contains(form, _phrases("emergencies.tsv", "ask"))
    if said is not None and _CALL.search(form.folded) and len(form.tokens) <= 25:
        return RuleHit("emergency")
    return None


def case_code(form: Normalized) -> bool:
    """Whether the message carries one of our own case codes (PA-..., SK-...)."""
    return "<case>" in form.tokens


def exact_chitchat(form: Normalized) -> str | None:
    """The kind of a greeting, thanks and the like that is the whole message, polite endings aside."""
    words = list(form.folded_tokens)
    table = _chitchat()
    for _ in range(4):
        kind = table.get(" ".join(words))
        if kind is not None:
            return kind
        if len(words) > 1 and words[-1] in ("a", "nhe", "nha", "nhi", "ad", "oi", "nhieu", "lam", "day"):
            words.pop()
        elif len(words) > 1 and words[0] in ("da", "vang", "a", "o", "ok"):
            words.pop(0)
        else:
            break
    return None


def chitchat_kind(form: Normalized) -> str:
    """The kind of a message that is small talk and none of the known phrases."""
    return next((kind for kind, pattern in _CHITCHAT_WORDS if pattern.search(form.folded)), "other")


def insult(form: Normalized) -> bool:
    """Whether a foul phrase stands in the message."""
    return _contains(form, _phrases("insults.tsv")) is not None


def no_message(raw: str, form: Normalized) -> RuleHit | None:
    """Text nobody can act on: nothing but emoji or signs, a foreign script, keys hit at random."""
    if not form.tokens:
        if any(unicodedata.category(sign) == "So" for sign in raw[:200]):
            return RuleHit("emoji", chitchat="thanks" if any(sign in _EMOJI_THANKS for sign in raw[:200]) else "other")
        return RuleHit("empty", pointer="vo-nghia")
    letters = [sign for sign in form.text if sign.isalpha()]
    foreign = sum(1 for sign in letters if not unicodedata.name(sign, "").startswith("LATIN"))
    if letters and foreign > len(letters) / 2:
        return RuleHit("foreign_script", pointer="ngoai-ngu")
    words = [word for word in form.tokens if word.isalnum() and not word.isdigit()]
    if not words and not any(token.startswith("<") for token in form.tokens):
        digits = " ".join(form.tokens)
        return None if digits in ("111", "112", "113", "114", "115") else RuleHit("digits", pointer="vo-nghia")
    if words and max(len(word) for word in words) > 12 and all(not is_syllable(word) for word in words):
        return RuleHit("gibberish", pointer="vo-nghia")
    repeated = len(form.folded) > 40 and _REPEAT.fullmatch(form.folded[:400]) is not None
    if words and (repeated or (len(set(words)) <= 2 and len(words) >= 8)):
        return RuleHit("repetition", pointer="vo-nghia")
    return None
