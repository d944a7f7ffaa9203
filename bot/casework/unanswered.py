"""Questions the bot could not answer: shown by likeness, answered once for everybody who asked, and taught.

The words go to everyone inside Zalo's window; whoever is outside is listed with the reason, never passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from bot import permissions
from bot.casework.volunteers_notices import tell
from bot.catalogue import Catalogue
from bot.conversation.taught import grouped
from bot.encryption import Vault
from bot.people import Person
from bot.store import audit, residents, staff_requests
from bot.store.staff import Staff
from bot.store.staff_requests import OpenRequest
from bot.zalo.windows import Window, window

WORDS = Catalogue(Path(__file__).parent / "unanswered.yaml")
KINDS = ("unanswered",)
MOST_SHOWN = 400
"""Newest open questions that are put together; older ones appear as these are answered."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions that ask the same, the newest first; ``gist`` is its shortest wording."""

    gist: str = field(repr=False)
    requests: tuple[OpenRequest, ...]

    @property
    def people(self) -> int:
        """How many persons asked."""
        return len({request.person for request in self.requests})


@dataclass(frozen=True, slots=True)
class NotTold:
    """Somebody the answer cannot reach, and why, in plain words."""

    request_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an answer: ``questions`` are the wordings it was given to, for teaching."""

    people: int
    not_told: tuple[NotTold, ...]
    questions: tuple[str, ...] = field(repr=False)


class NothingToAnswer(ValueError):
    """``str(error)`` is one Vietnamese sentence: no words, or every question was answered meanwhile."""


def clusters(connection: Connection, vault: Vault, commune_id: str) -> list[Cluster]:
    """Open questions of a commune by likeness, those asked by most people first."""
    return _put_together(staff_requests.open_requests(connection, vault, commune_id, KINDS, MOST_SHOWN))


def _put_together(requests: Sequence[OpenRequest]) -> list[Cluster]:
    found = [
        Cluster(
            requests[group[0]].text,
            tuple(sorted((requests[number] for number in group), key=lambda one: (-one.created_ms, -one.id))),
        )
        for group in grouped([request.text for request in requests])
    ]
    return sorted(found, key=lambda cluster: (-cluster.people, -cluster.requests[0].created_ms))


def answer(
    connection: Connection,
    vault: Vault,
    staff: Staff,
    commune_id: str,
    commune_name: str,
    request_ids: Sequence[int],
    words: str,
    now_ms: int,
) -> Told:
    """Answer questions at once, each person once. Marks them answered in the same transaction.

    Raises :class:`NothingToAnswer` and ``bot.permissions.NotAllowed``.
    """
    permissions.require(staff, "question.answer", commune_id)
    words = words.strip()
    if not words:
        raise NothingToAnswer(WORDS.word("no_words"))
    taken = staff_requests.take_open(connection, vault, commune_id, request_ids, now_ms)
    if not taken:
        raise NothingToAnswer(WORDS.word("no_questions"))
    last_asked: dict[Person, OpenRequest] = {request.person: request for request in taken}
    known = residents.reachable(connection, last_asked)
    not_told = []
    for person, request in last_asked.items():
        reason = _why_not(known.get(person), now_ms)
        if reason is not None:
            not_told.append(NotTold(request.id, WORDS.word(reason)))
            continue
        text = WORDS.word("answer", question=request.text, commune=commune_name, answer=words)
        name = f"request-{request.id}"
        tell(connection, vault, person, text, key=name, trace_id=name, now_ms=now_ms)
    audit.record(
        connection,
        staff,
        "question.answer",
        commune_id,
        f"request:{taken[0].id}",
        None,
        {"questions": len(taken), "people": len(last_asked), "not_told": len(not_told)},
        now_ms,
    )
    questions = tuple(dict.fromkeys(request.text for request in taken))
    return Told(len(last_asked) - len(not_told), tuple(not_told), questions)


def _why_not(known: tuple[int, str | None] | None, now_ms: int) -> str | None:
    if known is None:
        return "reason_unknown"
    last_interaction_ms, stopped_reason = known
    if stopped_reason is not None:
        return "reason_stopped"
    return "reason_window" if window(last_interaction_ms, now_ms) is Window.CLOSED else None
