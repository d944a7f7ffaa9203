"""Things residents attached to their cases: what is to be fetched, what was kept, what was refused and why.

Bytes lie beside the rows, sealed and in parts of :data:`PART_BYTES`, so that a copy of the database is a copy of all
and forgetting somebody is one transaction (docs/decisions/0012).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.encryption import Vault
from bot.store.takeover_tables import attachment, attachment_part

PENDING, STORED, REFUSED = "pending", "stored", "refused"
PART_BYTES = 256 * 1024
"""As much as one write transaction puts down, so that nobody who waits to write waits long."""


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """A thing to be fetched. ``refused``: a reason, where it is known already that it never will be."""

    act_key: str
    number: int
    oa_id: str
    commune_id: str
    user_id: str
    case_code: str
    kind: str
    url: str = field(repr=False)
    refused: str = ""


@dataclass(frozen=True, slots=True)
class PendingAttachment:
    """A thing a worker holds until its lease is over."""

    id: int
    act_key: str
    oa_id: str
    user_id: str
    case_code: str
    kind: str
    url: str = field(repr=False)
    tries: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """What staff see of one. ``mime`` is told from the bytes; sides are 0 where it is no picture."""

    id: int
    commune_id: str
    case_code: str
    kind: str
    state: str
    reason: str
    mime: str
    size: int
    width: int
    height: int
    created_ms: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The bytes of one, as they may be handed to an official."""

    attachment: Attachment
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ActOutcome:
    """What became of all things of one act; ``reasons`` of those refused, in their order."""

    open: int
    stored: int
    reasons: tuple[str, ...]


def add(connection: Connection, vault: Vault, rows: Sequence[NewAttachment], now_ms: int) -> None:
    """Note things to be fetched; a known one is left alone, so that applying an act twice fetches once."""
    if not rows:
        return
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    connection.execute(
        upsert(attachment).on_conflict_do_nothing(),
        [
            {
                "key": f"{row.act_key}:{row.number}",
                "act_key": row.act_key,
                "oa_id": row.oa_id,
                "commune_id": row.commune_id,
                "user_id": row.user_id,
                "case_code": row.case_code,
                "kind": row.kind[:20],
                "url_sealed": None if row.refused else vault.encrypt(row.url, "attachment.url"),
                "state": REFUSED if row.refused else PENDING,
                "reason": row.refused,
                "due_ms": now_ms,
                "created_ms": now_ms,
            }
            for row in rows
        ],
    )


def claim(
    connection: Connection, vault: Vault, owner: str, now_ms: int, lease_ms: int, limit: int
) -> list[PendingAttachment]:
    """Take up to ``limit`` things that are due. Who does not finish within the lease loses them to the next."""
    ids = list(
        connection.execute(
            select(attachment.c.id)
            .where(text("attachment.state = 'pending'"), attachment.c.due_ms <= now_ms)
            .order_by(attachment.c.due_ms)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).scalars()
    )
    if not ids:
        return []
    rows = connection.execute(
        update(attachment)
        .where(attachment.c.id.in_(ids))
        .values(owner=owner, due_ms=now_ms + lease_ms, tries=attachment.c.tries + 1)
        .returning(attachment)
    ).mappings()
    return sorted(
        (
            PendingAttachment(
                id=row["id"],
                act_key=row["act_key"],
                oa_id=row["oa_id"],
                user_id=row["user_id"],
                case_code=row["case_code"],
                kind=row["kind"],
                url=vault.decrypt(row["url_sealed"], "attachment.url"),
                tries=row["tries"],
            )
            for row in rows
        ),
        key=lambda one: one.id,
    )


def _held(one: PendingAttachment, owner: str) -> ColumnElement[bool]:
    return (
        (attachment.c.id == one.id)
        & (attachment.c.owner == owner)
        & (attachment.c.tries == one.tries)
        & text("attachment.state = 'pending'")
    )


def put_part(connection: Connection, vault: Vault, one: PendingAttachment, owner: str, part: int, piece: bytes) -> bool:
    """Put one part of the bytes down. False: it is ours no more (lease over, person forgotten); stop then."""
    if connection.execute(select(attachment.c.id).where(_held(one, owner)).with_for_update()).first() is None:
        return False
    connection.execute(
        delete(attachment_part).where(attachment_part.c.attachment_id == one.id, attachment_part.c.part == part)
    )
    connection.execute(
        insert(attachment_part).values(
            attachment_id=one.id,
            part=part,
            oa_id=one.oa_id,
            content_sealed=vault.encrypt_bytes(piece, _part_context(one.id, part)),
        )
    )
    return True


def _part_context(attachment_id: int, part: int) -> str:
    return f"attachment_part.content:{attachment_id}:{part}"


