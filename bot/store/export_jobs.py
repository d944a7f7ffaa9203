"""Files officials asked for, made by a worker: asked → waiting → running → done or failed, deleted when they expire."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, select, update

from bot.encryption import Vault
from bot.store.council_tables import export_job

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
CITY = "*"
"""The ``commune_id`` of what the city's role asks for."""
KEPT_MS = 24 * 3_600_000
"""A file can be fetched for a day; asking for it again is one click."""
LEASE_MS = 10 * 60_000
"""A job running longer than this was lost with its worker, and is taken again."""
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job this worker makes the file for."""

    id: int
    commune_id: str
    staff_id: int
    kind: str
    parameters: Mapping[str, object] = field(repr=False)
    attempt: int


@dataclass(frozen=True, slots=True)
class JobView:
    """How far a job is, for the official who asked."""

    id: int
    kind: str
    state: str
    file_name: str
    media_type: str
    error: str
    requested_ms: int
    expires_ms: int


def add(
    connection: Connection,
    vault: Vault,
    commune_id: str,
    staff_id: int,
    kind: str,
    parameters: Mapping[str, object],
    now_ms: int,
) -> int:
    """Ask for a file; the job's id."""
    row = connection.execute(
        insert(export_job)
        .values(
            commune_id=commune_id,
            staff_id=staff_id,
            kind=kind,
            parameters_sealed=vault.encrypt(json.dumps(parameters, ensure_ascii=False), "export_job.parameters"),
            state=WAITING,
            attempt=0,
            file_name="",
            media_type="",
            error="",
            requested_ms=now_ms,
            claimed_ms=0,
            finished_ms=0,
            expires_ms=now_ms + KEPT_MS,
        )
        .returning(export_job.c.id)
    ).scalar_one()
    return int(row)


def claim(connection: Connection, vault: Vault, now_ms: int) -> ClaimedJob | None:
    """Take the oldest waiting job, or one whose worker is gone; None where there is nothing to make."""
    lost = (export_job.c.state == RUNNING) & (export_job.c.claimed_ms < now_ms - LEASE_MS)
    connection.execute(
        update(export_job)
        .where(lost, export_job.c.attempt >= ATTEMPTS)
        .values(state=FAILED, error="lost", finished_ms=now_ms)
    )
    chosen = (
        select(export_job.c.id)
        .where((export_job.c.state == WAITING) | lost)
        .order_by(export_job.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = connection.execute(
        update(export_job)
        .where(export_job.c.id.in_(chosen.scalar_subquery()))
        .values(state=RUNNING, claimed_ms=now_ms, attempt=export_job.c.attempt + 1)
        .returning(
            export_job.c.id,
            export_job.c.commune_id,
            export_job.c.staff_id,
            export_job.c.kind,
            export_job.c.parameters_sealed,
            export_job.c.attempt,
        )
    ).one_or_none()
    if row is None:
        return None
    parameters = json.loads(vault.decrypt(row.parameters_sealed, "export_job.parameters"))
    return ClaimedJob(row.id, row.commune_id, row.staff_id, row.kind, parameters, row.attempt)


def finish(
    connection: Connection, vault: Vault, job: ClaimedJob, name: str, media_type: str, content: bytes, now_ms: int
) -> bool:
    """Keep the file. False where the job was taken by another worker since, or is gone."""
    sealed = vault.encrypt(base64.b64encode(content).decode("ascii"), "export_job.result")
    return _settle(
        connection,
        job,
        {
            "state": DONE,
            "file_name": name,
            "media_type": media_type,
            "result_sealed": sealed,
            "finished_ms": now_ms,
            "expires_ms": now_ms + KEPT_MS,
        },
    )


def fail(connection: Connection, job: ClaimedJob, error: str, now_ms: int) -> bool:
    """Give the job up; ``error`` is a slug or an exception's type, never a text of a person."""
    return _settle(connection, job, {"state": FAILED, "error": error[:80], "finished_ms": now_ms})


def _settle(connection: Connection, job: ClaimedJob, values: Mapping[str, object]) -> bool:
    changed = connection.execute(
        update(export_job)
        .where(export_job.c.id == job.id, export_job.c.state == RUNNING, export_job.c.attempt == job.attempt)
        .values(**values)
    )
    return changed.rowcount == 1


_VIEW = (
    export_job.c.id,
    export_job.c.kind,
    export_job.c.state,
    export_job.c.file_name,
    export_job.c.media_type,
    export_job.c.error,
    export_job.c.requested_ms,
    export_job.c.expires_ms,
)


def find(connection: Connection, staff_id: int, job_id: int, now_ms: int) -> JobView | None:
    """The job, for the official who asked for it and nobody else; None also where it expired."""
    row = connection.execute(
        select(*_VIEW).where(
            export_job.c.id == job_id, export_job.c.staff_id == staff_id, export_job.c.expires_ms > now_ms
        )
    ).one_or_none()
    return None if row is None else JobView(*row)


def list_of(connection: Connection, staff_id: int, now_ms: int, limit: int = 20) -> list[JobView]:
    """What one official asked for and has not expired, newest first."""
    rows = connection.execute(
        select(*_VIEW)
        .where(export_job.c.staff_id == staff_id, export_job.c.expires_ms > now_ms)
        .order_by(export_job.c.id.desc())
        .limit(limit)
    )
    return [JobView(*row) for row in rows]


def content(connection: Connection, vault: Vault, staff_id: int, job_id: int, now_ms: int) -> bytes | None:
    """The file; None where it is not done, expired, or another's."""
    sealed = connection.execute(
        select(export_job.c.result_sealed).where(
            export_job.c.id == job_id,
            export_job.c.staff_id == staff_id,
            export_job.c.state == DONE,
            export_job.c.expires_ms > now_ms,
        )
    ).scalar()
    return None if sealed is None else base64.b64decode(vault.decrypt(sealed, "export_job.result"))
