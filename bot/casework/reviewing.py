"""What use teaches, put together for a person to look at: questions nobody could answer, taps after asking back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Connection

from bot.conversation.taught import grouped
from bot.encryption import Vault
from bot.store import hints, staff_requests

KINDS = ("unanswered",)
MOST_OF_EACH = 400


@dataclass(frozen=True, slots=True)
class Candidates:
    """Questions that ask the same. ``topic`` is what most people tapped, or what was nearest; "" where neither is."""

    gist: str = field(repr=False)
    people: int
    topic: str
    questions: tuple[str, ...] = field(repr=False)


def candidates(connection: Connection, vault: Vault, commune_id: str) -> list[Candidates]:
    """The clusters of a commune, the largest first."""
    found: list[tuple[str, str, str]] = [
        (request.text, request.topics[0] if request.topics else "", request.person.user_id)
        for request in staff_requests.open_requests(connection, vault, commune_id, KINDS, MOST_OF_EACH)
    ]
    found += [
        (hint.text, hint.right_topic, hint.key)
        for hint in hints.list_hints(connection, vault, commune_id, 0, MOST_OF_EACH)
    ]
    groups = [[found[number] for number in group] for group in grouped([text for text, _topic, _who in found])]
    clusters = [
        Candidates(
            gist=group[0][0],
            people=len({who for _text, _topic, who in group}),
            topic=_commonest([topic for _text, topic, _who in group if topic]),
            questions=tuple(dict.fromkeys(text for text, _topic, _who in group)),
        )
        for group in groups
    ]
    return sorted(clusters, key=lambda cluster: (-cluster.people, cluster.gist))


def _commonest(topics: list[str]) -> str:
    return Counter(topics).most_common(1)[0][0] if topics else ""
