"""What an announcement is made of, read from JSON and checked against Zalo's limits while it is written."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal

from bot.broadcasts.segments import ROLES, Segment
from bot.broadcasts.words import word
from bot.clock import VIETNAM, from_ms
from bot.replies import PAYLOAD_PREFIX, Button, Reply
from bot.zalo.articles import ARTICLE_AUTHOR_LIMIT, ARTICLE_DESCRIPTION_LIMIT, ARTICLE_TEXT_LIMIT, ARTICLE_TITLE_LIMIT
from bot.zalo.messages import SAFE_TEXT_LIMIT, render_plain, utf16_units
from knowledge.profile_lists import item_key

Kind = Literal["message", "article", "group"]
KINDS: tuple[Kind, ...] = ("message", "article", "group")
LATE_POLICIES = ("ask", "send", "skip")
LONGEST_DAYS = 3650
PAST_TOLERANCE_MS = 10 * 60_000


class SpecError(ValueError):
    """The announcement cannot be sent so. ``problems`` are sentences of plain Vietnamese."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Details:
    """What not every announcement has. ``topic``: a button leads to this topic's answer. ``free_only``: nobody is
    written to for money. ``target`` are Zalo's own targets of an article (contract 3.5)."""

    topic: str = ""
    free_only: bool = False
    author: str = ""
    description: str = ""
    cover_url: str = ""
    target: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> str:
        """For the store; only what is set."""
        return json.dumps({name: value for name, value in asdict(self).items() if value}, ensure_ascii=False)

    @classmethod
    def from_json(cls, document: str) -> Details:
        """Back from :meth:`to_json`."""
        loaded = json.loads(document)
        loaded["target"] = tuple((name, value) for name, value in loaded.get("target", ()))
        return cls(**loaded)


@dataclass(frozen=True, slots=True)
class Spec:
    """A checked announcement. ``send_at_ms`` None: as soon as it is approved."""

    title: str
    text: str
    kind: Kind
    segment: Segment
    send_at_ms: int | None = None
    late_policy: str = "ask"
    details: Details = Details()


def reply_of(title: str, text: str, details: Details) -> Reply:
    """The message as residents get it: title, words, how to stop, and a button where a topic belongs to it."""
    body = word("message", title=title, text=text, stop=word("stop_line"))
    if not details.topic:
        return Reply(body)
    return Reply(body, (Button(word("ask_more"), f"{PAYLOAD_PREFIX}ask:{details.topic}"),))


def group_reply(title: str, text: str) -> Reply:
    """A post to a group: nobody can stop it alone, so no line says how."""
    return Reply(f"{title}\n\n{text}")


_FIELDS = (
    "title", "text", "kind", "segment", "send_at", "late", "topic", "free_only", "author", "description", "cover_url",
    "target",
)  # fmt: skip
_LISTS = ("villages", "interests", "roles", "tags", "users", "groups")
_SINGULAR = {"village": "villages", "interest": "interests", "role": "roles", "tag": "tags", "group": "groups"}
_DAYS = ("seen_within_days", "unseen_for_days")
_TARGETS = ("gender", "ages", "locations", "cities", "platform")


