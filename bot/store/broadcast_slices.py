"""An announcement's recipients written down at approval and handed to the outbox at its hour: each in slices.

A slice is one ``INSERT … SELECT`` and holds SQLite's write lock for some milliseconds. Its cursor moves in the same
transaction, so a crash at any row leaves the slice done or not begun.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    String,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.broadcasts import reasons
from bot.broadcasts.segments import Segment
from bot.store import broadcasts
from bot.store.broadcast_tables import broadcast, broadcast_recipient
from bot.store.broadcasts import Broadcast
from bot.store.segment_conditions import segment_condition
from bot.store.tables import outbox, resident
from bot.store.voice_tables import announcement_choice

READY = 0
"""``bot.journal.states.OutboxState``, which this floor does not know by name."""
BROADCAST_LANE = 5


def with_choice(source: Any, user_id: Any, oa_id: Any) -> Any:
    """``source`` joined to what its people chose about announcements."""
    return source.outerjoin(
        announcement_choice, and_(announcement_choice.c.oa_id == oa_id, announcement_choice.c.user_id == user_id)
    )


def reason_left_out(open_since_ms: Any) -> Any:
    """The first thing that keeps a person from getting it, as SQL; NULL for who can be reached: somebody who last
    interacted at ``open_since_ms`` or later."""
    stopped = resident.c.stopped_reason
    return case(
        (resident.c.user_id.is_(None), reasons.INVALID_USER),
        (announcement_choice.c.wanted.is_(False), reasons.OPTED_OUT),
        (stopped.in_(reasons.stored_by_slug(reasons.INVALID_USER)), reasons.INVALID_USER),
        (stopped.in_(reasons.stored_by_slug(reasons.OUTSIDE_WINDOW)), reasons.OUTSIDE_WINDOW),
        (stopped.in_(reasons.stored_by_slug(reasons.QUOTA)), reasons.QUOTA),
        (stopped.is_not(None), reasons.BLOCKED),
        (resident.c.last_interaction_ms < open_since_ms, reasons.OUTSIDE_WINDOW),
        else_=null(),
    )


_INSERT: dict[str, Any] = {"sqlite": sqlite_insert, "postgresql": postgres_insert}
_HERE = and_(
    broadcast_recipient.c.broadcast_id == bindparam("one"),
    broadcast_recipient.c.revision == bindparam("of_revision"),
    broadcast_recipient.c.user_id > bindparam("after"),
)
_UP_TO = broadcast_recipient.c.user_id <= bindparam("last")
# A slice's statements are built once: that took longer than running them, and it is done while the write lock is held.
_EDGE_OF_RESIDENTS = (
    select(resident.c.user_id)
    .where(resident.c.oa_id == bindparam("of_oa"), resident.c.user_id > bindparam("after"))
    .order_by(resident.c.user_id)
    .offset(bindparam("all_but_last"))
    .limit(1)
)
_EDGE_OF_RECIPIENTS = (
    select(broadcast_recipient.c.user_id)
    .where(_HERE)
    .order_by(broadcast_recipient.c.user_id)
    .offset(bindparam("all_but_last"))
    .limit(1)
)
_AFTER_A_SLICE = (
    update(broadcast)
    .where(broadcast.c.id == bindparam("one"))
    .values(
        total=broadcast.c.total + bindparam("more", type_=broadcast.c.total.type),
        freeze_after=func.coalesce(bindparam("frozen_up_to", type_=String), broadcast.c.freeze_after),
        frozen_ms=func.coalesce(bindparam("all_frozen_ms", type_=BigInteger), broadcast.c.frozen_ms),
        fan_after=func.coalesce(bindparam("fanned_up_to", type_=String), broadcast.c.fan_after),
        fanned_ms=func.coalesce(bindparam("all_fanned_ms", type_=BigInteger), broadcast.c.fanned_ms),
    )
)


def _end_slice(connection: Connection, broadcast_id: int, **changes: Any) -> None:
    nothing = dict.fromkeys(("frozen_up_to", "all_frozen_ms", "fanned_up_to", "all_fanned_ms"))
    connection.execute(_AFTER_A_SLICE, {"one": broadcast_id, "more": 0, **nothing, **changes})


@lru_cache(maxsize=16)
def _freezing(dialect: str, segment: str, begun_ms: int, *, to_the_end: bool) -> Any:
    """Writes down a slice of who is meant by a segment (JSON), as it stood at ``begun_ms``."""
    chosen = select(
        bindparam("one", type_=BigInteger),
        bindparam("of_revision", type_=Integer),
        resident.c.user_id,
        bindparam("of_commune", type_=String),
    ).where(
        resident.c.oa_id == bindparam("of_oa"),
        resident.c.user_id > bindparam("after"),
        resident.c.first_seen_ms <= begun_ms,
        segment_condition(Segment.from_json(segment), begun_ms),
    )
    if not to_the_end:
        chosen = chosen.where(resident.c.user_id <= bindparam("last"))
    names = ["broadcast_id", "revision", "user_id", "commune_id"]
    return _INSERT[dialect](broadcast_recipient).from_select(names, chosen).on_conflict_do_nothing()


def freeze_slice(connection: Connection, one: Broadcast, now_ms: int, size: int) -> bool:
    """Write down the next ``size`` residents of the OA who are meant. True while there may be more.

    The caller holds the announcement's row. Who came after the approval is not meant.
    """
    place = {"of_oa": one.oa_id, "after": one.freeze_after}
    last = connection.execute(_EDGE_OF_RESIDENTS, {**place, "all_but_last": size - 1}).scalar()
    statement = _freezing(
        connection.dialect.name, one.segment, one.approved_ms or now_ms, to_the_end=last is None
    ).execution_options(preserve_rowcount=True)
    whose = {"one": one.id, "of_revision": one.revision, "of_commune": one.commune_id}
    added = connection.execute(statement, {**whose, **place, **({} if last is None else {"last": last})}).rowcount
    _end_slice(connection, one.id, more=added, frozen_up_to=last, all_frozen_ms=now_ms if last is None else None)
    return last is not None


@cache
def _fanning(dialect: str, *, to_the_end: bool) -> Any:
    """Hands a slice of recipients who can be reached to the outbox."""
    user_id = broadcast_recipient.c.user_id
    of_oa = bindparam("of_oa", type_=String)
    people = broadcast_recipient.outerjoin(resident, and_(resident.c.oa_id == of_oa, resident.c.user_id == user_id))
    values: dict[str, Any] = {
        "key": bindparam("key_begins", type_=String).concat(user_id),
        "oa_id": of_oa,
        "user_id": user_id,
        "lane": literal(BROADCAST_LANE),
        "broadcast_id": bindparam("one", type_=BigInteger),
        "trace_id": bindparam("trace", type_=String),
        "text_digest": bindparam("digest", type_=String),
        "plain_digest": bindparam("digest_of_plain", type_=String),
        "state": literal(READY),
        "due_ms": bindparam("now", type_=BigInteger),
        "created_ms": bindparam("now", type_=BigInteger),
    }
    chosen = (
        select(*values.values())
        .select_from(with_choice(people, user_id, of_oa))
        .where(_HERE if to_the_end else and_(_HERE, _UP_TO), reason_left_out(bindparam("open_since")).is_(None))
    )
    return _INSERT[dialect](outbox).from_select(list(values), chosen).on_conflict_do_nothing()


def fan_out_slice(connection: Connection, one: Broadcast, now_ms: int, size: int, *, open_since_ms: int) -> bool:
    """Hand the next ``size`` recipients to the outbox, or write down why not. True while there may be more.

    The caller holds the announcement's row.
    """
    here: dict[str, Any] = {"one": one.id, "of_revision": one.revision, "after": one.fan_after}
    last = connection.execute(_EDGE_OF_RECIPIENTS, {**here, "all_but_last": size - 1}).scalar()
    if last is not None:
        here["last"] = last
    here |= {"of_oa": one.oa_id, "open_since": open_since_ms}
    words = {"digest": one.text_digest, "digest_of_plain": one.plain_digest}
    statement = _fanning(connection.dialect.name, to_the_end=last is None).execution_options(preserve_rowcount=True)
    whose = {"key_begins": f"bc:{one.id}:", "trace": f"bc{one.id}", "now": now_ms}
    owed = connection.execute(statement, {**here, **words, **whose}).rowcount
    if last is None or owed != size:
        _note_skipped(connection, one, here)
    _end_slice(connection, one.id, fanned_up_to=last, all_fanned_ms=now_ms if last is None else None)
    return last is not None


@cache
def _noting(*, to_the_end: bool) -> tuple[Any, Any]:
    """Writes down why the others of a slice are left out, and counts them."""
    here = _HERE if to_the_end else and_(_HERE, _UP_TO)
    of_oa = bindparam("of_oa", type_=String)
    them = broadcast_recipient.alias("them")
    people = them.outerjoin(resident, and_(resident.c.oa_id == of_oa, resident.c.user_id == them.c.user_id))
    told = (
        select(reason_left_out(bindparam("open_since")))
        .select_from(with_choice(people, them.c.user_id, of_oa))
        .where(
            them.c.broadcast_id == broadcast_recipient.c.broadcast_id,
            them.c.revision == broadcast_recipient.c.revision,
            them.c.user_id == broadcast_recipient.c.user_id,
        )
        .correlate(broadcast_recipient)
        .scalar_subquery()
    )
    counted = (
        select(broadcast_recipient.c.reason, func.count())
        .where(here, broadcast_recipient.c.reason.is_not(None))
        .group_by(broadcast_recipient.c.reason)
    )
    return update(broadcast_recipient).where(here, told.is_not(None)).values(reason=told), counted


_OF_HERE = ("one", "of_revision", "after", "last")


def _note_skipped(connection: Connection, one: Broadcast, here: dict[str, Any]) -> None:
    noted, counted = _noting(to_the_end="last" not in here)
    connection.execute(noted, here)
    place: dict[str, Any] = {name: here[name] for name in here if name in _OF_HERE}
    delta = broadcasts.Delta()
    for slug, count in connection.execute(counted, place):
        delta.skipped += count
        delta.reason(slug, count)
    broadcasts.add_progress(connection, one.id, delta)