def finish(
    connection: Connection,
    one: PendingAttachment,
    owner: str,
    *,
    digest: str,
    mime: str,
    size: int,
    width: int,
    height: int,
    parts: int,
    now_ms: int,
) -> bool:
    """All parts lie there: it is stored, and its address forgotten. False: it is ours no more."""
    done = connection.execute(
        update(attachment)
        .where(_held(one, owner))
        .values(
            state=STORED, owner=None, url_sealed=None, digest=digest, mime=mime, size=size, width=width,
            height=height, stored_ms=now_ms,
        )
    ).rowcount  # fmt: skip
    if done:
        # A try before this one may have left more parts than there are now.
        connection.execute(
            delete(attachment_part).where(attachment_part.c.attachment_id == one.id, attachment_part.c.part >= parts)
        )
    return bool(done)


def refuse(connection: Connection, one: PendingAttachment, owner: str, reason: str) -> bool:
    """It is not kept, for good. False: it is ours no more."""
    done = connection.execute(
        update(attachment).where(_held(one, owner)).values(state=REFUSED, owner=None, url_sealed=None, reason=reason)
    ).rowcount
    if done:
        connection.execute(delete(attachment_part).where(attachment_part.c.attachment_id == one.id))
    return bool(done)


def try_again(connection: Connection, one: PendingAttachment, owner: str, due_ms: int, reason: str) -> bool:
    """Fetch it again later."""
    return bool(
        connection.execute(
            update(attachment).where(_held(one, owner)).values(owner=None, due_ms=due_ms, reason=reason)
        ).rowcount
    )


def lock_act(connection: Connection, act_key: str) -> None:
    """Lock all things of an act, so that whoever ends the last of them knows. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            select(attachment.c.id).where(attachment.c.act_key == act_key).order_by(attachment.c.id).with_for_update()
        ).all()


def outcome_of(connection: Connection, act_key: str) -> ActOutcome:
    """How the things of one act stand."""
    rows = connection.execute(
        select(attachment.c.state, attachment.c.reason).where(attachment.c.act_key == act_key).order_by(attachment.c.id)
    ).all()
    states = [row.state for row in rows]
    return ActOutcome(
        states.count(PENDING), states.count(STORED), tuple(row.reason for row in rows if row.state == REFUSED)
    )


def _read(row: RowMapping) -> Attachment:
    return Attachment(
        row["id"], row["commune_id"], row["case_code"], row["kind"], row["state"], row["reason"], row["mime"],
        row["size"], row["width"], row["height"], row["created_ms"],
    )  # fmt: skip


def of_case(connection: Connection, case_code: str) -> list[Attachment]:
    """All things of a case, as they came."""
    rows = connection.execute(
        select(attachment).where(attachment.c.case_code == case_code).order_by(attachment.c.id)
    ).mappings()
    return [_read(row) for row in rows]


def open_attachment(connection: Connection, vault: Vault, attachment_id: int) -> StoredFile | None:
    """The bytes of a stored thing; None where there are none. Raises ``DecryptionError`` for altered ones.

    Whoever hands them out asks for the case's own permission first, and serves anything but ``image/jpeg`` only to be
    saved (``Content-Disposition: attachment``, ``X-Content-Type-Options: nosniff``), never to be shown in a page.
    """
    row = (
        connection.execute(select(attachment).where(attachment.c.id == attachment_id, attachment.c.state == STORED))
        .mappings()
        .first()
    )
    if row is None:
        return None
    parts = connection.execute(
        select(attachment_part.c.part, attachment_part.c.content_sealed)
        .where(attachment_part.c.attachment_id == attachment_id)
        .order_by(attachment_part.c.part)
    )
    content = b"".join(
        vault.decrypt_bytes(part.content_sealed, _part_context(attachment_id, part.part)) for part in parts
    )
    return StoredFile(_read(row), content)


def move(connection: Connection, from_code: str, to_code: str) -> None:
    """A case was merged into another: its things go with it."""
    connection.execute(update(attachment).where(attachment.c.case_code == from_code).values(case_code=to_code))


def erase(connection: Connection, oa_id: str, user_id: str) -> int:
    """Forget all a person attached, bytes first. Returns how many."""
    theirs = (attachment.c.oa_id == oa_id) & (attachment.c.user_id == user_id)
    return _forget(connection, theirs)


def forget_some(connection: Connection, old: ColumnElement[bool], limit: int) -> int:
    """Forget up to ``limit`` rows of which ``old`` holds, bytes first. Returns how many."""
    ids = list(connection.execute(select(attachment.c.id).where(old).limit(limit)).scalars())
    return _forget(connection, attachment.c.id.in_(ids)) if ids else 0


def _forget(connection: Connection, which: ColumnElement[bool]) -> int:
    ids = select(attachment.c.id).where(which)
    connection.execute(delete(attachment_part).where(attachment_part.c.attachment_id.in_(ids)))
    return connection.execute(delete(attachment).where(which)).rowcount


def backlog(connection: Connection) -> tuple[int, int | None]:
    """How many wait to be fetched, and since when the oldest."""
    row = connection.execute(
        select(func.count(), func.min(attachment.c.created_ms)).where(text("attachment.state = 'pending'"))
    ).one()
    return int(row[0]), row[1]
