"""Segments as conditions on ``resident``: what the store knows of a person's village, interests, role and tags."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, or_, true

from bot.broadcasts.segments import Segment
from bot.store.broadcast_tables import resident_tag
from bot.store.case_tables import case_file, case_person
from bot.store.tables import decision, inbox, resident
from bot.store.voice_tables import forward, volunteer

DAY_MS = 86_400_000
INTEREST_MS = 90 * DAY_MS
"""What somebody asked longer ago than this is no interest any more (the inbox keeps its keys as long)."""


def _villages(names: Sequence[str]) -> ColumnElement[bool]:
    """A resident's village is where they lead a team, what they reported, or where a volunteer asked for them."""
    person = and_(case_person.c.oa_id == resident.c.oa_id, case_person.c.user_id == resident.c.user_id)
    filed = and_(case_person.c.role == "filer", case_file.c.id == case_person.c.case_id)
    return or_(
        exists().where(
            volunteer.c.oa_id == resident.c.oa_id,
            volunteer.c.user_id == resident.c.user_id,
            volunteer.c.left_ms.is_(None),
            volunteer.c.village.in_(names),
        ),
        exists().where(person, filed, case_file.c.village.in_(names)),
        exists().where(
            forward.c.oa_id == resident.c.oa_id,
            forward.c.neighbour_user_id == resident.c.user_id,
            forward.c.village.in_(names),
        ),
    )


def _interests(topics: Sequence[str], now_ms: int) -> ColumnElement[bool]:
    return exists().where(
        inbox.c.oa_id == resident.c.oa_id,
        inbox.c.user_id == resident.c.user_id,
        decision.c.inbox_id == inbox.c.id,
        decision.c.topic.in_(topics),
        decision.c.decided_ms >= now_ms - INTEREST_MS,
    )


def _role(role: str) -> ColumnElement[bool]:
    if role == "volunteers":
        return exists().where(
            volunteer.c.oa_id == resident.c.oa_id,
            volunteer.c.user_id == resident.c.user_id,
            volunteer.c.left_ms.is_(None),
        )
    if role == "authors":
        return exists().where(
            case_person.c.oa_id == resident.c.oa_id,
            case_person.c.user_id == resident.c.user_id,
            case_person.c.role.in_(("filer", "co_author", "supporter")),
            case_file.c.id == case_person.c.case_id,
            case_file.c.kind == "initiative",
        )
    return _tags((OFFICIAL_TAG,))


OFFICIAL_TAG = "can-bo"
"""Officials have no account at Zalo that we know of; who of the residents is one is said by this tag."""


def _tags(tags: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(
        resident_tag.c.oa_id == resident.c.oa_id,
        resident_tag.c.user_id == resident.c.user_id,
        resident_tag.c.tag.in_(tags),
    )


def segment_condition(segment: Segment, now_ms: int) -> ColumnElement[bool]:
    """Which residents are meant, as a condition on ``resident``. ``now_ms``: what "last seen" is counted from."""
    parts: list[ColumnElement[bool]] = [true()]
    if segment.villages:
        parts.append(_villages(segment.villages))
    if segment.interests:
        parts.append(_interests(segment.interests, now_ms))
    if segment.roles:
        parts.append(or_(*(_role(role) for role in segment.roles)))
    if segment.tags:
        parts.append(_tags(segment.tags))
    if segment.users:
        parts.append(resident.c.user_id.in_(segment.users))
    if segment.seen_within_days:
        parts.append(resident.c.last_interaction_ms >= now_ms - segment.seen_within_days * DAY_MS)
    if segment.unseen_for_days:
        parts.append(resident.c.last_interaction_ms < now_ms - segment.unseen_for_days * DAY_MS)
    return and_(*parts)
