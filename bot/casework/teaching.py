"""What officials teach: an answer of the commune's own, or the topic a question means. Drafted by one, approved by
another; guarded, so that nothing the bot answers rightly today is answered wrongly tomorrow.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from bot import permissions
from bot.casework.unanswered import WORDS
from bot.conversation.taught import Likeness, enough_for, telling_words
from bot.encryption import Vault
from bot.store import audit, learned_models, taught
from bot.store.staff import Staff
from bot.store.taught import APPROVED, WITHDRAWN
from intents import learning


class CannotTeach(ValueError):
    """``str(error)`` is one Vietnamese sentence."""


@dataclass(frozen=True, slots=True)
class KeptQuestion:
    """A question of the kept test set and what it means: ids of topics, any of which is right; none: out of scope."""

    text: str = field(repr=False)
    expect: frozenset[str]


def guard(questions: Sequence[str], topic: str, kept: Collection[KeptQuestion]) -> None:
    """Refuse what would catch a kept question that means something else. Raises :class:`CannotTeach`.

    What was taught answers only where the model is not sure, so a kept question far from every taught one is as safe
    as before; one that is near and means another thing would be answered wrongly from now on.
    """
    kept = list(kept)
    likeness = Likeness([one.text for one in kept])
    for question in questions:
        words = telling_words(question)
        for score, number in likeness.near(words):
            if score >= enough_for(words) and topic not in kept[number].expect:
                raise CannotTeach(WORDS.word("clashes", question=question, other=kept[number].text))


def teach(
    connection: Connection,
    vault: Vault,
    staff: Staff,
    commune_id: str,
    questions: Sequence[str],
    now_ms: int,
    *,
    kept: Collection[KeptQuestion],
    topics: Collection[str],
    topic: str = "",
    facet: str = "",
    words: str = "",
    valid_until: str | None = None,
) -> int:
    """Keep a draft; who may approve knowledge alone has it approved by somebody else all the same. Returns its id.

    Raises :class:`CannotTeach` and ``bot.permissions.NotAllowed``.
    """
    permissions.require(staff, "knowledge.draft", commune_id)
    if topic and topic not in topics:
        raise CannotTeach(WORDS.word("no_topic", topic=topic))
    if not topic and not words.strip():
        raise CannotTeach(WORDS.word("no_words"))
    if not any(question.strip() for question in questions):
        raise CannotTeach(WORDS.word("no_questions"))
    guard(questions, topic, kept)
    taught_id = taught.add(
        connection,
        vault,
        commune_id,
        staff.email,
        questions,
        now_ms,
        topic=topic,
        facet=facet,
        words="" if topic else words.strip(),
        valid_until=valid_until,
    )
    _record(connection, staff, "teach.draft", commune_id, taught_id, {"topic": topic, "facet": facet}, now_ms)
    return taught_id


def approve(connection: Connection, vault: Vault, staff: Staff, commune_id: str, taught_id: int, now_ms: int) -> None:
    """Put a draft in force. Raises :class:`CannotTeach` (the author's own, or no draft any more) and ``NotAllowed``."""
    permissions.require(staff, "knowledge.approve", commune_id)
    found = taught.find(connection, vault, commune_id, taught_id)
    if found is None:
        raise CannotTeach(WORDS.word("no_such", id=taught_id))
    if found.author == staff.email:
        raise CannotTeach(WORDS.word("own_draft"))
    if not taught.move(connection, commune_id, taught_id, APPROVED, staff.email, now_ms):
        raise CannotTeach(WORDS.word("not_a_draft"))
    if found.topic:
        # It answers at once by likeness; the model learns it in the background, so that other wordings are known too.
        learned_models.ask(connection, staff.email, now_ms)
    _record(connection, staff, "teach.approve", commune_id, taught_id, {"state": APPROVED}, now_ms)


def withdraw(connection: Connection, staff: Staff, commune_id: str, taught_id: int, now_ms: int) -> None:
    """Answer it no more. Raises :class:`CannotTeach` and ``NotAllowed``."""
    permissions.require(staff, "knowledge.draft", commune_id)
    if not taught.move(connection, commune_id, taught_id, WITHDRAWN, staff.email, now_ms):
        raise CannotTeach(WORDS.word("no_such", id=taught_id))
    _record(connection, staff, "teach.withdraw", commune_id, taught_id, {"state": WITHDRAWN}, now_ms)


def _record(
    connection: Connection,
    staff: Staff,
    act: str,
    commune_id: str,
    taught_id: int,
    after: dict[str, object],
    now_ms: int,
) -> None:
    audit.record(connection, staff, act, commune_id, f"taught:{taught_id}", None, after, now_ms)


def kept_questions() -> list[KeptQuestion]:
    """The packaged test set, as :func:`guard` wants it."""
    return [KeptQuestion(str(row["text"]), frozenset(map(str, row["expect"]))) for row in learning.kept_rows()]
