"""Stories of initiatives ("Gương đổi mới sáng tạo"): drafted from the idea, written on by one, approved by another.

An approved story is words for an announcement (:func:`approved_words`); changing it makes it a draft again.
"""

from __future__ import annotations

from sqlalchemy import Connection

from bot.encryption import Vault
from bot.permissions import require
from bot.store import audit, initiative_work
from bot.store.case_records import CaseHead
from bot.store.initiative_work import APPROVED, DRAFT, SUBMITTED, Story
from bot.store.staff import Staff

TOLD_STATES = frozenset({"trial", "recognised", "scaled"})
"""An idea nobody tried is no example yet."""
LONGEST_TITLE = 150
LONGEST_BODY = 10_000


class StoryProblem(ValueError):
    """``reason`` is a slug: same_person, changed, title, body, state, not_recognised."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def write(
    connection: Connection,
    vault: Vault,
    who: Staff,
    head: CaseHead,
    seen_version: int,
    title: str,
    body: str,
    *,
    submit: bool,
    now_ms: int,
) -> None:
    """Keep the words, as a draft or for somebody to approve. Raises ``NotAllowed`` and :class:`StoryProblem`."""
    require(who, "initiative.note", head.commune_id, village=head.village, unit=head.unit)
    if head.state not in TOLD_STATES:
        raise StoryProblem("not_recognised")
    if not title.strip() or len(title) > LONGEST_TITLE:
        raise StoryProblem("title")
    if not body.strip() or len(body) > LONGEST_BODY:
        raise StoryProblem("body")
    former = initiative_work.story(connection, vault, head.commune_id, head.code)
    state = SUBMITTED if submit else DRAFT
    if not initiative_work.write_story(
        connection, vault, head.commune_id, head.code, seen_version, title.strip(), body.strip(), state, who.id, now_ms
    ):
        raise StoryProblem("changed")
    before = None if former is None else {"state": former.state, "title": former.title, "length": len(former.body)}
    after = {"state": state, "title": title.strip(), "length": len(body.strip())}
    audit.record(connection, who, "story.write", head.commune_id, f"case:{head.code}", before, after, now_ms)


def approve(connection: Connection, vault: Vault, who: Staff, head: CaseHead, seen_version: int, now_ms: int) -> None:
    """Approve the words as seen. Raises ``NotAllowed`` and :class:`StoryProblem`."""
    require(who, "initiative.decide", head.commune_id, village=head.village, unit=head.unit)
    story = initiative_work.story(connection, vault, head.commune_id, head.code)
    if story is None or story.state != SUBMITTED:
        raise StoryProblem("state")
    if story.author_id == who.id:
        raise StoryProblem("same_person")
    if not initiative_work.approve_story(connection, head.commune_id, head.code, seen_version, who.id, now_ms):
        raise StoryProblem("changed")
    audit.record(
        connection,
        who,
        "story.approve",
        head.commune_id,
        f"case:{head.code}",
        {"state": SUBMITTED},
        {"state": APPROVED},
        now_ms,
    )


def approved_words(connection: Connection, vault: Vault, commune_id: str, code: str) -> tuple[str, str] | None:
    """Title and body an announcement may start from; None while nobody approved them."""
    story: Story | None = initiative_work.story(connection, vault, commune_id, code)
    return None if story is None or story.state != APPROVED else (story.title, story.body)