class _Reader:
    def __init__(self, document: Mapping[str, object], now_ms: int) -> None:
        self.document = document
        self.now_ms = now_ms
        self.problems: list[str] = []

    def problem(self, key: str, **fields_: object) -> None:
        self.problems.append(word(key, **fields_))

    def text(self, name: str) -> str:
        raw = self.document.get(name)
        if raw is None:
            return ""
        if not isinstance(raw, str):
            self.problem("problem_field_text", name=name)
            return ""
        cleaned = unicodedata.normalize("NFC", raw.replace("\r\n", "\n")).strip()
        if any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t" for letter in cleaned):
            self.problem("problem_unprintable", name=name)
        return cleaned

    def flag(self, name: str) -> bool:
        raw = self.document.get(name, False)
        if not isinstance(raw, bool):
            self.problem("problem_flag", name=name)
        return raw is True

    def kind(self) -> Kind:
        raw = self.document.get("kind", "message")
        for kind in KINDS:
            if raw == kind:
                return kind
        self.problem("problem_kind", raw=raw)
        return "message"

    def send_at(self) -> int | None:
        raw = self.document.get("send_at")
        if raw is None:
            return None
        try:
            moment = datetime.fromisoformat(raw) if isinstance(raw, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.problem("problem_send_at", raw=raw)
            return None
        moment_ms = int(moment.timestamp() * 1000)
        if moment_ms < self.now_ms - PAST_TOLERANCE_MS:
            when = from_ms(moment_ms).astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y")
            self.problem("problem_send_at_past", when=when)
        return moment_ms

    def late(self) -> str:
        raw = self.document.get("late", "ask")
        if raw not in LATE_POLICIES:
            self.problem("problem_late", raw=raw)
        return str(raw)

    def target(self) -> tuple[tuple[str, str], ...]:
        raw = self.document.get("target") or {}
        if not isinstance(raw, Mapping) or any(name not in _TARGETS for name in raw):
            self.problem("problem_unknown_field", name="target", known=", ".join(_TARGETS))
            return ()
        return tuple(sorted((str(name), str(value)) for name, value in raw.items()))

    def segment(self) -> Segment:
        known = ", ".join((*_LISTS, *_DAYS))
        raw = self.document.get("segment")
        if not isinstance(raw, Mapping):
            self.problem("problem_segment", known=known)
            return Segment(all=True)
        found: dict[str, Any] = {}
        for name, value in raw.items():
            name = _SINGULAR.get(name, name)
            if name == "all":
                found["all"] = value is True
            elif name in _LISTS:
                found[name] = self._list(name, [value] if isinstance(value, str) else value)
            elif name in _DAYS:
                found[name] = self._days(name, value)
            else:
                self.problem("problem_segment", known=known)
        segment = Segment(**found)
        if segment.all and any(getattr(segment, one.name) for one in fields(segment) if one.name != "all"):
            self.problem("problem_segment_all")
        if not any(getattr(segment, one.name) for one in fields(segment)):
            self.problem("problem_segment_empty")
        for role in segment.roles:
            if role not in ROLES:
                self.problem("problem_role", raw=role, known=", ".join(ROLES))
        return segment

    def _list(self, name: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not value or not all(isinstance(one, str) and one.strip() for one in value):
            self.problem("problem_segment_list", name=name)
            return ()
        clean: Callable[[str], str] = item_key if name == "villages" else str.strip
        return tuple(dict.fromkeys(clean(unicodedata.normalize("NFC", one)) for one in value))

    def _days(self, name: str, value: object) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LONGEST_DAYS:
            self.problem("problem_segment_days", name=name)
            return None
        return value


def read_spec(document: object, now_ms: int) -> Spec:
    """Check a whole spec. Raises :class:`SpecError` with every problem found, not the first alone."""
    if not isinstance(document, Mapping):
        raise SpecError([word("problem_not_object")])
    reader = _Reader(document, now_ms)
    for name in document:
        if name not in _FIELDS:
            reader.problem("problem_unknown_field", name=name, known=", ".join(_FIELDS))
    kind = reader.kind()
    details = Details(
        topic=reader.text("topic"),
        free_only=reader.flag("free_only"),
        author=reader.text("author"),
        description=reader.text("description"),
        cover_url=reader.text("cover_url"),
        target=reader.target(),
    )
    spec = Spec(
        title=" ".join(reader.text("title").split()),
        text=reader.text("text"),
        kind=kind,
        segment=reader.segment(),
        send_at_ms=reader.send_at(),
        late_policy=reader.late(),
        details=details,
    )
    reader.problems += limits(spec)
    if reader.problems:
        raise SpecError(list(dict.fromkeys(reader.problems)))
    return spec


def limits(spec: Spec) -> list[str]:
    """What Zalo would refuse, in words; empty where all is well. Cheap enough to be asked at every key stroke."""
    problems: list[str] = []
    if not spec.title:
        problems.append(word("problem_title_missing"))
    elif utf16_units(spec.title) > ARTICLE_TITLE_LIMIT:
        length = utf16_units(spec.title)
        problems.append(word("problem_title_long", length=length, limit=ARTICLE_TITLE_LIMIT))
    if not spec.text:
        problems.append(word("problem_text_missing"))
    by_kind = {"message": _message_limits, "group": _group_limits, "article": _article_limits}
    return problems + by_kind[spec.kind](spec)


def _text_problem(text: str) -> list[str]:
    length = utf16_units(text)
    if length <= SAFE_TEXT_LIMIT:
        return []
    return [word("problem_text_long", length=length, limit=SAFE_TEXT_LIMIT, over=length - SAFE_TEXT_LIMIT)]


def _message_limits(spec: Spec) -> list[str]:
    # As plain text, with its button written out: what an OA of a small package sends.
    problems = _text_problem(render_plain(reply_of(spec.title, spec.text, spec.details)))
    return [*problems, word("problem_groups_only")] if spec.segment.groups else problems


def _group_limits(spec: Spec) -> list[str]:
    problems = _text_problem(group_reply(spec.title, spec.text).text)
    return problems if spec.segment.groups else [*problems, word("problem_groups")]


def _article_limits(spec: Spec) -> list[str]:
    problems = []
    for key, text, limit in (
        ("problem_article_long", spec.text, ARTICLE_TEXT_LIMIT),
        ("problem_author_long", spec.details.author, ARTICLE_AUTHOR_LIMIT),
        ("problem_description_long", spec.details.description, ARTICLE_DESCRIPTION_LIMIT),
    ):
        if utf16_units(text) > limit:
            problems.append(word(key, length=utf16_units(text), limit=limit))
    if not spec.segment.all:
        problems.append(word("problem_article_segment"))
    if spec.details.cover_url and not spec.details.cover_url.startswith("https://"):
        problems.append(word("problem_cover"))
    return problems
