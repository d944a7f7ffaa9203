"""Marks people give, and what use teaches: kept with what they are about, with identifying numbers covered."""

from __future__ import annotations

from sqlalchemy import Connection

import intents
from bot.conversation.acts import LearningHint, Rate
from bot.encryption import Vault
from bot.journal.processing import FiledAct
from bot.masking import masked
from bot.store import hints, ratings
from bot.store.hints import NewHint
from bot.store.ratings import NewRating

REASON_WAIT_MS = 24 * 60 * 60_000
"""A reason told this long after its mark is laid beside it; later it counts as a mark of its own."""


def rate(connection: Connection, vault: Vault, filed: FiledAct, act: Rate) -> None:
    """Keep a mark. One with a reason or words, after the same mark without, tells more about that one."""
    new = NewRating(
        key=filed.key,
        person=filed.person,
        commune_id=filed.commune_id,
        channel=act.channel,
        mark=min(max(act.mark, 1), 5),
        reason=act.reason,
        words=masked(act.words),
        case_code=act.case_code,
        topic=act.topic,
        facet=act.facet,
        at_ms=filed.at_ms,
    )
    earlier = ratings.same_before(connection, new, filed.at_ms - REASON_WAIT_MS) if new.reason or new.words else None
    if earlier is None:
        ratings.add(connection, vault, new)
    else:
        ratings.add_reason(connection, vault, earlier, new.reason, new.words)


def keep_hint(connection: Connection, vault: Vault, filed: FiledAct, act: LearningHint) -> None:
    """Keep what was misunderstood: in its standard form, masked, and without whose it was."""
    hint = NewHint(
        key=filed.key,
        oa_id=filed.person.oa_id,
        commune_id=filed.commune_id,
        kind=act.kind,
        text=masked(intents.normalize(act.text).text),
        wrong_topic=act.wrong,
        right_topic=act.right,
        at_ms=filed.at_ms,
    )
    hints.add(connection, vault, hint)
