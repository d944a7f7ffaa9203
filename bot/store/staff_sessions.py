"""Sessions of officials: only the digest of the cookie's token is kept. They end by rest, by age, by a new password."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, or_, select, update

from bot.store.staff_tables import staff_session


@dataclass(frozen=True, slots=True)
class StoredSession:
    """``is_whole`` False: the password was right, the second factor is still asked for."""

    digest: str
    staff_id: int
    begun_ms: int
    rotated_ms: int
    seen_ms: int
    is_whole: bool
    by_previous_token: bool


def begin(
    connection: Connection, digest: str, staff_id: int, commune_id: str | None, now_ms: int, *, is_whole: bool
) -> None:
    """A new session; the caller ends the one that was there before, so that no token outlives a sign-in."""
    connection.execute(
        insert(staff_session).values(
            digest=digest,
            staff_id=staff_id,
            commune_id=commune_id,
            begun_ms=now_ms,
            rotated_ms=now_ms,
            seen_ms=now_ms,
            is_whole=is_whole,
        )
    )


def find(connection: Connection, digest: str, *, previous_until_ms: int) -> StoredSession | None:
    """The session of a token, or of the token before it where that was replaced after ``previous_until_ms``."""
    row = connection.execute(
        select(staff_session).where(
            or_(
                staff_session.c.digest == digest,
                (staff_session.c.previous_digest == digest) & (staff_session.c.rotated_ms > previous_until_ms),
            )
        )
    ).first()
    if row is None:
        return None
    return StoredSession(
        row.digest, row.staff_id, row.begun_ms, row.rotated_ms, row.seen_ms, bool(row.is_whole), row.digest != digest
    )


def touch(connection: Connection, digest: str, now_ms: int) -> None:
    """Somebody is still there."""
    connection.execute(update(staff_session).where(staff_session.c.digest == digest).values(seen_ms=now_ms))


def rotate(connection: Connection, digest: str, new_digest: str, now_ms: int) -> bool:
    """Another token for the same session. False where somebody else has just done it."""
    changed = connection.execute(
        update(staff_session)
        .where(staff_session.c.digest == digest)
        .values(digest=new_digest, previous_digest=digest, rotated_ms=now_ms, seen_ms=now_ms)
    )
    return bool(changed.rowcount)


def end(connection: Connection, digest: str) -> None:
    """Sign out."""
    connection.execute(delete(staff_session).where(staff_session.c.digest == digest))


def end_all(connection: Connection, staff_id: int, *, but: str = "") -> None:
    """Every session of an account, except the one of digest ``but``."""
    connection.execute(delete(staff_session).where(staff_session.c.staff_id == staff_id, staff_session.c.digest != but))


def forget_old(connection: Connection, *, seen_before_ms: int, begun_before_ms: int) -> None:
    """Sessions that ended by rest or by age."""
    connection.execute(
        delete(staff_session).where(
            or_(staff_session.c.seen_ms < seen_before_ms, staff_session.c.begun_ms < begun_before_ms)
        )
    )
